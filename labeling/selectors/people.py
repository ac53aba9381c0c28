"""Reads of people, their roles and access links."""

from __future__ import annotations

import hashlib

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.models import AccessLink, Annotation, Membership, Project


def token_digest(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def access_link_open(*, token: str, for_update: bool = False) -> AccessLink:
    """The link of a token, if it can still be used.

    Raises:
        NotFound: "link_invalid", unknown, used or expired.
    """
    links = AccessLink.objects.filter(
        token_sha256=token_digest(token), used_at__isnull=True, expires_at__gt=timezone.now()
    )
    link = (links.select_for_update() if for_update else links.select_related("user")).first()
    if link is None or (link.user is not None and not link.user.is_active):
        raise NotFound("link_invalid", "This link is not valid any more; ask for a new one.")
    return link


def members_of(*, project: Project) -> QuerySet[Membership]:
    """Members with ``n_annotations`` (standing, in this project) and ``last_active_at``."""
    standing = (
        Annotation.objects.standing()
        .filter(annotator=OuterRef("user"), photo__project=project)
        .order_by()
        .values("annotator")
    )
    return (
        Membership.objects.filter(project=project)
        .select_related("user")
        .annotate(
            n_annotations=Coalesce(Subquery(standing.annotate(n=Count("id")).values("n")), 0),
            last_active_at=Subquery(standing.annotate(at=Max("decided_at")).values("at")),
        )
        .order_by("user__full_name", "user__email", "id")
    )


def member_of(*, project: Project, membership_id: int) -> Membership:
    """One member, annotated as in :func:`members_of`.

    Raises:
        NotFound: "member_not_found".
    """
    membership = members_of(project=project).filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("member_not_found", "There is no such member here.")
    return membership
