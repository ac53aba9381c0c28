"""Addresses of pictures, as the API hands them out."""

from __future__ import annotations

from typing import Literal

RenditionName = Literal["thumb", "view", "full"]


def rendition_url(project_slug: str, photo_id: int, name: RenditionName) -> str:
    """Path of a rendition; access to it is checked anew at each request.

    Built by hand: a page of photos needs hundreds, and ``reverse`` would cost more than the rows themselves.
    """
    return f"/api/v1/projects/{project_slug}/photos/{photo_id}/renditions/{name}"
