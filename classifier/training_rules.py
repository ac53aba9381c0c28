"""When a project may train, must not, or should by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

MIN_LABELS_PER_STAGE = 4
"""Fewest training labels of any single stage that grouped folds can share out, for stages that have any."""
MIN_STAGES = 2
MIN_LABELS = 24
FIRST_LABELS_PER_STAGE = 15
FIRST_LABELS = 100
"""The first training starts by itself at 15 labels a stage on average or 100 in all, whichever is less."""
RETRAIN_LABELS = 50
RETRAIN_SHARE = 0.25
"""Unless told else, a retraining starts after ``max(50, 25 % of what the last one learned from)`` new labels."""
DRIFT_PHOTOS = 30
"""Fewest photos of the random share that can show a drift."""


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


@dataclass(frozen=True)
class RetrainingRule:
    """When a project's model is trained again by itself.

    Attributes:
        is_on: whether any training starts by itself.
        labels_new: after so many new labels; None: a quarter more than last time, 50 at least.
        days_most: after so many days, if there is any new label; None: never for that.
        accuracy_drop: when the model is right on the random share this much less often than on the held-out photos;
            None: never for that.
        gap_minutes: between the end of one training and the start of the next.
    """

    is_on: bool = True
    labels_new: int | None = None
    days_most: int | None = None
    accuracy_drop: float | None = None
    gap_minutes: int = 10


@dataclass(frozen=True)
class SinceTraining:
    """What has happened since the last training.

    Attributes:
        labels: new training labels.
        labels_trained_on: what the last training learned from.
        age: of the last training's labels.
        random_right: photos of the random share decided since on which the model had named the stage.
        random_n: all of these photos.
        accuracy: the promoted version's on the held-out photos; None where it has not been measured.
    """

    labels: int
    labels_trained_on: int
    age: timedelta
    random_right: int = 0
    random_n: int = 0
    accuracy: float | None = None


def retraining_reason(rule: RetrainingRule, since: SinceTraining) -> str:
    """Why a project should be trained again now, in words for the run's log; "" when it should not."""
    if not rule.is_on or since.labels == 0:
        return ""
    wanted = rule.labels_new or max(RETRAIN_LABELS, RETRAIN_SHARE * since.labels_trained_on)
    if since.labels >= wanted:
        return f"{since.labels} new labels"
    if rule.days_most is not None and since.age >= timedelta(days=rule.days_most):
        return f"{since.age.days} days since the last training"
    if rule.accuracy_drop is not None and since.accuracy is not None and since.random_n >= DRIFT_PHOTOS:
        highest = upper_bound(since.random_right, since.random_n)
        if highest < since.accuracy - rule.accuracy_drop:
            return (
                f"right on {since.random_right} of {since.random_n} photos of the random share, "
                f"against {since.accuracy:.0%} on the held-out ones"
            )
    return ""


def upper_bound(right: int, n: int) -> float:
    """Highest share that `right` of `n` are compatible with: Wilson's bound, passed by chance one time in twenty."""
    share, z = right / n, 1.645
    centre = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre + spread) / (1 + z * z / n)


def gap_has_passed(last_ended_at: datetime | None, now: datetime, minutes: int = 10) -> bool:
    """Whether the last run lies far enough back for another to start by itself."""
    return last_ended_at is None or now - last_ended_at >= timedelta(minutes=minutes)
