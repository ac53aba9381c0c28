"""Reads of adjudications."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from labeling.models import Adjudication, Annotation


def current_round(*, photo_id: int) -> int:
    """The round a photo is asked in: 1, and one more for each time an adjudicator sent it back."""
    rounds = Adjudication.objects.filter(photo_id=photo_id).values_list("round", flat=True)
    return next(iter(rounds), 1)


def adjudications_open(*, project_id: int) -> QuerySet[Adjudication]:
    """Open adjudications of a project with ``photo.opinions`` (standing annotations, oldest first) and suggestions."""
    standing = Annotation.objects.standing().select_related("stage", "stage_upper").order_by("decided_at", "id")
    return (
        Adjudication.objects.filter(project_id=project_id, state=Adjudication.State.OPEN)
        .select_related("photo__suggestion", "photo__site", "photo__plant")
        .prefetch_related(Prefetch("photo__annotations", standing, to_attr="opinions"))
    )


def opinions_of(*, adjudication: Adjudication) -> list[tuple[str, Annotation]]:
    """The annotations of the round in dispute, each with a letter instead of its author: "Expert A", "Expert B", ..."""
    prefetched: list[Annotation] = vars(adjudication.photo)["opinions"]
    opinions = [it for it in prefetched if it.round == adjudication.round]
    return [(f"Expert {chr(ord('A') + index)}", annotation) for index, annotation in enumerate(opinions[:26])]


def probabilities_asked(*, opinions: Sequence[Annotation]) -> list[float]:
    """The model's probabilities as stored with the latest opinion that has some; shown to its author or not."""
    stored = (annotation.shown.get("probabilities") for annotation in reversed(opinions))
    return next((probabilities for probabilities in stored if probabilities), [])
