"""A spur with its rosette of leaves and its flowers, and the twig it sits on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blossom import FlowerPose, flower_strokes, mix
from .bracts import Stroke, Whorl, ball, blades, opaque, rod
from .organs import SpurState, ramp, spur_state
from .traits import Color, PlantTraits

GOLDEN_ANGLE = 2.39996
_SCALE_TIP: Color = (196.0, 172.0, 150.0)
_YOUNG_LEAF: Color = (158.0, 178.0, 92.0)


@dataclass(frozen=True)
class ClusterPose:
    """Where a spur ends, where it points (x right, y down, depth to the viewer), and a full petal in pixels."""

    tip: np.ndarray
    axis: np.ndarray
    unit: float
    is_fine: bool = True


def cluster_strokes(
    age: float, plant: PlantTraits, pose: ClusterPose, *, asynchrony: float, light: np.ndarray, rng: np.random.Generator
) -> list[Stroke]:
    """Strokes of one spur at cluster age ``age``; its flowers spread around it by ``asynchrony`` stages."""
    state = spur_state(age)
    axis = pose.axis / np.sqrt(pose.axis @ pose.axis)
    strokes = _leaves(state, plant, pose, axis, light, rng)
    strokes += _bud_scales(state, plant, pose, axis, light, rng)
    strokes += _flowers(age, state, plant, pose, axis, asynchrony, light, rng)
    return strokes


def _leaves(
    state: SpurState,
    plant: PlantTraits,
    pose: ClusterPose,
    axis: np.ndarray,
    light: np.ndarray,
    rng: np.random.Generator,
) -> list[Stroke]:
    n = int(rng.integers(5, 8))
    angles = rng.uniform(0, 2 * np.pi) + np.arange(n) * GOLDEN_ANGLE
    sizes = rng.uniform(0.65, 1.1, n)
    lean = state.leaf_angle * rng.uniform(0.75, 1.2, n)
    green = mix(plant.leaf, _YOUNG_LEAF, 0.75 * state.leaf_youth)
    length = pose.unit * state.leaf_length * sizes * (1.0 - 0.25 * state.leaf_youth)
    return blades(
        Whorl(
            "leaf", pose.tip - [0.0, 0.0, 0.5 * pose.unit], axis, angles, length=length,
            width=pose.unit * state.leaf_length * 0.24,
            lean=lean, curl=state.leaf_curl, cup=0.9 * state.leaf_youth + 0.15, inner=green,
            outer=mix(green, (196, 204, 170), 0.35), edge=0.76,
            levels=4 if pose.is_fine else 2, vein=0.22 if pose.is_fine else 0.0, tint=rng.uniform(0.85, 1.1, n),
        ),
        light,
    )  # fmt: skip


def _bud_scales(
    state: SpurState,
    plant: PlantTraits,
    pose: ClusterPose,
    axis: np.ndarray,
    light: np.ndarray,
    rng: np.random.Generator,
) -> list[Stroke]:
    turn = rng.uniform(0, 2 * np.pi)
    tint = rng.uniform(0.85, 1.15, 9)
    if state.scales < 0.08:
        return []
    length, width = pose.unit * state.bud_length, pose.unit * state.bud_width
    brown = mix(plant.bark, (122, 78, 58), 0.55)
    inside = mix(brown, _YOUNG_LEAF, state.flowers)
    body = (length * 0.46 * (0.4 + 0.6 * state.scales), width * 0.78)
    heart = pose.tip + axis * body[0]
    flat = max(float(np.hypot(axis[0], axis[1])), 0.6)
    strokes = [ball(heart, (body[0] * flat, body[1]), float(np.arctan2(axis[1], axis[0])), inside, light)]
    for whorl in range(3 if pose.is_fine else 1):
        reach = (1.0, 0.78, 0.52)[whorl] * (0.35 + 0.65 * state.scales)
        strokes += blades(
            Whorl(
                "scale", pose.tip, axis, turn + whorl * 1.05 + np.arange(3) * (2 * np.pi / 3),
                length=length * reach, width=width * (0.62, 0.72, 0.80)[whorl],
                lean=0.12 + state.scale_angle * (0.55, 0.8, 1.1)[whorl], curl=-1.5 + 0.8 * state.scale_angle, cup=1.1,
                inner=mix(brown, (150, 160, 90), 0.4), outer=mix(brown, _SCALE_TIP, 0.10 + 0.12 * whorl),
                edge=0.66, levels=4 if pose.is_fine else 2, ring=width * 0.10 * whorl,
                tint=tint[whorl * 3 : whorl * 3 + 3],
            ),
            light,
        )  # fmt: skip
    return strokes


def _flowers(
    age: float, state: SpurState, plant: PlantTraits, pose: ClusterPose, axis: np.ndarray, asynchrony: float,
    light: np.ndarray, rng: np.random.Generator,
) -> list[Stroke]:  # fmt: skip
    n = plant.n_flowers
    ahead = rng.normal(-0.15, 1.0, n) * asynchrony
    ahead[0] = asynchrony * abs(float(rng.normal(1.0, 0.3)))
    sway = rng.normal(0.0, 0.18, (n, 3))
    turn = rng.uniform(0, 2 * np.pi)
    spread = rng.uniform(0.8, 1.15, n)
    # Abscission: some of the flowers never set and drop with their stalks.
    drops = rng.random(n) < 0.35 * ramp(age, 5.8, 7.0)
    first, second, up = _frame(axis)
    strokes: list[Stroke] = []
    for k in range(n):
        child = np.random.default_rng(rng.integers(1 << 62))
        if state.flowers < 0.02 or (drops[k] and k > 0):
            continue
        lean = 0.0 if k == 0 else state.fan * spread[k] * 1.25
        angle = turn + k * 2 * np.pi / max(n - 1, 1)
        direction = (
            up * np.cos(lean) + (first * np.cos(angle) + second * np.sin(angle)) * np.sin(lean) + sway[k] * state.fan
        )
        direction = direction + np.array([0.0, plant.droop * ramp(age, 3.0, 6.0) * 0.5, 0.25 * state.fan])
        foot = pose.tip + axis * pose.unit * state.bud_length * 0.25 * (1 - state.fan)
        strokes += flower_strokes(
            age + float(ahead[k]),
            plant,
            FlowerPose(foot, direction, pose.unit * (0.55 + 0.45 * state.flowers), pose.is_fine),
            light,
            child,
        )
    return strokes


def _frame(axis: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    helper = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    first = np.cross(axis, helper)
    first = first / np.sqrt(first @ first)
    return first, np.cross(axis, first), axis


_LENTICEL = np.array([[-2, 0], [0, -1], [2, 0], [0, 1]], float)


def twig_strokes(
    start: np.ndarray, end: np.ndarray, unit: float, plant: PlantTraits, light: np.ndarray, rng: np.random.Generator
) -> list[Stroke]:
    """A knobbly twig from ``start`` to ``end`` (both (x, y)), thicker at its start, with lenticels.

    It winds, but passes through the middle of its ends, where spurs sit.
    """
    t = np.linspace(0.0, 1.0, 12)[:, None]
    across = np.array([-(end - start)[1], (end - start)[0]])
    wobble = np.sin(np.pi * t * float(rng.uniform(1.5, 3.5)) + float(rng.uniform(0, 6))) * float(rng.normal(0, 0.03))
    path = start * (1 - t) + end * t + across * wobble * (2.0 * t - 1.0) * np.sin(np.pi * t) * 2.5
    thick = unit * 0.34 * plant.vigour
    stem = rod(path, (thick * 1.25, thick * 0.8), plant.bark, light, -1e6)
    pale, dark = opaque(mix(plant.bark, (205, 190, 170), 0.45)), opaque(plant.bark, 0.55)
    spots = path[rng.integers(1, 11, 14)] + rng.normal(0, 0.22, (14, 2)) * thick
    sizes = rng.uniform(0.03, 0.07, (14, 1, 1)) * thick
    corners = (spots[:, None] + _LENTICEL * sizes).reshape(14, -1).tolist()
    stem.polygons += [
        (corner, pale if draw < 0.6 else dark) for corner, draw in zip(corners, rng.random(14), strict=True)
    ]
    knot = path[int(rng.integers(3, 9))]
    return [stem, ball(np.array([*knot, -1e6 + 1]), (thick * 0.75, thick * 0.6), 0.0, plant.bark, light)]


def spur_stem(foot: np.ndarray, tip: np.ndarray, unit: float, plant: PlantTraits, light: np.ndarray) -> list[Stroke]:
    """The short, ringed side shoot between the twig and the bud."""
    t = np.linspace(0.0, 1.0, 5)[:, None]
    thick = unit * 0.26 * plant.vigour
    stem = rod(foot * (1 - t) + tip * t, (thick * 1.1, thick), mix(plant.bark, (150, 130, 100), 0.15), light, -1e5)
    step = (tip - foot) / 6.0
    side = np.array([-step[1], step[0]])
    side = side / max(float(np.hypot(*side)), 1e-6) * thick * 0.5
    for k in range(1, 6):
        ring = foot + step * k
        stem.lines.append(
            ([float(v) for v in (*(ring - side), *(ring + side))], opaque(plant.bark, 0.85), max(1, int(unit * 0.015)))
        )
    return [stem]
