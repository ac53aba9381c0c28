"""A small corpus of photos and of what is no photo, made here: nothing binary lives in the repository."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw

CORNERS = {
    "top left": (230, 30, 30),
    "top right": (30, 200, 30),
    "bottom left": (30, 30, 230),
    "bottom right": (230, 230, 30),
}
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def four_corners(width: int = 96, height: int = 64) -> Image.Image:
    """A picture whose four quarters have the colours of ``CORNERS``: any turn of it shows."""
    image = Image.new("RGB", (width, height))
    places = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1)}
    for name, (x, y) in places.items():
        image.paste(CORNERS[name], (x * width // 2, y * height // 2, (x + 1) * width // 2, (y + 1) * height // 2))
    return image


def scene(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """A random picture with edges in it: different seeds look different, as sharp photos of different things do."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for x, y, radius in zip(rng.random(30), rng.random(30), rng.uniform(0.01, 0.03, 30), strict=True):
        left, top, side = x * width, y * height, radius * min(width, height)
        draw.ellipse((left, top, left + 2 * side, top + 2 * side), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return picture


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(seed: int = 0, **options: object) -> bytes:
    return encoded(scene(seed), quality=90, **options)


def heic(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=90, **options)
    return out.getvalue()


def oriented(orientation: int) -> bytes:
    """A JPEG that is upright once its EXIF orientation (1 to 8) is obeyed."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = four_corners() if undo is None else four_corners().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, quality=95, exif=exif)


def photographed(
    *,
    taken_at: str = "2026:04:12 09:30:15",
    offset: str = "",
    make: str = "",
    model: str = "",
    gps: bool = False,
    seed: int = 0,
) -> bytes:
    """A JPEG with EXIF: time, camera and a place."""
    exif = Image.Exif()
    if make:
        exif[0x010F] = make
    if model:
        exif[0x0110] = model
    details = exif.get_ifd(0x8769)
    details[0x9003] = taken_at
    if offset:
        details[0x9011] = offset
    if gps:
        place = exif.get_ifd(0x8825)
        place[1], place[2], place[3], place[4] = "S", (33.0, 30.0, 0.0), "W", (70.0, 45.0, 36.0)
    return encoded(scene(seed), quality=90, exif=exif)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is this large and holds a few bytes of zeros: a bomb costs its sender nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
