"""The files made from a photo: what browsers show and what networks read.

Formats and settings follow measurements on one core: WebP at method 1 costs a quarter of method 4 (50 ms against 190 ms
at 1600 pixels) for a tenth to a fifth more bytes. At 12 MP, WebP costs eight times what JPEG does (400 ms against
53 ms), more than all the rest of ingest, so the one large rendition is a JPEG; where the photo is no larger than
``view``, there is no ``full``: ``view`` is all there is.
"""

from __future__ import annotations

import io

from PIL import Image

THUMB_SIDE = 320
VIEW_SIDE = 1600
FULL_SIDE = 4096
MODEL_SHORT_SIDE = 256


def renditions(image: Image.Image) -> dict[str, bytes]:
    """Encode ``thumb`` and ``view`` (WebP), ``model`` (JPEG, short side 256) and, if it adds detail, ``full`` (JPEG).

    ``image`` is RGB and upright; nothing is enlarged, except that ``model`` always has a short side of 256.
    """
    made: dict[str, bytes] = {}
    full = _fit(image, FULL_SIDE)
    if max(full.size) > VIEW_SIDE:
        made["full"] = _jpeg(full, quality=88)
    view = _fit(full, VIEW_SIDE)
    made["view"] = _webp(view, quality=82)
    made["thumb"] = _webp(_fit(view, THUMB_SIDE), quality=75)
    made["model"] = _jpeg(_short_side(view, MODEL_SHORT_SIDE), quality=90)
    return made


def _fit(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    return image if scale >= 1 else _resize(image, scale)


def _short_side(image: Image.Image, side: int) -> Image.Image:
    scale = side / min(image.size)
    return image if scale == 1 else _resize(image, scale)


def _resize(image: Image.Image, scale: float) -> Image.Image:
    """Lanczos, after an integer box reduction that leaves at least 1.1 times the size wanted.

    The reduction halves the cost of 12 MP -> ``view``; what it blurs, Lanczos at 1.1 x would not have kept either.
    """
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.1)


def _webp(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=1)
    return out.getvalue()


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
