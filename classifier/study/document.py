"""The results file: what was run, on what, the tables of each data set, and figures in the shape of the benchmarks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from classifier.study.photo_sets import PhotoSet
from classifier.study.plan import Cell
from classifier.study.rows import Row
from classifier.study.runner import StudyPlan
from classifier.study.table import Results

#: Where the study wants A0 on the generated photos, as in the field case.
A0_LOW, A0_HIGH = 0.70, 0.80


def results_document(
    photo_sets: Mapping[str, PhotoSet],
    rows: Mapping[Cell, Row],
    plan: StudyPlan,
    *,
    skipped: Mapping[str, str],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Build the results file, JSON-ready.

    Parameters
    ----------
    photo_sets : mapping of str to PhotoSet
    rows : mapping of Cell to Row
    plan : StudyPlan
    skipped : mapping of str to str
        Data sets that could not be had, with the reason.
    about : mapping
        The machine and the networks' settings.
    """
    tables = {}
    for name, photos in photo_sets.items():
        found = Results({cell: row for cell, row in rows.items() if cell.photo_set == name}).document()
        if found:
            tables[name] = {**_about(photos), **found}
    return {
        **about,
        "settings": {"folds": plan.folds, **dataclasses.asdict(plan.options)},
        "skipped": dict(skipped),
        "figures": _figures(tables),
        "tables": tables,
    }


def _about(photos: PhotoSet) -> dict[str, Any]:
    return {
        "photos": len(photos.truth),
        "stages": photos.n_stages,
        "groups": len(np.unique(photos.groups)),
        "space": photos.space,
        "is_pretrained": photos.is_pretrained,
        "exact_reader": photos.exact_reader,
    }


def _figures(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, table in tables.items():
        key = name.replace("-", "_")
        cut = table["error_cut"]
        if cut:
            figures[f"{key}_error_cut"] = _figure(cut, "share of A0's errors", cut["goal"], cut["holds"], table)
        if name == "generated":
            accuracy = table["rows"]["A0"]["accuracy"]
            holds = A0_LOW <= accuracy["value"] <= A0_HIGH
            figures[f"{key}_a0_accuracy"] = _figure(accuracy, "share", f"{A0_LOW}-{A0_HIGH}", holds, table)
    return figures


def _figure(found: Mapping[str, float], unit: str, goal: Any, holds: bool, table: Mapping[str, Any]) -> dict[str, Any]:  # noqa: FBT001 - a column
    return {
        "value": found["value"], "low": found["low"], "high": found["high"], "unit": unit, "peer": None,
        "limit": None, "goal": goal, "holds": holds, "n": table["photos_scored"],
    }  # fmt: skip
