"""What is decided before anything is drawn: sites, plants, cameras, and the specification of one photo.

Everything here is a frozen value made from a seed, so a photo can be drawn again anywhere from its specification.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from .scale import stage_of

Color = tuple[float, float, float]
"""Red, green, blue, each 0-255 as floats: shading multiplies before it rounds."""

BACKGROUNDS = ("orchard", "sky", "soil", "meadow", "dusk")
SITE_NAMES = ("La Vega", "El Soto", "Las Eras", "Monte Alto", "La Solana", "Prado Viejo", "Río Bajo")
SIZES = ((320, 240), (400, 300), (480, 360), (640, 480))
_SIZE_WEIGHTS = (0.35, 0.40, 0.18, 0.07)


@dataclass(frozen=True)
class Difficulty:
    """Knobs of how hard the photos are to tell apart; 0 switches one off.

    Attributes:
        age_slack: standard deviation, in stages, of how far a cluster's looks run ahead of or behind its true age.
        asynchrony: spread, in stages, of the flowers within one cluster.
        clutter: scale of the number of leaves, twigs, neighbours, hands and labels around the cluster.
        occlusion: probability that something in front hides part of the cluster.
        camera: scale of blur, noise, exposure, white balance and distance errors.
    """

    age_slack: float = 0.25
    asynchrony: float = 0.30
    clutter: float = 1.0
    occlusion: float = 0.25
    camera: float = 1.0


@dataclass(frozen=True)
class SiteTraits:
    """One orchard: how early it is, and what surrounds its plants."""

    name: str
    delay: float
    background: str
    warmth: float
    brightness: float


@dataclass(frozen=True)
class PlantTraits:
    """One tree: its colours, build and timing. ``delay`` in degree days; positive is late."""

    name: str
    site: str
    delay: float
    vigour: float
    petal: Color
    petal_bud: Color
    leaf: Color
    bark: Color
    petal_width: float
    petal_length: float
    n_flowers: int
    twig_angle: float
    droop: float


@dataclass(frozen=True)
class CameraTraits:
    """One phone: its colour cast, its noise, and the size it writes."""

    make: str
    model: str
    cast: Color
    noise: float
    jpeg_quality: int
    contrast: float


@dataclass(frozen=True)
class PhotoSpec:
    """All that is needed to draw one photo. The true stage is a function of ``age`` and nothing else."""

    seed: int
    age: float
    site: SiteTraits
    plant: PlantTraits
    camera: CameraTraits
    taken_at: datetime
    size: tuple[int, int] = (400, 300)
    difficulty: Difficulty = field(default_factory=Difficulty)

    @property
    def stage(self) -> int:
        """True position on the scale."""
        return stage_of(self.age)

    @property
    def name(self) -> str:
        """A file name that no other photo of the same season has."""
        return f"{self.plant.name}-{self.taken_at:%Y%m%d-%H%M%S}-{self.seed:08x}.jpg"


CAMERAS: tuple[CameraTraits, ...] = (
    CameraTraits("Simulated", "Phone A", (1.00, 1.00, 1.00), 3.0, 88, 1.00),
    CameraTraits("Simulated", "Phone B", (1.06, 1.00, 0.92), 5.0, 80, 1.08),
    CameraTraits("Simulated", "Phone C", (0.95, 1.00, 1.08), 6.5, 74, 0.94),
    CameraTraits("Simulated", "Field camera", (1.02, 1.00, 0.98), 2.0, 92, 1.04),
)


def rgb(hue: float, saturation: float, value: float) -> Color:
    """A colour from hue, saturation and value, each 0-1."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return (255.0 * red, 255.0 * green, 255.0 * blue)


def site_sample(index: int, seed: int) -> SiteTraits:
    """Site number ``index`` of the world ``seed``."""
    rng = np.random.default_rng([seed, 11, index])
    return SiteTraits(
        name=_site_name(index),
        delay=float(rng.normal(0, 25)),
        background=BACKGROUNDS[int(rng.integers(len(BACKGROUNDS)))]
        if index >= len(BACKGROUNDS)
        else BACKGROUNDS[index],
        warmth=float(rng.normal(0, 0.03)),
        brightness=float(rng.normal(1.06, 0.06)),
    )


def _site_name(index: int) -> str:
    round_, name = divmod(index, len(SITE_NAMES))
    return f"{SITE_NAMES[name]} {round_ + 1}" if round_ else SITE_NAMES[name]


def plant_sample(index: int, site: SiteTraits, seed: int) -> PlantTraits:
    """Plant number ``index`` of ``site`` in the world ``seed``; ``index`` counts over all sites."""
    rng = np.random.default_rng([seed, 13, index])
    pinkness = float(rng.beta(1.2, 2.6))
    pink = 0.955 + 0.02 * float(rng.normal())
    return PlantTraits(
        name=f"{''.join(word[0] for word in site.name.split())}-{index:03d}",
        site=site.name,
        delay=float(rng.normal(0, 14)),
        vigour=float(np.clip(rng.normal(1.0, 0.10), 0.75, 1.25)),
        petal=rgb(pink, 0.01 + 0.13 * pinkness, 1.0),
        petal_bud=rgb(pink, 0.30 + 0.35 * pinkness, 0.90 - 0.08 * pinkness),
        leaf=rgb(
            0.25 + 0.025 * float(rng.normal()), 0.58 + 0.08 * float(rng.normal()), 0.50 + 0.06 * float(rng.normal())
        ),
        bark=rgb(
            0.06 + 0.015 * float(rng.normal()), 0.26 + 0.08 * float(rng.normal()), 0.38 + 0.06 * float(rng.normal())
        ),
        petal_width=float(np.clip(rng.normal(0.40, 0.04), 0.3, 0.5)),
        petal_length=float(np.clip(rng.normal(1.0, 0.07), 0.8, 1.2)),
        n_flowers=int(rng.integers(4, 7)),
        twig_angle=float(rng.normal(0, 0.5)),
        droop=float(np.clip(rng.normal(0.1, 0.2), -0.3, 0.5)),
    )


def size_sample(rng: np.random.Generator) -> tuple[int, int]:
    """Width and height of a photo, sometimes upright."""
    width, height = SIZES[int(rng.choice(len(SIZES), p=_SIZE_WEIGHTS))]
    return (height, width) if rng.random() < 0.15 else (width, height)
