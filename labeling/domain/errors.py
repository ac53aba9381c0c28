"""Errors that services raise and ``config/exceptions.py`` maps to HTTP answers."""

from __future__ import annotations


class DomainError(Exception):
    """A rule was broken. ``code`` is stable, for the interface to translate; ``message`` is English."""

    def __init__(self, code: str, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}


class NotFound(DomainError):
    """The thing is not there, or not for this person: the two answers are the same."""


class Conflict(DomainError):
    """The world has moved since the caller looked."""
