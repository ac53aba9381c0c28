"""What a cell comes to, and the file that keeps finished cells: a line each, safe against a kill at any moment."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from classifier.core.class_structure.partitions import Partition
from classifier.core.contracts import Array
from classifier.core.few_shot import ResidualEncoder
from classifier.core.few_shot_models import AttentionModel, PairModel, PrototypeModel
from classifier.core.heads import fit_head
from classifier.study.fold import RANDOM, RAW, Fold, part_of
from classifier.study.panel import N_EXPERTS, Cost, cost_of
from classifier.study.plan import (
    ARMS,
    EQUAL_COMPUTE,
    EXPERT,
    PANEL,
    RANDOM_REVIEW,
    REFERENCES,
    SECOND_EXPERT,
    TRIAL_CLASSES,
    Cell,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One finished cell.

    Parameters
    ----------
    cell : Cell
    settings : str
        Hash of all that the figures depend on; a cell of other settings is made again.
    photos : list of int
        Test photos, as rows of the data set.
    groups : list of str
        Theirs.
    truth : list of int
        Their gold stages.
    predicted : list of int
        Classes, positions in `parts`.
    parts : list of list of int
        Stages of each class.
    labelled : int
        Training photos with a label.
    minutes : float
        Expert minutes.
    notes : dict
        Remarks.
    """

    cell: Cell
    settings: str
    photos: list[int]
    groups: list[str]
    truth: list[int]
    predicted: list[int]
    parts: list[list[int]]
    labelled: int
    minutes: float
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Row:
        """Read a line.

        Raises
        ------
        ValueError, TypeError, KeyError
            It is no row.
        """
        values = json.loads(line)
        return cls(**{**values, "cell": Cell(**values["cell"])})


class RowFile:
    """Finished cells, a line each, each flushed to the disk before the next cell begins.

    A line that a kill cut short is passed over, and the next one starts on a line of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, settings: dict[str, str]) -> dict[Cell, Row]:
        """Give the rows whose settings are those of their data set in `settings`; of a cell twice there the last."""
        found: dict[Cell, Row] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                row = Row.from_json(line)
            except (ValueError, TypeError, KeyError):
                continue
            if row.settings == settings.get(row.cell.photo_set):
                found[row.cell] = row
        return found

    def append(self, row: Row) -> None:
        """Add a finished cell."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_torn = _is_torn(self._path)
        with self._path.open("a", encoding="utf-8") as handle:
            handle.write(("\n" if is_torn else "") + row.to_json() + "\n")
            handle.flush()
            os.fsync(handle.fileno())


def _is_torn(path: Path) -> bool:
    """Whether the last line of a file was cut short."""
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read() != b"\n"


def finished_row(cell: Cell, fold: Fold, settings: str) -> Row:
    """Work out one cell."""
    predicted, parts, cost, notes = _answer(cell.arm, fold)
    return Row(
        cell=cell,
        settings=settings,
        photos=fold.test.tolist(),
        groups=[str(group) for group in fold.photos.groups[fold.test]],
        truth=fold.photos.truth[fold.test].tolist(),
        predicted=np.asarray(predicted).tolist(),
        parts=[list(part) for part in parts],
        labelled=cost.labelled,
        minutes=round(cost.minutes, 3),
        notes=notes,
    )


Answer = tuple[Array, Partition, Cost, dict[str, Any]]


def _answer(arm: str, fold: Fold) -> Answer:
    if arm in ARMS:
        scored, parts = fold.subset(ARMS[arm])
        notes = {**scored.notes, "labels_wrong": _wrong(fold, fold.labels_of(ARMS[arm]))}
        return scored.test.argmax(axis=1), parts, fold.cost(ARMS[arm]), notes
    if arm in REFERENCES:
        return _opinion(arm, fold)
    if "@" in arm:
        learner, shots = arm.split("@")
        return _few_shot(learner, int(shots), fold)
    return _rival(arm, fold)


def _opinion(arm: str, fold: Fold) -> Answer:
    """What experts say of the test photos themselves: the ceiling of whoever learns from them."""
    said = {EXPERT: fold.panel.raw, SECOND_EXPERT: fold.panel.second, PANEL: fold.panel.median}[arm]
    per_photo = N_EXPERTS if arm == PANEL else 1
    cost = Cost(0, per_photo * len(fold.test) * fold.options.seconds_per_opinion / 60.0)
    notes = {}
    if arm == EXPERT:
        notes = {f"wrong_{name}": _wrong(fold, name) for name in (RAW, RANDOM)}
    return said[fold.test], fold.finest, cost, notes


def _wrong(fold: Fold, labels: str) -> float:
    return float((fold.labels(labels) != fold.photos.truth[fold.train]).mean())


def _rival(arm: str, fold: Fold) -> Answer:
    if arm == RANDOM_REVIEW:
        scored = fold.network(RANDOM, fold.finest)
        return scored.test.argmax(axis=1), fold.finest, fold.cost(frozenset(), at_random=True), {}
    if arm == EQUAL_COMPUTE:
        scored = fold.equal_compute()
        return scored.test.argmax(axis=1), fold.finest, fold.cost(frozenset()), scored.notes
    if arm == TRIAL_CLASSES:
        parts = fold.trial_classes()
        scored = fold.network(RAW, parts)
        return scored.test.argmax(axis=1), parts, fold.cost(frozenset()), {}
    raise ValueError(f"no such row: {arm}")


def _few_shot(learner: str, shots: int, fold: Fold) -> Answer:
    """A learner that sees `shots` photos of each stage, by their raw labels, and compares with them."""
    rng = np.random.default_rng([fold.seed, 79])
    raw = fold.labels(RAW)
    order = rng.permutation(len(raw))
    chosen = np.sort(np.concatenate([order[raw[order] == stage][:shots] for stage in range(fold.photos.n_stages)]))
    rows = fold.train[chosen]
    X, groups = fold.photos.features[rows], fold.photos.groups[rows]
    targets = np.eye(fold.photos.n_stages)[raw[chosen]]
    probas = _LEARNERS[learner](X, targets, groups)(fold.photos.features[fold.test])
    return probas.argmax(axis=1), fold.finest, cost_of(len(rows), 0, fold.options.seconds_per_opinion), {}


Learner = Callable[[Array, Array, Array], Callable[[Array], Array]]


def _prototypes(X: Array, targets: Array, groups: Array) -> Callable[[Array], Array]:
    return PrototypeModel.fit(ResidualEncoder.standardising(X), X, targets, groups).predict_proba


def _matching(X: Array, targets: Array, groups: Array) -> Callable[[Array], Array]:
    return AttentionModel.fit(ResidualEncoder.standardising(X), X, targets, groups).predict_proba


def _siamese(X: Array, targets: Array, groups: Array) -> Callable[[Array], Array]:
    encoder, weights = ResidualEncoder.standardising(X), -np.ones(X.shape[1], dtype=np.float32)
    return PairModel.fit(encoder, weights, 0.0, X, targets, groups).predict_proba


def _linear_head(X: Array, targets: Array, groups: Array) -> Callable[[Array], Array]:
    return fit_head(X, targets).predict_proba


_LEARNERS: dict[str, Learner] = {
    "prototypes": _prototypes,
    "matching": _matching,
    "siamese": _siamese,
    "linear_head": _linear_head,
}


def merged(row: Row, parts: Partition) -> tuple[Array, Array]:
    """Predictions and truth of a row as classes of a scale that is at least as coarse as the row's own."""
    own = [min(part) for part in row.parts]
    to_class = part_of(parts)
    return to_class[np.array(own, dtype=np.int64)[np.array(row.predicted)]], to_class[np.array(row.truth)]
