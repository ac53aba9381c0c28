"""The history of one photo: who said what, when, and what they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labeling.models import AdjudicationEvent, Annotation, Consensus, Project, Role, StageScale, User
from labeling.selectors.photos import photo_get
from labeling.selectors.scales import annotations_shown, stage_shown

EVENT_KINDS = ("annotation", "withdrawal", "adjudication", "consensus")


@dataclass(frozen=True)
class Said:
    """What somebody said of a photo."""

    kind: str
    stage_position: int | None
    stage_upper_position: int | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """What somebody was shown of the model."""

    position: int
    confidence: float
    model_version: str


@dataclass(frozen=True)
class HistoryEvent:
    """Something that happened to a photo: ``at`` by its author's clock, ``recorded_at`` by the server's."""

    at: datetime
    recorded_at: datetime
    kind: str
    who: str = ""
    is_mine: bool = False
    said: Said | None = None
    mode: str = ""
    is_blind: bool = False
    shown: Shown | None = None
    lead_time_ms: int | None = None


def photo_history(*, project: Project, photo_id: int, reader: User, role: Role) -> list[HistoryEvent]:
    """What happened to a photo, as far as the reader may know, in the order in which the server learned of it.

    Three questions, whatever its length. An author's clock may be wrong, or the decision have waited for a signal.

    Adjudicators see all. An expert who has not decided sees only what they said themselves, so that opinions stay
    independent; that a stage is known by decree is never told to experts, whom it measures.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_get(project=project, photo_id=photo_id)
    said = Annotation.objects.filter(photo=photo).select_related("annotator", "stage__scale", "stage_upper__scale")
    annotations = list(said.order_by("id"))
    sees_all = role.includes(Role.ADJUDICATOR)
    has_decided = any(it.annotator_id == reader.pk and it.withdrawn_at is None for it in annotations)
    if not (sees_all or has_decided):
        annotations = [it for it in annotations if it.annotator_id == reader.pk]
    events = list(_of_annotations(annotations, reader))
    if sees_all or has_decided:
        adjudications = AdjudicationEvent.objects.filter(photo=photo).select_related("adjudicator", "stage__scale")
        events += [_of_adjudication(it, reader) for it in adjudications if sees_all or "gold" not in it.shown]
        consensus: Consensus | None = getattr(photo, "consensus", None)
        if consensus is not None and (sees_all or not consensus.is_gold):
            events.append(_of_consensus(consensus))
    return sorted(events, key=lambda event: event.recorded_at)


def shown_of(content: dict[str, Any]) -> Shown | None:
    """The suggestion in what is stored with an annotation; None where there was none."""
    if "position" not in content:
        return None
    return Shown(content["position"], content.get("confidence", 0.0), content.get("model_version", ""))


def _of_annotations(annotations: Iterable[Annotation], reader: User) -> Iterator[HistoryEvent]:
    for it in annotations:
        is_of_now = it.stage is None or it.stage.scale.status == StageScale.Status.CURRENT
        annotations_shown([it])
        said = Said(
            it.kind,
            it.stage.position if it.stage else None,
            it.stage_upper.position if it.stage_upper else None,
            it.reason,
            it.note,
        )
        who, is_mine = str(it.annotator) if it.annotator else it.source, it.annotator_id == reader.pk
        # Blind: there was a suggestion, and it was not shown.
        shown = shown_of(it.shown) if is_of_now and not it.is_blind else None
        yield HistoryEvent(
            it.decided_at, it.created_at, "annotation", who, is_mine, said, it.mode, it.is_blind, shown, it.lead_time_ms
        )
        if it.withdrawn_at is not None:
            yield HistoryEvent(it.withdrawn_at, it.withdrawn_at, "withdrawal", who, is_mine, said, it.mode)


def _of_adjudication(event: AdjudicationEvent, reader: User) -> HistoryEvent:
    stage = stage_shown(event.stage)
    said = Said(event.outcome, stage.position if stage else None, note=event.note)
    return HistoryEvent(
        event.created_at,
        event.created_at,
        "adjudication",
        str(event.adjudicator),
        event.adjudicator_id == reader.pk,
        said,
    )


def _of_consensus(consensus: Consensus) -> HistoryEvent:
    return HistoryEvent(
        consensus.decided_at,
        consensus.decided_at,
        "consensus",
        said=Said(consensus.outcome, consensus.stage.position if consensus.stage else None),
    )
