"""One flower at one age: pedicel, sepals, ovary, petals and stamens as strokes in depth order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bracts import Stroke, Whorl, ball, blades, opaque, rod
from .organs import FlowerState, flower_state
from .traits import Color, PlantTraits, rgb

GREEN: Color = (112.0, 150.0, 66.0)
ANTHER_FRESH: Color = (240.0, 206.0, 88.0)
ANTHER_OLD: Color = (128.0, 84.0, 46.0)
FILAMENT: Color = (238.0, 236.0, 214.0)
_N_STAMENS = 15


def mix(a: Color, b: Color, share: float) -> Color:
    """``share`` of ``b`` in ``a``."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


@dataclass(frozen=True)
class FlowerPose:
    """Where a flower sits: its foot on the spur, its axis, and the length in pixels of a full petal.

    ``is_fine`` is False for flowers out of focus, which are drawn with fewer strokes.
    """

    foot: np.ndarray
    axis: np.ndarray
    unit: float
    is_fine: bool = True


def flower_strokes(
    age: float, plant: PlantTraits, pose: FlowerPose, light: np.ndarray, rng: np.random.Generator
) -> list[Stroke]:
    """All strokes of a flower of ``plant`` that is itself at ``age``."""
    state = flower_state(age)
    axis = pose.axis / np.sqrt(pose.axis @ pose.axis)
    unit = pose.unit * plant.petal_length
    base = pose.foot + axis * unit * state.pedicel
    strokes = [_pedicel(pose, base, state, unit, light)]
    is_bare = state.petals_left < 0.7
    if pose.is_fine or is_bare:
        strokes += _ovary(base, axis, state, unit, light)
    top = base + axis * unit * state.ovary * 0.8
    turn = _ring(5, rng) + 0.63
    if pose.is_fine or is_bare:
        strokes += _sepals(top, axis, state, unit, light, turn)
    strokes += _petals(top, axis, state, pose, plant, light, rng)
    strokes += _stamens(top, axis, state, pose, unit, rng)
    return strokes


def _pedicel(pose: FlowerPose, base: np.ndarray, state: FlowerState, unit: float, light: np.ndarray) -> Stroke:
    depth = float(pose.foot[2] + base[2]) / 2 - 1
    thick = unit * (0.085 + 0.05 * state.ovary)
    if not pose.is_fine:
        ends = [float(v) for v in (*pose.foot[:2], *base[:2])]
        return Stroke(depth, [], [(ends, opaque(_STALK, 0.9), max(1, round(thick)))])
    sag = np.array([0.0, 0.10 * unit * state.pedicel])
    path = pose.foot[:2] * (1 - _ALONG) + base[:2] * _ALONG + sag * _SAG
    return rod(path, (thick, thick * 1.1), _STALK, light, depth)


_ALONG = np.linspace(0.0, 1.0, 6)[:, None]
_SAG = np.sin(np.pi * _ALONG)
_STALK = mix(GREEN, (150.0, 160.0, 90.0), 0.4)


def _ovary(base: np.ndarray, axis: np.ndarray, state: FlowerState, unit: float, light: np.ndarray) -> list[Stroke]:
    radius = unit * state.ovary
    flat = float(np.hypot(axis[0], axis[1]))
    long = radius * (1.0 + 0.45 * flat * (1.0 - 0.6 * state.wilt))
    color = mix(GREEN, (134, 164, 72), state.wilt)
    return [ball(base + axis * radius * 0.3, (long, radius), float(np.arctan2(axis[1], axis[0])), color, light)]


def _sepals(
    top: np.ndarray, axis: np.ndarray, state: FlowerState, unit: float, light: np.ndarray, turn: np.ndarray
) -> list[Stroke]:
    color = mix(GREEN, (120, 112, 62), 0.6 * state.wilt)
    return blades(
        Whorl(
            "sepal", top, axis, turn,
            length=unit * 0.46 * (0.55 + 0.45 * min(state.size * 1.6, 1.0)), width=unit * 0.13,
            lean=state.sepal_angle, curl=0.3, cup=0.2, inner=mix(color, (200, 205, 150), 0.3), outer=color,
            ring=unit * min(state.ovary, 0.22) * 0.6, levels=2,
        ),
        light,
    )  # fmt: skip


def _petals(
    top: np.ndarray, axis: np.ndarray, state: FlowerState, pose: FlowerPose, plant: PlantTraits,
    light: np.ndarray, rng: np.random.Generator,
) -> list[Stroke]:  # fmt: skip
    angles = _ring(5, rng)
    droop = rng.normal(0.0, 0.10 + 0.25 * state.wilt, 5)
    tint = 1.0 + rng.normal(0.0, 0.025, 5) - 0.05 * state.wilt
    # A petal stays while its own draw is under the share left, so the same flower loses them one by one.
    stays = rng.random(5) < state.petals_left
    if not stays.any() or state.size < 0.05:
        return []
    back = mix(mix(plant.petal, plant.petal_bud, 0.35), plant.petal_bud, state.petal_blush)
    front = mix(plant.petal, plant.petal_bud, 0.8 * state.petal_blush)
    faded = rgb(0.10, 0.12, 0.93)
    length = pose.unit * plant.petal_length * state.size * state.petal_reach
    return blades(
        Whorl(
            "petal", top, axis, angles[stays], length=length, width=length * plant.petal_width * 1.15,
            lean=(state.petal_angle + droop)[stays], curl=state.petal_curl, cup=state.petal_cup,
            inner=mix(front, faded, 0.4 * state.wilt), outer=mix(back, faded, 0.3 * state.wilt),
            edge=0.78, levels=5 if pose.is_fine else 2, ring=length * 0.05, vein=-0.06 if pose.is_fine else 0.0,
            base=mix(front, (214, 214, 160), 0.35 * (1 - state.petal_blush)), tint=tint[stays],
        ),
        light,
    )  # fmt: skip


def _stamens(
    top: np.ndarray, axis: np.ndarray, state: FlowerState, pose: FlowerPose, unit: float, rng: np.random.Generator
) -> list[Stroke]:
    n = _N_STAMENS if pose.is_fine else _N_STAMENS // 3
    spread = rng.normal(0.0, 1.0, (_N_STAMENS, 3))[:n]
    reach = rng.uniform(0.8, 1.15, _N_STAMENS)[:n, None]
    if state.stamens < 0.05:
        return []
    directions = axis + 0.42 * spread * (0.7 + 0.5 * state.wilt)
    tips = top + directions * reach * unit * 0.36 * state.stamens
    filament = opaque(mix(FILAMENT, ANTHER_OLD, 0.7 * state.anther_age))
    anther = mix(ANTHER_FRESH, ANTHER_OLD, state.anther_age)
    dot = unit * (0.046 if pose.is_fine else 0.09) * (1.0 - 0.35 * state.anther_age)
    thick = max(1, round(unit * 0.02))
    feet = np.broadcast_to(top[:2], (n, 2))
    lines = [(path, filament, thick) for path in np.concatenate([feet, tips[:, :2]], axis=1).tolist()]
    dark, bright = opaque(anther, 0.82), opaque(anther, 1.06)
    polygons = [(path, dark) for path in (tips[:, None, :2] + dot * _DIAMOND).reshape(n, -1).tolist()]
    polygons += [(path, bright) for path in (tips[:, None, :2] + 0.6 * dot * _DIAMOND).reshape(n, -1).tolist()]
    depth = float(tips[:, 2].mean() + (tips[:, 2].max() - top[2]) * 0.25)
    return [Stroke(depth - 0.01, [], lines), Stroke(depth, polygons)]


_DIAMOND = np.array([[-1, 0], [-0.7, -0.7], [0, -1], [0.7, -0.7], [1, 0], [0.7, 0.7], [0, 1], [-0.7, 0.7]], float)


def _ring(n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` azimuths, evenly spread but for a start and a little wobble."""
    return rng.uniform(0, 2 * np.pi) + np.arange(n) * (2 * np.pi / n) + rng.normal(0, 0.06, n)
