"""Working out how many labels targets still take; a step of a refresh, when nobody waits."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from classifier.core.contracts import Array
from classifier.core.forecast import TARGETS, Missing, forecast
from classifier.models import LearningForecast
from classifier.selectors.forecasts import ChanceAnswer, chance_answers
from classifier.services.pool_scene import Scene
from labeling.domain.intervals import wilson

AT_MOST_EVERY = timedelta(minutes=10)
"""A refresh follows every few decisions, which change a forecast by nothing."""
POINTS = 8
"""Dots beside the curve: photos in the order of the labels they were asked at, in as many equal parts."""
SHARE_DECIMALS = 4


def forecast_update(scene: Scene) -> None:
    """Make the project's forecast anew, unless the last one is fresh.

    ``LearningForecast.told`` is::

        {"targets": [0.5, ...], "n_photos": int, "points": [{"labels", "accuracy", "low", "high", "n"}],
         "overall": {...}, "stages": [{...}, ...] in stage order}

    and each of the last two ``{"n_photos": int, "missing": {"photos", "labels"} or null, "curve": ... or null}``, where
    the curve is ``{"now", "now_low", "now_high", "needed", "needed_low", "needed_high", "labels", "accuracy",
    "accuracy_low", "accuracy_high"}``: shares, and labels by target, null beyond the horizon.
    """
    before = LearningForecast.objects.filter(project=scene.project).first()
    now = timezone.now()
    if before is not None and before.scale_id == scene.scale.pk and now - before.built_at < AT_MOST_EVERY:
        return
    answers = chance_answers(scale=scene.scale)
    labels_now = len(scene.training)
    told = {
        "targets": list(TARGETS),
        "n_photos": len(answers),
        "points": _points(answers),
        "overall": _told(answers, labels_now, scene.project.seed),
        "stages": [
            _told([it for it in answers if it.settled == stage], labels_now, scene.project.seed)
            for stage in range(scene.n_stages)
        ],
    }
    LearningForecast.objects.update_or_create(
        project=scene.project, defaults={"scale": scene.scale, "labels_now": labels_now, "told": told, "built_at": now}
    )


def _told(answers: list[ChanceAnswer], labels_now: int, seed: int) -> dict[str, Any]:
    made = forecast(
        np.asarray([it.n_labels for it in answers], np.int64),
        np.asarray([it.suggested == it.settled for it in answers], bool),
        groups=np.asarray([it.group_key for it in answers]),
        labels_now=labels_now,
        random_state=seed,
    )
    if isinstance(made, Missing):
        missing = {"photos": made.photos, "labels": made.labels}
        return {"n_photos": len(answers), "missing": missing, "curve": None}
    curve = {
        "now": _share(made.now), "now_low": _share(made.now_low), "now_high": _share(made.now_high),
        "needed": _counts(made.needed), "needed_low": _counts(made.needed_low),
        "needed_high": _counts(made.needed_high), "labels": _counts(made.labels),
        "accuracy": _shares(made.curve), "accuracy_low": _shares(made.curve_low),
        "accuracy_high": _shares(made.curve_high),
    }  # fmt: skip
    return {"n_photos": len(answers), "missing": None, "curve": curve}


def _points(answers: list[ChanceAnswer]) -> list[dict[str, float | int]]:
    """Accuracy of photos asked at about as many labels, with its Wilson interval."""
    points: list[dict[str, float | int]] = []
    in_order = sorted(answers, key=lambda it: it.n_labels)
    for part in np.array_split(np.arange(len(in_order)), min(POINTS, len(in_order) // 5)) if len(in_order) >= 5 else []:
        chosen = [in_order[at] for at in part]
        n_right = sum(it.suggested == it.settled for it in chosen)
        interval = wilson(n_right / len(chosen), len(chosen), n=len(chosen))
        points.append(
            {
                "labels": round(float(np.mean([it.n_labels for it in chosen]))),
                "accuracy": _share(n_right / len(chosen)),
                "low": _share(interval.low),
                "high": _share(interval.high),
                "n": len(chosen),
            }
        )
    return points


def _share(value: float) -> float:
    return round(value, SHARE_DECIMALS)


def _shares(values: Array) -> list[float]:
    return [_share(value) for value in values.tolist()]


def _counts(values: Array) -> list[int | None]:
    return [math.ceil(value) if math.isfinite(value) else None for value in values.tolist()]
