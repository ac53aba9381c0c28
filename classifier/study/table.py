"""The Results table: finished cells in, figures with intervals out.

All figures are against gold, on folds in which every row of the table is finished, so that each difference is paired
photo by photo. Photos of a group stay together, over all seeds, when intervals are drawn.

Where an arm works with merged classes, every arm is scored on the merged scale by mapping its predictions to it:
merging raises accuracy by arithmetic, and that rise is nobody's merit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from classifier.core.class_structure.partitions import Partition, information
from classifier.core.contracts import Array
from classifier.core.metrics import bootstrap_mean, confusion_matrix, macro_f1, weighted_kappa
from classifier.study.fold import joined
from classifier.study.plan import (
    ARMS,
    EQUAL_COMPUTE,
    EXPERT,
    LEVERS,
    ONE_SHOT_ROWS,
    PANEL,
    RANDOM_REVIEW,
    SECOND_EXPERT,
    TRIAL_CLASSES,
    Cell,
)
from classifier.study.rows import Row, merged
from classifier.study.statistics import error_cut, holm, shapley_values, sign_flip_p

#: Share of A0's errors that the whole is to take away.
GOAL = 0.60
#: What each idea is held against: nothing, the same minutes, the same classes, the same computing.
PLANNED = (("A1", "A0"), ("A2", RANDOM_REVIEW), (TRIAL_CLASSES, "A0"), ("A4", EQUAL_COMPUTE))
MAIN_ROWS = ("A0", "A1", "A2", RANDOM_REVIEW, "A3", TRIAL_CLASSES, "A4", EQUAL_COMPUTE, "A5")
_RESAMPLES = 2000

Figure = dict[str, float]
Place = tuple[int, int]


class Results:
    """The figures of one data set.

    Parameters
    ----------
    rows : mapping of Cell to Row
        Of this data set.
    """

    def __init__(self, rows: Mapping[Cell, Row]) -> None:
        self._rows: dict[str, dict[Place, Row]] = {}
        for cell, row in rows.items():
            self._rows.setdefault(cell.arm, {})[cell.seed, cell.fold] = row
        everywhere = [set(places) for places in self._rows.values()]
        self.places: list[Place] = sorted(set.intersection(*everywhere)) if everywhere else []

    def document(self) -> dict[str, Any]:
        """All tables, JSON-ready; empty while no fold is finished."""
        if not self.places:
            return {}
        return {
            "n_seeds": len({seed for seed, _ in self.places}),
            "n_folds": len(self.places),
            "places": [list(place) for place in self.places],
            "photos_scored": len(self._groups),
            "rows": {arm: self._row(arm) for arm in MAIN_ROWS if arm in self._rows},
            "subsets": {arm: self._mean(self._right(arm)) for arm in ARMS if arm in self._rows},
            "one_shot": {arm: self._row(arm) for arm in ONE_SHOT_ROWS if arm in self._rows},
            "planned": self._planned(),
            "without": self._without(),
            "shapley": self._shapley(),
            "error_cut": self._error_cut(),
            "ceiling": self._ceiling(),
            "classes": self._classes(),
            "specialists": self._specialists(),
        }

    @cached_property
    def _groups(self) -> Array:
        return np.concatenate([np.array(row.groups) for row in self._of("A0")])

    @cached_property
    def _scales(self) -> list[Partition]:
        """Of each fold: the coarsest scale that any arm's proposals came to."""
        return [
            common_scale([self._rows[arm][place].parts for arm in ARMS if arm in self._rows]) for place in self.places
        ]

    def _of(self, arm: str) -> list[Row]:
        return [self._rows[arm][place] for place in self.places]

    def _classes_of(self, arm: str, scales: Sequence[Partition] | None = None) -> tuple[Array, Array]:
        """Predictions and truth of an arm over all folds, on the common scale or on given ones."""
        pairs = [merged(row, scale) for row, scale in zip(self._of(arm), scales or self._scales, strict=True)]
        return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])

    def _right(self, arm: str, scales: Sequence[Partition] | None = None) -> Array:
        if arm == TRIAL_CLASSES:
            scales = self._trial_scales
        predicted, truth = self._classes_of(arm, scales)
        return predicted == truth

    @cached_property
    def _trial_scales(self) -> list[Partition]:
        return [tuple(tuple(part) for part in row.parts) for row in self._of(TRIAL_CLASSES)]

    def _mean(self, values: Array) -> Figure:
        low, high = bootstrap_mean(values, self._groups, n_resamples=_RESAMPLES)
        return {"value": float(np.mean(values)), "low": low, "high": high}

    def _row(self, arm: str) -> dict[str, Any]:
        scales = self._trial_scales if arm == TRIAL_CLASSES else self._scales
        predicted, truth = self._classes_of(arm, scales)
        n_classes = int(max(predicted.max(), truth.max())) + 1
        confusion = confusion_matrix(truth, predicted, n_classes)
        rows = self._of(arm)
        by_seed = [
            float(self._right(arm)[self._seeds == seed].mean()) for seed in sorted({seed for seed, _ in self.places})
        ]
        return {
            "accuracy": self._mean(predicted == truth),
            "over_a0": self._mean(self._right(arm, scales).astype(float) - self._right("A0", scales)),
            "sd_over_seeds": float(np.std(by_seed, ddof=1)) if len(by_seed) > 1 else None,
            "macro_f1": macro_f1(confusion),
            "qwk": weighted_kappa(confusion),
            "mae": float(np.abs(predicted - truth).mean()),
            "neighbours": float((np.abs(predicted - truth) == 1).sum() / max(1, (predicted != truth).sum())),
            "bits": information(confusion),
            "labelled": float(np.mean([row.labelled for row in rows])),
            "minutes": float(np.mean([row.minutes for row in rows])),
            "confusion": confusion.tolist(),
        }

    @cached_property
    def _seeds(self) -> Array:
        """Seed of each scored photo."""
        return np.concatenate(
            [np.full(len(row.photos), place[0]) for place, row in zip(self.places, self._of("A0"), strict=True)]
        )

    def _planned(self) -> list[dict[str, Any]]:
        asked = [(arm, rival) for arm, rival in PLANNED if arm in self._rows and rival in self._rows]
        found: list[dict[str, Any]] = []
        for arm, rival in asked:
            scales = self._trial_scales if arm == TRIAL_CLASSES else self._scales
            paired = self._right(arm, scales).astype(float) - self._right(rival, scales)
            p = sign_flip_p(paired, self._groups)
            found.append({"arm": arm, "rival": rival, "difference": self._mean(paired), "p": p})
        for comparison, adjusted in zip(found, holm([it["p"] for it in found]), strict=True):
            comparison["p_holm"] = adjusted
        return found

    def _without(self) -> dict[str, Figure]:
        """What A5 loses when one lever is not pulled."""
        names = {lever: f"A5-A{place}" for place, lever in enumerate(LEVERS, start=1)}
        return {
            lever: self._mean(self._right("A5").astype(float) - self._right(name))
            for lever, name in names.items()
            if name in self._rows and "A5" in self._rows
        }

    def _shapley(self) -> dict[str, Figure]:
        if any(arm not in self._rows for arm in ARMS):
            return {}
        worth = {levers: self._right(arm).astype(float) for arm, levers in ARMS.items()}
        return {lever: self._mean(share) for lever, share in shapley_values(worth, LEVERS).items()}

    def _error_cut(self) -> dict[str, Any]:
        if "A5" not in self._rows:
            return {}
        value, low, high = error_cut(self._right("A0"), self._right("A5"), self._groups, n_resamples=_RESAMPLES)
        # Of combinations that are equally good, the one that pulls fewest levers.
        best = max((arm for arm in ARMS if arm in self._rows), key=lambda arm: float(self._right(arm).mean()))
        return {"value": value, "low": low, "high": high, "goal": GOAL, "holds": value >= GOAL, "best_arm": best}

    def _ceiling(self) -> dict[str, Any]:
        """What single labels are worth, and what the arms look like against labels other than gold."""
        if any(name not in self._rows for name in (EXPERT, SECOND_EXPERT, PANEL)):
            return {}
        fine = [
            tuple((stage,) for stage in range(1 + max(max(part) for part in row.parts))) for row in self._of(EXPERT)
        ]
        said = {name: self._classes_of(name, fine)[0] for name in (EXPERT, SECOND_EXPERT, PANEL)}
        truth = self._classes_of(EXPERT, fine)[1]
        against = {}
        for arm in ("A0", "A5"):
            if arm in self._rows and all(len(part) == 1 for row in self._of(arm) for part in row.parts):
                predicted = self._classes_of(arm, fine)[0]
                against[arm] = {name: self._mean(predicted == said[name]) for name in (EXPERT, PANEL)}
        notes = [row.notes for row in self._of(EXPERT)]
        return {
            "two_experts_agree": self._mean(said[EXPERT] == said[SECOND_EXPERT]),
            "expert_right": self._mean(said[EXPERT] == truth),
            "panel_right": self._mean(said[PANEL] == truth),
            "arms_against": against,
            "training_labels_wrong": {
                key.removeprefix("wrong_"): float(np.mean([note[key] for note in notes]))
                for key in (notes[0] if notes else {})
            }
            | self._wrong_after_review(),
        }

    def _wrong_after_review(self) -> dict[str, float]:
        return {
            arm: float(np.mean([row.notes["labels_wrong"] for row in self._of(arm)]))
            for arm in ("A2", "A5")
            if arm in self._rows and all("labels_wrong" in row.notes for row in self._of(arm))
        }

    def _classes(self) -> dict[str, Any]:
        fine = sum(all(len(part) == 1 for part in scale) for scale in self._scales)
        found: dict[str, Any] = {"folds_with_a_proposal": len(self._scales) - fine, "folds": len(self._scales)}
        if TRIAL_CLASSES in self._rows:
            predicted, truth = self._classes_of("A0", self._trial_scales)
            n_classes = int(truth.max()) + 1
            found["a0_mapped"] = self._mean(predicted == truth)
            found["a0_mapped_bits"] = information(confusion_matrix(truth, predicted, n_classes))
            found["trials"] = sorted({str([list(part) for part in scale]) for scale in self._trial_scales})
        return found

    def _specialists(self) -> dict[str, float]:
        found = {}
        for arm in ("A4", "A5"):
            if arm in self._rows:
                pairs = [row.notes.get("pairs", []) for row in self._of(arm)]
                found[f"{arm}_tried"] = float(np.mean([len(it) for it in pairs]))
                found[f"{arm}_kept"] = float(np.mean([sum(pair[2] > 0 for pair in it) for it in pairs]))
        if EQUAL_COMPUTE in self._rows:
            notes = [row.notes for row in self._of(EQUAL_COMPUTE)]
            found["rival_networks"] = float(np.mean([note["networks"] for note in notes]))
        return found


def common_scale(scales: Sequence[Sequence[Sequence[int]]]) -> Partition:
    """Give the finest scale on which all of these, partitions of neighbours, can be compared."""
    together = [(part[i], part[i + 1]) for scale in scales for part in scale for i in range(len(part) - 1)]
    return joined(1 + max(max(part) for part in scales[0]), together)
