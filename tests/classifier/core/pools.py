"""Pools that hold everything an acquisition function may need."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition import Pool

N_STAGES = 5


def full_pool(n=60, seed=0, *, n_labelled=None, **changes):
    """A pool of ``n`` photos of 5 ordered stages with every field filled; ``changes`` replace fields."""
    rng = np.random.default_rng(seed)
    stages = rng.integers(0, N_STAGES, n)
    embeddings = rng.normal(size=(n, 8)) + 2.0 * np.eye(N_STAGES, 8)[stages]
    weights = rng.normal(size=(8, N_STAGES))
    n_labelled = n // 4 if n_labelled is None else n_labelled
    is_labelled = np.arange(n) < n_labelled
    fields = {
        "embeddings": embeddings,
        "is_labelled": is_labelled,
        # A burst of two is of one plant.
        "groups": np.repeat(rng.integers(0, max(n // 3, 1), -(-n // 2)), 2)[:n].astype(str),
        "bursts": np.arange(n) // 2,
        "probas": rng.dirichlet(np.ones(N_STAGES), n),
        "member_probas": rng.dirichlet(np.ones(N_STAGES), (3, n)),
        "labels": np.where(is_labelled, stages, -1),
        "season_probas": rng.dirichlet(np.ones(N_STAGES), n),
        "days": rng.uniform(80, 140, n),
        "plants": rng.integers(0, max(n // 5, 1), n).astype(str),
        "predict_proba": lambda X: _softmax(X @ weights),
    }
    return Pool(**{**fields, **changes})


def arrays_of(pool):
    """Name to copy of every array of a pool."""
    names = [name for name in Pool.__slots__ if isinstance(getattr(pool, name), np.ndarray)]
    return {name: getattr(pool, name).copy() for name in names}


def _softmax(logits):
    exponent = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponent / exponent.sum(axis=1, keepdims=True)
