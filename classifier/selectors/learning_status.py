"""Everything the training page shows at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.models import ModelVersion, RunState, ScoringRun, TrainingRun
from classifier.selectors.learning import embedded_count, label_counts, labels_since, last_refresh
from classifier.selectors.runs import model_versions, training_runs
from classifier.selectors.workers import QueueWorkers, queue_workers
from classifier.training_rules import training_need
from labeling.models import Photo, Project


@dataclass(frozen=True)
class LearningStatus:
    """State of a project's learning; ``labels`` and ``labels_by_stage`` leave the held-out photos out."""

    labels: int
    labels_by_stage: list[int]
    held_out_labelled: int
    labels_until_training: int
    can_train: bool
    blocked_code: str
    blocked_message: str
    pool: int
    embedded: int
    promoted: ModelVersion | None
    active_run: TrainingRun | None
    last_refresh: ScoringRun | None
    labels_since_training: int
    workers: list[QueueWorkers]


def learning_status(*, project: Project) -> LearningStatus:
    """Gather the status in a fixed number of queries."""
    counts = label_counts(project_id=project.pk)
    need = training_need(counts.by_stage)
    runs = training_runs(project_id=project.pk)
    active = runs.filter(state__in=[RunState.QUEUED, RunState.RUNNING, RunState.LOST]).first()
    trained = runs.filter(state=RunState.SUCCEEDED).first()
    since = counts.training
    if trained is not None:
        since = labels_since(project_id=project.pk, cutoff=trained.snapshot.label_cutoff_at)
    code, message = need.blocked_code, need.blocked_message
    if active is not None:
        code, message = "run_active", "A training is queued or running."
    elif not code and trained is not None and since == 0 and counts.training == trained.snapshot.n_train:
        code, message = "nothing_new", "No label has changed since the last training."
    return LearningStatus(
        labels=counts.training,
        labels_by_stage=counts.by_stage,
        held_out_labelled=counts.held_out,
        labels_until_training=need.labels_until_training,
        can_train=code == "",
        blocked_code=code,
        blocked_message=message,
        pool=Photo.objects.filter(project=project).in_pool().count(),
        embedded=embedded_count(project_id=project.pk),
        promoted=model_versions(project_id=project.pk).filter(state=ModelVersion.State.PROMOTED).first(),
        active_run=active,
        last_refresh=last_refresh(project_id=project.pk),
        labels_since_training=since,
        workers=queue_workers(),
    )
