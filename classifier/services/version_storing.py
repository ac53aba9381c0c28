"""From a finished training to a model version: artifact, evaluations, report, out-of-fold predictions, verdict."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from classifier.core import promotion
from classifier.core.contracts import Array, TrainedEnsemble
from classifier.models import Evaluation, ModelVersion, RunLogLine, RunState, TrainingRun
from classifier.selectors.learning import promoted_version
from classifier.selectors.predictions import prediction_matrix
from classifier.services.evaluation_reports import evaluation_report_make, evaluation_report_store
from classifier.services.model_store import StoredArtifact, ensemble_save
from classifier.services.photo_arrays import work_folder
from classifier.services.promotion import model_version_promote, model_version_reject
from classifier.services.run_facts import training_run_ended
from classifier.services.scoring import predictions_store
from classifier.services.shadows import shadow_start
from classifier.services.snapshots import SnapshotRow
from labeling.models import GrowthStage, Project, StageScale
from labeling.selectors.scales import positions_between


def trained_ensemble_save(*, run: TrainingRun, trained: TrainedEnsemble) -> StoredArtifact:
    """Put the model's file into storage; the first half of storing it, and the one that may take long.

    It goes there under the hash of its bytes: a crash in between leaves a file that nothing names, and the repeat
    writes the same one.

    Raises:
        OSError: the disk is full; nothing is left of the attempt, here or in storage.
    """
    folder = work_folder("runs", str(run.pk), "ensemble")
    try:
        return ensemble_save(trained.ensemble, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def model_version_store(
    *, run: TrainingRun, rows: Sequence[SnapshotRow], trained: TrainedEnsemble, artifact: StoredArtifact
) -> ModelVersion | None:
    """Judge the model, make it a version, and end the run; all or nothing.

    Photos of the training set get their out-of-fold probabilities as their
    predictions by this version, for what a model says of photos it learned by heart misleads whoever reads it.

    Args:
        run: as its worker took it.
        rows: ``rows[i]`` is row i of the training data.
        trained: what the training gave.
        artifact: its file in storage.

    Returns:
        The version; None when the run belongs to another attempt by now, in which case nothing was written.
    """
    rival = _rival(run)
    decision = _decide(run, rows, trained)
    report = evaluation_report_make(run=run, rows=rows, trained=trained, rival=rival, artifact=artifact)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
        current = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if current.state != RunState.RUNNING or current.attempts != run.attempts:
            return None
        version = _create(run, artifact, trained)
        evaluation_report_store(version=version, content=report)
        _store_predictions(version, rows, trained)
        is_current = version.scale.status == StageScale.Status.CURRENT
        reason = decision.reason if is_current else "The stages have changed while it was trained."
        if decision.promote and is_current:
            model_version_promote(model_version_id=version.pk, reason=reason)
        else:
            model_version_reject(model_version_id=version.pk, reason=reason)
            # The gate may have been too strict: photos still to come will tell.
            if is_current and promoted_version(project_id=run.project_id) is not None:
                shadow_start(project_id=run.project_id, model_version_id=version.pk)
        now = timezone.now()
        current.state, current.progress, current.step = RunState.SUCCEEDED, 1.0, ""
        current.device, current.finished_at, current.eta_seconds = trained.device[:120], now, None
        current.save(update_fields=["state", "progress", "step", "device", "finished_at", "eta_seconds"])
        verdict = "promoted" if decision.promote and is_current else "not promoted"
        RunLogLine.objects.create(run=run, message=f"Version {version.number} {verdict}. {reason}")
        training_run_ended(run=current)
    version.refresh_from_db()
    return version


def _create(run: TrainingRun, artifact: StoredArtifact, trained: TrainedEnsemble) -> ModelVersion:
    last = ModelVersion.objects.filter(project_id=run.project_id).aggregate(last=Max("number"))["last"] or 0
    version = ModelVersion.objects.create(
        id=uuid.uuid4(),
        project_id=run.project_id,
        number=last + 1,
        run=run,
        scale_id=run.snapshot.scale_id,
        artifact_key=artifact.key,
        artifact_sha256=artifact.sha256,
        members=[dict(member) for member in trained.members],
        operating_points={} if trained.operating_points is None else trained.operating_points.to_dict(),
    )
    sizes = {"held_out": len(trained.held_out_rows), "out_of_fold": len(trained.train_rows)}
    for subset, metrics in trained.evaluations.items():
        Evaluation.objects.create(model_version=version, subset=subset, n=sizes[subset], metrics=dict(metrics))
    return version


def _store_predictions(version: ModelVersion, rows: Sequence[SnapshotRow], trained: TrainedEnsemble) -> None:
    for indices, probas in (
        (trained.train_rows, trained.out_of_fold_probabilities),
        (trained.held_out_rows, trained.held_out_probabilities),
    ):
        if len(indices):
            ids = [rows[i].photo_id for i in indices]
            predictions_store(model_version_id=version.pk, photo_ids=ids, probas=probas)


def _rival(run: TrainingRun) -> ModelVersion | None:
    """The promoted version, unless it speaks of other stages."""
    rival = promoted_version(project_id=run.project_id)
    return rival if rival is not None and rival.scale_id == run.snapshot.scale_id else None


def _decide(run: TrainingRun, rows: Sequence[SnapshotRow], trained: TrainedEnsemble) -> promotion.Decision:
    """Compare with the promoted version on the held-out photos, out of fold where too few of those are labelled.

    One of earlier stages is compared by its predictions mapped to the present ones, where each became one stage.
    """
    rival = _Rival.of(run)
    stages = np.asarray([rows[i].stage for i in trained.train_rows], int)
    held_out = _paired(rival, rows, trained.held_out_rows, trained.held_out_probabilities)
    out_of_fold = _paired(rival, rows, trained.train_rows, trained.out_of_fold_probabilities)
    return promotion.decide(
        held_out.candidate_correct,
        held_out.promoted_correct,
        held_out.groups,
        chance=float(np.bincount(stages).max() / len(stages)) if len(stages) else 0.0,
        out_of_fold=out_of_fold,
        random_state=run.seed,
    )


@dataclass(frozen=True)
class _Rival:
    """The promoted version, and what its stages are on the candidate's scale: ``positions[k]`` of its stage k."""

    version_id: uuid.UUID
    positions: list[int]
    n_stages: int

    @classmethod
    def of(cls, run: TrainingRun) -> _Rival | None:
        """None without a promoted version, or when its word cannot be told on the candidate's scale."""
        version = promoted_version(project_id=run.project_id)
        if version is None:
            return None
        scale_id = run.snapshot.scale_id
        positions = positions_between(scale_id=version.scale_id, target_id=scale_id)
        n_stages = GrowthStage.objects.filter(scale_id=scale_id).count()
        return None if positions is None else cls(version.pk, positions, n_stages)

    def probabilities(self, photo_ids: list[int]) -> Array:
        """What it says of photos (n, K), mapped to the candidate's stages; NaN where it has not scored them."""
        theirs = prediction_matrix(model_version_id=self.version_id, photo_ids=photo_ids, n_stages=len(self.positions))
        mapping = np.eye(self.n_stages)[self.positions]
        return theirs @ mapping


def _paired(rival: _Rival | None, rows: Sequence[SnapshotRow], indices: Array, probas: Array) -> promotion.Paired:
    """Right or wrong on the photos that both have scored; all of the candidate's without a rival."""
    chosen = [rows[i] for i in indices]
    truth = np.asarray([row.stage for row in chosen], int)
    groups = np.asarray([row.group for row in chosen])
    correct = np.asarray(probas).reshape(len(chosen), -1).argmax(axis=1) == truth if len(chosen) else np.zeros(0, bool)
    if rival is None or not chosen:
        return promotion.Paired(correct, None if rival is None else np.zeros(0, bool), groups)
    theirs = rival.probabilities([row.photo_id for row in chosen])
    both = ~np.isnan(theirs).any(axis=1)
    return promotion.Paired(correct[both], theirs[both].argmax(axis=1) == truth[both], groups[both])
