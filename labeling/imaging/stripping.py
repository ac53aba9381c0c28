"""Originals without what they tell beside the picture: place, owner, serial numbers, previews, hidden second pictures.

The compressed pixels stay as they are, byte for byte. Kept beside them is what changes how they look: colour profile,
Adobe's colour transform, density, transparency, and the orientation, rewritten as the only EXIF field.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from .reading import read_upright
from .refusal import ImageRefused
from .sniffing import sniff

HEIF_QUALITY = 95
_ORIENTATION = 0x0112
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_WEBP_FLAG_EXIF = 0x08
_WEBP_KEPT_FLAGS = 0x30  # colour profile, transparency; not XMP, not animation


def stripped(data: bytes) -> tuple[bytes, str]:
    """A photo as it was sent, without metadata, and its file suffix ("jpg", "png", "webp").

    HEIF keeps metadata in places that cannot be cut out safely, and an animation has frames that nobody looked at, so
    these are encoded anew, as JPEG.

    Raises:
        ImageRefused: the bytes are no photo, or end too early.
    """
    kind = sniff(data)
    try:
        if kind == "JPEG":
            return _jpeg(data), "jpg"
        if kind == "PNG":
            return _png(data), "png"
        if kind == "WEBP" and b"ANMF" not in (names := [name for name, _ in _chunks(data)]):
            return _webp(data, is_simple=b"VP8X" not in names), "webp"
    except (struct.error, IndexError):
        raise ImageRefused("truncated") from None
    out = io.BytesIO()
    read_upright(data).image.save(out, "JPEG", quality=HEIF_QUALITY)
    return out.getvalue(), "jpg"


def _orientation(data: bytes) -> int:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            value = opened.getexif().get(_ORIENTATION, 1)
    except Exception:  # a malformed block: the picture is shown as it lies, as ``read_upright`` does
        return 1
    return value if value in range(1, 9) else 1


def _exif(orientation: int) -> bytes:
    """A TIFF block with one field."""
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHHI", _ORIENTATION, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes) -> bytes:
    """Copy segments up to the end of the first picture; of APPn only JFIF, ICC and Adobe, no comments."""
    out = [data[:2]]
    orientation = _orientation(data)
    if orientation != 1:
        body = b"Exif\x00\x00" + _exif(orientation)
        out.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
            at += 1
        if data[at] != 0xFF:
            raise ImageRefused("truncated")
        marker = data[at + 1]
        if marker == 0xD9:
            return b"".join([*out, b"\xff\xd9"])
        if 0xD0 <= marker <= 0xD7 or marker == 0x01:  # stand alone, without a length
            at += 2
            continue
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if _is_kept(marker, data[at + 4 : at + 18]):
            out.append(data[at:end])
        if marker == 0xDA:
            scan_end = _scan_end(data, end)
            out.append(data[end:scan_end])
            end = scan_end
        at = end


def _is_kept(marker: int, start: bytes) -> bool:
    if marker == 0xE0:
        return start.startswith(b"JFIF\x00")
    if marker == 0xE2:
        return start.startswith(b"ICC_PROFILE\x00")
    if marker == 0xEE:
        return start.startswith(b"Adobe")
    return not 0xE0 <= marker <= 0xEF and marker != 0xFE


def _scan_end(data: bytes, at: int) -> int:
    """Where the next marker stands that is neither a stuffed zero nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ImageRefused("truncated")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _png(data: bytes) -> bytes:
    out, at = [data[:8]], 8
    orientation = _orientation(data)
    while True:
        length = struct.unpack(">I", data[at : at + 4])[0]
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise ImageRefused("truncated")
        if name in _PNG_KEPT:
            out.append(data[at:end])
        if name == b"IHDR" and orientation != 1:
            body = b"eXIf" + _exif(orientation)
            out.append(struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)))
        if name == b"IEND":
            return b"".join(out)
        at = end


def _webp(data: bytes, *, is_simple: bool) -> bytes:
    kept = [_riff(name, body) for name, body in _chunks(data) if name in _WEBP_KEPT]
    if is_simple:
        return _container(kept)
    head = next(body for name, body in _chunks(data) if name == b"VP8X")
    orientation, flags = _orientation(data), head[0] & _WEBP_KEPT_FLAGS
    if orientation != 1:
        flags |= _WEBP_FLAG_EXIF
        kept.append(_riff(b"EXIF", _exif(orientation)))
    return _container([_riff(b"VP8X", bytes([flags]) + head[1:]), *kept])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk of a RIFF file."""
    end, at = min(len(data), 8 + struct.unpack("<I", data[4:8])[0]), 12
    while at + 8 <= end:
        length = struct.unpack("<I", data[at + 4 : at + 8])[0]
        if at + 8 + length > len(data):
            raise ImageRefused("truncated")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _container(chunks: list[bytes]) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
