"""Writes of projects and their scales."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from labeling.domain.errors import Conflict, DomainError
from labeling.domain.scale_templates import StageInput
from labeling.domain.stages import complete_stages, slug_of
from labeling.models import GrowthStage, Membership, Project, Role, StageScale, User
from labeling.services.agreement_report import agreement_request
from labeling.services.consensus import labels_wanted_apply

POLICY = ("labels_wanted", "labels_max", "certainty_wanted", "model_vote_cap", "critical_boundaries")
"""When a photo has been answered enough."""
SETTINGS = (
    *POLICY, "gold_share", "batch_size", "random_share", "blind_share", "held_out_share", "refresh_every", "seed",
    "practice_for_new", "practice_answers", "practice_share",
)  # fmt: skip
"""What may be given to :func:`project_create` beside the name."""
CHANGEABLE = (
    *POLICY, "name", "description", "gold_share", "batch_size", "random_share", "blind_share", "refresh_every",
    "practice_for_new", "practice_answers", "practice_share",
)  # fmt: skip
"""What may change later. The held-out share and the seed may not: photos are already drawn by them."""


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
    _validate(project, n_stages=len(complete), is_ordered=is_ordered)
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
    """Change some of ``CHANGEABLE``.

    A new ``labels_wanted`` applies to photos that are not settled yet, at once. What else a new policy changes, for
    settled photos too, is carried out by the worker that estimates the annotators.

    Raises:
        DomainError: "project_invalid".
    """
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    before = {field: getattr(project, field) for field in POLICY}
    for field, value in changes.items():
        setattr(project, field, value)
    scale = StageScale.objects.get(project=project, status=StageScale.Status.CURRENT)
    _validate(project, n_stages=scale.stages.count(), is_ordered=scale.is_ordered)
    project.save(update_fields=list(changes))
    if project.labels_wanted != before["labels_wanted"]:
        labels_wanted_apply(project_id=project.pk, before=before["labels_wanted"], after=project.labels_wanted)
    if any(getattr(project, field) != value for field, value in before.items()):
        agreement_request(project_id=project.pk)  # its worker carries the new policy to the photos answered so far
    return project


def _free_slug(name: str) -> str:
    base = slug_of(name)[:50] or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(s for n in range(2, 10_000) if (s := f"{base}-{n}") not in taken)


def _validate(project: Project, *, n_stages: int, is_ordered: bool) -> None:
    project.critical_boundaries = sorted(set(project.critical_boundaries))
    try:
        project.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        fields = {field: list(messages) for field, messages in error.message_dict.items()}
        raise _invalid(fields) from error
    if project.labels_max is not None and project.labels_max < project.labels_wanted:
        raise _invalid({"labels_max": ["Must not be less than labels_wanted."]})
    n_boundaries = n_stages - 1 if is_ordered else 0
    if project.critical_boundaries and project.critical_boundaries[-1] >= n_boundaries:
        raise _invalid({"critical_boundaries": ["Not a boundary of the scale."]})


def _invalid(fields: dict[str, list[str]]) -> DomainError:
    return DomainError("project_invalid", "Some settings are not valid.", fields)
