"""What is made from a photo."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from labeling.imaging import hamming_distance, perceptual_hash, read_upright, renditions
from labeling.storage_keys import CONTENT_TYPES, RENDITION_NAMES, original_key, rendition_key
from tests.labeling.imaging import corpus


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_sizes_and_formats_of_a_large_photo() -> None:
    made = renditions(corpus.scene(1, 5000, 2500)).files
    assert {name: (opened(data).format, opened(data).size) for name, data in made.items()} == {
        "full": ("JPEG", (4096, 2048)),
        "view": ("WEBP", (1600, 800)),
        "thumb": ("WEBP", (320, 160)),
        "model": ("JPEG", (512, 256)),
    }
    assert set(made) == set(RENDITION_NAMES)
    for name, data in made.items():
        assert Image.MIME[opened(data).format or ""] == CONTENT_TYPES[name]


def test_a_small_photo_is_not_enlarged_and_has_no_second_copy() -> None:
    made = renditions(corpus.scene(1, 200, 120)).files
    assert {name: opened(data).size for name, data in made.items()} == {
        "view": (200, 120),
        "thumb": (200, 120),
        "model": (427, 256),
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(32, 700), st.integers(32, 700))
def test_every_shape_keeps_its_proportions(width: int, height: int) -> None:
    for name, data in renditions(corpus.scene(2, width, height)).files.items():
        made = opened(data)
        assert abs(made.width - made.height * width / height) <= 1 + width / height, name
        if name == "model":
            assert min(made.size) == 256


def test_nothing_of_the_sender_is_in_any_rendition() -> None:
    data = corpus.photographed(gps=True, make="Acme", model="X1")
    assert b"Acme" in data
    for name, made in renditions(read_upright(data).image).files.items():
        assert not opened(made).getexif(), name
        assert b"Acme" not in made
        assert "icc_profile" not in opened(made).info
        assert "xmp" not in opened(made).info


def test_renditions_are_a_function_of_the_bytes() -> None:
    first, second = (renditions(read_upright(corpus.jpeg(3)).image) for _ in range(2))
    assert first.files == second.files


def test_pixels_survive() -> None:
    view = np.asarray(opened(renditions(corpus.scene(4)).files["view"]).convert("RGB"), dtype=int)
    assert np.abs(view - np.asarray(corpus.scene(4), dtype=int)).mean() < 4


class TestPerceptualHash:
    def test_it_fits_a_signed_64_bit_column_and_uses_its_bits(self) -> None:
        hashes = [perceptual_hash(corpus.scene(seed)) for seed in range(40)]
        assert all(-(2**63) <= value < 2**63 for value in hashes)
        ever_set, ever_clear = np.bitwise_or.reduce(hashes), np.bitwise_or.reduce([~value for value in hashes])
        assert int(ever_set & ever_clear) & (2**64 - 1) >= 2**63 - 1, "only the mean's bit never changes"
        assert perceptual_hash(Image.new("RGB", (64, 64))) == 0

    @pytest.mark.parametrize("seed", range(5))
    def test_the_same_picture_stored_otherwise_stays_within_the_limit(self, seed: int) -> None:
        picture = corpus.scene(seed)
        small = picture.resize((320, 240))
        worse = read_upright(corpus.encoded(picture, quality=30)).image
        brighter = ImageEnhance.Brightness(picture).enhance(1.1)
        for other in (small, worse, brighter):
            assert hamming_distance(perceptual_hash(picture), perceptual_hash(other)) <= 6

    def test_different_pictures_are_far_apart(self) -> None:
        hashes = [perceptual_hash(corpus.scene(seed)) for seed in range(30)]
        apart = [hamming_distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
        assert min(apart) > 6
        assert 24 < np.mean(apart) < 40

    def test_distance_counts_bits(self) -> None:
        assert hamming_distance(-1, 0) == 64
        assert hamming_distance(-(2**63), 0) == 1
        assert hamming_distance(5, 5) == 0


@pytest.mark.parametrize("key", ["../../etc/passwd", "A" * 64, "a" * 63, "", "a" * 64 + "\n"])
def test_keys_are_made_of_hashes_only(key: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        original_key(key)
    with pytest.raises(ValueError, match="SHA-256"):
        rendition_key(key, "thumb")
