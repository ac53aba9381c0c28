"""Soft labels, agreement, BBCH codes, palette, stages and templates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from labeling.domain import agreement, palette
from labeling.domain.bbch import BBCHCode, BBCHInvalid, BBCHRange, parse_range
from labeling.domain.errors import DomainError
from labeling.domain.scale_templates import TEMPLATES, StageInput
from labeling.domain.soft_labels import distribution_of, interval_halves, one_hot
from labeling.domain.stages import HOTKEYS, MAX_STAGES, complete_stages, slug_of

N = 7
intervals = st.lists(
    st.integers(0, N - 1).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, min(low + 1, N - 1)))),
    min_size=1,
    max_size=9,
)
ratings = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), min_size=1, max_size=60)


class TestSoftLabels:
    @given(intervals)
    def test_a_distribution_sums_to_1_and_keeps_the_mean(self, some):
        distribution = distribution_of(some, n_stages=N)
        assert sum(distribution) == pytest.approx(1)
        assert min(distribution) >= 0
        mean = sum((low + high) / 2 for low, high in some) / len(some)
        assert np.dot(distribution, range(N)) == pytest.approx(mean)

    @given(intervals, st.randoms(use_true_random=False))
    def test_the_order_is_no_matter(self, some, random):
        assert distribution_of(some, n_stages=N) == distribution_of(random.sample(some, len(some)), n_stages=N)

    def test_known_values(self):
        assert distribution_of([(1, 1), (1, 2)], n_stages=3) == [0, 0.75, 0.25]
        assert one_hot(2, n_stages=3) == [0, 0, 1]

    @pytest.mark.parametrize("interval", [(-1, 0), (1, 0), (0, 2), (3, 3), (2, 3)])
    def test_what_is_no_interval_of_the_scale_is_refused(self, interval):
        with pytest.raises(ValueError, match="no interval"):
            interval_halves(*interval, n_stages=3)

    def test_no_opinions_are_refused(self):
        with pytest.raises(ValueError, match="needs an opinion"):
            distribution_of([], n_stages=3)


class TestAgreement:
    @given(ratings)
    def test_kappa_is_that_of_scikit_learn(self, pairs):
        a, b = zip(*pairs, strict=True)
        ours = agreement.quadratic_weighted_kappa(a, b, n_stages=N)
        if len(set(a) | set(b)) == 1:
            assert ours == 1.0
        else:
            theirs = cohen_kappa_score(a, b, labels=range(N), weights="quadratic")
            assert ours == pytest.approx(theirs, abs=1e-12)

    @given(ratings)
    def test_symmetry_bounds_and_order(self, pairs):
        a, b = zip(*pairs, strict=True)
        assert agreement.exact(a, b) == agreement.exact(b, a)
        assert 0 <= agreement.exact(a, b) <= agreement.within(a, b) <= 1
        assert agreement.quadratic_weighted_kappa(a, a, n_stages=N) == 1
        assert agreement.within(a, b, stages=N - 1) == 1

    def test_the_boundary_at_which_two_disagree(self):
        shares = agreement.boundary_agreement([0, 0, 1, 2, 2], [0, 1, 1, 2, 2], n_stages=4)
        assert shares == [pytest.approx(2 / 3), 1.0, 1.0]

    @pytest.mark.parametrize(("a", "b"), [([], []), ([1], [1, 2]), ([[1]], [[1]])])
    def test_unpaired_ratings_are_refused(self, a, b):
        with pytest.raises(ValueError, match="same length"):
            agreement.exact(a, b)

    def test_positions_outside_the_scale_are_refused(self):
        with pytest.raises(ValueError, match="positions"):
            agreement.quadratic_weighted_kappa([7], [0], n_stages=7)


class TestBBCH:
    def test_a_code_is_a_string(self):
        assert BBCHCode("09").text == "09"
        assert BBCHCode("65").principal_stage == 6
        assert BBCHCode("09") < BBCHCode("10") < BBCHCode("101") < BBCHCode("11")

    @pytest.mark.parametrize("text", ["9", "", "6a", "1234", "٦٥", " 65", "65\n"])
    def test_what_is_no_code(self, text):
        with pytest.raises(BBCHInvalid):
            BBCHCode(text)

    def test_ranges(self):
        assert parse_range("", "") is None
        assert str(parse_range(" 65 ", "")) == "65"
        assert str(parse_range("67", "69")) == "67-69"
        assert list(parse_range("57", "62").principal_stages) == [5, 6]
        with pytest.raises(BBCHInvalid, match="backwards"):
            parse_range("69", "67")

    @given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
    def test_a_range_holds_what_lies_between_and_the_parts_of_its_ends(self, a, b, c):
        first, last, code = sorted((a, b))[0], sorted((a, b))[1], c
        span = BBCHRange(BBCHCode(f"{first:02}"), BBCHCode(f"{last:02}"))
        assert (BBCHCode(f"{code:02}") in span) == (first <= code <= last)
        assert BBCHCode(f"{last:02}9") in span
        assert f"{first:02}" not in span, "a text is no code"


class TestPalette:
    def test_seven_are_the_anchors(self):
        assert tuple(palette.ordered_palette(7)) == palette.ANCHORS

    @given(st.integers(2, 25))
    def test_any_number_of_colours_differ_and_grow_lighter(self, n):
        colors = palette.ordered_palette(n)
        assert len(set(colors)) == n
        assert (colors[0], colors[-1]) == (palette.ANCHORS[0], palette.ANCHORS[-1])
        lightness = [palette.lightness(color) for color in colors]
        assert lightness == sorted(lightness)
        assert all(len(color) == 7 and int(color[1:], 16) >= 0 for color in colors)

    def test_the_ends_of_the_numbers(self):
        assert palette.ordered_palette(1) == ["#23888e"]
        with pytest.raises(ValueError, match="at least one"):
            palette.ordered_palette(0)

    def test_lightness_knows_black_and_white(self):
        assert palette.lightness("#000000") == pytest.approx(0, abs=1e-6)
        assert palette.lightness("#ffffff") == pytest.approx(1, abs=1e-6)


class TestStages:
    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.key)
    def test_every_template_is_a_scale(self, template):
        stages = complete_stages(template.stages)
        assert [stage.hotkey for stage in stages] == list(HOTKEYS[: len(stages)])
        assert len({stage.slug for stage in stages}) == len(stages)

    def test_what_is_given_is_kept_and_what_is_missing_filled_in(self):
        first, second = complete_stages(
            [StageInput(" Flor ", "Flower", color="#ABCDEF", bbch_first="65"), StageInput("Y", "Ñu", hotkey="1")]
        )
        assert (first.name_es, first.slug, first.color, first.hotkey) == ("Flor", "flower", "#abcdef", "2")
        assert (first.bbch_last, second.slug, second.hotkey) == ("65", "nu", "1")

    @pytest.mark.parametrize(
        ("stages", "fault"),
        [
            ([StageInput("A", "A")], "2 to 25 stages"),
            ([StageInput("A", "A")] * (MAX_STAGES + 1), "2 to 25 stages"),
            ([StageInput("A", "A"), StageInput("B", " ")], "Stage 2: the name"),
            ([StageInput("A", "A"), StageInput("B", "B", slug="../etc")], "no folder name"),
            ([StageInput("A", "A"), StageInput("B", "B", color="red")], "no colour"),
            ([StageInput("A", "A"), StageInput("B", "B", hotkey="z")], "not free on the bench"),
            ([StageInput("A", "A"), StageInput("B", "B", bbch_first="9")], "not a BBCH code"),
            ([StageInput("A", "A"), StageInput("B", "A")], "'a' is used twice"),
            ([StageInput("A", "A", hotkey="1"), StageInput("B", "B", hotkey="1")], "key '1' is used twice"),
        ],
    )
    def test_faults_are_named(self, stages, fault):
        with pytest.raises(DomainError, match=fault.replace("(", r"\(")) as error:
            complete_stages(stages)
        assert error.value.code == "stages_invalid"

    @given(st.text(max_size=80))
    def test_a_slug_is_safe_as_a_folder_name(self, text):
        assert set(slug_of(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert not slug_of(text).startswith("-")
