"""Reads of the review queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labeling.models import QueueEntry, Suggestion


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
    if entry.probabilities:
        position = max(range(len(entry.probabilities)), key=entry.probabilities.__getitem__)
        return SuggestionShown(
            position, entry.probabilities[position], tuple(entry.probabilities), entry.batch.model_version
        )
    return suggestion_bare(photo_suggestion=getattr(entry.photo, "suggestion", None))


def suggestion_bare(*, photo_suggestion: Suggestion | None) -> SuggestionShown | None:
    """The suggestion of a photo outside the queue, as the grid shows it."""
    if photo_suggestion is None:
        return None
    return SuggestionShown(photo_suggestion.position, photo_suggestion.confidence, (), photo_suggestion.model_version)


def shown_snapshot(*, shown: SuggestionShown | None, entry: QueueEntry | None) -> dict[str, Any]:
    """What is stored with an annotation of what its author saw, enough to ask the same question again."""
    snapshot: dict[str, Any] = {}
    if entry is not None:
        snapshot |= {
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
