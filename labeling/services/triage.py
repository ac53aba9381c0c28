"""Handing out pages of the triage grid."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.models import Project, Reservation, User
from labeling.selectors.triage import GridOf


@dataclass(frozen=True)
class GridPage:
    """Photos held for the grid, in its order; ``has_more``: others wait behind them."""

    reservations: list[Reservation]
    has_more: bool


def grid_take(*, project: Project, annotator: User, of: GridOf, count: int) -> GridPage:
    """Up to ``count`` photos for the grid."""
    return GridPage([], has_more=False)
