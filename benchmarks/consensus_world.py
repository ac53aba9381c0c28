"""A simulated project for ``study_consensus``: generated photos of known stage, five experts, a model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labeling.domain.consensus import Opinion, OpinionKind
from labeling.synthetic.experts import TYPICAL_ERRORS, Answer, SimulatedExpert
from labeling.synthetic.scale import N_STAGES
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import Difficulty

N_EXPERTS = 5
CARELESS, ANCHORED = 3, 4
CARELESS_SHARE = 0.4
"""Share of photos the careless expert does not look at: any stage is named."""
ANCHORED_SHARE = 0.6
"""Share of the photos with a suggestion in which the anchored expert takes it over."""
BLIND_SHARE = 0.1
MODEL_NOISE = 0.3
"""Standard deviation, in stages, of the age the model reads: it is then right on about three photos in four."""
CANNOT_TELL = -1
N_REHEARSED = 20_000
"""Answers a true table is counted from."""


@dataclass(frozen=True)
class World:
    """Photos, and what every expert would say of each; shapes (n_photos,), (n_photos, n_experts), ...

    Attributes:
        seed: of all that is drawn.
        truth: true stage.
        code: what each expert says, as in ``error_models.likelihoods``; -1 for "cannot tell".
        probabilities: the model's, calibrated, (n_photos, K).
        is_blind: whether the suggestion is hidden.
        likelihoods: P(code | truth) of each expert, (n_experts, n_codes, K): what nobody in the project knows.
    """

    seed: int
    truth: np.ndarray
    code: np.ndarray
    probabilities: np.ndarray
    is_blind: np.ndarray
    likelihoods: np.ndarray

    @property
    def n_experts(self) -> int:
        return self.code.shape[1]

    @cached_property
    def suggested(self) -> np.ndarray:
        return self.probabilities.argmax(axis=1)

    def opinion(self, photo: int, expert: int) -> Opinion:
        """What an expert says of a photo."""
        code = int(self.code[photo, expert])
        if code == CANNOT_TELL:
            return Opinion(OpinionKind.CANNOT_TELL)
        if code < N_STAGES:
            return Opinion(OpinionKind.STAGE, code)
        return Opinion(OpinionKind.BETWEEN, code - N_STAGES, code - N_STAGES + 1)


def world_made(scenario: str, seed: int, *, n_photos: int) -> World:
    """The world of a seed. ``scenario``: "independent" or "hard_photos", see ``study_consensus``."""
    rng = np.random.default_rng([seed, 51])
    specs = balanced_specs(per_stage=-(-n_photos // N_STAGES), seed=seed)
    ages = np.array([specs[k].age for k in rng.permutation(len(specs))[:n_photos]])
    looks = np.clip(ages + rng.normal(0, Difficulty().age_slack, n_photos), 0, N_STAGES - 1e-9)
    truth = looks.astype(int)
    experts = [_expert(scenario, seed, index) for index in range(N_EXPERTS)]
    code = np.stack([expert(looks, rng) for expert in experts], axis=1)
    probabilities = _model(looks, rng)
    is_blind = rng.random(n_photos) < BLIND_SHARE
    takes_over = ~is_blind & (rng.random(n_photos) < ANCHORED_SHARE)
    code[takes_over, ANCHORED] = probabilities.argmax(axis=1)[takes_over]
    return World(seed, truth, code, probabilities, is_blind, _tables(experts, rng))


def _expert(scenario: str, seed: int, index: int):
    """Answers (n,) as codes to photos whose looks have these ages (n,)."""
    rng = np.random.default_rng([seed, 53, index])
    looks_at = _slips(rng, seed * 100 + index) if scenario == "independent" else _reader(rng)
    if index != CARELESS:
        return looks_at

    def careless(looks: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        does_not_look = draw.random(len(looks)) < CARELESS_SHARE
        return np.where(does_not_look, draw.integers(0, N_STAGES, len(looks)), looks_at(looks, draw))

    return careless


def _slips(rng: np.random.Generator, seed: int):
    """Errs at each boundary with a rate of their own, whatever the photo."""
    care = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.3, N_STAGES - 1))
    rates = np.clip(np.array(TYPICAL_ERRORS) * care, 0.01, 0.3)
    expert = SimulatedExpert(rates.tolist(), seed, between_rate=0.04, cannot_tell_rate=0.01, far_rate=0.005)
    return lambda looks, _: np.array([_code(expert.answer(int(age))) for age in looks])


def _reader(rng: np.random.Generator):
    """Reads the age with an error, and draws the boundaries a little elsewhere: errs where photos are hard."""
    noise, boundaries = rng.uniform(0.12, 0.3), np.arange(1, N_STAGES) + rng.normal(0, 0.08, N_STAGES - 1)

    def reads(looks: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        read = looks + draw.normal(0, noise, len(looks))
        stage = np.searchsorted(boundaries, read, side="right")
        nearest = np.abs(read[:, None] - boundaries).argmin(axis=1)
        is_torn = (np.abs(read - boundaries[nearest]) < 0.08) & (draw.random(len(looks)) < 0.5)
        code = np.where(is_torn, N_STAGES + nearest, stage)
        code = np.where(draw.random(len(looks)) < 0.005, draw.integers(0, N_STAGES, len(looks)), code)
        return np.where(draw.random(len(looks)) < 0.01, CANNOT_TELL, code)

    return reads


def _code(answer: Answer) -> int:
    if answer.position is None:
        return CANNOT_TELL
    return answer.position + (N_STAGES if answer.kind == "between" else 0)


def _model(looks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Calibrated probabilities of a model that reads the age with ``MODEL_NOISE``."""
    read = looks + rng.normal(0, MODEL_NOISE, len(looks))
    below = np.array(
        [
            [0.5 * (1 + math.erf((edge - age) / MODEL_NOISE / math.sqrt(2))) for edge in range(1, N_STAGES)]
            for age in read
        ]
    )
    edges = np.concatenate([np.zeros((len(read), 1)), below, np.ones((len(read), 1))], axis=1)
    return np.diff(edges, axis=1)


def _tables(experts, rng: np.random.Generator) -> np.ndarray:
    """The experts' true tables, counted from rehearsed answers; the anchored one's without the model."""
    looks = rng.uniform(0, N_STAGES, N_REHEARSED)
    tables = np.full((len(experts), 2 * N_STAGES - 1, N_STAGES), 0.5)
    for index, expert in enumerate(experts):
        code = expert(looks, rng)
        named = code >= 0
        np.add.at(tables[index], (code[named], looks.astype(int)[named]), 1)
    return tables / tables.sum(axis=1, keepdims=True)
