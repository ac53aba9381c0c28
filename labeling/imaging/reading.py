"""Bytes -> upright sRGB pixels and EXIF facts, within bounds that are checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base

from .exif import ExifFacts, Position, read_exif
from .refusal import ImageRefused
from .sniffing import Format, sniff

MAX_BYTES = 40 * 1024 * 1024
MIN_SIDE = 32
# A 108 MP phone photo is a baseline JPEG, which decodes row by row and at reduced size. Everything else (progressive
# JPEG keeps all coefficients, the rest all pixels, in memory) is bounded so that one photo needs under 300 MB.
MAX_PIXELS_BASELINE_JPEG = 120_000_000
MAX_PIXELS = 64_000_000
DECODE_SIDE = 4096  # nothing we keep is larger

Image.MAX_IMAGE_PIXELS = MAX_PIXELS_BASELINE_JPEG  # Pillow's own bound, a second line behind ours
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # _check_size refuses with a code
pillow_heif.register_heif_opener(thumbnails=False)

_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Upright:
    """A decoded photo.

    ``image`` is RGB, sRGB, upright, without metadata, long side at most about 2 x ``DECODE_SIDE``; ``width`` and
    ``height`` are those of the photo as sent, upright. ``taken_at`` is naive when the camera wrote no offset.
    """

    image: Image.Image
    width: int
    height: int
    taken_at: datetime | None
    camera: str
    position: Position | None


def read_upright(data: bytes) -> Upright:
    """Decode a photo.

    Raises:
        ImageRefused: with the reason, if these bytes are not a photo we take.
    """
    kind = sniff(data)
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    with _open(data, kind) as opened:
        _check_size(opened, kind)
        width, height = opened.size
        facts = read_exif(opened)
        profile = opened.info.get("icc_profile")
        pixels = _decode(opened)
    pixels, is_turned = _turn(pixels)
    if is_turned:
        width, height = height, width
    return _upright(_to_srgb(pixels, profile), width, height, facts)


def _upright(image: Image.Image, width: int, height: int, facts: ExifFacts) -> Upright:
    return Upright(image, width, height, facts.taken_at, facts.camera, facts.position)


def _open(data: bytes, kind: Format) -> Image.Image:
    """Read the header only. One format is allowed: the one the first bytes name."""
    try:
        return Image.open(io.BytesIO(data), formats=[kind])
    except Image.DecompressionBombError:
        raise ImageRefused("too_large") from None
    except UnidentifiedImageError:
        raise ImageRefused("truncated") from None  # the first bytes are right, the header is not
    except Exception:  # header parsers raise struct.error, SyntaxError, ValueError, RuntimeError ...
        raise ImageRefused("truncated") from None


def _check_size(image: Image.Image, kind: Format) -> None:
    width, height = image.size
    is_baseline = kind == "JPEG" and not image.info.get("progressive")
    if width * height > (MAX_PIXELS_BASELINE_JPEG if is_baseline else MAX_PIXELS):
        raise ImageRefused("too_large")
    if min(width, height) < MIN_SIDE:
        raise ImageRefused("too_small")


def _decode(image: Image.Image) -> Image.Image:
    """Decode all pixels (a JPEG at 1/2, 1/4 ... when far larger than needed).

    ``draft`` keeps both sides at or above what is asked for, so asking for the long side bounded keeps the shape.
    """
    scale = DECODE_SIDE / max(image.size)
    if scale < 1:
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
    try:
        image.load()
    except MemoryError:
        raise
    except Exception:  # decoders raise OSError, SyntaxError, EOFError, ValueError, RuntimeError ...
        raise ImageRefused("truncated") from None
    return image


def _turn(image: Image.Image) -> tuple[Image.Image, bool]:
    """Bake the EXIF orientation into the pixels; say whether width and height changed places.

    HEIF files come upright from the decoder, with the EXIF tag already neutral.
    """
    try:
        is_upright = image.getexif().get(Base.Orientation, 1) == 1  # then Pillow would copy all pixels for nothing
        turned = image if is_upright else ImageOps.exif_transpose(image)
    except Exception:  # a malformed EXIF block: the pixels are good, their orientation is unknown
        return image, False
    return turned, turned.size != image.size


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in sRGB from any mode. Phones write Display P3: dropping the profile unconverted would dull every red."""
    if image.mode in {"RGB", "CMYK", "L"} and profile and not _is_srgb(profile):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile, or one for another colour space
        if converted is not None:
            return _bare(converted)
    return _bare(_to_rgb(image))


def _is_srgb(profile: bytes) -> bool:
    head = profile[:4096]
    return b"sRGB" in head or b"s\x00R\x00G\x00B" in head


def _to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB: 16 bit scaled by its own depth, transparency laid on white."""
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):  # of the formats we take only PNG has it: grey of 16 bits, 257 times our scale
        values = np.asarray(image).astype(np.float32) / 257
        return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: encoders copy ``info`` (EXIF, ICC, comments, XMP) into files unless it is gone."""
    bare = image if type(image) is Image.Image else image._new(image.im)  # the same pixels: a copy takes long
    bare.info = {}
    return bare
