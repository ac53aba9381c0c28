"""What the version in use says of one photo: probabilities, the set of stages it promises, and whether it abstains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from classifier.core.operating_points import OperatingPoints
from classifier.models import Prediction
from classifier.selectors.blindness import is_blind_to
from classifier.selectors.learning import promoted_version
from labeling.models import Consensus, Project, User
from labeling.selectors.photos import photo_get

State = Literal["ready", "blind", "not_scored", "no_model"]
STATES: tuple[State, ...] = ("ready", "blind", "not_scored", "no_model")


@dataclass(frozen=True, slots=True)
class PhotoPrediction:
    """What is served of a photo; empty unless ``state`` is "ready".

    ``stage_set`` holds positions in scale order, ``coverage`` what the set promises; both, and ``abstains``, are empty
    for a version of before there were thresholds.
    """

    state: State
    version: int | None = None
    probabilities: list[float] = field(default_factory=list)
    stage_set: list[int] = field(default_factory=list)
    coverage: float | None = None
    abstains: bool | None = None


def photo_prediction(*, project: Project, photo_id: int, reader: User) -> PhotoPrediction:
    """Read the stored probabilities of a photo, and what the version's thresholds make of them.

    Returns:
        State "blind" while the photo is asked blind and the reader has not decided, or is held out and not settled;
        "no_model" when no version is in
        use; "not_scored" when it has not come to this photo yet.

    Raises:
        NotFound: ``photo_not_found``.
    """
    photo = photo_get(project=project, photo_id=photo_id)
    # Held-out photos measure models by what experts say unaided, so nothing is told before they have said it.
    is_unaided = photo.is_held_out and not Consensus.objects.filter(photo=photo).exists()
    if is_unaided or is_blind_to(photo=photo, reader=reader):
        return PhotoPrediction("blind")
    version = promoted_version(project_id=project.pk)
    if version is None:
        return PhotoPrediction("no_model")
    found = Prediction.objects.filter(photo=photo, model_version=version).first()
    if found is None:
        return PhotoPrediction("not_scored", version.number)
    if not version.operating_points:
        return PhotoPrediction("ready", version.number, found.probabilities)
    points = OperatingPoints.from_dict(version.operating_points)
    held = points.conformal.sets(np.asarray([found.probabilities]))[0]
    return PhotoPrediction(
        "ready",
        version.number,
        found.probabilities,
        np.flatnonzero(held).tolist(),
        points.conformal.coverage,
        max(found.probabilities) < points.answer_from,
    )
