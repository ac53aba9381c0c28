"""API tokens as strings: how one is made, told from another, and kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

MARK = "ant_"
"""What every token begins with, so that it can be found in a leaked file, and named by whoever finds it."""
PREFIX_LENGTH = len(MARK) + 8
_FORM = re.compile(r"ant_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, repr=False)
class NewToken:
    """A token just made; ``secret`` is shown once and kept nowhere."""

    secret: str
    prefix: str
    digest: str


def token_new() -> NewToken:
    """Make a token of 32 random bytes. Its prefix gives 48 bits away; 208 stay secret."""
    secret = MARK + secrets.token_urlsafe(32)
    return NewToken(secret, token_prefix(secret), token_digest(secret))


def token_is_formed(secret: str) -> bool:
    """Whether a string could be a token at all."""
    return _FORM.fullmatch(secret) is not None


def token_prefix(secret: str) -> str:
    """The part of a token that may be shown."""
    return secret[:PREFIX_LENGTH]


def token_digest(secret: str) -> str:
    """What the table keeps of a token. A fast hash is enough: nobody can try 2^208 secrets."""
    return hashlib.sha256(secret.encode()).hexdigest()
