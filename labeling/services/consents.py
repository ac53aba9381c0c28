"""Whether a person's places may be kept: given, checked at every photo, taken back with all that was kept.

Each function locks the person's row first, so that a photo on its way in and a withdrawal come one after the other:
after a withdrawal no place of that person is left.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from labeling.models import LocationConsent, PhotoLocation, User


@transaction.atomic
def location_consent_give(*, user: User, version: int) -> LocationConsent:
    """Note that ``user`` agreed to the words of ``version``; a repeat changes nothing, newer words replace older."""
    _lock(user)
    standing = LocationConsent.objects.filter(user=user, withdrawn_at=None).first()
    if standing is not None:
        if standing.version >= version:
            return standing
        LocationConsent.objects.filter(pk=standing.pk).update(withdrawn_at=timezone.now())
    return LocationConsent.objects.create(user=user, version=version)


@transaction.atomic
def location_consent_withdraw(*, user: User) -> int:
    """End the consent and delete every place of the user's photos, in all projects; returns how many there were."""
    _lock(user)
    if not LocationConsent.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        # Nothing stood: still a word to be kept, if photos of an earlier consent are on their way.
        LocationConsent.objects.create(user=user, version=0, withdrawn_at=timezone.now())
    n_deleted, _ = PhotoLocation.objects.filter(photo__uploaded_by=user).delete()
    return n_deleted


def location_consented(*, user: User | None, version: int) -> bool:
    """Whether the place of a photo that comes with consent to ``version`` may be kept. Inside the photo's transaction.

    Consent may be given without a signal: then the first such photo carries it, and it is noted here. What was
    withdrawn only :func:`location_consent_give` gives back.
    """
    if user is None:
        return False
    _lock(user)
    latest = LocationConsent.objects.filter(user=user).order_by("-pk").first()
    if latest is None:
        LocationConsent.objects.create(user=user, version=version)
        return True
    return latest.withdrawn_at is None


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
