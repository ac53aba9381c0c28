"""A bundle: the graph in one format, its labels, how it compares with the ensemble, and a card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from classifier.artifacts import folder_in_one_step, write_manifest
from classifier.core.contracts import Array, TrainingStopped
from classifier.core.export_card import card_of
from classifier.core.exporting import TOLERANCE, Parity, label_file, parity_of, probe_photos
from classifier.nn.ensemble import Ensemble
from classifier.nn.exporting.formats import exporter_named
from classifier.nn.exporting.graph import build_graph
from classifier.nn.preprocessing import resize_images

KIND = "export"
LABELS, PARITY, CARD = "labels.json", "parity.json", "README.md"
#: Pictures to compare on where no photos are given.
_N_PROBES = 16
_STEPS = 4


def write_bundle(
    ensemble: Ensemble,
    folder: Path,
    *,
    format_name: str,
    facts: Mapping[str, Any],
    probes: Array | None = None,
    on_step: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    tolerance: float = TOLERANCE,
) -> Parity:
    """Write a bundle that appears complete or not at all, and only if it answers as the ensemble does.

    Args:
        ensemble: Fitted.
        folder: Replaced if it exists.
        format_name: Of ``FORMAT_NAMES``.
        facts: Of the model: ``stages`` in the order of its answers, and what the card tells.
        probes: Photos uint8 (n, h, w, 3) to compare on; drawn pictures without any.
        on_step: Called with (steps done, steps in all).
        should_stop: Asked between the steps.
        tolerance: Largest difference of a probability.

    Raises:
        NotExportable: The ensemble or this process cannot give the format.
        ParityFailed: What was written answers otherwise.
        TrainingStopped: `should_stop` answered true.
    """

    def step(done: int) -> None:
        on_step(done, _STEPS)
        if should_stop():
            raise TrainingStopped

    step(0)
    exporter, graph = exporter_named(format_name), build_graph(ensemble)
    step(1)
    with folder_in_one_step(Path(folder)) as part:
        path = exporter.write(graph, part)
        step(2)
        photos = probe_photos(_N_PROBES, graph.side) if probes is None else resize_images(probes, graph.side)
        photos = np.ascontiguousarray(photos)
        parity = parity_of(exporter.runner(path)(photos), ensemble.predict_proba(photos), tolerance=tolerance)
        step(3)
        told = {name: value for name, value in facts.items() if name != "stages"}
        about = {**told, "format": exporter.name, "file": exporter.file, "members_inside": list(graph.members)}
        labels = label_file(facts["stages"], side=graph.side, facts=about)
        compared = {**parity.to_dict(), "photos": "of the project" if probes is not None else "drawn"}
        for name, content in ((LABELS, labels), (PARITY, compared)):
            (part / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        (part / CARD).write_text(card_of(labels, compared, usage=exporter.usage), encoding="utf-8")
        write_manifest(part, kind=KIND, metadata={"format": exporter.name})
    step(_STEPS)
    return parity
