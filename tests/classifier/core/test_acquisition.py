"""What each acquisition function means."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.acquisition import ACQUISITIONS, expected_stage_error, normalise_rows, typical_first
from classifier.core.acquisition.badge import badge, gradient_factors
from classifier.core.acquisition.core_set import core_set
from classifier.core.acquisition.disagreement import mutual_information
from classifier.core.acquisition.drop_query import dropout_disagreement
from classifier.core.acquisition.entropy import entropy
from classifier.core.acquisition.margin import margin
from classifier.core.acquisition.prob_cover import choose_radius, prob_cover
from classifier.core.acquisition.ration import rationed
from classifier.core.acquisition.variance import variance_reduction
from classifier.core.acquisition.vectors import nearest_squared, squared_distances
from classifier.core.heads import DEFAULT_STRENGTH
from classifier.core.ordinal import median_stage
from tests.classifier.core.pools import full_pool
from tests.classifier.core.strategies import distributions


class TestDoubt:
    @given(distributions())
    def test_expected_error_is_that_of_the_median(self, probas):
        stages = np.arange(probas.shape[1])
        direct = (probas * np.abs(stages - median_stage(probas)[:, None])).sum(axis=1)
        assert np.allclose(expected_stage_error(probas), direct, atol=1e-9)

    @given(distributions())
    def test_no_stage_beats_the_median(self, probas):
        stages = np.arange(probas.shape[1])
        errors = probas @ np.abs(stages[:, None] - stages[None, :])
        assert (expected_stage_error(probas) <= errors.min(axis=1) + 1e-9).all()

    @given(distributions())
    def test_measures_are_bounded_and_zero_when_certain(self, probas):
        for measure in (margin, entropy):
            values = measure(probas)
            assert (values >= -1e-9).all()
            assert (values <= 1 + 1e-9).all()
        certain = np.eye(probas.shape[1])
        for measure in (expected_stage_error, margin, entropy):
            assert np.allclose(measure(certain), 0, atol=1e-6)

    def test_reason_names_the_boundary_or_the_two_stages(self):
        probas = np.array([[0, 0.5, 0.5, 0, 0], [0.5, 0, 0, 0, 0.5]])
        pool = full_pool(2, n_labelled=0, probas=probas, bursts=None)
        by_code = {choice.why.code: choice.why for choice in ACQUISITIONS["margin"].select(pool, 2)}
        assert by_code["boundary"].boundary == 1
        assert (by_code["uncertain"].facts["first"], by_code["uncertain"].facts["second"]) == (0, 4)

    def test_without_an_order_there_are_no_boundaries(self):
        pool = full_pool(is_ordered=False)
        for name in ("margin", "entropy", "badge", "diverse_doubt"):
            assert {choice.why.code for choice in ACQUISITIONS[name].select(pool, 10)} == {"uncertain"}


class TestDisagreement:
    @given(st.integers(1, 5), st.integers(0, 100))
    def test_information_is_what_members_differ_by(self, n_members, seed):
        rng = np.random.default_rng(seed)
        members = rng.dirichlet(np.ones(4), (n_members, 20))
        told = mutual_information(members)
        assert (told >= 0).all()
        assert (told <= np.log(n_members) + 1e-9).all()
        assert np.allclose(mutual_information(np.repeat(members[:1], n_members, axis=0)), 0, atol=1e-9)

    def test_shared_doubt_is_no_disagreement(self):
        shared = np.full((2, 1, 2), 0.5)
        opposed = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
        assert mutual_information(shared)[0] == pytest.approx(0)
        assert mutual_information(opposed)[0] == pytest.approx(np.log(2))

    def test_reason_counts_the_members(self):
        members = np.eye(5)[[[2], [2], [4]]]
        (choice,) = ACQUISITIONS["bald"].select(full_pool(1, n_labelled=0, member_probas=members), 1)
        assert choice.why.code == "disagree"
        assert choice.why.facts == {"first": 2, "named_by": 2, "of": 3, "second": 4}


class TestBadge:
    @settings(max_examples=30)
    @given(st.integers(2, 20), st.integers(0, 1000))
    def test_distances_are_those_of_the_outer_products(self, n, seed):
        rng = np.random.default_rng(seed)
        probas, vectors = rng.dirichlet(np.ones(4), n), rng.normal(size=(n, 6))
        gradients = (gradient_factors(probas)[:, :, None] * vectors[:, None, :]).reshape(n, -1)
        rows, squared = badge(probas, vectors, n, random_state=seed)
        for place, row in enumerate(rows[:-1]):
            picked = gradients[rows[:place]]
            distance = ((gradients[row] - picked) ** 2).sum(axis=1).min() if place else (gradients[row] ** 2).sum()
            assert squared[place] == pytest.approx(distance, rel=1e-3, abs=1e-4)

    def test_begins_with_the_largest_gradient_and_passes_over_twins(self):
        probas = np.full((12, 2), 0.5)
        vectors = np.array([[3.0, 0], [3.0, 0], [0, 2.0]] + [[3.0, 0]] * 9)
        for seed in range(10):
            rows, _ = badge(probas, vectors, 2, random_state=seed)
            assert rows.tolist() == [0, 2]


class TestCoreSet:
    @settings(max_examples=25)
    @given(st.integers(3, 9), st.integers(1, 3), st.integers(0, 1000))
    def test_radius_is_within_twice_the_best(self, n, k, seed):
        vectors = np.random.default_rng(seed).normal(size=(n, 2))
        rows, _ = core_set(vectors, np.zeros((0, 2)), k)

        def radius(centres):
            return np.sqrt(nearest_squared(vectors, vectors[list(centres)]).max())

        best = min(radius(centres) for centres in combinations(range(n), k))
        assert radius(rows) <= 2 * best + 1e-6

    def test_starts_far_from_what_is_labelled(self):
        vectors = np.array([[0.0, 0], [1, 0], [9, 0], [10, 0]])
        rows, distances = core_set(vectors, np.array([[0.0, 0.0]]), 2)
        assert rows[0] == 3
        assert distances.tolist() == sorted(distances, reverse=True)


class TestTypical:
    def test_finds_every_region_and_skips_what_is_known(self):
        rng = np.random.default_rng(0)
        centres = 10 * np.eye(4, 8)
        vectors = np.concatenate([centre + rng.normal(size=(30, 8)) * 0.3 for centre in centres])
        picks = typical_first(vectors, 4)
        assert set(picks // 30) == {0, 1, 2, 3}
        labelled = np.zeros(120, dtype=bool)
        labelled[:30] = True
        later = typical_first(vectors, 3, labelled=labelled)
        assert not labelled[later].any()
        assert len(typical_first(vectors, 500, labelled=labelled)) == 90

    def test_a_large_pool_is_sampled(self, monkeypatch):
        monkeypatch.setattr("classifier.core.acquisition.typical._MOST_ROWS", 40)
        vectors = np.random.default_rng(0).normal(size=(400, 4))
        labelled = np.arange(400) < 399
        assert typical_first(vectors, 5, labelled=labelled).tolist() == [399]
        picks = typical_first(vectors, 20)
        assert len(set(picks)) == 20
        assert picks.max() > 100


class TestProbCover:
    @settings(max_examples=25)
    @given(st.integers(4, 10), st.integers(1, 3), st.integers(0, 1000))
    def test_covers_as_much_as_greed_must(self, n, k, seed):
        vectors = normalise_rows(np.random.default_rng(seed).normal(size=(n, 3)))
        rows, gains = prob_cover(vectors, np.zeros((0, 3)), k, radius=0.8)
        near = squared_distances(vectors, vectors) <= 0.64
        best = max(near[list(centres)].any(axis=0).mean() for centres in combinations(range(n), k))
        covered = near[rows].any(axis=0).mean()
        assert covered == pytest.approx(gains.sum())
        assert covered >= (1 - 1 / np.e) * best - 1e-9

    def test_labelled_balls_are_covered(self):
        vectors = np.repeat(np.eye(3), 5, axis=0)
        rows, gains = prob_cover(vectors[5:], vectors[:5], 3, radius=0.5)
        assert set(rows[:2] // 5) == {0, 1}
        assert gains.tolist() == pytest.approx([0.5, 0.5, 0.0])

    @given(st.integers(0, 50))
    @settings(max_examples=10)
    def test_radius_keeps_most_balls_pure(self, seed):
        rng = np.random.default_rng(seed)
        centres = normalise_rows(rng.normal(size=(3, 16)))
        kinds = rng.integers(0, 3, 300)
        vectors = normalise_rows(centres[kinds] + 0.02 * rng.normal(size=(300, 16)))
        radius = choose_radius(vectors, 3)
        near = squared_distances(vectors, vectors) <= radius**2
        is_pure = ~(near & (kinds[:, None] != kinds)).any(axis=1)
        assert is_pure.mean() >= 0.9
        assert near.sum(axis=1).mean() > 20, "a ball that holds next to nothing covers nothing"

    def test_many_photos_are_sampled(self, monkeypatch):
        monkeypatch.setattr("classifier.core.acquisition.prob_cover._MOST_TARGETS", 50)
        monkeypatch.setattr("classifier.core.acquisition.prob_cover._MOST_CANDIDATES", 60)
        vectors = np.random.default_rng(0).normal(size=(500, 4))
        rows, _ = prob_cover(vectors, vectors[:0], 10)
        assert len(set(rows)) == 10
        assert rows.max() > 60


class TestDropQuery:
    def test_what_hangs_on_one_number_is_shaky(self):
        vectors = np.concatenate([np.tile([0.0] * 7 + [1.0], (10, 1)), np.tile([-1.0] * 8, (10, 1))])

        def predict_proba(X):
            later = (X.sum(axis=1) > 0).astype(float)
            return np.column_stack([1 - later, later])

        share = dropout_disagreement(predict_proba, vectors, draws=20)
        assert share[:10].mean() > 0.6
        assert share[10:].max() == 0


class TestEvidence:
    def test_season_says_which_way(self):
        probas, season = np.eye(5)[[4, 1]], np.eye(5)[[1, 1]]
        pool = full_pool(2, n_labelled=0, probas=probas, season_probas=season, bursts=None)
        late, fitting = ACQUISITIONS["season_surprise"].select(pool, 2)
        assert (late.index, late.utility) == (0, 1.0)
        assert late.why.facts == {"seen": 4, "expected": 1, "lead": 1}
        assert fitting.utility == 0

    def test_the_photo_that_went_back_is_asked(self):
        probas = 0.9 * np.eye(5)[[0, 1, 2, 0, 3, 4]] + 0.02
        pool = full_pool(
            6, n_labelled=0, probas=probas, plants=np.full(6, "a"), days=10.0 * np.arange(6), bursts=None, groups=None
        )
        first, second = ACQUISITIONS["timeline_violation"].select(pool, 2)
        assert first.index == 3
        assert first.utility > 0.25 > second.utility
        assert first.why.facts["seen"] == 0
        assert first.why.facts["expected"] in (2, 3)

    def test_the_least_believed_label_is_asked_again(self):
        probas = 0.9 * np.eye(5)[[0, 1, 2, 3]] + 0.02
        pool = full_pool(4, probas=probas, labels=np.array([0, 1, 3, -1]), is_labelled=np.arange(4) < 3, bursts=None)
        first = ACQUISITIONS["suspected_error"].select(pool, 1)[0]
        assert first.index == 2
        assert (first.why.facts["label"], first.why.facts["suggested"]) == (3, 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=40), st.integers(0, 50))
def test_rationed_is_what_a_loop_would_take(pairs, n):
    groups = np.array([group for group, _ in pairs], dtype=np.int64)
    bursts = np.array([group * 10 + burst for group, burst in pairs], dtype=np.int64)
    expected, given_by, used = [], dict.fromkeys(groups.tolist(), 0), set()
    while len(expected) < n:
        able = [row for row in range(len(pairs)) if row not in expected and bursts[row] not in used]
        if not able:
            break
        least = min(given_by[groups[row]] for row in able)
        row = next(row for row in able if given_by[groups[row]] == least)
        expected.append(row)
        given_by[groups[row]] += 1
        used.add(bursts[row])
    assert rationed(np.arange(len(pairs)), groups, bursts, n).tolist() == expected


class TestVariance:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(2, 9), st.integers(1, 4), st.integers(0, 1000))
    def test_every_pick_takes_the_most_off_the_expected_variance(self, n, n_labelled, seed):
        rng = np.random.default_rng(seed)
        probas, vectors = rng.dirichlet(np.ones(3), n + n_labelled), rng.normal(size=(n + n_labelled, 4))
        labelled = np.arange(n + n_labelled) >= n
        standardised = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
        openness = 1 - (probas**2).sum(axis=1)

        def expected_variance(known):
            information = DEFAULT_STRENGTH * 4 * np.eye(4)
            for row in known:
                information += openness[row] * np.outer(standardised[row], standardised[row])
            spread = np.einsum("nd,de,ne->n", standardised, np.linalg.inv(information), standardised)
            return np.mean(margin(probas) ** 8 * spread)

        rows, taken_off = variance_reduction(probas, vectors, labelled, n)
        known = np.flatnonzero(labelled).tolist()
        at_first = before = expected_variance(known)
        for place, row in enumerate(rows):
            after = {other: expected_variance([*known, other]) for other in range(n) if other not in known}
            assert after[row] == pytest.approx(min(after.values()), rel=1e-3)
            assert taken_off[place] == pytest.approx((before - after[row]) / at_first, rel=1e-2, abs=1e-4)
            known.append(int(row))
            before = after[row]

    def test_what_is_sure_comes_last_and_what_is_known_after_what_is_not(self):
        axis = np.repeat([0, 1], 20)
        vectors = np.random.default_rng(0).normal(size=(40, 2)) * 0.05 + 3 * np.eye(2)[axis]
        vectors *= np.tile([1, -1], 20)[:, None]
        probas = np.tile([0.5, 0.5], (40, 1))
        sure = np.isin(np.arange(40), [0, 1, 20, 21])
        probas[sure] = [1.0, 0.0]
        known = np.isin(np.arange(40), np.arange(4, 16))
        rows, _ = variance_reduction(probas, vectors, known, 28)
        assert axis[rows[:4]].tolist() == [1] * 4
        assert sure[rows[-4:]].all()

    def test_a_large_pool_is_sampled(self, monkeypatch):
        monkeypatch.setattr("classifier.core.acquisition.variance._MOST_CANDIDATES", 12)
        pool = full_pool(200, bursts=None, groups=None)
        seen = {
            choice.index for seed in range(3) for choice in ACQUISITIONS["variance"].select(pool, 12, random_state=seed)
        }
        assert len(seen) > 20
        assert not pool.labelled[list(seen)].any()
