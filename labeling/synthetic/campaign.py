"""The photos of the demo: a season, a few clear examples of each stage, and what a grower sent by phone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from .scale import N_STAGES
from .season import simulate_season, world
from .traits import CAMERAS, Difficulty, PhotoSpec

CLEAR = Difficulty(age_slack=0.0, asynchrony=0.2, clutter=0.5, occlusion=0.0, camera=0.3)
"""How the examples of a stage are taken: with care."""

REFERENCE_PLANTS = 4
PHONE_PHOTOS = 12


@dataclass(frozen=True)
class Campaign:
    """Photos of the demo by what they are for; all specifications, nothing drawn yet."""

    season: list[PhotoSpec]
    references: list[PhotoSpec]
    phone: list[PhotoSpec]

    @property
    def all(self) -> list[PhotoSpec]:
        return [*self.references, *self.season]


def campaign_plan(*, seed: int, n_sites: int, plants_per_site: int, every: int) -> Campaign:
    """Plan a campaign; ``phone`` are at most ``PHONE_PHOTOS`` season's photos, taken again by the grower."""
    season = simulate_season(n_sites=n_sites, plants_per_site=plants_per_site, seed=seed, every=every)
    rng = np.random.default_rng([seed, 37])
    extra = world(n_sites, plants_per_site + REFERENCE_PLANTS, seed)[
        plants_per_site : plants_per_site + REFERENCE_PLANTS
    ]
    references = [
        PhotoSpec(
            seed=int(rng.integers(1 << 32)),
            age=position + 0.5,
            site=site,
            plant=replace(plant, name=f"REF-{number + 1}"),
            camera=CAMERAS[-1],
            taken_at=datetime(season[0].taken_at.year, 4, 1 + 6 * position // 2, 12, number, tzinfo=UTC),
            size=(640, 480),
            difficulty=CLEAR,
        )
        for position in range(N_STAGES)
        for number, (site, plant) in enumerate(extra)
    ]
    chosen = np.unique(np.linspace(0, len(season) - 1, PHONE_PHOTOS).round().astype(int))
    phone = [replace(season[k], seed=season[k].seed ^ 1, camera=CAMERAS[0]) for k in chosen]
    return Campaign(season, references, phone)
