"""Writes of projects and their scales."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.domain.scale_templates import StageInput
from labeling.domain.stages import complete_stages, slug_of
from labeling.models import GrowthStage, Membership, Photo, Project, ReferencePhoto, Role, StageScale, User
from labeling.services.consensus import labels_wanted_apply

SETTINGS = ("labels_wanted", "batch_size", "random_share", "blind_share", "held_out_share", "refresh_every", "seed")
"""What may be given to :func:`project_create` beside the name."""
CHANGEABLE = ("name", "description", "labels_wanted", "batch_size", "random_share", "blind_share", "refresh_every")
"""What may change later. The held-out share and the seed may not: photos are already drawn by them."""
MAX_REFERENCES = 12


@transaction.atomic
def project_create(
    *,
    name: str,
    created_by: User | None,
    stages: Sequence[StageInput],
    is_ordered: bool = True,
    slug: str = "",
    description: str = "",
    **settings: Any,
) -> Project:
    """Make a project with version 1 of its scale; ``created_by`` becomes its admin.

    Args:
        name: as people see it.
        created_by: None when a command makes the project.
        stages: in order; empty slugs, colours and keys are filled in.
        is_ordered: whether the order means something.
        slug: name in addresses; made from ``name`` when empty.
        description: free text.
        **settings: any of ``SETTINGS``.

    Raises:
        Conflict: "slug_taken", the given slug belongs to another project.
        DomainError: "stages_invalid" or "project_invalid".
    """
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise TypeError(f"unknown settings: {sorted(unknown)}")
    complete = complete_stages(stages)
    settings.setdefault("seed", secrets.randbelow(2**31))
    project = Project(name=name.strip(), slug=slug or _free_slug(name), description=description, **settings)
    _validate(project)
    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("slug_taken", "Another project has this address.", {"slug": ["Already used."]}) from error
    scale = StageScale.objects.create(
        project=project, version=1, is_ordered=is_ordered, status=StageScale.Status.CURRENT
    )
    GrowthStage.objects.bulk_create(
        GrowthStage(scale=scale, position=position, **vars(stage)) for position, stage in enumerate(complete)
    )
    if created_by is not None:
        Membership.objects.create(project=project, user=created_by, role=Role.ADMIN)
    return project


@transaction.atomic
def project_update(*, project: Project, **changes: Any) -> Project:
    """Change some of ``CHANGEABLE``; a new ``labels_wanted`` applies to photos that are not settled yet.

    Raises:
        DomainError: "project_invalid".
    """
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    wanted_before = project.labels_wanted
    for field, value in changes.items():
        setattr(project, field, value)
    _validate(project)
    project.save(update_fields=list(changes))
    if project.labels_wanted != wanted_before:
        labels_wanted_apply(project_id=project.pk, before=wanted_before, after=project.labels_wanted)
    return project


@transaction.atomic
def stage_references_set(*, project: Project, stage_id: int, photo_ids: Sequence[int]) -> GrowthStage:
    """Replace the example photos of a stage, in the given order.

    Raises:
        NotFound: the stage or a photo is not of this project.
        DomainError: "too_many_references".
    """
    stage = GrowthStage.objects.filter(pk=stage_id, scale__project=project).select_for_update(no_key=True).first()
    if stage is None:
        raise NotFound("stage_not_found", "There is no such stage in this project.")
    wanted = list(dict.fromkeys(photo_ids))
    if len(wanted) > MAX_REFERENCES:
        raise DomainError("too_many_references", f"A stage shows at most {MAX_REFERENCES} photos.")
    if Photo.objects.ready().filter(project=project, pk__in=wanted).count() != len(wanted):
        raise NotFound("photo_not_found", "One of the photos is not in this project, or not ready.")
    stage.references.all().delete()
    ReferencePhoto.objects.bulk_create(
        ReferencePhoto(stage=stage, photo_id=photo_id, position=position) for position, photo_id in enumerate(wanted)
    )
    return stage


def _free_slug(name: str) -> str:
    base = slug_of(name)[:50] or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(s for n in range(2, 10_000) if (s := f"{base}-{n}") not in taken)


def _validate(project: Project) -> None:
    try:
        project.full_clean(validate_unique=False)
    except ValidationError as error:
        fields = {field: list(messages) for field, messages in error.message_dict.items()}
        raise DomainError("project_invalid", "Some settings are not valid.", fields) from error
