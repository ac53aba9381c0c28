"""The report on a finished training: what the core computes, with what only the database knows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from classifier.core.contracts import Array, TrainedEnsemble
from classifier.core.evaluation_report import FORMAT, References, Rival, ScoredPhotos, subset_report
from classifier.core.splits import TooFewGroups, grouped_folds
from classifier.models import EvaluationReport, ModelVersion, TrainingRun
from classifier.selectors.predictions import prediction_matrix
from classifier.services.model_store import StoredArtifact
from classifier.services.snapshots import SnapshotRow
from labeling.selectors.single_answers import photo_ids_beyond_doubt, single_answers

MOST_RESAMPLES = 500


def evaluation_report_make(
    *,
    run: TrainingRun,
    rows: Sequence[SnapshotRow],
    trained: TrainedEnsemble,
    rival: ModelVersion | None,
    artifact: StoredArtifact,
) -> dict[str, Any]:
    """Compute the report; nothing is written.

    Args:
        run: with its snapshot and scale.
        rows: ``rows[i]`` is row i of the training data.
        trained: what the training gave.
        rival: the promoted version, if there is one of the same stages.
        artifact: where the model lies.

    Returns:
        Plain values, ready for JSON.
    """
    subsets = {
        "held_out": _subset(run, rows, trained, rival, trained.held_out_rows, trained.held_out_probabilities),
        "out_of_fold": _subset(run, rows, trained, rival, trained.train_rows, trained.out_of_fold_probabilities),
    }
    points = trained.operating_points
    return {
        "subsets": {name: found for name, found in subsets.items() if found is not None},
        "specialists": None if trained.specialists is None else trained.specialists.to_dict(),
        "operating_points": None if points is None else points.to_dict(),
        "receipt": _receipt(run, rows, trained, artifact),
    }


def evaluation_report_store(*, version: ModelVersion, content: dict[str, Any]) -> EvaluationReport:
    """Keep a version's report."""
    return EvaluationReport.objects.create(model_version=version, format=FORMAT, content=content)


def _subset(
    run: TrainingRun,
    rows: Sequence[SnapshotRow],
    trained: TrainedEnsemble,
    rival: ModelVersion | None,
    indices: Array,
    probas: Array,
) -> dict[str, Any] | None:
    chosen = [rows[i] for i in indices]
    if not chosen:
        return None
    ids = [row.photo_id for row in chosen]
    n_stages = int(np.asarray(probas).shape[1])
    theirs = None
    if rival is not None:
        matrix = prediction_matrix(model_version_id=rival.pk, photo_ids=ids, n_stages=n_stages)
        theirs = Rival(rival.number, matrix)
    photos = ScoredPhotos(
        probas=probas,
        targets=np.asarray([row.distribution for row in chosen]),
        groups=np.asarray([row.group for row in chosen]),
        references=_references(ids, run.snapshot.scale_id),
        temperature=trained.temperature,
        is_ordered=run.snapshot.scale.is_ordered,
        points=trained.operating_points,
        are_points_fitted_here=indices is trained.train_rows,
        rival=theirs,
    )
    n_resamples = min(MOST_RESAMPLES, int(run.config.get("bootstrap", MOST_RESAMPLES)))
    found = subset_report(photos, n_resamples=n_resamples, random_state=run.seed)
    if found is not None and found["flips"] is not None:
        for photo in found["flips"]["photos"]:
            photo["photo_id"] = ids[photo.pop("row")]
    return found


def _references(photo_ids: list[int], scale_id: int) -> References:
    place = {photo_id: row for row, photo_id in enumerate(photo_ids)}
    answers = single_answers(photo_ids=photo_ids, scale_id=scale_id)
    sure = photo_ids_beyond_doubt(photo_ids=photo_ids)
    return References(
        rows=np.asarray([place[photo_id] for photo_id, _ in answers], np.int64),
        positions=np.asarray([position for _, position in answers], np.int64),
        is_gold=np.asarray([photo_id in sure for photo_id in photo_ids], bool),
    )


def _receipt(
    run: TrainingRun, rows: Sequence[SnapshotRow], trained: TrainedEnsemble, artifact: StoredArtifact
) -> dict[str, Any]:
    """What it takes to make the same model again, and what it took to make this one."""
    snapshot = run.snapshot
    n_photos = len(trained.train_rows) + len(trained.held_out_rows)
    return {
        "label_set": {
            "id": snapshot.pk,
            "hash": snapshot.content_hash,
            "scale_version": snapshot.scale.version,
            "cutoff_at": snapshot.label_cutoff_at.isoformat(),
            "n_train": len(trained.train_rows),
            "n_held_out": len(trained.held_out_rows),
        },
        "split_hash": _split_hash(run, rows, trained),
        "code_revision": run.code_revision,
        "weights_hash": artifact.sha256,
        "pretrained": [
            {"member": member["name"], "backbone": member["backbone"], "weights_hash": member["weights_hash"]}
            for member in trained.members
            if member["backbone"]
        ],
        "seed": run.seed,
        "device": trained.device,
        "attempts": run.attempts,
        "wall_seconds": round(trained.seconds, 3),
        "photos_per_second": round(n_photos / trained.seconds, 3) if trained.seconds > 0 else None,
        "packages": run.packages,
    }


def _split_hash(run: TrainingRun, rows: Sequence[SnapshotRow], trained: TrainedEnsemble) -> str:
    """Hash of which photo was in which fold or held out: equal for two trainings whose figures may be compared."""
    train = [rows[i] for i in trained.train_rows]
    folds = np.zeros(len(train), np.int64)
    with suppress(TooFewGroups):  # a trainer that needs no folds
        folds = grouped_folds(
            np.asarray([row.stage for row in train]),
            np.asarray([row.group for row in train]),
            n_folds=int(run.config["folds"]),
            random_state=int(run.config["seed"]),
        )
    places = {row.sha256: int(fold) for row, fold in zip(train, folds, strict=True)}
    places |= {rows[i].sha256: -1 for i in trained.held_out_rows}
    return hashlib.sha256(json.dumps(places, sort_keys=True).encode()).hexdigest()
