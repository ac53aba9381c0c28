"""Reads of scale versions: drafts, history, and what stages of other versions are on the current one."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from labeling.models import Annotation, GrowthStage, ScaleMigration, StageImage, StageScale

MESSAGE_LOST_AFTER = timedelta(seconds=60)


class StagesNow:
    """What stages of other versions of a scale are on one version; reads nothing until one is asked about."""

    def __init__(self, *, scale_id: int) -> None:
        self._scale_id = scale_id

    def of(self, stage: GrowthStage) -> GrowthStage | None:
        """The stage as it is on this version; None where that cannot be told without looking again."""
        return stage if stage.scale_id == self._scale_id else self._images.get(stage.pk)

    def shown(self, shown: dict[str, Any], scale_id: int) -> dict[str, Any]:
        """A suggestion stored with an annotation on another version; empty where it cannot be carried over whole."""
        images = self.positions(scale_id)
        probabilities = shown.get("probabilities") or []
        if images is None or len(probabilities) > len(images) or shown.get("position") is None:
            return {}
        summed = [0.0] * self._n_stages
        for position, probability in enumerate(probabilities):
            summed[images[position]] += probability
        return {
            "probabilities": summed if probabilities else [],
            "position": images[shown["position"]],
            "confidence": shown.get("confidence"),
        }

    def positions(self, scale_id: int) -> list[int] | None:
        """Positions on this version of the stages of another, in their order; None unless all have one."""
        stages = GrowthStage.objects.filter(scale_id=scale_id).order_by("position")
        images = [self._images.get(stage_id) for stage_id in stages.values_list("pk", flat=True)]
        return [it.position for it in images if it is not None] if None not in images else None

    @cached_property
    def _images(self) -> dict[int, GrowthStage]:
        rows = StageImage.objects.filter(scale_id=self._scale_id).select_related("image__scale")
        return {row.stage_id: row.image for row in rows}

    @cached_property
    def _n_stages(self) -> int:
        return GrowthStage.objects.filter(scale_id=self._scale_id).count()


def positions_between(*, scale_id: int, target_id: int) -> list[int] | None:
    """Positions on the version ``target_id`` of the stages of ``scale_id``, in order; None unless all have one."""
    if scale_id == target_id:
        return list(range(GrowthStage.objects.filter(scale_id=scale_id).count()))
    return StagesNow(scale_id=target_id).positions(scale_id)


def positions_now(*, project_id: int) -> dict[int, int]:
    """Stage id -> position on the current scale, of every stage of any version of which that can be told."""
    current = StageScale.objects.filter(project_id=project_id, status=StageScale.Status.CURRENT)
    images = StageImage.objects.filter(scale__in=current).values_list("stage_id", "image__position")
    own = GrowthStage.objects.order_by().filter(scale__in=current).values_list("pk", "position")
    return dict(own.union(images, all=True))


def stage_shown(stage: GrowthStage | None) -> GrowthStage | None:
    """A stage (with ``scale`` loaded) as it reads on the current scale; None where that cannot be told."""
    if stage is None or stage.scale.status == StageScale.Status.CURRENT:
        return stage
    current = StageScale.Status.CURRENT
    image = StageImage.objects.filter(stage=stage, scale__status=current).select_related("image__scale").first()
    return None if image is None else image.image


def annotations_shown(annotations: list[Annotation]) -> list[Annotation]:
    """Annotations (stages with ``scale`` loaded) as they read on the current scale: for showing, never to be saved."""
    for it in annotations:
        it.stage, it.stage_upper = stage_shown(it.stage), stage_shown(it.stage_upper)
        if it.stage_upper is not None and it.stage_upper == it.stage:
            it.kind, it.stage_upper = Annotation.Kind.STAGE, None
    return annotations


def migrations_of(*, project_id: int) -> QuerySet[ScaleMigration]:
    """All changes of a project's scale, the latest first."""
    return (
        ScaleMigration.objects.filter(project_id=project_id)
        .select_related("from_scale", "to_scale", "created_by", "applied_by", "undone_by")
        .prefetch_related("links", "from_scale__stages", "to_scale__stages")
    )


def migration_draft(*, project_id: int) -> ScaleMigration | None:
    """The draft that waits for a decision."""
    return migrations_of(project_id=project_id).filter(state=ScaleMigration.State.DRAFT).first()


def migrations_waiting() -> list[int]:
    """Changes that a worker was asked to carry out a while ago, and that are not."""
    before = timezone.now() - MESSAGE_LOST_AFTER
    waiting = ScaleMigration.objects.exclude(pending="").filter(pending_at__lt=before)
    return list(waiting.order_by("pending_at").values_list("pk", flat=True))
