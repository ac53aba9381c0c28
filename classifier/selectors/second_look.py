"""Reads of the second look: what is listed, beside what, and what the looking has brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from classifier.models import SecondLook, SecondLookRound
from labeling.models import Consensus, Photo
from labeling.selectors.adjudications import opinions_prefetch

ROUNDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Companion:
    """A photo shown beside a doubtful one; ``stage_position`` is what it is held to show now."""

    photo_id: int
    stage_position: int | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoundEffect:
    """What looking again has brought after one training run.

    ``confirmed`` and ``unchanged`` were right: said so by an adjudicator, or settled as before when asked anew.
    ``changed`` were wrong: asked anew, they were settled as something else. ``waiting`` are still being asked.
    """

    run_id: int
    version_number: int | None
    built_at: datetime
    n_labels: int
    n_doubted: int
    noise_rate: float
    confirmed: int
    changed: int
    unchanged: int
    waiting: int
    dismissed: int


def second_looks_open(
    *, project_id: int, reason: str | None = None, stage_position: int | None = None
) -> QuerySet[SecondLook]:
    """Open doubts about labels that still stand, with photo, consensus and ``photo.opinions``; two queries."""
    looks = _open(project_id)
    if reason is not None:
        looks = looks.filter(reason=reason)
    if stage_position is not None:
        looks = looks.filter(label__position=stage_position)
    return looks.select_related(
        "label", "suggested", "photo__site", "photo__plant", "photo__consensus", "photo__adjudication"
    ).prefetch_related(opinions_prefetch())


def companions_of(looks: Sequence[SecondLook]) -> dict[int, Companion]:
    """The photos that explain the doubts, as they stand now; those that are gone are left out. One query."""
    wanted = {it["photo_id"] for look in looks for it in look.evidence.get("duplicates", [])}
    wanted |= {photo_id for look in looks for photo_id in look.evidence.get("visits", [])}
    if not wanted:
        return {}
    rows = Photo.objects.ready().filter(pk__in=wanted, project_id=looks[0].project_id)
    return {row[0]: Companion(*row) for row in rows.values_list("pk", "consensus__stage__position", "taken_at")}


def open_by_reason(*, project_id: int) -> dict[str, int]:
    """How many open doubts have each reason."""
    return dict(_open(project_id).values_list("reason").annotate(n=Count("pk")).order_by("reason"))


def open_by_stage(*, project_id: int) -> dict[int, int]:
    """How many open doubts are about labels of each stage, by its position."""
    return dict(_open(project_id).values_list("label__position").annotate(n=Count("pk")).order_by("label__position"))


def round_effects(*, project_id: int) -> list[RoundEffect]:
    """The latest rounds, newest first, with what became of their doubts; one query."""
    is_sent = Q(looks__state=SecondLook.State.SENT_BACK)
    is_settled = Q(looks__photo__consensus__isnull=False)
    is_same = Q(looks__photo__consensus__stage=F("looks__label"))
    # NULL is neither the same nor another: what has no stage now has changed as well.
    is_other = is_settled & (Q(looks__photo__consensus__stage__isnull=True) | ~is_same)
    rounds = (
        SecondLookRound.objects.filter(project_id=project_id)
        .annotate(
            confirmed=Count("looks", filter=Q(looks__state=SecondLook.State.CONFIRMED)),
            changed=Count("looks", filter=is_sent & is_other),
            unchanged=Count("looks", filter=is_sent & is_same),
            waiting=Count("looks", filter=is_sent & ~is_settled),
            dismissed=Count("looks", filter=Q(looks__state=SecondLook.State.DISMISSED)),
        )
        .order_by("-run_id")
    )
    fields = ("n_labels", "n_doubted", "noise_rate", "confirmed", "changed", "unchanged", "waiting", "dismissed")
    rows = rounds.values_list("run_id", "run__model_version__number", "built_at", *fields)
    return [RoundEffect(*row) for row in rows[:ROUNDS_SHOWN]]


def _open(project_id: int) -> QuerySet[SecondLook]:
    stands = Consensus.objects.filter(photo=OuterRef("photo"), stage=OuterRef("label"))
    return SecondLook.objects.filter(
        Exists(stands), project_id=project_id, state=SecondLook.State.OPEN, photo__status=Photo.Status.READY
    )
