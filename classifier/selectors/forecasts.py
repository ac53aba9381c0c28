"""What a forecast is made of, and the forecast itself."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.models import LearningForecast, ScoringRun
from labeling.models import Annotation, Consensus, QueueEntry, StageScale

_BY_CHANCE = (QueueEntry.Reason.RANDOM, QueueEntry.Reason.EVALUATION)
"""Reasons that say nothing of the photo: its place in a batch was drawn."""
REFRESH_MARK = "refresh-"


@dataclass(frozen=True, slots=True)
class ChanceAnswer:
    """A settled photo that was drawn by chance: the labels behind its suggestion, that, and what experts agreed on."""

    n_labels: int
    group_key: str
    suggested: int
    settled: int


def chance_answers(*, scale: StageScale) -> list[ChanceAnswer]:
    """Photos of the random share and of evaluation, each as it was when it was answered first, in two questions.

    Suggestions from before the scale was made name stages of another one, and are left out; so are those that no
    refresh gave, such as imported ones.
    """
    rows = (
        Annotation.objects.standing()
        .filter(
            created_at__gt=scale.created_at,
            photo__project_id=scale.project_id,
            photo__consensus__outcome=Consensus.Outcome.STAGE,
            photo__consensus__stage__scale=scale,
            shown__reason__in=_BY_CHANCE,
            shown__position__isnull=False,
            shown__model_version__startswith=REFRESH_MARK,
        )
        .order_by("id")
        .values_list(
            "photo_id", "photo__group_key", "shown__position", "shown__model_version",
            "photo__consensus__stage__position",
        )
    )  # fmt: skip
    first: dict[int, tuple[str, int, str, int]] = {}
    for photo_id, *answer in rows.iterator():
        first.setdefault(photo_id, tuple(answer))
    labels_of = {
        f"{REFRESH_MARK}{pk}": n
        for pk, n in ScoringRun.objects.filter(
            project_id=scale.project_id, kind=ScoringRun.Kind.REFRESH, n_labels__gt=0
        ).values_list("pk", "n_labels")
    }
    return [
        ChanceAnswer(labels_of[version], group, suggested, settled)
        for group, suggested, version, settled in first.values()
        if version in labels_of
    ]


def learning_forecast(*, project_id: int) -> LearningForecast | None:
    """The project's forecast for the stages in use, if one was made."""
    return LearningForecast.objects.filter(project_id=project_id, scale__status=StageScale.Status.CURRENT).first()
