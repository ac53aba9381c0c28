"""How good annotators are held to be, for whoever weighs their words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labeling.domain.error_models import Coins, Models, Walks, prior_models
from labeling.domain.posterior import Panel
from labeling.models import AnnotatorQuality, StageScale

Author = tuple[int | None, str]
"""Annotator and source of an annotation: one of the two is set."""


def panel_of(*, scale: StageScale, n_stages: int) -> Panel[Author]:
    """The panel of a scale, as last estimated; one query."""
    rows = [
        row
        for row in AnnotatorQuality.objects.filter(scale=scale).order_by("id")
        if len(row.up) == len(row.down) == (n_stages - 1 if scale.is_ordered else 0)
    ]
    prior = prior_models(1, n_stages=n_stages, is_ordered=scale.is_ordered)
    if not rows:
        return Panel([], None, prior)
    people = [row for row in rows if row.annotator_id is not None]
    average = _models(people, n_stages, is_ordered=scale.is_ordered).mean() if people else prior
    authors = [(row.annotator_id, row.source) for row in rows]
    return Panel(authors, _models(rows, n_stages, is_ordered=scale.is_ordered), average)


def _models(rows: Sequence[AnnotatorQuality], n_stages: int, *, is_ordered: bool) -> Models:
    if not is_ordered:
        return Coins(np.array([row.accuracy for row in rows]), n_stages)
    up, down = (np.array([getattr(row, side) for row in rows], np.float64) for side in ("up", "down"))
    return Walks(up, down, np.array([row.carry for row in rows]))
