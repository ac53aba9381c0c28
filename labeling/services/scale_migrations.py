"""Applying a change of a project's scale, and undoing it.

Annotations are append-only, so nothing of them is rewritten: what a stage is on the new version is kept beside them
(``StageImage``) and read wherever they count. What follows from them, consensuses and adjudications, is carried over in
one transaction that holds the project's scale alone (``Lock.SCALE``). A decision either comes before it and is carried
over, or after it and is read on the new version, also if it was made on the older one.
"""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from labeling.domain.errors import Conflict, NotFound
from labeling.domain.scale_changes import Change, boundaries_moved, images_on
from labeling.events import announce, consensuses_reached, scale_migrated, scale_migration_requested
from labeling.models import (
    Annotation,
    GrowthStage,
    Project,
    ScaleMigration,
    StageImage,
    StageLink,
    StageScale,
    User,
)
from labeling.services.agreement_report import agreement_request
from labeling.services.locks import Lock, hold
from labeling.services.scale_moving import (
    photos_move,
    photos_remember,
    photos_remember_after,
    photos_remember_new,
    photos_restore,
)

log = structlog.get_logger(__name__)

State, Pending = ScaleMigration.State, ScaleMigration.Pending


def scale_migration_request(*, project: Project, migration_id: int, what: str, by: User) -> ScaleMigration:
    """Ask a worker to apply a draft, or to undo what was applied last.

    Raises:
        NotFound: "migration_not_found".
        Conflict: "migration_pending", or as :func:`scale_migration_apply` and :func:`scale_migration_undo`.
    """
    with transaction.atomic():
        migration = scale_migration_locked(migration_id, project)
        if migration.pending:
            raise Conflict("migration_pending", "A worker has been asked to do that already.")
        _check(migration, what)
        migration.pending, migration.pending_by, migration.pending_at = what, by, timezone.now()
        migration.error = ""
        migration.save(update_fields=["pending", "pending_by", "pending_at", "error"])
        announce(scale_migration_requested, migration_id=migration.pk)
    return migration


def scale_migration_carry_out(*, migration_id: int) -> ScaleMigration | None:
    """Do what was asked; None when there is nothing to do (any more). Safe to repeat.

    What goes wrong is kept with the migration, which stays as it was.
    """
    migration = ScaleMigration.objects.filter(pk=migration_id).first()
    if migration is None or not migration.pending:
        return None
    carry_out = scale_migration_apply if migration.pending == Pending.APPLY else scale_migration_undo
    try:
        return carry_out(migration_id=migration_id, by=migration.pending_by)
    except Conflict as error:
        _give_up(migration_id, str(error))
        return None
    except Exception as error:
        _give_up(migration_id, f"{type(error).__name__}: {error}"[:500])
        raise


@transaction.atomic
def scale_migration_apply(*, migration_id: int, by: User | None) -> ScaleMigration:
    """Make a draft the current version of its project's scale.

    Raises:
        NotFound: "migration_not_found".
        Conflict: "migration_not_a_draft", or "scale_changed" when another version is current by now.
    """
    migration = _alone_with(migration_id)
    _check(migration, Pending.APPLY)
    photos_remember(migration)
    migration.boundaries_before = migration.project.critical_boundaries
    migration.last_annotation_id = Annotation.objects.aggregate(last=Max("pk"))["last"] or 0
    _switch(migration, before=migration.from_scale, after=migration.to_scale)
    migration.n_mapped, migration.n_asked = photos_move(migration, to=migration.to_scale)
    photos_remember_after(migration)
    migration.state, migration.applied_by, migration.applied_at = State.APPLIED, by, timezone.now()
    return _done(migration)


@transaction.atomic
def scale_migration_undo(*, migration_id: int, by: User | None) -> ScaleMigration:
    """Make the version before a migration the current one again.

    Photos that nobody has touched since are put back exactly as they were; of the others, what was said since counts as
    what it is on the version before, and who said something that is several stages there is asked again.

    Raises:
        NotFound: "migration_not_found".
        Conflict: "migration_not_applied", or "scale_changed" when a later version is current by now.
    """
    migration = _alone_with(migration_id)
    _check(migration, Pending.UNDO)
    _switch(migration, before=migration.to_scale, after=migration.from_scale)
    photos_remember_new(migration)
    photos_restore(migration)
    photos_move(migration, to=migration.from_scale)
    migration.state, migration.undone_by, migration.undone_at = State.UNDONE, by, timezone.now()
    return _done(migration)


def images_write(*, scale: StageScale) -> None:
    """Write down what the stages of all other versions are on ``scale``; rows that are there stay."""
    in_force = ScaleMigration.objects.filter(project_id=scale.project_id, state__in=[State.APPLIED, State.UNDONE])
    links = StageLink.objects.filter(migration__in=in_force).values_list(
        "migration__from_scale", "migration__to_scale", "from_stage", "to_stage"
    )
    pairs: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for older, newer, from_stage, to_stage in links:
        pairs.setdefault((older, newer), set()).add((from_stage, to_stage))
    changes = [Change(older, newer, frozenset(them)) for (older, newer), them in pairs.items()]
    own = set(GrowthStage.objects.filter(scale=scale).values_list("pk", flat=True))
    StageImage.objects.bulk_create(
        [
            StageImage(scale=scale, stage_id=stage, image_id=next(iter(images)))
            for stage, images in sorted(images_on(scale.pk, own, changes).items())
            if stage not in own and len(images) == 1
        ],
        ignore_conflicts=True,
    )


def _switch(migration: ScaleMigration, *, before: StageScale, after: StageScale) -> None:
    """Make ``after`` the current version instead of ``before``, and carry over what the project says by positions."""
    StageScale.objects.filter(pk=before.pk).update(status=StageScale.Status.RETIRED)
    StageScale.objects.filter(pk=after.pk).update(status=StageScale.Status.CURRENT)
    is_back = after.pk == migration.from_scale_id
    if not is_back:
        ScaleMigration.objects.filter(pk=migration.pk).update(
            state=State.APPLIED, applied_at=timezone.now(), pending="", pending_at=None
        )
    images_write(scale=after)
    project = migration.project
    project.critical_boundaries = (
        migration.boundaries_before if is_back else boundaries_moved(project.critical_boundaries, _positions(migration))
    )
    project.save(update_fields=["critical_boundaries"])


def _positions(migration: ScaleMigration) -> dict[int, int | None]:
    """Position on the older version -> position on the newer; None where there are several."""
    positions: dict[int, int | None] = {}
    links = StageLink.objects.filter(migration=migration).values_list("from_stage__position", "to_stage__position")
    for one, other in links:
        positions[one] = None if one in positions else other
    return positions


def _done(migration: ScaleMigration) -> ScaleMigration:
    migration.pending, migration.pending_by, migration.pending_at, migration.error = "", None, None, ""
    migration.save()
    agreement_request(project_id=migration.project_id)
    announce(consensuses_reached, project_id=migration.project_id)
    announce(scale_migrated, project_id=migration.project_id)
    log.info(
        "scale_migrated", project=migration.project_id, state=migration.state, mapped=migration.n_mapped,
        asked=migration.n_asked,
    )  # fmt: skip
    return migration


def _alone_with(migration_id: int) -> ScaleMigration:
    """The migration, with its project's scale to ourselves: decisions wait until the transaction ends."""
    project_ids = ScaleMigration.objects.filter(pk=migration_id).values_list("project_id", flat=True)
    hold(Lock.SCALE, next(iter(project_ids), 0))
    return scale_migration_locked(migration_id)


def scale_migration_locked(migration_id: int, project: Project | None = None) -> ScaleMigration:
    """A migration with its row locked, and its project and versions.

    Raises:
        NotFound: "migration_not_found", also for one of another project.
    """
    rows = ScaleMigration.objects.select_for_update(of=("self",)).select_related("project", "from_scale", "to_scale")
    if project is not None:
        rows = rows.filter(project=project)
    migration = rows.filter(pk=migration_id).first()
    if migration is None:
        raise NotFound("migration_not_found", "There is no such change of the stages.")
    return migration


def _check(migration: ScaleMigration, what: str) -> None:
    is_undo = what == Pending.UNDO
    if migration.state != (State.APPLIED if is_undo else State.DRAFT):
        if is_undo:
            raise Conflict("migration_not_applied", "This change of the stages is not in force.")
        raise Conflict("migration_not_a_draft", "This change of the stages was decided already.")
    base = migration.to_scale if is_undo else migration.from_scale
    if base.status != StageScale.Status.CURRENT:
        raise Conflict("scale_changed", "The stages were changed meanwhile.")


def _give_up(migration_id: int, reason: str) -> None:
    waiting = ScaleMigration.objects.filter(pk=migration_id).exclude(pending="")  # another worker may have done it
    waiting.update(pending="", pending_by=None, pending_at=None, error=reason)
