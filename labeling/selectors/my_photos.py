"""What a sender reads of the own photos: their state, the answer, what is new, and how each plot went on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.domain.answers import stage_span
from labeling.domain.errors import NotFound
from labeling.models import (
    AdjudicationEvent,
    Annotation,
    Consensus,
    GrowthStage,
    KnownLabel,
    LocationConsent,
    Photo,
    PhotoLocation,
    Project,
    ReferencePhoto,
    StageScale,
    User,
)

PLOT_POINTS = 1000
"""Photos of one sender that timelines are drawn of, newest first: some years of a large farm."""


@dataclass(frozen=True)
class Answer:
    """What a sender is told about a photo: what experts settled, else what a model suggests.

    ``stage_position`` is the stage held most likely; it lies between ``lower_position`` and ``upper_position``. Only
    what experts settled has a time.
    """

    decided_by: Literal["experts", "model"]
    outcome: str
    confidence: float
    stage_position: int | None = None
    lower_position: int | None = None
    upper_position: int | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True)
class PlotPoint:
    """One photo on the timeline of its plot."""

    photo_id: int
    at: datetime
    answer: Answer


@dataclass(frozen=True)
class Plot:
    """A plant, or a site whose photos name no plant, through time."""

    site: str
    plant: str
    points: list[PlotPoint] = field(default_factory=list)


@dataclass(frozen=True)
class News:
    """Photos on which something was decided after a moment; ``until`` is the moment to ask from next time."""

    answered: int
    rejected: int
    until: datetime


def used() -> Q:
    """Photos of which anything was ever said, or that serve as an example: their sender cannot undo that any more."""
    said = (Annotation, Consensus, KnownLabel, AdjudicationEvent, ReferencePhoto)
    condition = Q()
    for model in said:
        rows: Any = model._default_manager
        condition |= Q(Exists(rows.filter(photo_id=OuterRef("pk"))))
    return condition


def my_photos(*, project: Project, user: User) -> QuerySet[Photo]:
    """What a person sent to a project, ready for :func:`photo_answer`: one query, whatever the number of rows."""
    return _with_answers(Photo.objects.filter(project=project, uploaded_by=user), project).annotate(is_used=Exists(
        Photo.objects.filter(used(), pk=OuterRef("pk"))
    )).select_related("location")  # fmt: skip


def decided_after(moment: datetime) -> Q:
    """Photos that experts settled, or that were found unusable, after a moment."""
    return Q(consensus__decided_at__gt=moment) | Q(status=Photo.Status.REJECTED, processed_at__gt=moment)


def my_photo_get(*, project: Project, user: User, photo_id: int) -> Photo:
    """One of them.

    Raises:
        NotFound: it is not there, or was sent by somebody else.
    """
    photo = my_photos(project=project, user=user).filter(pk=photo_id).first()
    if photo is None:
        raise NotFound("photo_not_found", "There is no such photo in this project.")
    return photo


def photo_answer(*, photo: Photo) -> Answer | None:
    """The answer to the sender; reads nothing when the photo comes from a selector of this module."""
    consensus, suggestion = getattr(photo, "consensus", None), getattr(photo, "suggestion", None)
    if consensus is not None:
        answer = Answer(
            decided_by="experts",
            outcome=consensus.outcome,
            confidence=consensus.consensus_quality,
            answered_at=consensus.decided_at,
        )
        position, distribution = consensus.stage.position if consensus.stage else None, consensus.distribution
    elif suggestion is not None:
        answer = Answer(decided_by="model", outcome=Consensus.Outcome.STAGE, confidence=suggestion.confidence)
        position, distribution = suggestion.position, ()
    else:
        return None
    if position is None:
        return answer
    lower, upper = stage_span(
        position,
        n_stages=photo.n_stages,  # type: ignore[attr-defined]  # annotated by _with_answers
        is_ordered=bool(photo.is_ordered),  # type: ignore[attr-defined]
        confidence=answer.confidence,
        distribution=distribution,
    )
    return Answer(
        answer.decided_by, answer.outcome, answer.confidence, position, lower, upper, answered_at=answer.answered_at
    )


def my_plots(*, project: Project, user: User) -> list[Plot]:
    """Timelines of the sender's photos that have a stage, the latest plot first and each from its first photo on."""
    photos = (
        _with_answers(Photo.objects.ready().filter(project=project, uploaded_by=user), project)
        .filter(Q(consensus__stage__isnull=False) | Q(consensus__isnull=True, suggestion__isnull=False))
        .annotate(at=Coalesce("taken_at", "received_at"))
        .order_by("-at", "-pk")[:PLOT_POINTS]
    )
    return _plots(photos)


def _plots(photos: Iterable[Photo]) -> list[Plot]:
    plots: dict[tuple[int | None, int | None], Plot] = {}
    for photo in photos:
        answer = photo_answer(photo=photo)
        if answer is None or answer.stage_position is None:
            continue
        plot = plots.setdefault(
            (photo.site_id, photo.plant_id),
            Plot(photo.site.name if photo.site else "", photo.plant.name if photo.plant else ""),
        )
        plot.points.insert(0, PlotPoint(photo.pk, photo.at, answer))  # type: ignore[attr-defined]  # annotated above
    return list(plots.values())


def my_news(*, project: Project, user: User, since: datetime) -> News:
    """How many of the sender's photos were settled by experts, or found unusable, after ``since``."""
    until = timezone.now()
    counts = Photo.objects.filter(project=project, uploaded_by=user).aggregate(
        answered=Count("pk", filter=Q(consensus__decided_at__gt=since)),
        rejected=Count("pk", filter=Q(status=Photo.Status.REJECTED, processed_at__gt=since)),
    )
    return News(counts["answered"], counts["rejected"], until)


@dataclass(frozen=True)
class StandingConsent:
    """What a person agreed to, and how many places are kept because of it."""

    version: int | None
    given_at: datetime | None
    n_places: int


def location_consent(*, user: User) -> StandingConsent:
    """The consent to keep places that stands, over all projects."""
    standing = LocationConsent.objects.filter(user=user, withdrawn_at=None).first()
    n_places = PhotoLocation.objects.filter(photo__uploaded_by=user).count()
    return StandingConsent(standing.version if standing else None, standing.given_at if standing else None, n_places)


def _with_answers(photos: QuerySet[Photo], project: Project) -> QuerySet[Photo]:
    scale = StageScale.objects.filter(project=project, status=StageScale.Status.CURRENT)
    stages = GrowthStage.objects.filter(scale__in=scale).order_by().values("scale").annotate(n=Count("pk")).values("n")
    return photos.select_related("site", "plant", "consensus__stage", "suggestion").annotate(
        n_stages=Coalesce(Subquery(stages), 0), is_ordered=Subquery(scale.values("is_ordered"))
    )
