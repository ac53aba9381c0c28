"""Petals, sepals, bud scales and leaves: one curved blade in three dimensions, projected and painted.

A blade starts at its whorl's axis and leans away from it. Its mid-line turns by ``curl`` from base to tip and its edges
bend inwards by ``cup``, so one function draws a closed balloon, an open flower and a hanging leaf, with the right
foreshortening from every side. Shading is by nested outlines whose colour runs from edge to middle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import ImageDraw

from .traits import Color

Profile = Literal["petal", "sepal", "scale", "leaf"]

_POINTS = 11
_CENTRE = {"petal": 0.62, "sepal": 0.4, "scale": 0.45, "leaf": 0.45}


@lru_cache(maxsize=16)
def _outline(profile: Profile) -> np.ndarray:
    """Outline ``(2 * _POINTS, 2)`` of (s along the mid-line, w across it in half-lengths), base first, up one side."""
    s = (1.0 - np.cos(np.linspace(0.0, np.pi, _POINTS))) / 2.0
    if profile == "petal":
        w = np.sin(np.pi * s**1.45) ** 0.62 * (0.55 + 0.45 * s) + 0.05 * (1 - s)
    elif profile == "sepal":
        w = (1.0 - s) ** 0.8 * (0.9 + 0.5 * s)
    elif profile == "scale":
        w = np.sqrt(np.clip(1.0 - s**2.2, 0.0, 1.0)) * (0.8 + 0.4 * s)
    else:
        w = np.sin(np.pi * s**0.85) ** 0.9 + 0.02
    side = np.stack([s, w], axis=1)
    return np.concatenate([side, (side * [1.0, -1.0])[::-1]])


@lru_cache(maxsize=64)
def _nested(profile: Profile, levels: int) -> np.ndarray:
    """``levels`` outlines shrinking to the blade's middle, ``(levels, 2 * _POINTS, 2)``."""
    outline = _outline(profile)
    centre = np.array([_CENTRE[profile], 0.0])
    shrink = 1.0 - np.linspace(0.0, 1.0, levels, endpoint=False) ** 1.3
    return centre + (outline - centre) * shrink[:, None, None]


def axis_basis(axis: np.ndarray) -> np.ndarray:
    """Orthonormal matrix ``(3, 3)`` whose rows are two directions across ``axis`` and ``axis`` itself."""
    axis = axis / np.sqrt(axis @ axis)
    helper = np.array([0.0, 1.0, 0.0]) if abs(axis[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    first = _cross(helper, axis)
    first = first / np.sqrt(first @ first)
    return np.stack([first, _cross(axis, first), axis])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # np.cross costs 30 microseconds of checks; this is called for every whorl.
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


@dataclass(frozen=True)
class Whorl:
    """A ring of like blades around one axis.

    Attributes:
        origin: (x, y, depth) of the ring's centre in pixels; x right, y down, depth towards the viewer.
        axis: direction of growth in the same frame; need not be of unit length.
        angles: azimuths ``(n,)`` around the axis.
        length, width: of a blade, in pixels; width is the half-width.
        lean: angle between axis and blade, in radians, one per blade or one for all.
        inner, outer: colours of the side that faces the axis, and of the other.
        base: colour that both sides take near the base.
    """

    profile: Profile
    origin: np.ndarray
    axis: np.ndarray
    angles: np.ndarray
    length: np.ndarray | float
    width: float
    lean: np.ndarray | float
    curl: float
    cup: float
    inner: Color
    outer: Color
    edge: float = 0.80
    levels: int = 4
    ring: float = 0.0
    vein: float = 0.0
    tint: np.ndarray | None = field(default=None)


@dataclass
class Stroke:
    """Something to paint, with its depth: what is nearer to the viewer is painted later."""

    depth: float
    polygons: list[tuple[list[float], tuple[int, int, int, int]]]
    lines: list[tuple[list[float], tuple[int, int, int, int], int]] = field(default_factory=list)

    def paint(self, draw: ImageDraw.ImageDraw) -> None:
        for points, color in self.polygons:
            draw.polygon(points, fill=color)
        for points, color, width in self.lines:
            draw.line(points, fill=color, width=width)


def opaque(color: Color | np.ndarray, light: float = 1.0) -> tuple[int, int, int, int]:
    """``color`` times ``light`` as an opaque RGBA pixel."""
    r, g, b = color
    return (min(int(r * light), 255), min(int(g * light), 255), min(int(b * light), 255), 255)


def blades(whorl: Whorl, light: np.ndarray) -> list[Stroke]:
    """Strokes of every blade of ``whorl`` under the unit vector ``light`` (from the blade to the lamp)."""
    n = len(whorl.angles)
    if n == 0:
        return []
    template = _nested(whorl.profile, whorl.levels)
    s, w = template[..., 0], template[..., 1] * whorl.width
    lean = np.broadcast_to(np.asarray(whorl.lean, float), (n,))[:, None, None]
    length = np.broadcast_to(np.asarray(whorl.length, float), (n,))[:, None, None]
    radial, axial, theta = _midline(s, lean, whorl.curl)
    bend = whorl.cup * w**2 / max(whorl.width, 1e-6) * 0.5
    radial = whorl.ring + length * radial - bend * np.cos(theta)
    axial = length * axial + bend * np.sin(theta)
    cos, sin = np.cos(whorl.angles)[:, None, None], np.sin(whorl.angles)[:, None, None]
    local = np.stack([radial * cos - w * sin, radial * sin + w * cos, np.broadcast_to(axial, radial.shape)], axis=-1)
    basis = axis_basis(whorl.axis)
    points = local @ basis + whorl.origin
    return [_stroke(whorl, points[i], _facing(whorl, lean[i, 0, 0], whorl.angles[i], basis), light, i) for i in range(n)]


def _midline(s: np.ndarray, lean: np.ndarray, curl: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Radial and axial distance and local angle along a mid-line of length 1 that turns by ``curl``."""
    start = lean - curl / 2.0
    theta = start + curl * s
    if abs(curl) < 1e-3:
        return s * np.sin(lean), s * np.cos(lean), theta
    return (np.cos(start) - np.cos(theta)) / curl, (np.sin(theta) - np.sin(start)) / curl, theta


def _facing(whorl: Whorl, lean: float, angle: float, basis: np.ndarray) -> np.ndarray:
    """Unit normal of the blade's inner side at its middle."""
    cos, sin = np.cos(lean), np.sin(lean)
    return np.array([-cos * np.cos(angle), -cos * np.sin(angle), sin]) @ basis


def _stroke(whorl: Whorl, points: np.ndarray, normal: np.ndarray, light: np.ndarray, index: int) -> Stroke:
    is_inside = normal[2] > 0
    lit = float(normal @ light) * (1 if is_inside else -1)
    brightness = 0.80 + 0.24 * lit
    if whorl.tint is not None:
        brightness *= float(whorl.tint[index])
    color = whorl.inner if is_inside else whorl.outer
    levels = len(points)
    polygons = [
        (points[k, :, :2].ravel().tolist(), opaque(color, brightness * (whorl.edge + (1.0 - whorl.edge) * _ease(k, levels))))
        for k in range(levels)
    ]
    lines = []
    if whorl.vein > 0:
        base, tip = points[0, 0, :2], points[0, _POINTS - 1, :2]
        middle = points[-1, :, :2].mean(axis=0)
        path = [*(base + 0.1 * (middle - base)), *middle, *(middle + 0.85 * (tip - middle))]
        lines.append(([float(v) for v in path], opaque(color, brightness * (1 + whorl.vein)), 2))
    return Stroke(float(points[0, :, 2].mean()), polygons, lines)


def _ease(k: int, levels: int) -> float:
    return (k / max(levels - 1, 1)) ** 0.6


def paint_all(strokes: list[Stroke], draw: ImageDraw.ImageDraw) -> None:
    """Paint far to near."""
    for stroke in sorted(strokes, key=lambda item: item.depth):
        stroke.paint(draw)


def ball(centre: np.ndarray, radii: tuple[float, float], angle: float, color: Color, light: np.ndarray) -> Stroke:
    """A shaded ellipsoid (ovary, anther head, bud heart): nested ellipses sliding towards the lamp.

    Args:
        centre: (x, y, depth) in pixels.
        radii: half-axes along and across ``angle``.
        angle: of the long axis, in radians, in the picture.
        color: in full light.
        light: unit vector to the lamp.
    """
    turn = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    along, across = radii[0] * np.cos(turn), radii[1] * np.sin(turn)
    c, s = np.cos(angle), np.sin(angle)
    ring = np.stack([along * c - across * s, along * s + across * c], axis=1)
    shift = light[:2] * min(radii) * 0.45
    polygons = []
    for k, shade in enumerate((0.58, 0.74, 0.88, 1.0, 1.12)):
        shrink = 1.0 - k * 0.2
        polygons.append((((ring * shrink) + centre[:2] + shift * (1 - shrink)).ravel().tolist(), opaque(color, shade)))
    return Stroke(float(centre[2]), polygons)


def rod(path: np.ndarray, widths: tuple[float, float], color: Color, light: np.ndarray, depth: float) -> Stroke:
    """A tapered, rounded stem along ``path (n, 2)``: bands across it from shadow to light."""
    tangent = np.gradient(path, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal /= np.maximum(np.sqrt((normal**2).sum(axis=1, keepdims=True)), 1e-6)
    side = float(np.sign((normal[len(normal) // 2] * light[:2]).sum()) or 1.0)
    half = np.linspace(widths[0], widths[1], len(path))[:, None] / 2.0
    polygons = []
    for low, high, shade in ((-1.0, 1.0, 0.62), (-0.6, 0.95, 0.80), (-0.2, 0.85, 0.95), (0.15, 0.7, 1.10)):
        upper, lower = path + normal * half * high * side, path + normal * half * low * side
        polygons.append((np.concatenate([upper, lower[::-1]]).ravel().tolist(), opaque(color, shade)))
    return Stroke(depth, polygons)
