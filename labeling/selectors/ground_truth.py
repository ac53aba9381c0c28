"""What the labelling side holds to be true: the classifier's only source of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from labeling.models import Consensus, KnownLabel, StageScale


@dataclass(frozen=True, slots=True)
class GroundTruthRow:
    """One photo with a stage. ``distribution`` has one probability per stage of the current scale, in order, sum 1."""

    photo_id: int
    sha256: str
    group_key: str
    is_held_out: bool
    distribution: tuple[float, ...]
    stage_position: int
    is_gold: bool
    decided_at: datetime


def ground_truth_rows(*, project_id: int) -> list[GroundTruthRow]:
    """Every photo whose consensus is a stage of the current scale, by photo id; one query, no model instances."""
    rows = (
        Consensus.objects.filter(
            project_id=project_id,
            outcome=Consensus.Outcome.STAGE,
            stage__scale__status=StageScale.Status.CURRENT,
            photo__status="ready",
        )
        .order_by("photo_id")
        .values_list(
            "photo_id", "photo__sha256", "photo__group_key", "photo__is_held_out", "distribution", "stage__position",
            "is_gold", "decided_at",
        )
    )  # fmt: skip
    return [
        GroundTruthRow(photo_id, sha256, group_key, is_held_out, tuple(distribution), position, is_gold, decided_at)
        for photo_id, sha256, group_key, is_held_out, distribution, position, is_gold, decided_at in rows.iterator()
    ]


def hidden_stage_positions(*, photo_ids: Sequence[int]) -> dict[int, int]:
    """Photo id -> the position kept from experts and models, for those that have one. For simulated experts only."""
    return dict(
        KnownLabel.objects.filter(photo_id__in=photo_ids, kind=KnownLabel.Kind.HIDDEN).values_list(
            "photo_id", "stage__position"
        )
    )
