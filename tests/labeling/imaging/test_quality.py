"""What is measured of a photo, and what follows: good photos pass, bad ones are told apart by what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from labeling.imaging import Quality, judge, measure_quality
from labeling.imaging.quality import BLUR, BURNT, DETAIL, LIGHT, SIDE, SMALL_SIDE
from labeling.synthetic.flower import render
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import Difficulty
from tests.labeling.imaging import corpus

GOOD = Quality(blur=0.8, light=0.8, burnt=0.01, detail=0.6, short_side=1200)
CLEAN = Difficulty(camera=0.0)
"""Photos whose only faults are those a test gives them."""


@lru_cache
def photos(difficulty: Difficulty | None = None) -> list[Image.Image]:
    """Generated photos of every stage, all with a short side of ``SIDE``: what is done to them is in its pixels."""
    specs = balanced_specs(per_stage=4, seed=31, difficulty=difficulty)
    return [scaled(render(spec), SIDE / min(spec.size)) for spec in specs]


def scaled(picture: Image.Image, scale: float) -> Image.Image:
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BICUBIC)


def blurred(picture: Image.Image, sigma: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def lit(picture: Image.Image, gain: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(gain)


def from_afar(picture: Image.Image, share: float) -> Image.Image:
    """The scene small in the middle of its own blurred surroundings."""
    around, small = blurred(picture, picture.width / 15), scaled(picture, share)
    around.paste(small, ((picture.width - small.width) // 2, (picture.height - small.height) // 2))
    return around


def rejections(pictures: list[Image.Image]) -> set[str | None]:
    return {judge(measure_quality(picture)).rejection for picture in pictures}


class TestGoodPhotos:
    def test_no_generated_photo_is_rejected(self) -> None:
        assert rejections(photos()) == {None}

    def test_clean_ones_get_no_advice(self) -> None:
        advice = [judge(measure_quality(picture)).advice for picture in photos(CLEAN)]
        assert advice.count(()) >= 0.9 * len(advice), advice

    @pytest.mark.parametrize("collection", ["banana-ripeness", "dandelion-stages", "flowers5"])
    def test_no_real_photo_is_rejected_and_few_get_advice(self, shared_data: Path, collection: str) -> None:
        paths = sorted((shared_data / collection).rglob("*.jpg"))
        assert len(paths) > 200
        verdicts = {path.name: judge(measure_quality(Image.open(path).convert("RGB"))) for path in paths}
        assert {name: v.rejection for name, v in verdicts.items() if v.rejection} == {}
        # The collections were made smaller: their few pixels are no fault of the photographers.
        told = [name for name, v in verdicts.items() if set(v.advice) - {"small"}]
        assert len(told) <= 0.02 * len(paths), told

    def test_one_sharp_flower_before_a_soft_orchard_is_a_sharp_photo(self) -> None:
        for picture in photos(CLEAN):
            before = blurred(picture, 6)
            half = picture.crop((0, 0, picture.width // 2, picture.height))
            before.paste(half, (0, 0))
            assert judge(measure_quality(before)).rejection is None

    def test_a_bright_flower_on_black_is_not_dark(self) -> None:
        ground = Image.new("RGB", (640, 480))
        ground.paste(photos(CLEAN)[4].resize((200, 150)), (220, 160))
        assert judge(measure_quality(ground)).rejection is None


class TestBadPhotos:
    """Each fault, as large as this, is found in every photo and called by its name."""

    @pytest.mark.parametrize(
        ("spoil", "name"),
        [
            (lambda picture: blurred(picture, 5), "too_blurred"),
            (lambda picture: lit(picture, 0.1), "too_dark"),
            (lambda picture: lit(picture, 12), "too_bright"),
            (lambda picture: picture.resize((1, 1)).resize((400, 300)), "no_detail"),
        ],
    )
    def test_rejected(self, spoil: Callable[[Image.Image], Image.Image], name: str) -> None:
        assert rejections([spoil(picture) for picture in photos()]) == {name}

    @pytest.mark.parametrize("sigma", [8, 12, 20])
    def test_what_is_blurred_beyond_recognition_does_not_pass_as_sharp(self, sigma: float) -> None:
        """Rounding to 256 levels is the only fine detail that is left then."""
        assert None not in rejections([blurred(picture, sigma) for picture in photos()])

    @pytest.mark.parametrize(("level", "noise"), [(60, 0), (120, 2), (200, 4)])
    def test_a_wall_shows_nothing(self, level: int, noise: int) -> None:
        grain = np.random.default_rng(1).normal(level, noise, (600, 800, 3))
        assert rejections([Image.fromarray(grain.clip(0, 255).astype(np.uint8))]) == {"no_detail"}

    def test_the_middle_band_is_taken_with_advice(self) -> None:
        for spoil, advice in (
            (lambda picture: blurred(picture, 2), "blurred"),
            (lambda picture: lit(picture, 0.27), "dark"),
            (lambda picture: from_afar(picture, 0.12), "far"),
        ):
            verdicts = [judge(measure_quality(spoil(picture))) for picture in photos(CLEAN)]
            taken = [verdict.advice for verdict in verdicts if verdict.rejection is None]
            assert len(taken) >= 0.75 * len(verdicts), advice
            assert sum(advice in each for each in taken) >= 0.9 * len(taken), (advice, verdicts)


class TestScale:
    @pytest.mark.parametrize("sigma", [0.0, 2.0, 5.0])
    def test_more_pixels_of_the_same_picture_are_judged_alike(self, sigma: float) -> None:
        for picture in photos(CLEAN)[::7]:
            soft = blurred(picture, sigma)
            small, large = measure_quality(soft), measure_quality(scaled(soft, 5))
            assert large.blur == pytest.approx(small.blur, rel=0.15, abs=0.1)
            assert large.light == pytest.approx(small.light, abs=0.02)
            assert large.detail == pytest.approx(small.detail, abs=0.08)

    def test_the_side_is_that_of_the_photo_as_sent(self) -> None:
        picture = photos()[0]
        assert measure_quality(picture).short_side == min(picture.size)
        assert measure_quality(picture, short_side=3000).short_side == 3000

    @settings(max_examples=30, deadline=None)
    @given(st.integers(32, 900), st.integers(32, 900), st.integers(0, 5))
    def test_every_shape_is_measured(self, width: int, height: int, seed: int) -> None:
        quality = measure_quality(corpus.scene(seed, width, height))
        for share in (quality.light, quality.burnt, quality.detail):
            assert 0 <= share <= 1
        assert 0 <= quality.blur < 25

    def test_one_colour_is_measured(self) -> None:
        for level in (0, 128, 255):
            assert judge(measure_quality(Image.new("RGB", (300, 200), (level, level, level)))).rejection


PICKS = st.integers(0, 27)


@settings(max_examples=40, deadline=None)
@given(PICKS, st.floats(0, 10), st.floats(0.5, 6))
def test_more_blur_never_measures_sharper(pick: int, sigma: float, more: float) -> None:
    picture = photos()[pick]
    less, worse = (measure_quality(blurred(picture, s)).blur for s in (sigma, sigma + more))
    assert worse >= less * 0.98


@settings(max_examples=40, deadline=None)
@given(PICKS, st.floats(0.02, 1), st.floats(0.05, 0.95))
def test_less_light_never_measures_brighter(pick: int, gain: float, factor: float) -> None:
    picture = photos()[pick]
    before, after = (measure_quality(lit(picture, g)) for g in (gain, gain * factor))
    assert after.light <= before.light
    assert after.burnt <= before.burnt


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 25), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(32, 4000), st.data())
def test_a_better_photo_is_never_judged_worse(
    blur: float, light: float, burnt: float, detail: float, side: int, data: st.DataObject
) -> None:
    worse = Quality(blur, light, burnt, detail, side)
    better = Quality(
        blur=data.draw(st.floats(0, blur)),
        light=data.draw(st.floats(light, 1)),
        burnt=data.draw(st.floats(0, burnt)),
        detail=data.draw(st.floats(detail, 1)),
        short_side=data.draw(st.integers(side, 4000)),
    )
    assert set(judge(better).advice) <= set(judge(worse).advice)
    if judge(worse).rejection is None:
        assert judge(better).rejection is None


class TestJudge:
    @pytest.mark.parametrize(
        ("change", "advice"),
        [
            ({"blur": BLUR.advise + 0.01}, "blurred"),
            ({"light": LIGHT.advise - 0.01}, "dark"),
            ({"burnt": BURNT.advise + 0.01}, "bright"),
            ({"detail": DETAIL.advise - 0.01}, "far"),
            ({"short_side": SMALL_SIDE - 1}, "small"),
        ],
    )
    def test_one_fault_one_advice(self, change: dict[str, float], advice: str) -> None:
        verdict = judge(replace(GOOD, **change))
        assert (verdict.rejection, verdict.advice) == (None, (advice,))

    def test_nothing_to_say_of_a_good_photo(self) -> None:
        assert judge(GOOD).rejection is None
        assert judge(GOOD).advice == ()

    def test_the_cause_is_named_before_its_effects(self) -> None:
        in_the_dark = Quality(blur=20, light=0.05, burnt=0, detail=0, short_side=1200)
        assert judge(in_the_dark).rejection == "too_dark"
        assert judge(replace(in_the_dark, light=0.5)).rejection == "no_detail"
        assert judge(replace(in_the_dark, light=0.5, detail=0.5)).rejection == "too_blurred"
