"""The front door: one specification in, one photo out."""

from __future__ import annotations

from PIL import Image

from .camera import photo_bytes, photo_image
from .scene import scene_image
from .traits import PhotoSpec


def render(spec: PhotoSpec) -> Image.Image:
    """The photo of ``spec``, RGB, of ``spec.size``. A function of the specification alone."""
    return photo_image(spec, scene_image(spec))


def render_jpeg(spec: PhotoSpec) -> bytes:
    """The photo of ``spec`` as a JPEG file with EXIF time and camera."""
    return photo_bytes(spec, render(spec))
