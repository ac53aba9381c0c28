"""Whole seasons and balanced samples: who is photographed, when, and how far along it is by then.

A season is driven by warmth: each day after the buds' rest adds degree days above a base temperature, and a plant's
age is a fixed, rising function of the sum, shifted by the plant's and the site's own delay. So a plant never goes back,
a cold week holds everything up, and plants of one site differ by days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from .scale import AGE_MAX, AGE_MIN, N_STAGES
from .traits import CAMERAS, Difficulty, PhotoSpec, PlantTraits, SiteTraits, plant_sample, site_sample, size_sample

BASE_TEMPERATURE = 4.5
"""Degrees Celsius below which apple buds stand still."""

REST_ENDS = 59
"""Day of the year (from 0) before which warmth counts for nothing: the buds are at rest until 1 March."""

STAGE_DEGREE_DAYS = np.array([70.0, 115.0, 155.0, 190.0, 225.0, 265.0, 310.0, 370.0])
"""Degree days since the rest ended at which ages 0, 1, ... 7 are reached by a plant without delay."""


_DAYS = 300
"""Days of weather that are simulated: any plant has set fruit by then."""


def daily_temperatures(year: int, n_days: int, site: SiteTraits, seed: int) -> np.ndarray:
    """Mean temperature ``(n_days,)`` in degrees Celsius from 1 January: a yearly wave, weather that lingers."""
    rng = np.random.default_rng([seed, 17, year, *site.name.encode()])
    day = np.arange(n_days)
    climate = 9.5 - 9.0 * np.cos(2 * np.pi * (day - 18) / 365.25)
    weather = np.zeros(n_days)
    for k in range(1, n_days):
        weather[k] = 0.75 * weather[k - 1] + rng.normal(0, 1.8)
    return climate + weather


def degree_days(temperatures: np.ndarray) -> np.ndarray:
    """Degree days summed to the end of each day from 1 January; 0 during the rest, never falls."""
    daily = np.maximum(temperatures - BASE_TEMPERATURE, 0.0)
    daily[:REST_ENDS] = 0.0
    return np.cumsum(daily)


def age_at(warmth: float | np.ndarray, plant: PlantTraits, site: SiteTraits) -> np.ndarray:
    """Age in stages after ``warmth`` degree days, within the scale."""
    due = np.asarray(warmth) - plant.delay - site.delay
    return np.clip(np.interp(due, STAGE_DEGREE_DAYS, np.arange(N_STAGES + 1.0)), AGE_MIN, AGE_MAX)


def world(n_sites: int, plants_per_site: int, seed: int) -> list[tuple[SiteTraits, PlantTraits]]:
    """Every plant with its site; the first plants stay the same when more are asked for at the same number of sites."""
    pairs = []
    for number in range(n_sites):
        site = site_sample(number, seed)
        pairs += [(site, plant_sample(number * plants_per_site + k, site, seed)) for k in range(plants_per_site)]
    return pairs


def simulate_season(
    *,
    n_sites: int,
    plants_per_site: int,
    seed: int,
    every: int = 3,
    photos_per_visit: int = 1,
    year: int = 2025,
    difficulty: Difficulty | None = None,
) -> list[PhotoSpec]:
    """Photos of a season in order of time: each plant every ``every`` days from its first swelling bud to fruit set.

    Args:
        n_sites: orchards.
        plants_per_site: plants in each.
        seed: of the world: weather, plants, photos.
        every: days between two visits of a plant; the first falls anywhere within them.
        photos_per_visit: a burst of photos seconds apart of the same plant.
        year: of the dates.
        difficulty: how hard the photos are; the default is calibrated.

    Returns:
        Specifications sorted by ``taken_at``; per plant, ``age`` never falls.
    """
    pairs = world(n_sites, plants_per_site, seed)
    new_year = datetime(year, 1, 1, tzinfo=UTC)
    warmth = {site.name: degree_days(daily_temperatures(year, _DAYS, site, seed)) for site, _ in pairs}
    specs = []
    for number, (site, plant) in enumerate(pairs):
        rng = np.random.default_rng([seed, 19, number])
        total = warmth[site.name]
        first, last = np.searchsorted(total, STAGE_DEGREE_DAYS[[0, -1]] + plant.delay + site.delay)
        for day in range(int(first) + 1 + int(rng.integers(every)), min(int(last), _DAYS), every):
            minute = float(rng.uniform(8 * 60, 19 * 60))
            for shot in range(photos_per_visit):
                moment = minute + shot / 3.0
                now = total[day - 1] + (total[day] - total[day - 1]) * moment / 1440.0
                taken_at = new_year + timedelta(days=day, minutes=moment)
                specs.append(_spec(rng, float(age_at(now, plant, site)), site, plant, taken_at, difficulty))
    return sorted(specs, key=lambda spec: (spec.taken_at, spec.plant.name, spec.seed))


def balanced_specs(
    *,
    per_stage: int,
    seed: int,
    n_plants: int = 140,
    n_sites: int = 7,
    year: int = 2025,
    difficulty: Difficulty | None = None,
) -> list[PhotoSpec]:
    """``per_stage`` photos of every stage, ages even within a stage, dates as the season would have them.

    Plants are dealt round, so that each shows (nearly) every stage and a split by plant stays balanced.
    """
    pairs = world(n_sites, -(-n_plants // n_sites), seed)[:n_plants]
    warmth = {site.name: degree_days(daily_temperatures(year, _DAYS, site, seed)) for site, _ in pairs}
    new_year = datetime(year, 1, 1, tzinfo=UTC)
    rng = np.random.default_rng([seed, 23])
    specs = []
    for stage in range(N_STAGES):
        for number in range(per_stage):
            site, plant = pairs[(number + stage * 5) % len(pairs)]
            age = min(stage + float(rng.random()), float(np.nextafter(stage + 1.0, 0.0)))
            due = float(np.interp(age, np.arange(N_STAGES + 1.0), STAGE_DEGREE_DAYS)) + plant.delay + site.delay
            day = min(int(np.searchsorted(warmth[site.name], due)), _DAYS - 1)
            taken_at = new_year + timedelta(days=day, minutes=float(rng.uniform(8 * 60, 19 * 60)))
            specs.append(_spec(rng, age, site, plant, taken_at.replace(microsecond=0), difficulty))
    return specs


def stage_counts(specs: Sequence[PhotoSpec]) -> list[int]:
    """Photos per stage, in scale order."""
    return np.bincount([spec.stage for spec in specs], minlength=N_STAGES).tolist()


def _spec(
    rng: np.random.Generator,
    age: float,
    site: SiteTraits,
    plant: PlantTraits,
    taken_at: datetime,
    difficulty: Difficulty | None,
) -> PhotoSpec:
    return PhotoSpec(
        seed=int(rng.integers(1 << 32)),
        age=age,
        site=site,
        plant=plant,
        camera=CAMERAS[int(rng.integers(len(CAMERAS)))],
        taken_at=taken_at.replace(microsecond=0),
        size=size_sample(rng),
        difficulty=difficulty or Difficulty(),
    )
