"""How far a project's learning has come: labels, embeddings, what is new since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q

from classifier.models import (
    Embedding,
    EmbeddingCount,
    Evaluation,
    ModelVersion,
    Prediction,
    RunState,
    ScoringRun,
    TrainingRule,
    TrainingRun,
)
from classifier.models.runs import ACTIVE_STATES
from classifier.training_rules import RetrainingRule
from labeling.models import Annotation, Consensus, GrowthStage, Photo, QueueEntry, StageScale


@dataclass(frozen=True)
class LabelCounts:
    """Photos whose consensus is a stage of the current scale; ``by_stage`` leaves the held-out ones out."""

    by_stage: list[int]
    held_out: int

    @property
    def training(self) -> int:
        return sum(self.by_stage)

    @property
    def all(self) -> int:
        return self.training + self.held_out


def label_counts(*, project_id: int) -> LabelCounts:
    """Count the ground truth of a project, in two small questions."""
    n_stages = GrowthStage.objects.filter(scale__project_id=project_id, scale__status=StageScale.Status.CURRENT).count()
    rows = (
        Consensus.objects.filter(
            project_id=project_id,
            outcome=Consensus.Outcome.STAGE,
            stage__scale__status=StageScale.Status.CURRENT,
            photo__status=Photo.Status.READY,
        )
        .values_list("stage__position", "photo__is_held_out")
        .annotate(n=Count("pk"))
    )
    by_stage, held_out = [0] * n_stages, 0
    for position, is_held_out, n in rows:
        if is_held_out:
            held_out += n
        else:
            by_stage[position] += n
    return LabelCounts(by_stage, held_out)


def labels_since(*, project_id: int, cutoff: datetime) -> int:
    """Training labels decided after ``cutoff``."""
    return Consensus.objects.filter(
        project_id=project_id, outcome=Consensus.Outcome.STAGE, decided_at__gt=cutoff, photo__is_held_out=False
    ).count()


def random_share_hits(*, project_id: int, since: datetime) -> tuple[int, int]:
    """Photos of the random share settled after ``since``: those whose stage the suggestion had named, and all."""
    rows = (
        Annotation.objects.standing()
        .filter(
            created_at__gt=since,
            photo__project_id=project_id,
            photo__is_held_out=False,
            photo__consensus__outcome=Consensus.Outcome.STAGE,
            photo__consensus__stage__scale__status=StageScale.Status.CURRENT,
            shown__reason=QueueEntry.Reason.RANDOM,
            shown__position__isnull=False,
        )
        .order_by("id")
        .values_list("photo_id", "shown__position", "photo__consensus__stage__position")
    )
    hits = {photo_id: suggested == settled for photo_id, suggested, settled in rows}
    return sum(hits.values()), len(hits)


def held_out_accuracy(*, model_version: ModelVersion) -> float | None:
    """A version's share of held-out photos named rightly, where there were any."""
    evaluation = Evaluation.objects.filter(model_version=model_version, subset=Evaluation.Subset.HELD_OUT).first()
    accuracy = evaluation.metrics.get("accuracy") if evaluation is not None else None
    return None if accuracy is None else float(accuracy)


def retraining_rule(*, project_id: int) -> RetrainingRule:
    """The project's rule, or the default one."""
    row = TrainingRule.objects.filter(project_id=project_id).first()
    if row is None:
        return RetrainingRule()
    return RetrainingRule(row.is_on, row.labels_new, row.days_most, row.accuracy_drop, row.gap_minutes)


def embedded_count(*, project_id: int) -> int:
    """Photos with a vector in the feature space that most of the project's photos are in.

    Read from the counts that triggers keep: going through a million vectors took seconds.
    """
    counts = EmbeddingCount.objects.filter(project_id=project_id)
    return counts.aggregate(most=Max("n"))["most"] or 0


def photo_ids_unembedded(*, project_id: int, backbone: str, limit: int) -> list[int]:
    """Ready photos without a vector in the feature space ``backbone``, oldest first."""
    known = Embedding.objects.filter(backbone=backbone, photo=OuterRef("pk"))
    photos = Photo.objects.ready().filter(~Exists(known), project_id=project_id)
    return list(photos.order_by("pk").values_list("pk", flat=True)[:limit])


def photo_ids_unscored(*, model_version: ModelVersion, limit: int | None = None) -> list[int]:
    """Ready photos without probabilities by this version, oldest first."""
    known = Prediction.objects.filter(model_version=model_version, photo=OuterRef("pk"))
    photos = Photo.objects.ready().filter(~Exists(known), project_id=model_version.project_id)
    return list(photos.order_by("pk").values_list("pk", flat=True)[:limit])


def promoted_version(*, project_id: int) -> ModelVersion | None:
    """The version whose scores count, if one has been promoted."""
    return ModelVersion.objects.filter(project_id=project_id, state=ModelVersion.State.PROMOTED).first()


def active_run(*, project_id: int) -> TrainingRun | None:
    """The project's queued, running or lost training; there is one at most."""
    return (
        TrainingRun.objects.filter(project_id=project_id, state__in=ACTIVE_STATES)
        .select_related("requested_by")
        .first()
    )


def last_refresh(*, project_id: int, state: RunState | None = None) -> ScoringRun | None:
    """The latest refresh, or the latest one in ``state``."""
    runs = ScoringRun.objects.filter(project_id=project_id, kind=ScoringRun.Kind.REFRESH)
    if state is not None:
        runs = runs.filter(state=state)
    return runs.order_by("-id").first()


def labels_moved_since_refresh(*, project_id: int) -> int:
    """Training labels reached, changed or withdrawn since the last successful refresh began."""
    refresh = last_refresh(project_id=project_id, state=RunState.SUCCEEDED)
    stages = Consensus.objects.filter(
        project_id=project_id,
        outcome=Consensus.Outcome.STAGE,
        stage__scale__status=StageScale.Status.CURRENT,
        photo__is_held_out=False,
    )
    if refresh is None:
        return stages.count()
    counts = stages.aggregate(all=Count("pk"), new=Count("pk", filter=Q(decided_at__gt=refresh.started_at)))
    withdrawn = refresh.n_labels + counts["new"] - counts["all"]
    return int(counts["new"] + max(0, withdrawn))
