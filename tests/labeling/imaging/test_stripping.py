"""What leaves as an original: the same pixels, turned the same way, and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from labeling.imaging import ImageRefused, read_upright, stripped
from tests.labeling.imaging import corpus

SECRET = "Finca de Elena, puerta azul"


def exif(orientation: int = 1) -> Image.Exif:
    """A place, an owner, a time and an orientation."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x013B] = SECRET
    block.get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 45.0, 36.0)})
    return block


def photo(kind: str, orientation: int = 1) -> bytes:
    options = {"quality": 90} if kind != "PNG" else {}
    return corpus.encoded(corpus.four_corners(), kind, exif=exif(orientation), **options)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(read_upright(data).image)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_and_their_orientation_stay(kind, orientation):
    data, suffix = stripped(photo(kind, orientation))
    assert suffix == {"JPEG": "jpg"}.get(kind, kind.lower())
    assert np.array_equal(pixels(data), pixels(photo(kind, orientation)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_and_owner_are_gone(kind):
    original = photo(kind, 6)
    assert SECRET.encode() in original
    data, _ = stripped(original)
    assert SECRET.encode() not in data
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {0x0112: 6}
    assert read_upright(data).position is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_upright_photo_has_no_block_at_all(kind):
    assert not Image.open(io.BytesIO(stripped(photo(kind))[0])).getexif()


def test_comments_xmp_and_what_follows_the_picture_are_gone():
    """A motion photo's film, a second picture with its own EXIF, a maker's trailer: all behind the first picture."""
    data = corpus.encoded(corpus.scene(1), quality=90, comment=SECRET.encode(), xmp=f"<x>{SECRET}</x>".encode())
    out, _ = stripped(data + photo("JPEG") + b"trailer " + SECRET.encode())
    assert SECRET.encode() not in out
    assert np.array_equal(pixels(out), pixels(data))


def test_text_in_a_png_is_gone():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", SECRET)
    info.add_itxt("XML:com.adobe.xmp", SECRET)
    out, _ = stripped(corpus.encoded(corpus.scene(1), "PNG", pnginfo=info))
    assert SECRET.encode() not in out


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_stay(kind):
    """A profile changes how the pixels look, so it stays."""
    from tests.labeling.imaging.test_reading import profile_with_red_and_green_swapped

    data = corpus.encoded(corpus.scene(2), kind, icc_profile=profile_with_red_and_green_swapped())
    out, _ = stripped(data)
    assert Image.open(io.BytesIO(out)).info["icc_profile"]
    assert np.array_equal(pixels(out), pixels(data))
    assert ImageCms.ImageCmsProfile(io.BytesIO(Image.open(io.BytesIO(out)).info["icc_profile"]))


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
def test_kinds_of_jpeg(options):
    data = corpus.encoded(corpus.scene(3), quality=80, **options)
    assert np.array_equal(pixels(stripped(data)[0]), pixels(data))


def test_cmyk_keeps_its_transform():
    data = corpus.encoded(corpus.scene(3).convert("CMYK"), quality=90)
    assert np.array_equal(pixels(stripped(data)[0]), pixels(data))


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_transparency_stays(kind, options):
    clear = corpus.encoded(Image.new("RGBA", (64, 64), (200, 0, 0, 0)), kind, **options)
    assert Image.open(io.BytesIO(stripped(clear)[0])).has_transparency_data
    assert pixels(stripped(clear)[0]).min() == 255


def test_heic_and_animations_are_encoded_anew():
    frames = [corpus.scene(5), corpus.scene(6)]
    film = corpus.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], exif=exif())
    heic = corpus.heic(corpus.four_corners(), exif=exif().tobytes())
    for data in (film, heic):
        out, suffix = stripped(data)
        assert suffix == "jpg"
        assert SECRET.encode() not in out
        assert np.abs(pixels(out).astype(int) - pixels(data).astype(int)).mean() < 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@given(share=st.floats(0.01, 0.99))
def test_a_file_cut_short_is_refused_or_whole(kind, share):
    data = corpus.encoded(corpus.four_corners(), kind)
    try:
        stripped(data[: int(len(data) * share)])
    except ImageRefused:
        return


@given(st.binary(max_size=300), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WEBP"]))
def test_any_bytes_are_stripped_or_refused(tail, start):
    try:
        stripped(start + tail)
    except ImageRefused:
        return
