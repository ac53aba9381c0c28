"""Reads of projects and their scales."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Prefetch, QuerySet

from labeling.domain.errors import NotFound
from labeling.models import GrowthStage, Membership, Project, ReferencePhoto, Role, StageScale, User


@dataclass(frozen=True)
class ProjectCounts:
    """How many photos stand where."""

    photos: int
    ready: int
    received: int
    rejected: int
    held_out: int
    consensus: int
    adjudications_open: int
    queue_open: int


def project_of_member(*, user: User, slug: str, only_project_id: int | None = None) -> tuple[Project, Role]:
    """The project and the user's role in it; a site administrator is an admin everywhere. One query.

    ``only_project_id``: of whoever comes with a token that is for one project.

    Raises:
        NotFound: no such project, or the user is not a member: the two are the same to the outside.
    """
    if user.is_staff:
        project = Project.objects.filter(slug=slug).first()
        role = Role.ADMIN
    else:
        membership = Membership.objects.select_related("project").filter(user=user, project__slug=slug).first()
        project, role = (membership.project, Role(membership.role)) if membership else (None, Role.GROWER)
    if project is not None and only_project_id in {None, project.pk}:
        return project, role
    raise NotFound("project_not_found", "There is no such project, or you are not a member of it.")


def projects_of(*, user: User) -> list[tuple[Project, Role]]:
    """The projects a user sees, by name, with the role in each."""
    if user.is_staff:
        return [(project, Role.ADMIN) for project in Project.objects.order_by("name")]
    memberships = Membership.objects.select_related("project").filter(user=user).order_by("project__name")
    return [(membership.project, Role(membership.role)) for membership in memberships]


def current_scale(*, project_id: int) -> StageScale:
    """The current scale with its stages in order and their reference photos, in three queries.

    Raises:
        NotFound: the project has no current scale.
    """
    references = Prefetch("references", ReferencePhoto.objects.order_by("position", "id"))
    stages = Prefetch("stages", GrowthStage.objects.order_by("position").prefetch_related(references))
    scale = StageScale.objects.prefetch_related(stages).filter(project_id=project_id, status="current").first()
    if scale is None:
        raise NotFound("scale_not_found", "The project has no current scale.")
    return scale


def current_stages(*, project_id: int) -> QuerySet[GrowthStage]:
    """The stages of the current scale, in order."""
    return (
        GrowthStage.objects.select_related("scale")
        .filter(scale__project_id=project_id, scale__status=StageScale.Status.CURRENT)
        .order_by("position")
    )


def project_counts(*, project_id: int) -> ProjectCounts:
    """All counts of a project, in one round trip."""
    statement = """
        select count(*), count(*) filter (where status = 'ready'), count(*) filter (where status = 'received'),
            count(*) filter (where status = 'rejected'), count(*) filter (where is_held_out and status = 'ready'),
            (select count(*) from labeling_consensus where project_id = %(project)s),
            (select count(*) from labeling_adjudication where project_id = %(project)s and state = 'open'),
            (select count(*) from labeling_queueentry where project_id = %(project)s and open_slots > 0
                and reason <> 'gold')
        from labeling_photo where project_id = %(project)s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project_id})
        row = cursor.fetchone()
    assert row is not None
    return ProjectCounts(*row)
