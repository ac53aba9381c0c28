"""Writes of API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.domain.tokens import token_new
from labeling.models import ApiToken, Project, TokenScope, User
from labeling.selectors.tokens import tokens_of

MOST_TOKENS = 50
LONGEST_DAYS = 366
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def token_create(
    *, owner: User, name: str, scopes: Sequence[str], expires_in_days: int, project: Project | None = None
) -> tuple[ApiToken, str]:
    """Make a token; the secret comes back this once and is kept nowhere.

    Raises:
        Conflict: "too_many_tokens".
        DomainError: "token_invalid": no name, no or an unknown scope, or a time to live out of bounds.
    """
    known = [scope for scope in TokenScope.values if scope in set(scopes)]
    if not name.strip() or not known or set(scopes) - set(known) or not 1 <= expires_in_days <= LONGEST_DAYS:
        raise DomainError("token_invalid", f"A token needs a name, known scopes and 1 to {LONGEST_DAYS} days to live.")
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two at once must not pass the limit together
    if tokens_of(owner=owner).count() >= MOST_TOKENS:
        raise Conflict("too_many_tokens", f"A person has at most {MOST_TOKENS} tokens; revoke one first.")
    new = token_new()
    token = ApiToken.objects.create(
        owner=owner, project=project, name=name.strip(), prefix=new.prefix, token_sha256=new.digest, scopes=known,
        expires_at=timezone.now() + timedelta(days=expires_in_days),
    )  # fmt: skip
    return token, new.secret


def token_revoke(*, token: ApiToken) -> None:
    """End a token for good, from the next request on; again is harmless."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def token_used(*, token: ApiToken) -> None:
    """Note that a token was used, at most once a minute, so that a busy script costs no write per request."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - USE_NOTED_EVERY:
        return
    is_stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(is_stale, pk=token.pk).update(last_used_at=now)
