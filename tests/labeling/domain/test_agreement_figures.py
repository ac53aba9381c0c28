"""Agreement, intervals and flags: against published figures, and against panels whose truth is planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.agreement import quadratic_weighted_kappa
from labeling.domain.agreement_figures import Answers, agreement_figures
from labeling.domain.annotator_figures import Seen, annotator_figures, copied_share
from labeling.domain.annotator_model import fit_annotators
from labeling.domain.coincidences import coincidences, krippendorff_alpha, pairs_of, weighted_kappa
from labeling.domain.error_models import Walks
from labeling.domain.intervals import (
    N_BLOCKS,
    Interval,
    blocks_of,
    difference,
    drawn_together,
    expected_means,
    resampled,
    share_interval,
    wilson,
)
from tests.labeling.domain.panels import Panel, answered, walks

PUBLISHED = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Krippendorff 2011, section C: 4 observers, 12 units, 5 values, some missing."""


def matrix_of(photo, stage, n_stages, upper=None):
    photo, stage = np.array(photo), np.array(stage)
    upper = stage if upper is None else np.array(upper)
    return coincidences(pairs_of(photo), stage, upper, np.zeros(len(stage), np.intp), n_stages).sum(axis=0)


def published():
    rows = [line.split() for line in PUBLISHED.strip().splitlines()]
    cells = [(unit, int(value) - 1) for row in rows for unit, value in enumerate(row) if value != "."]
    return matrix_of(*zip(*cells, strict=True), n_stages=5)


class TestAlpha:
    @pytest.mark.parametrize(("metric", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
    def test_the_published_example(self, metric, alpha):
        assert round(float(krippendorff_alpha(published(), metric)), 3) == alpha

    def test_all_the_same_leaves_nothing_to_measure(self):
        assert np.isnan(krippendorff_alpha(matrix_of([0, 0, 1, 1], [2, 2, 2, 2], 4)))

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=2, max_size=40))
    def test_it_is_symmetric_and_never_above_1(self, answers):
        matrix = matrix_of(*zip(*answers, strict=True), n_stages=4)
        np.testing.assert_allclose(matrix, matrix.T)
        for metric in ("nominal", "ordinal", "interval"):
            alpha = krippendorff_alpha(matrix, metric)
            assert np.isnan(alpha) or alpha <= 1 + 1e-12
            flipped = krippendorff_alpha(matrix[::-1, ::-1], metric)
            np.testing.assert_allclose(alpha, flipped)

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
    def test_kappa_of_two_raters_in_both_orders_is_cohens(self, answers):
        first, second = (list(side) for side in zip(*answers, strict=True))
        photo = [*range(len(first)), *range(len(first))]
        ours = weighted_kappa(matrix_of(photo, first + second, 4))
        cohen = quadratic_weighted_kappa(first + second, second + first, n_stages=4)
        assert np.isnan(ours) or float(ours) == pytest.approx(cohen)

    def test_between_is_half_of_each(self):
        matrix = matrix_of([0, 0], [1, 2], 4, upper=[2, 2])
        assert (matrix[2, 2], matrix[1, 2], matrix[2, 1], matrix.sum()) == (1.0, 0.5, 0.5, 2.0)


def answers_of(panel: Panel, **changes) -> Answers:
    opinions = panel.opinions
    return Answers(
        photo=opinions.photo,
        lower=changes.pop("lower", opinions.code),
        upper=changes.pop("upper", opinions.code),
        block=blocks_of(opinions.photo.astype(np.int64)),
        week=changes.pop("week", np.zeros(len(opinions.photo), np.int64)),
        n_stages=opinions.n_stages,
        is_ordered=changes.pop("is_ordered", True),
    )


class TestProjectFigures:
    def test_agreement_of_a_panel(self):
        panel = answered(walks(4, 7, 1), n_photos=800, n_labels=2, seed=1)
        figures = agreement_figures(answers_of(panel))
        one, other = panel.opinions.code.reshape(-1, 2).T
        assert figures.n_photos_overlap == 800
        assert figures.overall.exact.value == pytest.approx(np.mean(one == other))
        assert figures.overall.within_one.value == pytest.approx(np.mean(np.abs(one - other) <= 1))
        assert figures.overall.exact.n == 800
        for figure in vars(figures.overall).values():
            assert figure.low < figure.value < figure.high < figure.low + 0.15
        at = np.isin(one, (2, 3)) & np.isin(other, (2, 3))
        assert figures.boundaries[2].value == pytest.approx(np.mean(one[at] == other[at]))
        assert figures.boundaries[2].n == at.sum()

    def test_photos_of_one_plant_say_less_than_photos_of_many(self):
        panel = answered(walks(4, 7, 1), n_photos=400, n_labels=2, seed=2)
        apart = answers_of(panel)
        one_plant_a_stage = replace(apart, block=panel.truth[panel.opinions.photo])
        narrow, wide = (agreement_figures(it).overall.qwk for it in (apart, one_plant_a_stage))
        assert narrow.value == wide.value
        assert (narrow.low, narrow.high) != (wide.low, wide.high)

    def test_it_is_the_same_each_time(self):
        panel = answered(walks(3, 7, 1), n_photos=50, n_labels=3, seed=3)
        assert agreement_figures(answers_of(panel)) == agreement_figures(answers_of(panel))

    def test_nobody_overlaps(self):
        panel = answered(walks(3, 7, 1), n_photos=50, n_labels=1, seed=3)
        figures = agreement_figures(answers_of(panel))
        assert (figures.n_photos_overlap, figures.overall, figures.boundaries) == (0, None, [None] * 6)

    def test_without_an_order_only_what_needs_none(self):
        panel = answered(walks(3, 7, 1), n_photos=50, n_labels=2, seed=3)
        figures = agreement_figures(answers_of(panel, is_ordered=False))
        assert (figures.overall.qwk, figures.overall.within_one, figures.boundaries) == (None, None, [])
        assert figures.overall.exact.n == figures.overall.alpha.n == 50

    def test_a_pair_belongs_to_the_week_of_the_later_answer(self):
        panel = answered(walks(2, 7, 1), n_photos=40, n_labels=2, seed=4)
        week = np.where(panel.opinions.photo < 20, 0, 7)
        week[1] = 7  # the second answer to the first photo came a week later
        figures = agreement_figures(answers_of(panel, week=week))
        assert [(it.monday, it.exact.n) for it in figures.weeks] == [(0, 19), (7, 21)]
        assert all(it.qwk is not None for it in figures.weeks)


class TestIntervals:
    @given(st.floats(0, 1), st.floats(0.5, 1e6))
    def test_a_share_lies_in_its_interval(self, share, n):
        interval = wilson(share, n, n=3)
        assert 0 <= interval.low <= share <= interval.high <= 1

    def test_ten_of_ten_prove_little(self):
        interval = share_interval(np.ones(10), np.ones(10), np.arange(10))
        assert (interval.value, round(interval.low, 2)) == (1.0, 0.72)

    def test_the_same_answer_in_one_group_counts_less(self):
        hits = np.repeat([1.0, 0.0], 50)
        apart = share_interval(hits, np.ones(100), np.arange(100))
        together = share_interval(hits, np.ones(100), np.repeat(np.arange(10), 10))
        assert together.high - together.low > 2 * (apart.high - apart.low)

    def test_nothing_has_no_interval(self):
        assert share_interval(np.zeros(0), np.zeros(0), np.zeros(0, np.intp)) is None
        assert resampled(np.zeros((N_BLOCKS, 2)), lambda sums: sums[:, 0], n=0, seed=1) is None

    def test_a_difference(self):
        """Newcombe 1998, table II, example (a): 56/70 - 48/80, method 10."""
        found = difference(wilson(56 / 70, 70, n=70), wilson(48 / 80, 80, n=80))
        assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)

    def test_what_is_not_known_of_the_truth_widens(self):
        who, block = np.zeros(200, np.intp), np.arange(200)
        hits = np.repeat([1.0, 0.0], 100)
        known = expected_means(hits, np.zeros(200), who, block, 1).of(0)
        guess = 0.5 + (hits - 0.5) * 0.6
        unsure = expected_means(guess, guess * (1 - guess), who, block, 1).of(0)
        assert known.value == pytest.approx(unsure.value)
        assert unsure.high - unsure.low > 1.3 * (known.high - known.low)

    def test_accuracies_are_covered(self):
        """In 40 panels, 160 intervals: nineteen in twenty must hold the planted accuracy."""
        held = []
        for seed in range(40):
            planted = walks(4, 7, seed)
            panel = answered(planted, n_photos=400, n_labels=3, seed=seed)
            accuracy = np.einsum("att->a", planted.confusion()) / 7
            figures = annotator_figures(panel.opinions, fit_annotators(panel.opinions), seen(panel))
            held += [it.accuracy.low <= true <= it.accuracy.high for it, true in zip(figures, accuracy, strict=True)]
        assert np.mean(held) > 0.9


def seen(panel: Panel, suggested=None, is_shown=None, is_comparable=None) -> Seen:
    n = len(panel.opinions.photo)
    return Seen(
        suggested=np.full(n, -1) if suggested is None else suggested,
        is_shown=np.ones(n, bool) if is_shown is None else is_shown,
        is_comparable=np.ones(n, bool) if is_comparable is None else is_comparable,
        block=blocks_of(panel.opinions.photo.astype(np.int64)),
        is_gold=panel.opinions.known[panel.opinions.photo] >= 0,
    )


def figures_of(models: Walks, **changes):
    panel = answered(models, n_photos=900, n_labels=3, seed=11, **changes)
    return annotator_figures(panel.opinions, fit_annotators(panel.opinions), seen(panel))


class TestFlags:
    def test_experts_of_differing_skill_have_none(self):
        models = walks(5, 7, 3)
        models.up[4], models.down[4] = 0.15, 0.15
        assert [it.flags for it in figures_of(models)] == [[]] * 5

    def test_somebody_who_does_not_look_is_careless(self):
        models = walks(5, 7, 3)
        models.up[2], models.down[2], models.carry[2] = 0.25, 0.25, 0.6
        assert [it.flags for it in figures_of(models)] == [[], [], ["careless"], [], []]

    def test_somebody_who_is_wrong_more_often_than_not_is_too(self):
        models = walks(5, 7, 3)
        models.up[2], models.down[2], models.carry[2] = 0.35, 0.35, 0.01
        assert figures_of(models)[2].flags == ["careless"]

    @pytest.mark.parametrize(("up", "down", "flag"), [(0.25, 0.02, "late"), (0.02, 0.25, "early")])
    def test_a_lean_to_one_side_is_named(self, up, down, flag):
        models = walks(5, 7, 3)
        models.up[1], models.down[1] = up, down
        found = figures_of(models)
        assert [it.flags for it in found] == [[], [flag], [], [], []]
        assert found[1].bias == pytest.approx((up - down) * 6 / 7, abs=0.05)

    def test_few_answers_are_no_ground(self):
        models = walks(5, 7, 3)
        models.up[2], models.down[2], models.carry[2] = 0.3, 0.3, 0.6
        panel = answered(models, n_photos=30, n_labels=3, seed=1)
        found = annotator_figures(panel.opinions, fit_annotators(panel.opinions), seen(panel))
        assert not any(it.flags for it in found)

    def follower(self, share, is_comparable=None, blind_share=0.1):
        """Four experts; the last says what the model says in a share of the photos that show it."""
        panel = answered(walks(4, 7, 3), n_photos=1500, n_labels=3, seed=5)
        rng = np.random.default_rng(5)
        opinions = panel.opinions
        step = rng.choice([-1, 0, 1], p=[0.15, 0.7, 0.15], size=1500)
        suggested = np.clip(panel.truth + step, 0, 6)[opinions.photo]
        is_shown = rng.random(1500)[opinions.photo] >= blind_share
        follows = (opinions.annotator == 3) & is_shown & (rng.random(len(suggested)) < share)
        said = Panel(replace(opinions, code=np.where(follows, suggested, opinions.code)), panel.truth)
        return annotator_figures(
            said.opinions, fit_annotators(said.opinions), seen(said, suggested, is_shown, is_comparable)
        )

    def test_somebody_who_follows_the_model_is_anchored(self):
        found = self.follower(0.6)
        assert [it.flags for it in found] == [[], [], [], ["anchored"]]
        meter = found[3].anchoring
        assert meter.difference.value == pytest.approx(meter.shown.value - meter.hidden.value)
        assert meter.difference.low > 0.05
        assert found[0].anchoring.difference.low < 0.05

    def test_nobody_is_where_nobody_follows(self):
        assert [it.flags for it in self.follower(0.0)] == [[]] * 4

    def test_what_cannot_be_compared_does_not_count(self):
        assert [it.anchoring for it in self.follower(0.6, is_comparable=np.zeros(4500, bool))] == [None] * 4

    def test_without_blind_photos_there_is_no_meter(self):
        assert [it.anchoring for it in self.follower(0.6, blind_share=0.0)] == [None] * 4

    def test_photos_of_known_stage_measure_alone(self):
        found = figures_of(walks(5, 7, 3), gold_share=0.2)
        assert all(140 > it.n_gold > 80 and it.gold_accuracy.n == it.n_gold for it in found)
        assert all(isinstance(it.accuracy, Interval) for it in found)


class TestCopiedShare:
    """How many answers are the suggestion whatever the photo shows."""

    @pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.9])
    def test_a_planted_share_is_found_within_its_interval(self, share):
        z = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            expected = rng.uniform(0.1, 0.95, 400)
            hits = (rng.random(400) < expected + share * (1 - expected)).astype(float)
            found, variance = copied_share(hits, expected, np.arange(400))
            z.append((found - share) / np.sqrt(variance))
        assert abs(np.mean(z)) < 0.5
        assert 0.7 < np.std(z) < 1.4

    def test_answers_of_one_plant_are_one_answer(self):
        rng = np.random.default_rng(0)
        expected = rng.uniform(0.1, 0.95, 100)
        hits = (rng.random(100) < expected).astype(float)
        alone, variance = copied_share(hits, expected, np.arange(100))
        repeated = copied_share(np.repeat(hits, 4), np.repeat(expected, 4), np.repeat(np.arange(100), 4))
        assert repeated == pytest.approx((alone, variance))


class TestDrawnTogether:
    """Every figure, once those of the others are known."""

    def test_somebody_without_a_figure_is_like_the_others(self):
        found = drawn_together(np.array([np.nan, 0.2, 0.2]), np.array([np.inf, 1e-4, 1e-4]), least_spread=0.05)
        assert found.value[0] == pytest.approx(0.2)
        assert found.variance[0] >= 0.05**2

    def test_nobody_to_be_like_changes_nothing(self):
        found = drawn_together(np.array([0.3, np.nan]), np.array([0.01, np.inf]), least_spread=0.05)
        assert (found.value[0], found.variance[0]) == (0.3, 0.01)
        assert np.isnan(drawn_together(np.array([np.nan]), np.array([np.inf]), least_spread=0.05).value[0])

    def test_spread_others_are_no_measure(self):
        value, variance = np.array([0.0, -0.5, 0.5, 0.0, 0.9]), np.full(5, 0.01)
        apart = drawn_together(value, variance, least_spread=0.05)
        value[1:4] = 0.0
        alike = drawn_together(value, variance, least_spread=0.05)
        assert apart.value[4] > alike.value[4] + 0.2

    def test_by_hand(self):
        found = drawn_together(np.array([0.4, 0.1, 0.1]), np.array([0.01, 0.01, 0.01]), least_spread=0.1)
        # The others' mean, 0.1, has variance (0.01 + 0.01) / 2; one more of their kind 0.01 more, so a weight of 50.
        assert found.value[0] == pytest.approx((100 * 0.4 + 50 * 0.1) / 150)
        assert found.variance[0] == pytest.approx(1 / 150)

    @given(
        st.lists(st.tuples(st.floats(-1, 1), st.floats(1e-6, 1)), min_size=2, max_size=8),
        st.floats(0.01, 0.5),
    )
    def test_between_ones_own_and_the_others(self, figures, least_spread):
        value, variance = np.array(figures).T
        found = drawn_together(value, variance, least_spread=least_spread)
        assert (found.value >= value.min() - 1e-9).all()
        assert (found.value <= value.max() + 1e-9).all()
        assert (found.variance <= np.maximum(variance, least_spread**2 / 1000) * (1 + 1e-9)).all()
