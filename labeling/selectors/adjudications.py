"""Reads of adjudications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from labeling.models import Adjudication, Annotation, Photo, Suggestion
from labeling.selectors.scales import annotations_shown


def current_round(*, photo_id: int) -> int:
    """The round a photo is asked in: 1, and one more for each time an adjudicator sent it back."""
    rounds = Adjudication.objects.filter(photo_id=photo_id).values_list("round", flat=True)
    return next(iter(rounds), 1)


def adjudications_open(*, project_id: int) -> QuerySet[Adjudication]:
    """Open adjudications of a project with ``photo.opinions`` (standing annotations, oldest first) and suggestions."""
    return (
        Adjudication.objects.filter(project_id=project_id, state=Adjudication.State.OPEN)
        .select_related("photo__suggestion", "photo__site", "photo__plant")
        .prefetch_related(opinions_prefetch())
    )


def opinions_prefetch() -> Prefetch[str, QuerySet[Annotation], str]:
    """Reads ``photo.opinions`` (standing annotations, oldest first) of rows that have a photo, in one query."""
    standing = Annotation.objects.standing().select_related("stage__scale", "stage_upper__scale")
    standing = standing.order_by("decided_at", "id")
    return Prefetch("photo__annotations", standing, to_attr="opinions")


def opinions_of(*, adjudication: Adjudication) -> list[tuple[str, Annotation]]:
    """The annotations of the round in dispute, each with a letter instead of its author: "Expert A", "Expert B", ..."""
    return opinions_in(photo=adjudication.photo, round_asked=adjudication.round)


def opinions_in(*, photo: Photo, round_asked: int) -> list[tuple[str, Annotation]]:
    """As :func:`opinions_of`, of one round of a photo read with ``opinions``."""
    prefetched: list[Annotation] = vars(photo)["opinions"]
    opinions = annotations_shown([it for it in prefetched if it.round == round_asked])
    return [(f"Expert {chr(ord('A') + index)}", annotation) for index, annotation in enumerate(opinions[:26])]


def probabilities_asked(*, opinions: Sequence[Annotation]) -> list[float]:
    """The model's probabilities as stored with the latest opinion that has some; shown to its author or not."""
    stored = (annotation.shown.get("probabilities") for annotation in reversed(opinions))
    return next((probabilities for probabilities in stored if probabilities), [])


def adjudication_shown(*, photo_id: int, round_disputed: int) -> dict[str, Any]:
    """What an adjudicator has before them, kept with what they decide: the opinions in dispute, and the model's."""
    rows = Annotation.objects.standing().filter(photo_id=photo_id, round=round_disputed)
    found = rows.select_related("stage__scale", "stage_upper__scale").order_by("decided_at", "id")
    opinions = annotations_shown(list(found))
    suggestion = Suggestion.objects.filter(photo_id=photo_id).values("position", "confidence", "model_version").first()
    return {
        "opinions": [
            {
                "annotation": it.pk,
                "kind": it.kind,
                "position": it.stage.position if it.stage else None,
                "upper_position": it.stage_upper.position if it.stage_upper else None,
                "reason": it.reason,
                "note": it.note,
                "is_blind": it.is_blind,
            }
            for it in opinions
        ],
        "suggestion": suggestion,
        "probabilities": probabilities_asked(opinions=opinions),
    }
