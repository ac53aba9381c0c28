"""Near-duplicates with different labels, and the ranked list of labels to look at again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.dissent import dissent_opinions
from classifier.core.duplicates import conflicting_pairs, duplicate_opinions, near_duplicates, pair_trust
from classifier.core.second_look import Evidence, pooled_evidence, second_looks
from tests.classifier.core.strategies import distributions

K = 4


def sure(stages, share=0.85):
    return share * np.eye(K)[stages] + (1 - share) / K


class TestDuplicates:
    @given(st.integers(0, 30), st.integers(0, 99))
    def test_pairs_are_all_those_above_the_cosine(self, n, seed):
        vectors = np.random.default_rng(seed).normal(size=(n, 2))
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if n else vectors
        pairs = {tuple(pair) for pair in near_duplicates(vectors, similarity=0.9).tolist()}
        cosines = unit @ unit.T
        expected = {(i, j) for i in range(n) for j in range(i + 1, n) if cosines[i, j] >= 0.9}
        assert pairs == expected

    def test_pairs_across_blocks_are_found(self, monkeypatch):
        monkeypatch.setattr("classifier.core.duplicates._BLOCK_ROWS", 3)
        vectors = np.eye(10)
        vectors[9] = vectors[0]
        vectors[5] = vectors[4]
        assert near_duplicates(vectors).tolist() == [[0, 9], [4, 5]]

    @given(st.integers(0, 30), st.integers(1, 4), st.integers(0, 99))
    def test_the_nearest_few_are_kept(self, n, at_most, seed):
        vectors = np.random.default_rng(seed).normal(size=(n, 2))
        kept = {tuple(pair) for pair in near_duplicates(vectors, similarity=0.9, at_most=at_most).tolist()}
        everything = {tuple(pair) for pair in near_duplicates(vectors, similarity=0.9).tolist()}
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if n else vectors
        assert kept <= everything
        assert len(kept) <= n * at_most
        for row in range(n):
            near = [pair for pair in everything if row in pair]
            nearest = sorted(near, key=lambda pair: -unit[pair[0]] @ unit[pair[1]])[:at_most]
            assert set(nearest) <= kept

    def test_trust_is_how_often_pairs_agree(self):
        pairs = np.array([[2 * i, 2 * i + 1] for i in range(100)])
        agreeing = np.repeat(np.arange(100) % 3, 2)
        assert pair_trust(pairs, agreeing) == 0.9
        half = agreeing.copy()
        half[1::4] += 1
        assert pair_trust(pairs, half) == pytest.approx(59 / 110)
        assert pair_trust(pairs, np.full(200, -1)) == 0.9
        assert pair_trust(np.zeros((0, 2), int), agreeing) == 0.9

    def test_conflicts_need_two_labels_that_differ(self):
        pairs = np.array([[0, 1], [0, 2], [2, 3]])
        assert conflicting_pairs(pairs, np.array([1, 1, 2, -1])).tolist() == [[0, 2]]

    def test_opinions_are_shares_of_the_votes(self):
        pairs = np.array([[0, 1], [0, 2], [0, 3]])
        opinions = duplicate_opinions(pairs, np.array([0, 1, 1, 2]), K, trust=0.9)
        assert np.allclose(opinions.sum(axis=1), 1)
        assert opinions[0].tolist() == pytest.approx([0.025, 0.625, 0.325, 0.025])
        assert opinions[1].argmax() == 0
        alone = duplicate_opinions(np.zeros((0, 2), int), np.array([0]), K)
        assert np.allclose(alone, 1 / K)


class TestDissent:
    def evidence(self, accuracy):
        return np.log(accuracy * np.eye(K) + (1 - accuracy) * (1 - np.eye(K)) / (K - 1))

    def test_nobody_dissenting_says_nothing(self):
        assert np.allclose(dissent_opinions(np.zeros(0, int), np.zeros((0, K)), np.zeros((0, K)), n_photos=3), 1 / K)

    def test_it_speaks_for_what_was_said_and_against_the_label(self):
        good, poor = self.evidence(0.95), self.evidence(0.5)
        opinions = dissent_opinions(np.array([0, 1]), np.array([good[2], poor[2]]), np.array([good[1], poor[1]]),
                                    n_photos=3)  # fmt: skip
        assert opinions[:2].argmax(axis=1).tolist() == [2, 2]
        assert opinions[:2].argmin(axis=1).tolist() == [1, 1]
        assert opinions[0, 2] > opinions[1, 2], "who errs seldom speaks louder"
        assert np.allclose(opinions[2], 1 / K)

    @given(st.integers(1, 4), st.floats(0.3, 0.99))
    def test_more_dissenters_say_more(self, n, accuracy):
        table = self.evidence(accuracy)
        few, more = (
            dissent_opinions(np.zeros(it, int), np.tile(table[2], (it, 1)), np.tile(table[1], (it, 1)), n_photos=1)
            for it in (n, n + 1)
        )
        assert np.allclose(few.sum(), 1)
        assert more[0, 2] >= few[0, 2]

    def test_bad_input_is_refused(self):
        with pytest.raises(ValueError, match="one row per answer"):
            dissent_opinions(np.zeros(1, int), np.zeros((2, K)), np.zeros((2, K)), n_photos=1)


class TestSecondLook:
    @given(distributions(n_stages=K), st.integers(0, 99))
    def test_with_the_model_alone_it_is_the_order_of_self_confidence(self, probas, seed):
        labels = np.random.default_rng(seed).integers(-1, K, len(probas))
        looks = second_looks(labels, [Evidence("model", probas)])
        doubts = [look.doubt for look in looks]
        assert doubts == sorted(doubts, reverse=True)
        assert {look.index for look in looks} >= {
            row
            for row in range(len(probas))
            if labels[row] >= 0 and probas[row].max() - probas[row, labels[row]] > 1e-5
        }
        for look in looks:
            assert look.doubt == pytest.approx(1 - probas[look.index, labels[look.index]], abs=1e-4)
            assert look.against == ("model",)

    @given(distributions(n_stages=K))
    def test_even_evidence_changes_nothing(self, probas):
        even = Evidence("season", np.full(probas.shape, 1 / K))
        alone = Evidence("model", probas)
        assert np.allclose(pooled_evidence([alone, even]), pooled_evidence([alone]))

    def test_agreeing_sources_rank_first_and_are_named(self):
        labels = np.array([0, 0, 0, 0])
        evidence = [
            Evidence("model", sure([1, 1, 0, 0])),
            Evidence("duplicates", sure([1, 0, 1, 0], 0.6)),
            Evidence("season", np.full((4, K), 1 / K)),
        ]
        looks = second_looks(labels, evidence)
        assert looks[0].index == 0
        assert looks[0].against == ("model", "duplicates")
        assert looks[0].suggested == 1
        assert looks[1].index == 1
        assert looks[1].source == "model"
        assert 3 not in {look.index for look in looks}

    def test_the_strongest_source_gives_the_reason(self):
        evidence = [Evidence("model", sure([1], 0.3)), Evidence("votes", sure([1], 0.9))]
        assert second_looks(np.array([0]), evidence)[0].source == "votes"

    def test_a_list_can_be_cut(self):
        evidence = [Evidence("model", sure([1, 1, 1]))]
        assert len(second_looks(np.array([0, 0, 0]), evidence, at_most=2)) == 2
        assert second_looks(np.zeros(0, int), [Evidence("model", np.zeros((0, K)))]) == []

    def test_bad_input_is_refused(self):
        model = Evidence("model", sure([1]))
        with pytest.raises(ValueError, match="needs evidence"):
            second_looks(np.array([0]), [])
        with pytest.raises(ValueError, match="once"):
            second_looks(np.array([0]), [model, model])
        with pytest.raises(ValueError, match="one row"):
            second_looks(np.array([0, 1]), [model])
