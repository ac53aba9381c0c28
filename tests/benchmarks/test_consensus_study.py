"""The world of the consensus study, and the page that its figures go into."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.consensus_labelling import Labelling
from benchmarks.consensus_world import ANCHORED, CARELESS, N_EXPERTS, world_made
from docs.consensus_figures import PAGE, RESULTS, with_figures
from labeling.domain.consensus import AskMore, Policy, Settled


@pytest.mark.parametrize("scenario", ["independent", "hard_photos"])
def test_the_experts_are_as_the_study_says(scenario):
    world = world_made(scenario, 1, n_photos=1400)
    right = (world.code == world.truth[:, None]).mean(axis=0)
    others = [expert for expert in range(N_EXPERTS) if expert not in (CARELESS, ANCHORED)]
    assert right[CARELESS] < 0.65 < right[others].min()
    follows = (world.code[:, ANCHORED] == world.suggested)[~world.is_blind].mean()
    assert follows > (world.code[:, ANCHORED] == world.suggested)[world.is_blind].mean() + 0.05
    np.testing.assert_allclose(world.probabilities.sum(axis=1), 1)
    assert np.mean(world.suggested == world.truth) == pytest.approx(world.probabilities.max(axis=1).mean(), abs=0.04)


def test_a_seed_is_a_world():
    one, same, other = (world_made("independent", seed, n_photos=70) for seed in (3, 3, 4))
    assert (one.code == same.code).all()
    assert (one.code != other.code).any()


def test_labelling_ends_with_nothing_left_to_ask_and_nobody_asked_twice():
    labelling = Labelling(world_made("independent", 2, n_photos=140), Policy(2, labels_max=5, certainty_wanted=0.9))
    labelling.run()
    assert not any(isinstance(photo.verdict, AskMore) for photo in labelling.photos)
    for photo in labelling.photos:
        assert 2 <= len(photo.experts) == len(set(photo.experts)) <= 5
        if isinstance(photo.verdict, Settled) and photo.verdict.stage is not None:
            assert photo.verdict.consensus_quality > 0.4


def test_the_page_shows_the_figures_of_the_last_run():
    page = PAGE.read_text("utf-8")
    assert with_figures(page, json.loads(RESULTS.read_text("utf-8"))) == page, "run python -m docs.consensus_figures"
