"""How far each organ is at a given age: smooth curves, one place.

An age is in stages (0-7). Nothing here knows where the stages are cut: every organ changes continuously through the
boundaries, some of them at their fastest just there.
"""

from __future__ import annotations

from dataclasses import dataclass


def ramp(age: float, start: float, end: float) -> float:
    """Smooth step from 0 at ``start`` to 1 at ``end`` (Hermite, flat at both ends)."""
    x = min(max((age - start) / (end - start), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@dataclass(frozen=True)
class FlowerState:
    """One flower at one age; lengths in units of a full petal, angles in radians from the flower's axis."""

    size: float
    petal_reach: float
    petal_angle: float
    petal_curl: float
    petal_cup: float
    petal_blush: float
    petals_left: float
    wilt: float
    sepal_angle: float
    stamens: float
    anther_age: float
    ovary: float
    pedicel: float


@dataclass(frozen=True)
class SpurState:
    """The bud or rosette that carries the flowers, at one age."""

    bud_length: float
    bud_width: float
    scale_angle: float
    scales: float
    leaf_length: float
    leaf_angle: float
    leaf_curl: float
    leaf_youth: float
    flowers: float
    fan: float


def flower_state(age: float) -> FlowerState:
    """State of one flower that is itself at ``age``."""
    opening = ramp(age, 2.75, 4.1)
    return FlowerState(
        size=0.34 * ramp(age, 0.9, 2.6) + 0.66 * ramp(age, 2.0, 4.0),
        petal_reach=0.30 + 0.70 * ramp(age, 1.5, 3.4),
        petal_angle=0.30 + 1.05 * opening + 0.25 * ramp(age, 4.6, 6.0),
        petal_curl=-2.0 + 1.9 * opening + 0.7 * ramp(age, 4.8, 6.0),
        petal_cup=1.5 - 1.15 * opening,
        petal_blush=1.0 - 0.85 * ramp(age, 2.7, 4.5),
        petals_left=1.0 - ramp(age, 4.75, 6.25),
        wilt=ramp(age, 4.5, 6.0),
        sepal_angle=0.16 + 0.55 * ramp(age, 1.7, 3.2) + 1.25 * ramp(age, 3.0, 4.5) - 1.2 * ramp(age, 5.6, 7.0),
        stamens=ramp(age, 2.9, 3.9) * (1.0 - 0.75 * ramp(age, 5.6, 7.0)),
        anther_age=ramp(age, 4.4, 5.8),
        ovary=0.13 + 0.04 * ramp(age, 3.0, 5.0) + 0.42 * ramp(age, 5.3, 7.4),
        pedicel=0.10 + 0.95 * ramp(age, 1.6, 3.4) + 0.65 * ramp(age, 3.0, 5.0),
    )


def spur_state(age: float) -> SpurState:
    """State of the spur at cluster age ``age``."""
    return SpurState(
        bud_length=0.78 + 0.42 * ramp(age, -0.6, 1.4),
        bud_width=0.36 + 0.22 * ramp(age, -0.4, 1.6),
        scale_angle=0.10 + 0.14 * ramp(age, 0.0, 1.2) + 0.75 * ramp(age, 0.9, 2.6),
        scales=1.0 - ramp(age, 1.6, 3.2),
        leaf_length=0.25 + 1.25 * ramp(age, 0.5, 2.4) + 1.0 * ramp(age, 2.0, 6.5),
        leaf_angle=0.08 + 0.95 * ramp(age, 0.9, 3.2) + 0.25 * ramp(age, 3.0, 6.0),
        leaf_curl=0.1 + 0.6 * ramp(age, 1.0, 3.0),
        leaf_youth=1.0 - ramp(age, 1.0, 5.5),
        flowers=ramp(age, 0.9, 2.0),
        fan=0.10 + 0.75 * ramp(age, 1.7, 3.6) + 0.2 * ramp(age, 3.5, 5.0),
    )
