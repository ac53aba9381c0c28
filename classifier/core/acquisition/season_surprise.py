"""Photos that look early or late for their date and site."""

from __future__ import annotations

from classifier.core.acquisition.contract import ByUtility, Pool, Why
from classifier.core.conflict import stage_conflict, stage_lead
from classifier.core.contracts import Array
from classifier.core.ordinal import median_stage


def season_surprise(pool: Pool) -> Array:
    """How surely photo and season are about different stages, shape (n,), 0..1; see ``conflict.stage_conflict``."""
    return stage_conflict(pool.needed("probas"), pool.needed("season_probas"), is_ordered=pool.is_ordered)


def _explain(pool: Pool, rows: Array) -> list[Why]:
    """Facts: ``seen`` and ``expected`` positions; ``lead`` above 0 for a photo that looks late, 0 without an order."""
    probas, expected = pool.needed("probas")[rows], pool.needed("season_probas")[rows]
    middle = median_stage if pool.is_ordered else lambda values: values.argmax(axis=1)
    leads = stage_lead(probas, expected) if pool.is_ordered else [0.0] * len(rows)
    return [
        Why("season", None, {"seen": float(seen), "expected": float(due), "lead": float(lead)})
        for seen, due, lead in zip(middle(probas), middle(expected), leads, strict=True)
    ]


SEASON_SURPRISE = ByUtility("season_surprise", ("probas", "season_probas"), season_surprise, _explain)
