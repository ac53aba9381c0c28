"""Writes of the atlas: what each stage looks like, in words and in photos."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from labeling.domain.errors import DomainError, NotFound
from labeling.models import GrowthStage, Photo, Project, ReferencePhoto, StageScale

MAX_REFERENCES = 12
"""Photos of one stage, and again of each boundary on its side."""


@transaction.atomic
def stage_references_set(
    *, project: Project, stage_id: int, photo_ids: Sequence[int], beside_id: int | None = None
) -> GrowthStage:
    """Replace the example photos of a stage, in the given order.

    Args:
        project: whose atlas.
        stage_id: the stage that the photos show.
        photo_ids: in the order of show. One that another list of the stage holds leaves that list.
        beside_id: a neighbouring stage: the photos then are examples of the boundary between both.

    Raises:
        NotFound: a stage or a photo is not of this project.
        DomainError: "too_many_references", or "not_a_boundary" where nothing lies between the stages.
    """
    stage = _locked(project, stage_id)
    if beside_id is not None:
        _check_boundary(stage, beside_id)
    wanted = list(dict.fromkeys(photo_ids))
    if len(wanted) > MAX_REFERENCES:
        raise DomainError("too_many_references", f"A stage shows at most {MAX_REFERENCES} photos.")
    if Photo.objects.ready().filter(project=project, pk__in=wanted).count() != len(wanted):
        raise NotFound("photo_not_found", "One of the photos is not in this project, or not ready.")
    stage.references.filter(Q(beside_id=beside_id) | Q(photo_id__in=wanted)).delete()
    ReferencePhoto.objects.bulk_create(
        ReferencePhoto(stage=stage, beside_id=beside_id, photo_id=photo_id, position=position)
        for position, photo_id in enumerate(wanted)
    )
    return stage


@transaction.atomic
def stage_describe(*, project: Project, stage_id: int, description_es: str, description_en: str) -> GrowthStage:
    """Say in words how to know a stage. What the stage is does not change by it, so neither does the scale's version.

    Raises:
        NotFound: the stage is not of this project.
    """
    stage = _locked(project, stage_id)
    stage.description_es, stage.description_en = description_es.strip(), description_en.strip()
    stage.save(update_fields=["description_es", "description_en"])
    return stage


def _locked(project: Project, stage_id: int) -> GrowthStage:
    stages = GrowthStage.objects.select_related("scale").select_for_update(no_key=True, of=("self",))
    stage = stages.filter(pk=stage_id, scale__project=project).first()
    if stage is None:
        raise NotFound("stage_not_found", "There is no such stage in this project.")
    return stage


def _check_boundary(stage: GrowthStage, beside_id: int) -> None:
    scale: StageScale = stage.scale
    beside = GrowthStage.objects.filter(pk=beside_id, scale=scale).first()
    if beside is None:
        raise NotFound("stage_not_found", "There is no such stage in this scale.")
    apart = abs(beside.position - stage.position)
    if apart == 0 or (scale.is_ordered and apart > 1):
        raise DomainError("not_a_boundary", "These two stages have no boundary: they are not next to each other.")
