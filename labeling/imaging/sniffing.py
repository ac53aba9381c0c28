"""What a file is, by its first bytes. The name and the declared type are the sender's opinion and are not read."""

from __future__ import annotations

from typing import Literal

from .refusal import ImageRefused

Format = Literal["JPEG", "PNG", "WEBP", "HEIF"]

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Real images that are refused: animation or pages (GIF, TIFF), no camera writes them (BMP, PSD, ICO), a script language
# (SVG), or a decoder we do not want to expose (TIFF, JPEG 2000, PDF).
_UNSUPPORTED_STARTS = (
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"8BPS",
    b"\x00\x00\x01\x00",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
    b"%PDF-",
    b"FORM",
)


def sniff(data: bytes) -> Format:
    """Name the format of ``data`` from its first bytes.

    Raises:
        ImageRefused: ``empty``, ``unsupported`` (an image, but not one we take) or ``not_an_image``.
    """
    if not data:
        raise ImageRefused("empty")
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIF_BRANDS:
            return "HEIF"
        raise ImageRefused("unsupported")
    if data.startswith(_UNSUPPORTED_STARTS) or _is_svg(data):
        raise ImageRefused("unsupported")
    raise ImageRefused("not_an_image")


def _is_svg(data: bytes) -> bool:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!--")) and b"<svg" in head)
