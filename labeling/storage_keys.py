"""Where bytes lie in storage. Keys are made of hashes alone: no name a person gave ever becomes a path."""

from __future__ import annotations

import re

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIXES = {"thumb": "webp", "view": "webp", "full": "jpg", "model": "jpg"}
CONTENT_TYPES = {"thumb": "image/webp", "view": "image/webp", "full": "image/jpeg", "model": "image/jpeg"}
RENDITION_NAMES = tuple(_SUFFIXES)


def original_key(sha256: str) -> str:
    """Key of the bytes as they were sent."""
    return f"originals/{_checked(sha256)[:2]}/{sha256}"


def rendition_key(sha256: str, name: str) -> str:
    """Key of rendition ``name`` (thumb, view, full or model) of the photo with this hash."""
    return f"renditions/{_checked(sha256)[:2]}/{sha256}/{name}.{_SUFFIXES[name]}"


def archive_key(sha256: str) -> str:
    """Key of an uploaded archive or table."""
    return f"archives/{_checked(sha256)}"


def upload_key(upload_id: int, index: int) -> str:
    """Key of one chunk of an archive that is on its way."""
    return f"uploads/{int(upload_id)}/{int(index)}"


def export_key(export_id: int, attempt: int) -> str:
    """Key of the file that one attempt at an export writes."""
    return f"exports/{int(export_id)}-{int(attempt)}"


def _checked(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hex")
    return sha256
