"""Compose one photo's scene: background, neighbours out of focus, the cluster in focus, things in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .background import background_image, hand_polygons, tag_polygons
from .bracts import Stroke, Whorl, blades, opaque, paint_all
from .cluster import ClusterPose, cluster_strokes, spur_stem, twig_strokes
from .organs import ramp
from .scale import AGE_MAX
from .traits import PhotoSpec

_OVERSAMPLE = 2  # what is in focus is drawn at twice the size and averaged down
_BACK_SHRINK = 3  # what is behind it is out of focus, so a ninth of the pixels is enough
_FRONT_SHRINK = 2


@dataclass(frozen=True)
class _View:
    """Frame of one photo: picture size, a petal in pixels, where the lamp is, and how the phone is turned."""

    size: tuple[int, int]
    unit: float
    light: np.ndarray
    roll: float
    centre: np.ndarray
    facing: float


def scene_image(spec: PhotoSpec) -> Image.Image:
    """The scene of ``spec`` as the lens sees it, before the camera adds its own faults. RGB, ``spec.size``."""
    rng = np.random.default_rng([spec.seed, 1])
    knobs = spec.difficulty
    age = float(np.clip(spec.age + rng.normal(0, 1) * knobs.age_slack, -0.2, AGE_MAX + 0.2))
    view = _view(spec, age, rng)
    back_rng, main_rng, front_rng = rng.spawn(3)
    small = (-(-spec.size[0] // _BACK_SHRINK), -(-spec.size[1] // _BACK_SHRINK))
    back = _over(background_image(small, spec.site, back_rng), _neighbours(spec, small, view, back_rng))
    large = (spec.size[0] * _OVERSAMPLE, spec.size[1] * _OVERSAMPLE)
    # Doubling by repetition: averaging down gives the background's pixels back unchanged, at a third of the cost.
    canvas = back.resize(spec.size, Image.Resampling.BILINEAR).resize(large, Image.Resampling.NEAREST)
    _paint_main(canvas, spec, view, age, main_rng)
    picture = canvas.reduce(_OVERSAMPLE)
    front = _front(spec, view, front_rng)
    return picture if front is None else _over(picture, front)


def _view(spec: PhotoSpec, age: float, rng: np.random.Generator) -> _View:
    short = min(spec.size)
    # People step closer to a bud than to a cluster in bloom; the step is as continuous as the age.
    closeness = 0.36 - 0.185 * ramp(age, 0.6, 4.0) + 0.015 * ramp(age, 5.0, 7.0)
    closeness *= float(np.exp(rng.normal(0, 0.16 * spec.difficulty.camera)))
    lamp = np.array([rng.normal(0, 0.5), -0.8, 0.7])
    off = rng.normal(0, 0.06 * spec.difficulty.camera, 2)
    return _View(
        size=spec.size,
        unit=short * closeness,
        light=lamp / np.sqrt(lamp @ lamp),
        roll=spec.plant.twig_angle * 0.6 + float(rng.normal(0, 0.35)),
        centre=np.array([spec.size[0] * (0.5 + off[0]), spec.size[1] * (0.52 + off[1])]),
        facing=float(np.clip(rng.normal(0.55, 0.3), -0.1, 1.2)),
    )


def _blank(size: tuple[int, int]) -> Image.Image:
    # Four plain channels: in mode RGBA Pillow would multiply and divide by alpha at every resize and blur.
    return Image.new("RGBX", size, (0, 0, 0, 0))


def _over(picture: Image.Image, layer: Image.Image) -> Image.Image:
    """``layer`` over ``picture``; the layer's colours are premultiplied, as averaging over clear black leaves them."""
    if layer.size != picture.size:
        layer = layer.resize(picture.size, Image.Resampling.BILINEAR)
    red, green, blue, alpha = layer.split()
    hole = ImageChops.invert(alpha)
    behind = ImageChops.multiply(picture, Image.merge("RGB", (hole, hole, hole)))
    return ImageChops.add(behind, Image.merge("RGB", (red, green, blue)))


def _turn(vector: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([vector[0] * c - vector[1] * s, vector[0] * s + vector[1] * c])


def _neighbours(spec: PhotoSpec, size: tuple[int, int], view: _View, rng: np.random.Generator) -> Image.Image:
    """Other spurs of the tree, nearly as old but not quite, and other twigs; blurred."""
    layer = _blank(size)
    draw = ImageDraw.Draw(layer)
    width, height = layer.size
    n = int(rng.poisson(1.1 * spec.difficulty.clutter))
    for _ in range(min(n, 4)):
        unit = view.unit / _BACK_SHRINK * rng.uniform(0.55, 0.95)
        tip = np.array([rng.uniform(0, width), rng.uniform(0, height), 0.0])
        direction = _turn(np.array([0.0, -1.0]), float(rng.normal(0, 0.8)))
        foot = tip[:2] - direction * unit * 1.2
        along = _turn(np.array([1.0, 0.0]), float(rng.normal(0, 0.8))) * width
        strokes = twig_strokes(foot - along, foot + along, unit, spec.plant, view.light, rng)
        strokes += spur_stem(foot, tip[:2], unit, spec.plant, view.light)
        age = float(np.clip(spec.age + rng.normal(0, 0.7), -0.2, AGE_MAX))
        pose = ClusterPose(tip, np.array([*direction, 0.5]), unit, is_fine=False)
        strokes += cluster_strokes(age, spec.plant, pose, asynchrony=0.4, light=view.light, rng=rng)
        paint_all(strokes, draw)
    return layer.filter(ImageFilter.BoxBlur(max(width / 90, 1.0)))


def _paint_main(canvas: Image.Image, spec: PhotoSpec, view: _View, age: float, rng: np.random.Generator) -> None:
    """The photographed spur on its twig, in focus."""
    k = _OVERSAMPLE
    draw = ImageDraw.Draw(canvas)
    unit = view.unit * k * spec.plant.vigour**0.5
    up = _turn(np.array([0.0, -1.0]), view.roll)
    # The picture is centred on the cluster's heart, which lies above the spur's tip by as much as it has grown.
    heart = 0.35 + 0.40 * ramp(age, 1.5, 4.0)
    tip = view.centre * k - up * unit * heart
    foot = tip - up * unit * float(rng.uniform(0.35, 0.9))
    across = _turn(np.array([1.0, 0.0]), view.roll * 0.5 + float(rng.normal(0, 0.35)))
    reach = max(spec.size) * k
    strokes = twig_strokes(foot - across * reach, foot + across * reach, unit, spec.plant, view.light, rng)
    strokes += spur_stem(foot, tip, unit, spec.plant, view.light)
    pose = ClusterPose(np.array([*tip, 0.0]), np.array([*up, view.facing]), unit)
    strokes += cluster_strokes(age, spec.plant, pose, asynchrony=spec.difficulty.asynchrony, light=view.light, rng=rng)
    paint_all(strokes, draw)
    if rng.random() < 0.06 * spec.difficulty.clutter:
        _paint_shapes(draw, tag_polygons(canvas.size, rng))


def _front(spec: PhotoSpec, view: _View, rng: np.random.Generator) -> Image.Image | None:
    """A leaf, a twig or a hand between the lens and the cluster, out of focus; often nothing."""
    if rng.random() >= spec.difficulty.occlusion:
        return None
    shrink = _FRONT_SHRINK
    layer = _blank((spec.size[0] // shrink, spec.size[1] // shrink))
    draw = ImageDraw.Draw(layer)
    kind = rng.random()
    if kind < 0.5:
        paint_all(_loose_leaves(layer.size, view.unit / shrink, spec, view.light, rng), draw)
    elif kind < 0.8:
        start = np.array([rng.uniform(-0.2, 1.2), -0.1]) * layer.size
        end = np.array([rng.uniform(-0.2, 1.2), 1.1]) * layer.size
        paint_all(twig_strokes(start, end, view.unit / shrink * 0.7, spec.plant, view.light, rng), draw)
    else:
        _paint_shapes(draw, hand_polygons(layer.size, rng))
    return layer.filter(ImageFilter.BoxBlur(layer.width / rng.uniform(70, 200)))


def _loose_leaves(
    size: tuple[int, int], unit: float, spec: PhotoSpec, light: np.ndarray, rng: np.random.Generator
) -> list[Stroke]:
    corner = np.array([rng.choice([-0.15, 1.15]) * size[0], rng.uniform(0.2, 1.0) * size[1], 0.0])
    inward = np.array([size[0] / 2 - corner[0], size[1] / 2 - corner[1], 60.0])
    n = int(rng.integers(1, 3))
    return blades(
        Whorl(
            "leaf", corner, inward, rng.uniform(0, 6.28, n), length=unit * 2.6, width=unit * 0.6, lean=0.35, curl=0.5,
            cup=0.2, inner=spec.plant.leaf, outer=spec.plant.leaf, levels=4, vein=0.2,
        ),
        light,
    )  # fmt: skip


def _paint_shapes(draw: ImageDraw.ImageDraw, shapes: list[tuple[list[float], tuple[float, float, float]]]) -> None:
    for points, color in shapes:
        draw.polygon(points, fill=opaque(color))
