"""Panels of simulated annotators with error models that the tests plant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.domain.annotator_model import Fit, Opinions
from labeling.domain.error_models import Coins, Walks


@dataclass(frozen=True)
class Panel:
    """What a panel said of photos whose truth is known to the test alone."""

    opinions: Opinions
    truth: np.ndarray


def walks(n_annotators: int, n_stages: int, seed: int) -> Walks:
    """Annotators of differing care, each with boundaries of their own."""
    rng = np.random.default_rng(seed)
    shape = (n_annotators, n_stages - 1)
    return Walks(rng.uniform(0.04, 0.18, shape), rng.uniform(0.04, 0.18, shape), rng.uniform(0.02, 0.1, n_annotators))


def answered(models: Walks | Coins, *, n_photos: int, n_labels: int, seed: int, gold_share: float = 0.0) -> Panel:
    """``n_labels`` different annotators answer each photo; of a share of the photos the stage is known."""
    rng = np.random.default_rng(seed)
    confusion = models.confusion()
    n_annotators, n_stages = confusion.shape[:2]
    truth = rng.integers(0, n_stages, n_photos)
    photo = np.repeat(np.arange(n_photos), n_labels)
    annotator = np.argsort(rng.random((n_photos, n_annotators)), axis=1)[:, :n_labels].ravel()
    cumulative = confusion[annotator, truth[photo]].cumsum(axis=1)
    code = (rng.random(len(photo))[:, None] > cumulative).sum(axis=1).clip(0, n_stages - 1)
    known = np.where(rng.random(n_photos) < gold_share, truth, -1)
    is_ordered = isinstance(models, Walks)
    return Panel(Opinions(photo, annotator, code, known, n_annotators, n_stages, is_ordered), truth)


def walks_found(fit: Fit) -> Walks:
    """The error models of a fit on an ordered scale."""
    assert isinstance(fit.models, Walks)
    return fit.models
