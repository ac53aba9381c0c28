"""Runs the cells that are not finished yet, in order, and says how far it is."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from classifier.core.splits import fold_pairs, grouped_folds
from classifier.study.fits import FitStore, Networks
from classifier.study.fold import Fold, StudyOptions
from classifier.study.panel import simulated_panel
from classifier.study.photo_sets import PhotoSet
from classifier.study.plan import EVERY_ROW, Cell, planned_cells
from classifier.study.rows import Row, RowFile, finished_row

#: Counts up when the arms themselves change, so that rows of an earlier meaning are not mixed in.
REVISION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class StudyPlan:
    """What is to be run, and where it is kept.

    Parameters
    ----------
    seeds, folds : int
    arms : sequence of str
    options : StudyOptions
    folder : Path
        ``cells.jsonl`` and the fits.
    """

    seeds: int
    folds: int
    folder: Path
    arms: Sequence[str] = EVERY_ROW
    options: StudyOptions = dataclasses.field(default_factory=StudyOptions)


def settings_key(photos: PhotoSet, networks: Networks, plan: StudyPlan) -> str:
    """Hash of all that the rows of a data set depend on; the numbers of seeds and arms are not among it."""
    stated = {
        "revision": REVISION,
        "set": identity(photos),
        "space": photos.space,
        "folds": plan.folds,
        "options": dataclasses.asdict(plan.options),
        "networks": networks.settings,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:16]


def identity(photos: PhotoSet) -> str:
    """Hash of the photos, their stages and groups."""
    digest = hashlib.sha256(repr((photos.name, photos.images.shape)).encode())
    for array in (photos.images, photos.crops, photos.truth):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("\0".join(map(str, photos.groups)).encode())
    return digest.hexdigest()[:32]


def run(
    photo_sets: Mapping[str, PhotoSet],
    networks: Networks,
    plan: StudyPlan,
    *,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> dict[Cell, Row]:
    """Finish all cells of the plan.

    Killed at any moment and started again it goes on with the cell it was at, and the fits of that cell that were
    finished are not made again.

    Returns
    -------
    dict of Cell to Row
        Of the plan, whether they were finished now or before.
    """
    file = RowFile(plan.folder / "cells.jsonl")
    keys = {name: settings_key(photos, networks, plan) for name, photos in photo_sets.items()}
    cells = list(planned_cells(list(photo_sets), seeds=plan.seeds, folds=plan.folds, arms=plan.arms))
    finished = finished_rows(photo_sets, networks, plan)
    waiting = [cell for cell in cells if cell not in finished]
    say(f"{len(cells)} cells, {len(finished)} finished before")
    work = _Work(photo_sets, networks, plan)
    started = last = clock()
    taken: dict[str, list[float]] = {}
    for number, cell in enumerate(waiting, start=1):
        row = finished_row(cell, work.fold(cell), keys[cell.photo_set])
        file.append(row)
        finished[cell] = row
        now = clock()
        taken.setdefault(cell.arm, []).append(now - last)
        last = now
        say(
            f"{len(finished)}/{len(cells)} {cell.photo_set} seed {cell.seed + 1}/{plan.seeds} fold {cell.fold + 1}/"
            f"{plan.folds} {cell.arm}: {_share_right(row)}; {_minutes(now - started)} gone, about "
            f"{_minutes(time_left(taken, waiting[number:]))} to go"
        )
    return finished


def time_left(taken: Mapping[str, Sequence[float]], waiting: Sequence[Cell]) -> float:
    """Guess the seconds that cells will take by what cells of their arm took: the first of a fold make its fits."""
    everything = [seconds for each in taken.values() for seconds in each]
    typical = sum(everything) / len(everything) if everything else 0.0
    means = {arm: sum(each) / len(each) for arm, each in taken.items()}
    return sum(means.get(cell.arm, typical) for cell in waiting)


def finished_rows(photo_sets: Mapping[str, PhotoSet], networks: Networks, plan: StudyPlan) -> dict[Cell, Row]:
    """Give the cells of the plan that are finished, running none."""
    keys = {name: settings_key(photos, networks, plan) for name, photos in photo_sets.items()}
    cells = set(planned_cells(list(photo_sets), seeds=plan.seeds, folds=plan.folds, arms=plan.arms))
    found = RowFile(plan.folder / "cells.jsonl").read(keys)
    return {cell: row for cell, row in found.items() if cell in cells}


class _Work:
    """The fold at hand: cells of one fold share what they need."""

    def __init__(self, photo_sets: Mapping[str, PhotoSet], networks: Networks, plan: StudyPlan) -> None:
        self._sets, self._plan = photo_sets, plan
        self._stores = {
            name: FitStore(networks, plan.folder / "fits" / name, identity(photos))
            for name, photos in photo_sets.items()
        }
        self._at: tuple[str, int, int] | None = None
        self._fold: Fold | None = None

    def fold(self, cell: Cell) -> Fold:
        if self._fold is None or self._at != (cell.photo_set, cell.seed, cell.fold):
            self._fold, self._at = self._made(cell), (cell.photo_set, cell.seed, cell.fold)
        return self._fold

    def _made(self, cell: Cell) -> Fold:
        photos, options = self._sets[cell.photo_set], self._plan.options
        panel = simulated_panel(photos.truth, photos.n_stages, seed=cell.seed, slips=options.slips)
        folds = grouped_folds(photos.truth, photos.groups, n_folds=self._plan.folds, random_state=cell.seed)
        train, test = fold_pairs(folds)[cell.fold]
        seed = 1000 * cell.seed + cell.fold
        return Fold(photos, panel, train, test, self._stores[cell.photo_set], options, seed)


def _share_right(row: Row) -> str:
    classes = np.zeros(1 + max(max(part) for part in row.parts), dtype=np.int64)
    for place, part in enumerate(row.parts):
        classes[part] = place
    right = classes[np.array(row.truth)] == np.array(row.predicted)
    return f"{100 * right.mean():.1f} % of {len(right)} right"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"
