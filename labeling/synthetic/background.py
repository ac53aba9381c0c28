"""What lies behind and in front of the plant: sky, orchard rows, soil, all out of focus, and things in the way."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .traits import Color, SiteTraits

_PALETTES: dict[str, tuple[Color, Color, tuple[Color, ...]]] = {
    "orchard": ((150, 172, 128), (84, 106, 62), ((62, 88, 44), (120, 146, 84), (96, 80, 62), (176, 190, 150))),
    "sky": ((150, 186, 226), (206, 222, 236), ((236, 242, 248), (128, 148, 112), (110, 98, 84), (178, 206, 236))),
    "soil": ((146, 122, 98), (98, 76, 58), ((120, 98, 76), (70, 54, 42), (112, 122, 76), (172, 150, 124))),
    "meadow": ((128, 164, 78), (86, 124, 52), ((150, 186, 92), (206, 196, 92), (64, 98, 42), (226, 226, 206))),
    "dusk": ((122, 112, 132), (70, 66, 72), ((214, 160, 112), (86, 84, 92), (54, 56, 52), (154, 132, 132))),
}


def background_image(size: tuple[int, int], site: SiteTraits, rng: np.random.Generator) -> Image.Image:
    """An out-of-focus RGB picture of ``size`` in the manner of ``site``. Made to be enlarged: it has no fine detail."""
    width, height = size
    top, bottom, others = _PALETTES[site.background]
    lift = rng.normal(0, 10, 3)
    t = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** float(rng.uniform(0.6, 1.6))
    gradient = np.asarray(top, np.float32) * (1 - t) + np.asarray(bottom, np.float32) * t + lift
    pixels = np.broadcast_to(gradient.clip(0, 255), (height, width, 3)).astype(np.uint8)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(int(rng.integers(10, 22))):
        _blob(draw, width, height, others[int(rng.integers(len(others)))], rng)
    image = image.filter(ImageFilter.BoxBlur(width / 28)).filter(ImageFilter.BoxBlur(width / 40))
    _bokeh(image, others, rng)
    return image


def _blob(draw: ImageDraw.ImageDraw, width: int, height: int, color: Color, rng: np.random.Generator) -> None:
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    rx, ry = rng.uniform(0.05, 0.22) * width, rng.uniform(0.04, 0.25) * height
    shade = rng.uniform(0.8, 1.15)
    fill = (*(min(int(c * shade), 255) for c in color), int(rng.uniform(110, 230)))
    if rng.random() < 0.25:
        ends = [x, y, x + rng.normal(0, 0.8) * width, y + rng.normal(0, 0.8) * height]
        draw.line(ends, fill=(86, 74, 64, fill[3]), width=max(2, int(width * 0.02)))
    else:
        draw.ellipse([x - rx, y - ry, x + rx, y + ry], fill=fill)


def _bokeh(image: Image.Image, others: tuple[Color, ...], rng: np.random.Generator) -> None:
    """Discs of light, as leaves and sky give through an open lens."""
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(int(rng.integers(0, 12))):
        x, y = rng.uniform(0, image.width), rng.uniform(0, image.height)
        r = rng.uniform(0.02, 0.06) * image.width
        color = np.asarray(others[int(rng.integers(len(others)))]) * 0.5 + 125
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(*(int(c) for c in color), int(rng.uniform(25, 80))))


def hand_polygons(size: tuple[int, int], rng: np.random.Generator) -> list[tuple[list[float], Color]]:
    """Fingers holding the twig, from one edge; polygons with their colours, back to front."""
    width, height = size
    tone = np.asarray((232, 190, 160)) * rng.uniform(0.45, 1.0)
    from_left = rng.random() < 0.5
    shapes: list[tuple[list[float], Color]] = []
    y = rng.uniform(0.55, 0.95) * height
    for finger in range(int(rng.integers(1, 3))):
        reach, thick = rng.uniform(0.22, 0.42) * width, rng.uniform(0.05, 0.075) * width
        cy = y + finger * thick * 2.0
        turn = np.linspace(-np.pi / 2, np.pi / 2, 12)
        for shrink, shade in ((1.0, 0.72), (0.86, 0.9), (0.62, 1.0)):
            x = np.concatenate([[-20.0], reach + np.cos(turn) * thick * shrink, [-20.0]])
            yy = np.concatenate([[cy - thick * shrink], cy + np.sin(turn) * thick * shrink, [cy + thick * shrink]])
            x = x if from_left else width - x
            shapes.append((np.stack([x, yy + 0.2 * x], axis=1).ravel().tolist(), _color(tone * shade)))
    return shapes


def tag_polygons(size: tuple[int, int], rng: np.random.Generator) -> list[tuple[list[float], Color]]:
    """A plant label: a pale card on a string, with a few unreadable lines."""
    width, height = size
    centre = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.7, 0.98) * height])
    w, h, turn = rng.uniform(0.10, 0.17) * width, rng.uniform(0.05, 0.08) * width, rng.normal(0, 0.4)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def box(x0: float, y0: float, x1: float, y1: float) -> list[float]:
        corners = np.array([[x0 * w, y0 * h], [x1 * w, y0 * h], [x1 * w, y1 * h], [x0 * w, y1 * h]])
        return [float(v) for v in (corners @ matrix + centre).ravel()]

    paper = ((232, 228, 214), (238, 214, 96), (214, 226, 236))[int(rng.integers(3))]
    shapes: list[tuple[list[float], Color]] = [
        (box(-1, -1, 1, 1), _color(np.asarray(paper) * 0.9)),
        (box(-0.96, -0.92, 0.96, 0.92), paper),
    ]
    for line in range(3):
        y0 = -0.6 + 0.45 * line
        shapes.append((box(-0.8, y0, rng.uniform(0.0, 0.8), y0 + 0.14), (70, 72, 84)))
    return shapes


def _color(values: np.ndarray) -> Color:
    red, green, blue = values.tolist()
    return (red, green, blue)
