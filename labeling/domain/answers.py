"""How exactly a stage may be told to somebody who sent a photo: one stage, or the stretch it lies in."""

from __future__ import annotations

from collections.abc import Sequence

SURE = 0.9
"""Probability from which a stage is told alone."""


def stage_span(
    position: int, *, n_stages: int, is_ordered: bool, confidence: float, distribution: Sequence[float] = ()
) -> tuple[int, int]:
    """First and last stage to name, around ``position``: at most one to each side.

    With a ``distribution`` over the stages (shape ``(n_stages,)``, of what experts said) neighbours are named until the
    stretch holds ``SURE``, the likelier first. Without one (a model's suggestion) both neighbours are, unless
    ``confidence`` is as high. Classes without an order have no neighbours.
    """
    if not is_ordered or confidence >= SURE:
        return position, position
    around = [near for near in (position - 1, position + 1) if 0 <= near < n_stages]
    if len(distribution) != n_stages:
        return min([position, *around]), max([position, *around])
    lower = upper = position
    held = distribution[position]
    for near in sorted(around, key=lambda near: -distribution[near]):
        if held >= SURE or distribution[near] <= 0:
            break
        held += distribution[near]
        lower, upper = min(lower, near), max(upper, near)
    return lower, upper
