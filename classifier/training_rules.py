"""When a project may train, must not, or should by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MIN_LABELS_PER_STAGE = 4
"""Fewest training labels of any single stage that grouped folds can share out, for stages that have any."""
MIN_STAGES = 2
MIN_LABELS = 24
FIRST_LABELS_PER_STAGE = 15
FIRST_LABELS = 100
"""The first training starts by itself at 15 labels a stage on average or 100 in all, whichever is less."""
RETRAIN_LABELS = 50
RETRAIN_SHARE = 0.25
"""A retraining starts by itself after ``max(50, 25 % of what the last one learned from)`` new labels."""
MIN_GAP = timedelta(minutes=10)
"""Between two trainings that start by themselves, so that a burst of decisions cannot occupy the machine."""


@dataclass(frozen=True)
class TrainingNeed:
    """What stands between a project and a training."""

    labels_until_training: int
    blocked_code: str = ""
    blocked_message: str = ""

    @property
    def can_train(self) -> bool:
        return self.blocked_code == ""


def training_need(labels_by_stage: list[int]) -> TrainingNeed:
    """Whether there are ``MIN_LABELS`` in all, and ``MIN_STAGES`` stages with ``MIN_LABELS_PER_STAGE`` each."""
    total = sum(labels_by_stage)
    richest = sorted(labels_by_stage, reverse=True)[:MIN_STAGES]
    missing_in_stages = sum(max(0, MIN_LABELS_PER_STAGE - n) for n in richest)
    missing = max(MIN_LABELS - total, missing_in_stages, 0)
    if missing == 0:
        return TrainingNeed(0)
    message = (
        f"A training needs at least {MIN_LABELS} labelled photos and {MIN_LABELS_PER_STAGE} of each of {MIN_STAGES} "
        f"stages; there are {total} ({', '.join(map(str, labels_by_stage))} by stage)."
    )
    return TrainingNeed(missing, "too_few_labels", message)


def first_training_is_due(labels_by_stage: list[int]) -> bool:
    """Whether a project without a promoted model has labels enough to start its first training by itself."""
    wanted = min(FIRST_LABELS, FIRST_LABELS_PER_STAGE * len(labels_by_stage))
    return sum(labels_by_stage) >= wanted and training_need(labels_by_stage).can_train


def retraining_is_due(*, labels_since_training: int, labels_trained_on: int) -> bool:
    """Whether enough has been learned since the last training to start another by itself."""
    return labels_since_training >= max(RETRAIN_LABELS, RETRAIN_SHARE * labels_trained_on)


def gap_has_passed(last_created_at: datetime | None, now: datetime) -> bool:
    """Whether the last run lies far enough back for another to start by itself."""
    return last_created_at is None or now - last_created_at >= MIN_GAP
