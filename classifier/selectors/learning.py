"""How far a project's learning has come: labels, embeddings, what is new since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from classifier.models import Embedding, ModelVersion, Prediction, RunState, ScoringRun, TrainingRun
from classifier.models.runs import ACTIVE_STATES
from labeling.models import Consensus, GrowthStage, Photo, StageScale


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


def embedded_count(*, project_id: int) -> int:
    """Ready photos with a vector in the feature space that most of the project's photos are in."""
    counts = (
        Embedding.objects.filter(photo__project_id=project_id, photo__status=Photo.Status.READY)
        .values_list("backbone")
        .annotate(n=Count("pk"))
        .order_by("-n")
    )
    first = counts.first()
    return first[1] if first else 0


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
