"""What an expert may answer: the kinds, the reasons, and the codes of what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from labeling.domain.errors import DomainError

MAX_BATCH = 50
REASONS: dict[str, tuple[str, ...]] = {
    "cannot_tell": ("blurred", "too_dark", "too_far", "occluded", "other"),
    "unusable": ("wrong_plant", "several_stages", "no_plant", "not_a_photo", "other"),
}
MESSAGES: dict[str, str] = {
    "photo_not_found": "There is no such photo in this project.",
    "photo_not_ready": "This photo is not ready to be reviewed.",
    "scale_changed": "The stages were changed meanwhile; look at this photo again.",
    "unknown_stage": "The scale has no such stage; it may have changed meanwhile.",
    "not_adjacent": "Only two stages that follow each other can be named as between.",
    "scale_unordered": "The classes of this project have no order, so nothing lies between them.",
    "unknown_reason": "This reason is not one of those that can be given.",
    "already_settled": "This photo was settled meanwhile.",
    "in_adjudication": "This photo is with an adjudicator.",
    "already_decided": "You have answered this photo already; take that back first.",
    "unknown_decision": "There is no such decision of yours to take back.",
    "already_undone": "This decision was taken back before.",
    "practice_first": "You are asked to practise on known photos first.",
    "undo_too_late": "An adjudicator has settled this photo or sent it back; it cannot be taken back any more.",
}
"""English text of every code a decision may be answered with; the interface has its own."""

Outcome = Literal["applied", "duplicate", "conflict", "rejected"]


@dataclass(frozen=True)
class DecisionInput:
    """One decision as it comes from the bench. Stages are positions of the current scale."""

    key: UUID
    photo_id: int
    kind: str
    decided_at: datetime
    scale: int | None = None
    stage: int | None = None
    stage_upper: int | None = None
    reason: str = ""
    note: str = ""
    reservation: UUID | None = None
    undoes: UUID | None = None
    elapsed_ms: int | None = None
    mode: str = "single"
    is_blind: bool | None = None


@dataclass(frozen=True)
class DecisionResult:
    """The answer to one decision. ``code`` is "" when it was applied or a duplicate of one that was."""

    key: UUID
    outcome: Outcome
    code: str
    message: str
    photo_id: int | None


def check_answer(decision: DecisionInput, *, n_stages: int, is_ordered: bool) -> None:
    """Refuse an answer that the scale does not know.

    Raises:
        DomainError: "unknown_stage", "not_adjacent", "scale_unordered" or "unknown_reason".
    """
    if decision.kind == "stage":
        _check_stages([decision.stage], n_stages)
    elif decision.kind == "between":
        if not is_ordered:
            raise refused("scale_unordered")
        lower, upper = _check_stages([decision.stage, decision.stage_upper], n_stages)
        if upper - lower != 1:
            raise refused("not_adjacent")
    elif decision.reason not in REASONS[decision.kind]:
        raise refused("unknown_reason")


def _check_stages(positions: Sequence[int | None], n_stages: int) -> list[int]:
    known = [position for position in positions if position is not None and 0 <= position < n_stages]
    if len(known) != len(positions):
        raise refused("unknown_stage")
    return known


def refused(code: str, error: type[DomainError] = DomainError) -> DomainError:
    """The error of a code in ``MESSAGES``."""
    return error(code, MESSAGES[code])
