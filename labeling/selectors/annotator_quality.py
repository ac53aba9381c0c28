"""How good annotators are held to be, for whoever weighs their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeling.domain.error_models import Array, Coins, Models, Walks, prior_models
from labeling.domain.posterior import model_vote, stage_posterior
from labeling.models import AnnotatorQuality, StageScale

Author = tuple[int | None, str]
"""Annotator and source of an annotation: one of the two is set."""


@dataclass(frozen=True)
class Panel:
    """Error models of the annotators of a scale.

    Attributes:
        confusions: (K, K) of each author who has been estimated.
        average: the average expert; what is expected of experts where none has been estimated.
    """

    confusions: dict[Author, Array]
    average: Models

    def posterior(
        self,
        *,
        authors: Sequence[Author],
        intervals: Sequence[tuple[int, int]],
        probabilities: Sequence[float],
        vote_cap: float,
    ) -> list[float]:
        """Probability of each stage, given who said what and a model's calibrated probabilities (may be empty)."""
        newcomer = self.average.confusion()[0]
        vote = model_vote(probabilities, cap=vote_cap, average=self.average) if len(probabilities) else None
        confusions = [self.confusions.get(author, newcomer) for author in authors]
        return [float(it) for it in stage_posterior(intervals, confusions, vote=vote)]


def panel_of(*, scale: StageScale, n_stages: int) -> Panel:
    """The panel of a scale, as last estimated; one query."""
    rows = [
        row
        for row in AnnotatorQuality.objects.filter(scale=scale).order_by("id")
        if len(row.up) == len(row.down) == (n_stages - 1 if scale.is_ordered else 0)
    ]
    prior = prior_models(1, n_stages=n_stages, is_ordered=scale.is_ordered)
    if not rows:
        return Panel({}, prior)
    tables = _models(rows, n_stages, is_ordered=scale.is_ordered).confusion()
    people = [row for row in rows if row.annotator_id is not None]
    average = _models(people, n_stages, is_ordered=scale.is_ordered).mean() if people else prior
    return Panel({(row.annotator_id, row.source): tables[index] for index, row in enumerate(rows)}, average)


def _models(rows: Sequence[AnnotatorQuality], n_stages: int, *, is_ordered: bool) -> Models:
    if not is_ordered:
        return Coins(np.array([row.accuracy for row in rows]), n_stages)
    up, down = (np.array([getattr(row, side) for row in rows], np.float64) for side in ("up", "down"))
    return Walks(up, down, np.array([row.carry for row in rows]))
