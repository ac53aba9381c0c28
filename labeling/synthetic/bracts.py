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
        w = np.clip(1.0 - s**1.7, 0.0, 1.0) ** 0.75 * (0.75 + 0.7 * s)
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


Pixel = tuple[int, int, int, int]
Line = tuple[list[float], Pixel, int]


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
        edge: brightness of the rim against the middle.
        levels: nested outlines per blade; fewer where the blade will be blurred.
        ring: distance of the blades' feet from the axis, in pixels.
        vein: how much lighter (or darker, below 0) the mid-rib is; 0 draws none.
        base: colour in the blade's heart, if it differs from its face.
        tint: brightness of each blade ``(n,)``.
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
    base: Color | None = None
    tint: np.ndarray | None = None


@dataclass
class Stroke:
    """Something to paint, with its depth: what is nearer to the viewer is painted later."""

    depth: float
    polygons: list[tuple[list[float], Pixel]]
    lines: list[Line] = field(default_factory=list)

    def paint(self, draw: ImageDraw.ImageDraw) -> None:
        for points, color in self.polygons:
            draw.polygon(points, fill=color)
        for points, color, width in self.lines:
            draw.line(points, fill=color, width=width)


def opaque(color: Color | Pixel | tuple[int, ...], light: float = 1.0) -> Pixel:
    """``color`` times ``light`` as an opaque RGBA pixel."""
    r, g, b = color[:3]
    return (min(int(r * light), 255), min(int(g * light), 255), min(int(b * light), 255), 255)


def blades(whorl: Whorl, light: np.ndarray) -> list[Stroke]:
    """Strokes of every blade of ``whorl`` under the unit vector ``light`` (from the blade to the lamp)."""
    n = len(whorl.angles)
    if n == 0:
        return []
    template = _nested(whorl.profile, whorl.levels)
    s, w = template[..., 0], template[..., 1] * whorl.width
    lean = np.zeros(n) + whorl.lean
    length = (np.zeros(n) + whorl.length)[:, None, None]
    radial, axial, theta = _midline(s, lean[:, None, None], whorl.curl)
    bend = w * w * (whorl.cup * 0.5 / max(whorl.width, 1e-6))
    radial = whorl.ring + length * radial - bend * np.cos(theta)
    axial = length * axial + bend * np.sin(theta)
    cos, sin = np.cos(whorl.angles), np.sin(whorl.angles)
    basis = axis_basis(whorl.axis)
    across = radial * cos[:, None, None] - w * sin[:, None, None]
    along = radial * sin[:, None, None] + w * cos[:, None, None]
    flat = np.stack([across, along, axial], axis=-1) @ basis[:, :2] + whorl.origin[:2]
    depth = (across[:, 0] @ _mean * basis[0, 2] + along[:, 0] @ _mean * basis[1, 2]) + axial[:, 0] @ _mean * basis[2, 2]
    normal = np.stack([-np.cos(lean) * cos, -np.cos(lean) * sin, np.sin(lean)], axis=1) @ basis
    colors = _shades(whorl, normal, light, template.shape[0])
    veins = _veins(whorl, flat, colors) if whorl.vein else [[] for _ in range(n)]
    outlines = flat.reshape(n, template.shape[0], -1).tolist()
    return [
        Stroke(float(depth[i] + whorl.origin[2]), list(zip(outlines[i], colors[i], strict=True)), veins[i])
        for i in range(n)
    ]


_mean = np.full(2 * _POINTS, 1.0 / (2 * _POINTS))


def _midline(s: np.ndarray, lean: np.ndarray, curl: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Radial and axial distance and local angle along a mid-line of length 1 that turns by ``curl``."""
    start = lean - curl / 2.0
    theta = start + curl * s
    if abs(curl) < 1e-3:
        return s * np.sin(lean), s * np.cos(lean), theta
    return (np.cos(start) - np.cos(theta)) / curl, (np.sin(theta) - np.sin(start)) / curl, theta


def _shades(whorl: Whorl, normal: np.ndarray, light: np.ndarray, levels: int) -> list[list[Pixel]]:
    """Colour of every outline of every blade: lit side against shade, edge against middle, inner against outer face."""
    is_inside = normal[:, 2] > 0
    brightness = 0.92 + 0.17 * (normal @ light) * np.where(is_inside, 1.0, -1.0)
    if whorl.tint is not None:
        brightness = brightness * whorl.tint
    ease = whorl.edge + (1.0 - whorl.edge) * (np.arange(levels) / max(levels - 1, 1)) ** 0.6
    face = np.where(is_inside[:, None], whorl.inner, whorl.outer)
    heart = face if whorl.base is None else np.asarray(whorl.base)
    share = (0.75 * (np.arange(levels) / max(levels - 1, 1)) ** 3)[:, None]
    color = face[:, None, :] * (1 - share) + (heart[:, None, :] if whorl.base is None else heart) * share
    pixels = (color * (brightness[:, None] * ease)[..., None]).clip(0, 255).astype(int)
    return [[(r, g, b, 255) for r, g, b in blade] for blade in pixels.tolist()]


def _veins(whorl: Whorl, flat: np.ndarray, colors: list[list[Pixel]]) -> list[list[Line]]:
    base, tip = flat[:, 0, 0], flat[:, 0, _POINTS - 1]
    middle = flat[:, -1].mean(axis=1)
    paths = np.concatenate([base + 0.1 * (middle - base), middle, middle + 0.85 * (tip - middle)], axis=1).tolist()
    thick = max(1, round(whorl.width * 0.07))
    return [[(path, opaque(color[-1][:3], 1 + whorl.vein), thick)] for path, color in zip(paths, colors, strict=True)]


def paint_all(strokes: list[Stroke], draw: ImageDraw.ImageDraw) -> None:
    """Paint far to near."""
    for stroke in sorted(strokes, key=lambda item: item.depth):
        stroke.paint(draw)


_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 18)), np.sin(np.linspace(0, 2 * np.pi, 18))], axis=1)
_BALL_SHADES = (0.58, 0.72, 0.84, 0.95, 1.05, 1.15)
_BALL_SHRINK = np.array([1.0, 0.86, 0.70, 0.52, 0.34, 0.17])


def ball(centre: np.ndarray, radii: tuple[float, float], angle: float, color: Color, light: np.ndarray) -> Stroke:
    """A shaded ellipsoid (ovary, anther head, bud heart): nested ellipses sliding towards the lamp.

    Args:
        centre: (x, y, depth) in pixels.
        radii: half-axes along and across ``angle``.
        angle: of the long axis, in radians, in the picture.
        color: in full light.
        light: unit vector to the lamp.
    """
    c, s = np.cos(angle), np.sin(angle)
    ring = _CIRCLE * radii @ np.array([[c, s], [-s, c]])
    shift = light[:2] * min(radii) * 0.45
    shrink = _BALL_SHRINK[:, None, None]
    rings = (ring * shrink + centre[:2] + shift * (1 - shrink)).reshape(len(_BALL_SHRINK), -1).tolist()
    colors = [opaque(color, shade) for shade in _BALL_SHADES]
    return Stroke(float(centre[2]), list(zip(rings, colors, strict=True)))


def rod(path: np.ndarray, widths: tuple[float, float], color: Color, light: np.ndarray, depth: float) -> Stroke:
    """A tapered, rounded stem along ``path (n, 2)``: bands across it from shadow to light."""
    tangent = path[1:] - path[:-1]
    tangent = np.concatenate([tangent, tangent[-1:]])
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal /= np.maximum(np.sqrt((normal * normal).sum(axis=1, keepdims=True)), 1e-6)
    half = normal * (np.linspace(widths[0], widths[1], len(path))[:, None] / 2.0)
    if float(half[len(half) // 2] @ light[:2]) < 0:
        half = -half
    polygons = []
    for low, high, shade in _ROD_BANDS:
        band = np.concatenate([path + half * high, (path + half * low)[::-1]])
        polygons.append((band.ravel().tolist(), opaque(color, shade)))
    return Stroke(depth, polygons)


_ROD_BANDS = ((-1.0, 1.0, 0.62), (-0.7, 0.97, 0.74), (-0.4, 0.92, 0.86), (-0.1, 0.85, 0.97), (0.2, 0.72, 1.10))
