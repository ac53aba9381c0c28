"""What a photo shows, and how much a model may say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.error_models import prior_models
from labeling.domain.posterior import Panel, evidence_of, model_vote, stage_posterior, word_weight
from tests.labeling.domain.panels import walks

N = 7
AVERAGE = prior_models(1, n_stages=N, is_ordered=True)
WORD = word_weight(AVERAGE)
EXPERT = evidence_of(AVERAGE)[0]
probabilities = st.lists(st.floats(0, 1), min_size=N, max_size=N).filter(lambda it: sum(it) > 0.1)


def test_nobody_has_said_anything():
    with pytest.raises(ValueError, match="needs an opinion"):
        stage_posterior([], [])


@given(st.lists(st.integers(0, N - 1), min_size=1, max_size=6), st.integers(0, 99), st.randoms(use_true_random=False))
def test_it_sums_to_1_in_whatever_order_people_speak(stages, seed, random):
    tables = evidence_of(walks(len(stages), N, seed))
    order = random.sample(range(len(stages)), len(stages))
    posterior = stage_posterior([(k, k) for k in stages], tables)
    assert posterior.sum() == pytest.approx(1)
    np.testing.assert_allclose(stage_posterior([(stages[k], stages[k]) for k in order], tables[order]), posterior)


@pytest.mark.parametrize("interval", [(-1, 0), (5, 7), (6, 7), (7, 7), (4, 3)])
def test_what_is_not_on_the_scale(interval):
    with pytest.raises(ValueError, match="no interval"):
        stage_posterior([interval], [EXPERT])


def test_a_panel_knows_its_people_and_takes_others_for_the_average():
    models = walks(2, N, 0)
    panel = Panel(["ana", "bea"], models, AVERAGE)
    said = {"intervals": [(3, 3), (4, 4)], "probabilities": [], "vote_cap": 0.5}
    known = panel.posterior(authors=["ana", "bea"], **said)
    np.testing.assert_allclose(known, stage_posterior([(3, 3), (4, 4)], evidence_of(models)))
    strangers = panel.posterior(authors=["eva", "eva"], **said)
    np.testing.assert_allclose(strangers, stage_posterior([(3, 3), (4, 4)], [EXPERT, EXPERT]))
    tipped = panel.posterior(authors=["eva", "eva"], **{**said, "probabilities": [0, 0, 0, 0.1, 0.9, 0, 0]})
    assert tipped[4] > strangers[4]


def test_two_who_agree_are_surer_than_one_and_a_careless_one_counts_less():
    models = walks(2, N, 0)
    models.up[1] = models.down[1] = 0.4
    good, careless = evidence_of(models)
    alone = stage_posterior([(3, 3)], [EXPERT])[3]
    assert stage_posterior([(3, 3)] * 2, [EXPERT] * 2)[3] > alone
    assert stage_posterior([(3, 3), (4, 4)], [good, careless])[3] > 0.6


def test_between_leaves_both():
    posterior = stage_posterior([(3, 4)], [EXPERT])
    assert posterior[3] == pytest.approx(posterior[4])
    assert posterior[3] + posterior[4] > 0.8


@given(probabilities, st.floats(0, 1), st.integers(0, N - 1))
def test_a_model_never_outweighs_its_share_of_an_average_expert(said, cap, stage):
    vote = model_vote(said, cap=cap, word=WORD)
    assert vote.max() == 0
    assert vote.min() >= -cap * WORD - 1e-12
    word = EXPERT[stage]
    for neighbour in {max(stage - 1, 0), min(stage + 1, N - 1)} - {stage}:
        assert vote[neighbour] - vote[stage] <= cap * (word[stage] - word[neighbour]) + 1e-12


@given(probabilities, st.integers(0, N - 1))
def test_a_model_alone_cannot_outvote_two_experts_who_agree(said, stage):
    vote = model_vote(said, cap=1.0, word=WORD)
    assert stage_posterior([(stage, stage)] * 2, [EXPERT] * 2, vote=vote).argmax() == stage


@given(probabilities)
def test_without_a_share_it_says_nothing(said):
    assert not model_vote(said, cap=0.0, word=WORD).any()


def test_it_breaks_a_tie():
    said = [0.01] * N
    said[4] = 0.94
    tie = [(3, 3), (4, 4)]
    vote = model_vote(said, cap=0.5, word=WORD)
    assert stage_posterior(tie, [EXPERT] * 2)[4] == pytest.approx(0.5, abs=0.02)
    assert stage_posterior(tie, [EXPERT] * 2, vote=vote)[4] > 0.65
