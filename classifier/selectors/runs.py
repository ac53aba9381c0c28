"""Reads of training runs and model versions."""

from __future__ import annotations

import uuid

from django.db.models import Prefetch, QuerySet

from classifier.models import Evaluation, EvaluationReport, ModelVersion, RunLogLine, RunState, TrainingRun
from labeling.domain.errors import NotFound

LOG_LINES_SHOWN = 500


def model_versions(*, project_id: int) -> QuerySet[ModelVersion]:
    """A project's versions, newest first, with their evaluations; two queries."""
    return ModelVersion.objects.filter(project_id=project_id).prefetch_related("evaluations").order_by("-number")


def model_version_of_project(*, project_id: int, model_version_id: uuid.UUID) -> ModelVersion:
    """One version with its evaluations.

    Raises:
        NotFound: also for a version of another project.
    """
    version = model_versions(project_id=project_id).filter(pk=model_version_id).first()
    if version is None:
        raise NotFound("model_version_not_found", "There is no such model version.")
    return version


def evaluation_report_of(*, project_id: int, model_version_id: uuid.UUID) -> EvaluationReport:
    """The report on a version, with the version.

    Raises:
        NotFound: ``model_version_not_found``, also for a version of another project; ``report_not_found`` for one that
            was trained before there were reports.
    """
    version = model_version_of_project(project_id=project_id, model_version_id=model_version_id)
    report = EvaluationReport.objects.filter(model_version=version).first()
    if report is None:
        raise NotFound("report_not_found", "This version was trained before reports were made; train again to get one.")
    report.model_version = version
    return report


def training_runs(*, project_id: int) -> QuerySet[TrainingRun]:
    """A project's runs, newest first, without their curves and with what came of them."""
    outcome = Prefetch("model_version", ModelVersion.objects.prefetch_related("evaluations"))
    return (
        TrainingRun.objects.filter(project_id=project_id)
        .select_related("requested_by", "snapshot")
        .prefetch_related(outcome)
        .defer("curves")
        .order_by("-id")
    )


def training_run_of_project(*, project_id: int, run_id: int) -> TrainingRun:
    """One run.

    Raises:
        NotFound: also for a run of another project.
    """
    run = training_runs(project_id=project_id).filter(pk=run_id).first()
    if run is None:
        raise NotFound("training_run_not_found", "There is no such training run.")
    return run


def training_run_log(*, run_id: int) -> list[RunLogLine]:
    """The latest lines of a run's log, in order."""
    lines = RunLogLine.objects.filter(run_id=run_id).order_by("-id")[:LOG_LINES_SHOWN]
    return list(reversed(lines))


def queue_position(*, run: TrainingRun) -> int | None:
    """Place of a waiting run among all projects' waiting runs, from 1; None when it does not wait."""
    waiting = (RunState.QUEUED, RunState.LOST)
    if run.state not in waiting:
        return None
    return TrainingRun.objects.filter(state__in=waiting, pk__lt=run.pk).count() + 1


def held_out_evaluation(version: ModelVersion) -> Evaluation | None:
    """The evaluation on held-out photos, from the prefetched ones."""
    return next((e for e in version.evaluations.all() if e.subset == Evaluation.Subset.HELD_OUT), None)
