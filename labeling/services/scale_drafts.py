"""Drafts of a project's scale: seen by experts, decided by an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from labeling.domain.errors import Conflict, DomainError
from labeling.domain.scale_changes import StageChange, changed_stages
from labeling.domain.scale_templates import StageInput
from labeling.models import GrowthStage, Project, ReferencePhoto, ScaleMigration, StageLink, StageScale, User
from labeling.services.locks import scale_held
from labeling.services.scale_migrations import scale_migration_locked

State = ScaleMigration.State
_FIELDS = tuple(field.name for field in fields(StageInput))


@transaction.atomic
def scale_draft_create(
    *,
    project: Project,
    stages: Sequence[StageChange],
    by: User | None,
    is_ordered: bool | None = None,
    note: str = "",
    origin: dict[str, Any] | None = None,
) -> ScaleMigration:
    """Draft the next version of the current scale.

    Args:
        project: whose scale.
        stages: of the new version, in order, each with the present ones it is made of; one present stage under
            several new ones is split, several under one are merged.
        by: who drafts it.
        is_ordered: whether the order means something; as now by default.
        note: why, for the experts.
        origin: the proposal it came from.

    Raises:
        DomainError: "change_invalid" or "stages_invalid".
        Conflict: "draft_exists".
    """
    scale_held(project_id=project.pk)
    present = StageScale.objects.get(project=project, status=StageScale.Status.CURRENT)
    older = list(GrowthStage.objects.filter(scale=present).order_by("position"))
    complete = changed_stages([StageInput(**{name: getattr(it, name) for name in _FIELDS}) for it in older], stages)
    last = StageScale.objects.filter(project=project).aggregate(last=Max("version"))["last"]
    try:
        with transaction.atomic():
            scale = StageScale.objects.create(
                project=project, version=last + 1, is_ordered=present.is_ordered if is_ordered is None else is_ordered
            )
            migration = ScaleMigration.objects.create(
                project=project, from_scale=present, to_scale=scale, created_by=by, note=note.strip(),
                origin=origin or {},
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("draft_exists", "There is a draft already; discard it or apply it first.") from error
    newer = GrowthStage.objects.bulk_create(
        GrowthStage(scale=scale, position=position, **vars(stage)) for position, stage in enumerate(complete)
    )
    StageLink.objects.bulk_create(
        StageLink(migration=migration, from_stage=older[source], to_stage=stage)
        for stage, change in zip(newer, stages, strict=True)
        for source in change.sources
    )
    _references_copy(older, newer, stages)
    return migration


@transaction.atomic
def scale_draft_discard(*, project: Project, migration_id: int) -> None:
    """Drop a draft, or stop reporting figures on a coarser scale.

    Raises:
        NotFound: "migration_not_found".
        Conflict: "migration_not_a_draft" or "migration_pending".
    """
    migration = _undecided(project, migration_id, {State.DRAFT, State.REPORTED})
    scale = migration.to_scale
    migration.delete()
    scale.delete()


@transaction.atomic
def scale_draft_report(*, project: Project, migration_id: int) -> ScaleMigration:
    """Train fine, report coarse: the scale in use stays, figures are told on the draft too.

    Raises:
        NotFound: "migration_not_found".
        Conflict: "migration_not_a_draft", "migration_pending", or "reported_exists".
        DomainError: "change_splits", figures cannot be told on a finer scale than the model's.
    """
    migration = _undecided(project, migration_id, {State.DRAFT})
    links = list(migration.links.values_list("from_stage_id", flat=True))
    if len(set(links)) < len(links):
        raise DomainError("change_splits", "Figures cannot be told on a scale that splits a stage.")
    migration.state = State.REPORTED
    try:
        with transaction.atomic():
            migration.save(update_fields=["state"])
    except IntegrityError as error:
        raise Conflict("reported_exists", "Figures are reported on another scale; stop that first.") from error
    return migration


def _undecided(project: Project, migration_id: int, states: set[str]) -> ScaleMigration:
    migration = scale_migration_locked(migration_id, project)
    if migration.state not in states:
        raise Conflict("migration_not_a_draft", "This change of the stages was decided already.")
    if migration.pending:
        raise Conflict("migration_pending", "A worker has been asked to apply it.")
    return migration


def _references_copy(
    older: Sequence[GrowthStage], newer: Sequence[GrowthStage], changes: Sequence[StageChange]
) -> None:
    """Examples of a stage are examples of what it became, unless it was split; so are those of a boundary."""
    uses = [source for change in changes for source in change.sources]
    became = {
        older[source].pk: stage
        for stage, change in zip(newer, changes, strict=True)
        for source in change.sources
        if uses.count(source) == 1
    }
    rows: dict[tuple[int, int], ReferencePhoto] = {}
    given = ReferencePhoto.objects.filter(stage__in=list(became)).order_by("position", "stage__position", "id")
    for reference in given:
        stage, beside = became[reference.stage_id], became.get(reference.beside_id or 0)
        if reference.beside_id is not None and beside in {None, stage}:
            continue  # the boundary is gone
        row = ReferencePhoto(stage=stage, photo_id=reference.photo_id, beside=beside, position=reference.position)
        rows.setdefault((stage.pk, reference.photo_id), row)
    ReferencePhoto.objects.bulk_create(rows.values())
