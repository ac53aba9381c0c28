"""Reads of the review queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labeling.domain.pairs import Pair, pair_sides
from labeling.models import QueueEntry, Reservation, Suggestion

FREE_FOR_ANNOTATOR = """
    (select true from labeling_reservation r where r.entry_id = e.id
       and (r.annotator_id = %(annotator)s or r.mode = 'grid') limit 1) is null
    and (select true from labeling_skip s where s.photo_id = e.photo_id and s.annotator_id = %(annotator)s
       and s.until > statement_timestamp()) is null
    and (select true from labeling_annotation a
       where a.photo_id = e.photo_id and a.annotator_id = %(annotator)s and a.withdrawn_at is null
         and a.round = coalesce((select j.round from labeling_adjudication j where j.photo_id = a.photo_id), 1)) is null
"""
"""SQL: ``annotator`` does not hold entry ``e``, nor has answered or skipped it, and no grid holds it.

Scalar subqueries, so that PostgreSQL probes row by row and stops at the limit, whatever its statistics say.
"""


BY_THE_MODEL = frozenset(
    {
        QueueEntry.Reason.BOUNDARY, QueueEntry.Reason.UNCERTAIN, QueueEntry.Reason.DIVERSE, QueueEntry.Reason.DISAGREE,
        QueueEntry.Reason.SEASON, QueueEntry.Reason.TIMELINE,
    }
)  # fmt: skip
"""Reasons that tell something of what the model thinks of a photo."""


@dataclass(frozen=True)
class SuggestionShown:
    """What the bench shows of the model: ``probabilities`` in stage order, empty when only the best stage is known."""

    position: int
    confidence: float
    probabilities: tuple[float, ...]
    model_version: str


def suggestion_shown(*, entry: QueueEntry) -> SuggestionShown | None:
    """The suggestion that goes with an entry (``batch`` and ``photo.suggestion`` loaded); None without a model.

    Blind or not: whether it is shown is for the caller to decide, and is stored beside it.
    """
    if entry.reason == QueueEntry.Reason.TRIAGE and entry.probabilities:
        *_, confidence = entry.probabilities
        return SuggestionShown(len(entry.probabilities) - 1, confidence, (), entry.batch.model_version)
    if entry.probabilities:
        position = max(range(len(entry.probabilities)), key=entry.probabilities.__getitem__)
        return SuggestionShown(
            position, entry.probabilities[position], tuple(entry.probabilities), entry.batch.model_version
        )
    return suggestion_bare(photo_suggestion=getattr(entry.photo, "suggestion", None))


def bare_probabilities(*, position: int, confidence: float) -> list[float]:
    """``QueueEntry.probabilities`` of an entry made by the grid, where only the best stage is known: it comes last."""
    return [*([0.0] * position), confidence]


def suggestion_bare(*, photo_suggestion: Suggestion | None) -> SuggestionShown | None:
    """The suggestion of a photo outside the queue, as the grid shows it."""
    if photo_suggestion is None:
        return None
    return SuggestionShown(photo_suggestion.position, photo_suggestion.confidence, (), photo_suggestion.model_version)


def reason_sent(*, entry: QueueEntry) -> str:
    """Why the photo is asked, as far as the expert may know (``batch`` loaded).

    A photo of known stage passes for one of the random share, or for the next by arrival where all are; so does a blind
    one that the model chose, whose reason would tell what the model thinks of it.
    """
    reasons = QueueEntry.Reason
    is_disguised = entry.reason == reasons.GOLD
    is_hidden = entry.is_blind and entry.reason in BY_THE_MODEL
    if not (is_disguised or is_hidden):
        return entry.reason
    by_source = {"arrival": reasons.ARRIVAL, "evaluation": reasons.EVALUATION}
    return by_source.get(entry.batch.source, reasons.RANDOM)


def pair_asked(*, entry: QueueEntry, annotator_id: int) -> Pair | None:
    """The A/B question of an entry for one annotator; None when it is not about a boundary, or blind."""
    if entry.boundary is None or entry.is_blind:
        return None
    return pair_sides(photo_id=entry.photo_id, annotator_id=annotator_id, boundary=entry.boundary)


def shown_snapshot(*, shown: SuggestionShown | None, entry: QueueEntry | None) -> dict[str, Any]:
    """What is stored with an annotation of what its author saw, enough to ask the same question again."""
    snapshot: dict[str, Any] = {}
    if entry is not None:
        snapshot |= {
            "source": entry.batch.source,
            "reason": entry.reason,
            "boundary": entry.boundary,
            "utility": entry.utility,
            "is_blind": entry.is_blind,
        }
    if shown is not None:
        snapshot |= {
            "position": shown.position,
            "confidence": shown.confidence,
            "probabilities": list(shown.probabilities),
            "model_version": shown.model_version,
        }
    return snapshot


def photo_ids_held(*, project_id: int, annotator_id: int) -> frozenset[int]:
    """Photos that a person holds in a project, on whichever page; a few dozen at most."""
    held = Reservation.objects.filter(annotator_id=annotator_id, entry__project_id=project_id)
    return frozenset(held.values_list("entry__photo_id", flat=True))
