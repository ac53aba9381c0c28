"""Classes re-thought."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import association
from sklearn.metrics import mutual_info_score, roc_auc_score

from classifier.core.class_structure import (
    Interval,
    Opinions,
    PairEvidence,
    SplitEvidence,
    agglomerative_partitions,
    contiguous_partitions,
    cramers_v,
    judge_pair,
    mapped_confusion,
    merge_effect,
    pair_agreement,
    pair_table,
    propose,
    score_partitions,
    split_test,
)
from classifier.core.class_structure.measures import auc_interval, neighbour_purity, separating_scores
from classifier.core.class_structure.opinions import majority_error, slip_rate
from classifier.core.metrics import confusion_matrix
from classifier.core.splits import TooFewGroups

confusions = st.integers(2, 6).flatmap(
    lambda k: st.lists(st.integers(0, 30), min_size=k * k, max_size=k * k).map(
        lambda cells: np.array(cells).reshape(k, k)
    )
)


class TestPartitions:
    @given(st.integers(1, 9))
    def test_all_contiguous_ones_once(self, k):
        partitions = contiguous_partitions(k)
        assert len(set(partitions)) == len(partitions) == 2 ** (k - 1)
        for parts in partitions:
            assert [stage for part in parts for stage in part] == list(range(k))
        assert len(partitions[0]) == k
        assert partitions[-1] == (tuple(range(k)),)

    @pytest.mark.parametrize("k", [0, 17])
    def test_too_many_are_refused(self, k):
        with pytest.raises(ValueError, match="stages"):
            contiguous_partitions(k)

    @given(confusions)
    def test_merging_never_adds_bits_nor_error(self, confusion):
        scored = score_partitions(confusion, contiguous_partitions(len(confusion)))
        finest, coarsest = scored[0], scored[-1]
        for partition in scored:
            assert partition.bits <= finest.bits + 1e-9
            assert partition.accuracy >= finest.accuracy - 1e-9
            assert partition.bits <= partition.possible_bits + 1e-9
        assert coarsest.bits == pytest.approx(0)
        assert any(partition.is_efficient for partition in scored)

    @given(confusions)
    def test_bits_are_the_mutual_information(self, confusion):
        truth, named = (np.repeat(axis.ravel(), confusion.ravel()) for axis in np.indices(confusion.shape))
        expected = mutual_info_score(truth, named) / np.log(2) if len(truth) else 0.0
        (finest,) = score_partitions(confusion, [tuple((k,) for k in range(len(confusion)))])
        assert finest.bits == pytest.approx(expected, abs=1e-9)

    @given(confusions)
    @settings(max_examples=30)
    def test_efficient_ones_are_beaten_by_none(self, confusion):
        scored = score_partitions(confusion, contiguous_partitions(len(confusion)))
        for one, other in product(scored, scored):
            if one.is_efficient:
                gains = (other.bits - one.bits, other.accuracy - one.accuracy)
                assert not (min(gains) >= 0 and max(gains) > 1e-9)

    def test_mapping_is_that_of_the_labels(self):
        rng = np.random.default_rng(0)
        truth, named = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
        to = np.array([0, 1, 1, 2])
        mapped = mapped_confusion(confusion_matrix(truth, named, 4), ((0,), (1, 2), (3,)))
        assert (mapped == confusion_matrix(to[truth], to[named], 3)).all()

    def test_no_partition_is_refused(self):
        with pytest.raises(ValueError, match="no partition"):
            mapped_confusion(np.eye(3), ((0,), (1,)))

    def test_most_confused_classes_merge_first(self):
        confusion = np.array([[10, 0, 0, 0], [0, 6, 0, 4], [0, 0, 9, 1], [0, 4, 1, 5]])
        partitions = agglomerative_partitions(confusion)
        assert [len(parts) for parts in partitions] == [4, 3, 2, 1]
        assert (1, 3) in partitions[1]
        assert agglomerative_partitions(np.array([[3]])) == [((0,),)]

    def test_merge_effect_is_by_mapped_predictions(self):
        confusion = np.array([[8, 2, 0], [3, 6, 1], [0, 0, 10]])
        effect = merge_effect(confusion, [(0, 1)])
        assert (effect.accuracy_before, effect.accuracy_after) == (24 / 30, 29 / 30)
        assert effect.bits_after < effect.bits_before
        assert effect.possible_bits_after < effect.possible_bits_before == pytest.approx(np.log2(3))


class TestMeasures:
    @given(st.integers(0, 500), st.integers(4, 40))
    def test_area_is_that_of_scikit_learn(self, seed, n):
        rng = np.random.default_rng(seed)
        is_second = rng.random(n) < 0.5
        is_second[:2] = [True, False]
        scores = rng.integers(0, 6, n).astype(float)
        found = auc_interval(scores, is_second, rng.integers(0, 8, n))
        assert found.value == pytest.approx(roc_auc_score(is_second, scores))
        assert 0 <= found.low <= found.value <= found.high <= 1

    def test_area_covers_the_truth_about_as_often_as_it_says(self):
        """Groups of five photos with a shared error: the interval must be of groups, not of photos."""
        rng = np.random.default_rng(0)
        truth, covered = 0.76, []
        for seed in range(60):
            groups = np.repeat(np.arange(60), 5)
            is_second = np.repeat(rng.random(60) < 0.5, 5)
            scores = is_second + np.repeat(rng.normal(size=60), 5)
            found = auc_interval(scores, is_second, groups, random_state=seed)
            covered.append(found.low <= truth <= found.high)
        assert np.mean(covered) > 0.85

    def test_one_class_alone_is_unknown(self):
        assert auc_interval(np.zeros(3), np.ones(3, bool), np.arange(3)).n == 0
        assert neighbour_purity(np.eye(3), np.ones(3, bool), np.arange(3)).n == 0
        with pytest.raises(TooFewGroups):
            separating_scores(np.eye(3), np.array([True, False, False]), np.array([0, 1, 1]))

    def test_groups_do_not_help_a_model_that_only_knows_plants(self):
        """Every plant has its own look and only one class: without grouped folds this would seem separable."""
        rng = np.random.default_rng(0)
        groups = np.repeat(np.arange(40), 6)
        is_second = np.repeat(np.arange(40) % 2 == 0, 6)
        X = 3 * rng.normal(size=(40, 20))[groups] + 0.1 * rng.normal(size=(240, 20))
        scores = separating_scores(X, is_second, groups)
        assert auc_interval(scores, is_second, groups).low < 0.6
        assert neighbour_purity(X, is_second, groups).value == pytest.approx(0.5, abs=0.12)

    @pytest.mark.parametrize(("distance", "low", "high"), [(0.0, 0.42, 0.58), (6.0, 0.97, 1.0)])
    def test_purity_of_one_cloud_and_of_two(self, distance, low, high):
        rng = np.random.default_rng(0)
        is_second = np.arange(300) < 60
        X = rng.normal(size=(300, 5)) + distance * is_second[:, None] * np.eye(5)[0]
        assert low <= neighbour_purity(X, is_second, np.arange(300)).value <= high

    @given(st.integers(0, 300))
    def test_cramers_v_is_bounded_and_symmetric(self, seed):
        rng = np.random.default_rng(seed)
        one, two = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
        assert 0 <= cramers_v(one, two) <= 1
        assert cramers_v(one, two) == pytest.approx(cramers_v(two, one))
        assert cramers_v(one, one) == pytest.approx(1)

    def test_cramers_v_on_many_rows_is_that_of_scipy(self):
        rng = np.random.default_rng(0)
        one = rng.integers(0, 3, 20_000)
        two = np.where(rng.random(20_000) < 0.4, one, rng.integers(0, 3, 20_000))
        assert cramers_v(one, two) == pytest.approx(association(confusion_matrix(one, two, 3)), abs=0.005)
        assert cramers_v(one, np.zeros(20_000)) == 0
        assert cramers_v(one, rng.integers(0, 3, 20_000)) < 0.03


class TestOpinions:
    def test_agreement_is_over_pairs_of_experts(self):
        # Photo 0: three experts, one differs; photo 1: two agree; photo 2: one opinion; photo 3: another class.
        opinions = Opinions(
            np.array([0, 0, 0, 1, 1, 2, 3, 3]), np.array(list("abcababb")), np.array([0, 0, 1, 1, 1, 0, 4, 0])
        )
        found = pair_agreement(opinions, np.arange(4), 0, 1)
        assert found.value == pytest.approx((1 / 3 + 1) / 2)
        assert found.n == 2

    def test_nobody_agrees_with_themselves(self):
        opinions = Opinions(np.array([0, 0, 0]), np.array(["a", "a", "b"]), np.array([0, 1, 0]))
        assert pair_agreement(opinions, np.arange(1), 0, 1).value == 0, "the last word counts"
        assert pair_agreement(Opinions(*(np.zeros(2, int),) * 3), np.arange(1), 0, 1).n == 0

    @given(st.floats(0, 0.5), st.integers(1, 9))
    def test_slips_are_found_again_and_majorities_err_less(self, rate, n):
        assert slip_rate((1 - rate) ** 2 + rate**2) == pytest.approx(rate, abs=1e-6)
        assert majority_error(rate, n) <= rate + 1e-9
        assert majority_error(rate, n) == pytest.approx(
            sum(
                np.prod([rate if slip else 1 - rate for slip in slips])
                * (0.5 if 2 * sum(slips) == n else float(2 * sum(slips) > n))
                for slips in product([0, 1], repeat=n)
            )
        )

    def test_rows_must_fit(self):
        with pytest.raises(ValueError, match="one row per opinion"):
            Opinions(np.zeros(2), np.zeros(3), np.zeros(2))


def pair(auc, agreement, attainable=1.0, n=(100, 100)):
    def interval(bounds):
        return Interval(sum(bounds) / 2, *bounds, n=200) if bounds else Interval(float("nan"), 0.0, 1.0, 0)

    nobody = np.zeros(0, int)
    return PairEvidence(0, 1, n, interval(auc), attainable, interval(agreement), interval(auc), 0.1, (nobody, nobody))


class TestVerdicts:
    @pytest.mark.parametrize(
        ("evidence", "verdict"),
        [
            (pair((0.9, 0.95), (0.85, 0.95)), None),
            (pair((0.45, 0.55), (0.48, 0.55), 0.6), "merge"),
            (pair((0.55, 0.65), (0.55, 0.62), 0.85), "merge"),
            (pair((0.65, 0.73), (0.52, 0.6), 0.75), "guideline"),
            (pair((0.8, 0.9), (0.52, 0.6), 0.75), "guideline"),
            (pair((0.48, 0.68), (0.52, 0.6), 0.74), "guideline"),
            (pair((0.48, 0.68), (0.48, 0.6), 0.74), "merge"),
            (pair((0.5, 0.6), (0.85, 0.95)), "more_data"),
            (pair((0.5, 0.6), None), "more_data"),
            (pair((0.9, 0.95), (0.8, 0.9), n=(100, 5)), "more_data"),
            (pair((0.6, 0.9), (0.6, 0.8)), None),
            (pair((0.45, 0.9), (0.5, 0.6)), None),
        ],
        ids=["fine", "identical", "both fail", "labels hold it down", "model separates",
             "experts see what the model hardly does", "nobody surely sees it", "model fails",
             "no second opinion", "too few", "cannot be told", "wide interval"],
    )  # fmt: skip
    def test_follows_from_the_intervals(self, evidence, verdict):
        assert judge_pair(evidence) == verdict


def split(*, bridge, stability, week):
    steady = Interval(stability, stability - 0.1, min(stability + 0.1, 1.0), n=90)
    parts, rows = np.repeat([0, 1], 45), np.arange(90)
    explained = {"site": 0.1, "week": week}
    return SplitEvidence(3, parts, rows, steady, 0.16, bridge, explained, frozenset({"week"}), (), ())


class TestSplitBars:
    @pytest.mark.parametrize(
        ("evidence", "passes"),
        [
            (split(bridge=0.45, stability=0.9, week=0.0), True),
            (split(bridge=0.55, stability=0.9, week=0.3), False),
            (split(bridge=0.55, stability=0.9, week=0.6), True),
            (split(bridge=0.65, stability=0.9, week=0.6), False),
            (split(bridge=0.45, stability=0.77, week=0.3), False),
            (split(bridge=0.45, stability=0.77, week=0.6), True),
            (split(bridge=0.45, stability=0.7, week=0.6), False),
        ],
    )
    def test_parts_that_follow_the_week_may_lie_closer(self, evidence, passes):
        assert evidence.is_split is passes

    def test_a_week_that_may_not_be_followed_is_an_artefact(self):
        evidence = dataclasses.replace(split(bridge=0.3, stability=0.9, week=0.6), followed=frozenset())
        assert not evidence.is_split
        assert evidence.artefacts == ("week",)


class World:
    """Five classes on a line, 80 photos each; 0|1 are one, 1|2 is fine, 2 is two, 3|4 is argued about."""

    def __init__(self, seed=0, n=80):
        rng = np.random.default_rng(seed)
        self.truth = np.repeat(np.arange(5), n)
        centre = np.array([0, 0, 5, 10, 14])[self.truth].astype(float)
        self.X = 0.9 * rng.normal(size=(5 * n, 12))
        self.X[:, 0] += centre
        self.is_other = (self.truth == 2) & (rng.random(5 * n) < 0.5)
        self.X[self.is_other, 1] += 6
        self.groups = np.arange(5 * n) // 2
        self.metadata = {"site": rng.integers(0, 4, 5 * n), "camera": rng.integers(0, 3, 5 * n)}
        votes = np.stack([self._votes(rng) for _ in range(3)])
        self.labels = np.sort(votes, axis=0)[1]
        rows, experts = np.tile(np.arange(5 * n), 3), np.repeat(np.arange(3), 5 * n)
        self.opinions = Opinions(rows, experts, votes.ravel())

    def _votes(self, rng):
        votes = self.truth.copy()
        one = votes <= 1
        votes[one] = rng.integers(0, 2, one.sum())
        argued = votes >= 3
        slips = argued & (rng.random(len(votes)) < 0.3)
        votes[slips] = 7 - votes[slips]
        return votes

    def proposals(self, **changes):
        given = {"opinions": self.opinions, "metadata": self.metadata}
        return propose(self.X, self.labels, self.groups, 5, **{**given, **changes})


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def proposals(world):
    """Of the first world, with its confusion; looking at all classes takes a second."""
    return world.proposals(confusion=confusion_matrix(world.truth, world.labels, 5))


class TestProposals:
    PLANTED = frozenset({("merge", (0, 1)), ("split", (2,)), ("guideline", (3, 4))})

    def test_planted_ones_are_found_and_nothing_else(self, proposals):
        assert {(proposal.kind, proposal.stages) for proposal in proposals} == self.PLANTED

    def test_effects_need_a_confusion(self):
        without = World(1).proposals()
        assert {(proposal.kind, proposal.stages) for proposal in without} == self.PLANTED
        assert all(proposal.effect is None for proposal in without)

    def test_examples_show_both_sides(self, world, proposals):
        merge, guideline, split = proposals
        for proposal in (merge, guideline):
            first, second = proposal.examples
            assert set(world.labels[first]) == {proposal.stages[0]}
            assert set(world.labels[second]) == {proposal.stages[1]}
            assert len(first) == len(second) == 12
        assert {bool(world.is_other[rows].mean() > 0.5) for rows in split.examples} == {True, False}

    def test_effects_are_by_mapped_predictions(self, proposals):
        merge, guideline, split = proposals
        assert merge.effect.accuracy_after > merge.effect.accuracy_before
        assert guideline.effect is None
        assert split.effect.possible_bits_after > split.effect.possible_bits_before
        assert merge.evidence.confusion == pytest.approx(0.5, abs=0.1)

    def test_a_split_that_a_camera_explains_is_not_proposed(self, world):
        evidence = split_test(world.X, world.labels, world.groups, 2, metadata={"camera": world.is_other})
        assert evidence.artefacts == ("camera",)
        assert not evidence.is_split
        assert split_test(world.X, world.labels, world.groups, 2, metadata=world.metadata).is_split

    def test_photos_of_another_class_are_no_part_of_this_one(self):
        """A third of class 0 lies where class 1 is: wrong labels, not a second kind."""
        rng = np.random.default_rng(0)
        labels = np.repeat([0, 1], 120)
        X = rng.normal(size=(240, 6))
        X[:, 0] += 8 * ((labels == 1) | (np.arange(240) < 40))
        evidence = split_test(X, labels, np.arange(240), 0)
        assert evidence.is_apart
        assert evidence.resembles == (1,)
        assert not evidence.is_split

    @pytest.mark.parametrize("shape", ["normal", "uniform", "skewed"])
    def test_one_cloud_is_not_split(self, shape):
        for seed in range(4):
            rng = np.random.default_rng(seed)
            X = {
                "normal": rng.normal(size=(120, 8)) * np.linspace(3, 0.5, 8),
                "uniform": np.column_stack([rng.uniform(-4, 4, 120), rng.normal(size=(120, 7))]),
                "skewed": np.column_stack([rng.exponential(3, 120), rng.normal(size=(120, 7))]),
            }[shape]
            evidence = split_test(X, np.zeros(120, int), np.arange(120), 0)
            assert not evidence.is_split

    def test_without_an_order_all_pairs_are_looked_at(self):
        world = World(n=30)
        table = pair_table(world.X, world.labels, world.groups, 5, is_ordered=False)
        assert [(row.first, row.second) for row in table][:5] == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2)]
        assert len(table) == 10
        assert all(row.attainable_auc == 1 and row.agreement.n == 0 for row in table)

    def test_too_few_photos_say_so(self):
        rng = np.random.default_rng(0)
        X, labels = rng.normal(size=(30, 4)), np.array([0] * 25 + [1] * 5)
        (only,) = propose(X, labels, np.zeros(30), 2)
        assert (only.kind, only.stages) == ("more_data", (0, 1))
        assert split_test(X, labels, np.arange(30), 1) is None

    def test_a_class_nobody_used(self):
        X = np.random.default_rng(0).normal(size=(60, 4))
        table = pair_table(X, np.zeros(60, int), np.arange(60), 2)
        assert table[0].auc.n == 0
        assert judge_pair(table[0]) == "more_data"

    def test_same_seed_same_evidence(self, world):
        one, two = (split_test(world.X, world.labels, world.groups, 2, random_state=5) for _ in range(2))
        assert (one.stability, one.bridge, one.parts.tolist()) == (two.stability, two.bridge, two.parts.tolist())
