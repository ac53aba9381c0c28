"""Reads of API tokens."""

from __future__ import annotations

import hmac

from django.db.models import QuerySet
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.domain.tokens import token_digest, token_is_formed, token_prefix
from labeling.models import ApiToken, User

_NO_DIGEST = "0" * 64


def token_of_secret(*, secret: str) -> ApiToken | None:
    """The token whose secret this is, with its owner, if it can be used now. One query.

    The digests are compared in constant time, and compared even where no row was found: how long an answer takes tells
    neither how much of a guess was right nor whether a prefix exists.
    """
    if not token_is_formed(secret):
        return None
    token = ApiToken.objects.select_related("owner").filter(prefix=token_prefix(secret)).first()
    is_right = hmac.compare_digest(token.token_sha256 if token else _NO_DIGEST, token_digest(secret))
    if token is None or not is_right:
        return None
    is_alive = token.revoked_at is None and token.expires_at > timezone.now() and token.owner.is_active
    return token if is_alive else None


def tokens_of(*, owner: User) -> QuerySet[ApiToken]:
    """A person's tokens that were not revoked, newest first; those that ran out are among them."""
    return ApiToken.objects.select_related("project").filter(owner=owner, revoked_at__isnull=True).order_by("-id")


def token_of_owner(*, owner: User, token_id: int) -> ApiToken:
    """One of a person's tokens.

    Raises:
        NotFound: "token_not_found", also for one of somebody else's.
    """
    token = tokens_of(owner=owner).filter(pk=token_id).first()
    if token is None:
        raise NotFound("token_not_found", "You have no such token.")
    return token
