"""What is taken as a photo, what is refused and why, and what comes out."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from labeling.imaging import ImageRefused, Position, read_upright, sniff
from tests.labeling.imaging import corpus


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRefused) as refused:
        read_upright(data)
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(corpus.HTML, "not_an_image", id="HTML"),
        pytest.param(b"\x00" * 500, "not_an_image", id="zeros"),
        pytest.param(corpus.SVG, "unsupported", id="SVG"),
        pytest.param(corpus.encoded(corpus.scene(1), "GIF"), "unsupported", id="GIF"),
        pytest.param(corpus.encoded(corpus.scene(1), "BMP"), "unsupported", id="BMP"),
        pytest.param(corpus.encoded(corpus.scene(1), "TIFF"), "unsupported", id="TIFF"),
        pytest.param(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42", "unsupported", id="video"),
        pytest.param(b"\xff\xd8\xff\xe0" + corpus.HTML, "truncated", id="JPEG start, HTML body"),
        pytest.param(corpus.encoded(corpus.scene(1, 31, 200)), "too_small", id="31 pixels wide"),
        pytest.param(corpus.png_header(30_000, 30_000), "too_large", id="bomb beyond Pillow's bound"),
        pytest.param(corpus.png_header(9_000, 9_000), "too_large", id="bomb beyond ours"),
    ],
)
def test_bad_files_are_refused_with_a_reason(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(kind: str, share: float) -> None:
    whole = corpus.heic(corpus.scene(1)) if kind == "HEIF" else corpus.encoded(corpus.scene(1), kind)
    assert refusal(whole[: int(len(whole) * share)]) in {"truncated", "not_an_image"}


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    tracemalloc.start()
    refusal(corpus.png_header(9_000, 9_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]),
)
def test_any_bytes_are_a_photo_or_refused(tail: bytes, start: bytes) -> None:
    """No error but ImageRefused leaves the module, whatever the bytes."""
    with pytest.raises(ImageRefused):
        read_upright(start + tail)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    upright = read_upright(corpus.oriented(orientation))
    assert (upright.width, upright.height) == upright.image.size == (96, 64)
    centres = {"top left": (24, 16), "top right": (72, 16), "bottom left": (24, 48), "bottom right": (72, 48)}
    for name, centre in centres.items():
        assert np.allclose(upright.image.getpixel(centre), corpus.CORNERS[name], atol=12), name


def test_heic_is_read() -> None:
    upright = read_upright(corpus.heic(corpus.four_corners()))
    assert sniff(corpus.heic(corpus.four_corners())) == "HEIF"
    assert upright.image.size == (96, 64)
    assert np.allclose(upright.image.getpixel((24, 16)), corpus.CORNERS["top left"], atol=20)


def test_heic_with_an_orientation_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = corpus.four_corners().transpose(Image.Transpose.ROTATE_90)
    upright = read_upright(corpus.heic(turned, exif=exif.tobytes()))
    assert upright.image.size == (96, 64)
    assert np.allclose(upright.image.getpixel((24, 16)), corpus.CORNERS["top left"], atol=20)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_jpeg_modes_become_rgb(mode: str) -> None:
    upright = read_upright(corpus.encoded(corpus.scene(3).convert(mode), quality=95))
    expected = np.asarray(corpus.scene(3).convert(mode).convert("RGB"), dtype=int)
    assert upright.image.mode == "RGB"
    assert np.abs(np.asarray(upright.image, dtype=int) - expected).mean() < 6


def test_sixteen_bit_grey_keeps_its_tones() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    grey = np.asarray(read_upright(corpus.encoded(Image.fromarray(ramp), "PNG")).image)[..., 0]
    assert np.abs(grey.astype(int) - np.round(ramp / 257).astype(int)).max() <= 1


def test_dark_sixteen_bit_grey_is_not_taken_for_eight_bit() -> None:
    """A depth is a fact of the format: a night shot with values below 256 stays nearly black."""
    dark = np.full((64, 64), 200, dtype=np.uint16)
    assert np.asarray(read_upright(corpus.encoded(Image.fromarray(dark), "PNG")).image).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    assert read_upright(corpus.encoded(clear, "PNG", **options)).image.getpixel((5, 5)) == (255, 255, 255)


def profile_with_red_and_green_swapped() -> bytes:
    """A colour space of its own: sRGB's profile with two primaries exchanged, under another name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ", 128), profile.index(b"gXYZ", 128)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace(b"s\x00R\x00G\x00B", b"m\x00i\x00n\x00e").replace(b"sRGB", b"mine")


def test_the_colours_of_another_profile_are_converted() -> None:
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    seen = read_upright(corpus.encoded(red, "PNG", icc_profile=profile_with_red_and_green_swapped())).image
    assert np.allclose(seen.getpixel((9, 9)), (0, 255, 0), atol=3)


def test_a_broken_profile_is_ignored() -> None:
    seen = read_upright(corpus.encoded(corpus.scene(4), "PNG", icc_profile=b"no profile")).image
    assert np.array_equal(np.asarray(seen), np.asarray(corpus.scene(4)))


def test_the_first_frame_of_an_animation_counts() -> None:
    frames = [corpus.scene(5), corpus.scene(6)]
    data = corpus.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert np.abs(np.asarray(read_upright(data).image, dtype=int) - np.asarray(frames[0], dtype=int)).max() <= 1


def test_a_photo_far_larger_than_kept_is_decoded_at_reduced_size() -> None:
    upright = read_upright(corpus.encoded(corpus.scene(7, 9000, 3000), quality=60))
    assert (upright.width, upright.height) == (9000, 3000)
    assert upright.image.size == (4500, 1500)


class TestExif:
    def test_time_with_offset_is_aware(self) -> None:
        taken_at = read_upright(corpus.photographed(offset="+02:00")).taken_at
        assert taken_at is not None
        assert taken_at.utcoffset() == timedelta(hours=2)
        assert taken_at.astimezone(UTC) == datetime(2026, 4, 12, 7, 30, 15, tzinfo=UTC)

    def test_time_without_offset_is_naive(self) -> None:
        assert read_upright(corpus.photographed()).taken_at == datetime(2026, 4, 12, 9, 30, 15)

    @pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "yesterday", ""])
    def test_a_clock_that_was_never_set_counts_as_none(self, text: str) -> None:
        assert read_upright(corpus.photographed(taken_at=text)).taken_at is None

    @pytest.mark.parametrize(
        ("make", "model", "camera"),
        [("Acme", "Acme X1", "Acme X1"), ("Acme", "X1", "Acme X1"), ("", "X1", "X1"), ("", "", "")],
    )
    def test_camera_names_its_make_once(self, make: str, model: str, camera: str) -> None:
        assert read_upright(corpus.photographed(make=make, model=model)).camera == camera

    def test_place(self) -> None:
        position = read_upright(corpus.photographed(gps=True)).position
        assert position is not None
        assert (round(position.latitude, 4), round(position.longitude, 4)) == (-33.5, -70.76)
        assert isinstance(position, Position)
        assert read_upright(corpus.photographed()).position is None

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF")
    def test_a_damaged_block_loses_its_facts_and_not_the_photo(self) -> None:
        damaged = corpus.encoded(corpus.scene(1), exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
        upright = read_upright(damaged)
        assert (upright.taken_at, upright.camera, upright.position) == (None, "", None)


def test_no_metadata_is_left_on_the_image() -> None:
    data = corpus.photographed(gps=True, make="Acme", model="X1")
    assert read_upright(data).image.info == {}
    assert not Image.open(io.BytesIO(corpus.encoded(read_upright(data).image))).getexif()
