"""Photos at odds with the others of their plant: a plant never goes back a stage within a season."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.core.contracts import Array
from classifier.core.timelines import plant_rows, season_keys, smooth_plant
from classifier.services.date_evidence import LABEL_TRUST
from labeling.selectors.plant_weeks import PlantPhotos

MOST_SEQUENCES = 5000
"""Plants in a season that are looked at closely; the latest ones where there are more that go back."""
MOST_PHOTOS = 2000
"""Photos that are kept, the latest."""


@dataclass(frozen=True)
class PlantFlags:
    """Ids of the photos, the latest first; how many there are, and whether some plants were left out."""

    photo_ids: list[int]
    n: int
    is_cut: bool


def plant_flags(
    photos: PlantPhotos, *, n_stages: int, is_ordered: bool, on_progress: Callable[[float], object] = lambda _: None
) -> PlantFlags:
    """Which photos the smoothing of their plant takes for strays, of the plants whose stages fall at all.

    Without an order of stages nothing can fall.
    """
    if not is_ordered or not len(photos.photo):
        return PlantFlags([], 0, is_cut=False)
    falling = _falling(photos)
    falling.sort(key=lambda rows: -float(photos.days[rows].max()))
    found: list[int] = []
    chosen = falling[:MOST_SEQUENCES]
    for number, rows in enumerate(chosen):
        timeline = smooth_plant(_seen(photos, rows, n_stages), photos.days[rows])
        found += rows[timeline.is_violation].tolist()
        if number % 100 == 0:
            on_progress(number / len(chosen))
    strays = np.asarray(found, np.int64)
    ids = photos.photo[strays[np.argsort(-photos.days[strays], kind="stable")]].tolist()
    return PlantFlags(ids[:MOST_PHOTOS], len(ids), is_cut=len(falling) > MOST_SEQUENCES)


def _falling(photos: PlantPhotos) -> list[npt.NDArray[np.int64]]:
    """Rows of each plant in a season whose stages fall somewhere, in order of time."""
    order = np.lexsort((photos.days, photos.plant))
    plant, position = photos.plant[order], photos.position[order]
    falls = np.zeros(len(order), bool)
    falls[1:] = (plant[1:] == plant[:-1]) & (position[1:] < position[:-1])
    # Seasons are told apart for those plants only: most never fall.
    rows = order[np.isin(plant, plant[falls])]
    if not len(rows):
        return []
    keys = season_keys(photos.plant[rows].astype(str), photos.days[rows])
    sequences = [rows[part] for part in plant_rows(keys)]
    sequences = [part[np.argsort(photos.days[part], kind="stable")] for part in sequences]
    return [part for part in sequences if (np.diff(photos.position[part]) < 0).any()]


def _seen(photos: PlantPhotos, rows: npt.NDArray[np.int64], n_stages: int) -> Array:
    """What is known of each photo by itself, (n, K): its stage as surely as it is known, the rest shared out."""
    sure = np.where(photos.is_label[rows], LABEL_TRUST, 1.0) * np.clip(photos.confidence[rows], 1.0 / n_stages, 1.0)
    probas = np.repeat(((1.0 - sure) / max(1, n_stages - 1))[:, None], n_stages, axis=1)
    probas[np.arange(len(rows)), photos.position[rows]] = sure
    return probas
