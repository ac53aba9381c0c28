"""A small corpus of photos and of what is no photo, made here: nothing binary lives in the repository.

``CASES`` is the whole of it, each file with what must become of it; ``hostile_archive`` packs it with entries that no
honest archive has. Run as a script it writes the files to a folder, to be tried by hand:

    python -m tests.labeling.imaging.corpus FOLDER
"""

from __future__ import annotations

import io
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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


# --- the whole of it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A file that somebody sends, and what must become of it: "ready", or the code it is refused with."""

    name: str
    data: Callable[[], bytes]
    outcome: str


def gif_that_is_a_script() -> bytes:
    """A GIF whose size field opens a comment in JavaScript: both readers take it."""
    return b"GIF89a/*" + encoded(scene(1, 64, 64), "GIF")[8:] + b"*/=1;alert(document.domain)//"


def jpeg_with_a_script_behind() -> bytes:
    """A photo with a page behind its end; as a photo it is good, and nothing of the page may be served."""
    return jpeg(11) + b"<script>alert(1)</script>"


def giant_exif() -> bytes:
    """The largest EXIF block a JPEG can hold, full of text."""
    exif = Image.Exif()
    exif[0x010E] = "x" * 65_000
    return encoded(scene(12), quality=90, exif=exif)


def giant_icc() -> bytes:
    """Four megabytes of colour profile in 64 kB segments: no profile at all."""
    return encoded(scene(13), quality=90, icc_profile=b"\0" * (4 * 2**20))


def profile_bomb() -> bytes:
    """A PNG whose packed colour profile unpacks to 200 MB."""
    body = b"bomb\0\0" + zlib.compress(bytes(200 * 2**20), 9)
    chunk = struct.pack(">I", len(body)) + b"iCCP" + body + struct.pack(">I", zlib.crc32(b"iCCP" + body))
    plain = encoded(scene(14), "PNG")
    return plain[:33] + chunk + plain[33:]


def text_bomb() -> bytes:
    """A PNG whose packed text unpacks to 200 MB."""
    body = b"Comment\0\0" + zlib.compress(bytes(200 * 2**20), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    plain = encoded(scene(15), "PNG")
    return plain[:33] + chunk + plain[33:]


def sixteen_bit() -> bytes:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    return encoded(Image.fromarray(ramp), "PNG")


def animated(kind: str) -> bytes:
    frames = [scene(5, 64, 64), scene(6, 64, 64)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def nested_zip(depth: int = 5) -> bytes:
    """An archive in an archive in an archive, with a photo at the bottom."""
    data = zip_of(("a.jpg", jpeg(16)))
    for _ in range(depth):
        data = zip_of(("inner.zip", data))
    return data


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes], **options: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


CASES: tuple[Case, ...] = (
    Case("photo.jpg", lambda: jpeg(20), "ready"),
    Case("empty.jpg", lambda: b"", "empty"),
    Case("page.jpg", lambda: HTML, "not_an_image"),
    Case("drawing.svg", lambda: SVG, "unsupported"),
    Case("drawing.jpg", lambda: SVG, "unsupported"),
    Case("gif and script.gif", gif_that_is_a_script, "unsupported"),
    Case("photo and script.jpg", jpeg_with_a_script_behind, "ready"),
    Case("cut short.jpg", lambda: jpeg(21)[:3000], "truncated"),
    Case("cut short.png", lambda: encoded(scene(21), "PNG")[:3000], "truncated"),
    Case("only a header.jpg", lambda: jpeg(21)[:20], "truncated"),
    Case("pixel bomb.png", lambda: png_header(30_000, 30_000), "too_large"),
    Case("pixel bomb beyond ours.png", lambda: png_header(9_000, 9_000), "too_large"),
    Case("profile bomb.png", profile_bomb, "truncated"),
    Case("text bomb.png", text_bomb, "truncated"),
    Case("tiny.jpg", lambda: encoded(scene(22, 20, 20)), "too_small"),
    Case("wrong ending.png", lambda: jpeg(23), "ready"),
    Case("no ending", lambda: encoded(scene(24), "WEBP"), "ready"),
    Case("cmyk.jpg", lambda: encoded(scene(25).convert("CMYK"), quality=90), "ready"),
    Case("16 bit.png", sixteen_bit, "ready"),
    Case("animated.webp", lambda: animated("WEBP"), "ready"),
    Case("animated.png", lambda: animated("PNG"), "ready"),
    Case("animated.gif", lambda: animated("GIF"), "unsupported"),
    Case("giant exif.jpg", giant_exif, "ready"),
    Case("giant icc.jpg", giant_icc, "ready"),
    Case("heic.heic", lambda: heic(scene(26)), "ready"),
    Case("nested.zip", nested_zip, "not_an_image"),
    Case("zip as photo.jpg", lambda: zip_of(("a.jpg", b"x")), "not_an_image"),
    Case("ñandú 🌸.jpg", lambda: jpeg(27), "ready"),
    Case("right to left \u202egpj.exe", lambda: jpeg(28), "ready"),
    *(
        Case(f"orientation {n}.jpg", lambda n=n: oriented(n), "ready")  # each its own n
        for n in range(1, 9)
    ),
)


def hostile_archive() -> tuple[bytes, dict[str, str]]:
    """All of ``CASES`` and entries that no honest archive has, with what must become of each entry as it is shown."""
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries: list[tuple[str | zipfile.ZipInfo, bytes]] = [(case.name, case.data()) for case in CASES]
    entries += [("../climbing.jpg", jpeg(30)), ("/absolute.jpg", jpeg(31)), ("C:/drive.jpg", jpeg(32))]
    entries += [("back\\slash.jpg", jpeg(33)), (link, b"/etc/passwd"), ("nul#.jpg", jpeg(34))]
    data = io.BytesIO(zip_of(*entries))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zip bomb.jpg", bytes(30 * 2**20))
    outcomes = {"".join(c if c.isprintable() else "?" for c in case.name): case.outcome for case in CASES}
    outcomes |= dict.fromkeys(
        ("../climbing.jpg", "/absolute.jpg", "C:/drive.jpg", "back\\slash.jpg", "nul?.jpg"), "unsafe_path"
    )
    outcomes |= {"link.jpg": "zip_link", "zip bomb.jpg": "zip_ratio"}
    return data.getvalue().replace(b"nul#.jpg", b"nul\x00.jpg"), outcomes


def main() -> None:
    """Write the corpus to the folder that the command line names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        (folder / case.name).write_bytes(case.data())
    (folder / "hostile.zip").write_bytes(hostile_archive()[0])


if __name__ == "__main__":
    main()
