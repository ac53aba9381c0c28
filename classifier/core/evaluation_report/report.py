"""The report on one set of photos, put together."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.answering import answering
from classifier.core.evaluation_report.boundaries import boundary_rows
from classifier.core.evaluation_report.figures import headline
from classifier.core.evaluation_report.flips import Rival, flips
from classifier.core.evaluation_report.references import References, accuracy_by_labels
from classifier.core.evaluation_report.reliability import reliability
from classifier.core.evaluation_report.resampling import GroupResamples
from classifier.core.evaluation_report.sets import conformal_sets
from classifier.core.metrics import confusion_matrix, per_stage_scores
from classifier.core.operating_points import OperatingPoints, cross_fitted_sets

#: Of the stored report; raise it when a key changes its meaning.
FORMAT = 1


@dataclasses.dataclass(frozen=True, slots=True)
class ScoredPhotos:
    """Photos that a version has scored without having learned from them.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated.
    targets : ndarray of shape (n, K)
        Label distributions; the truth of a photo is its most voted stage.
    groups : ndarray of shape (n,)
    references : References
        What people said one by one.
    temperature : float
    is_ordered : bool
    points : OperatingPoints or None
        That the version serves.
    are_points_fitted_here : bool
        Whether the thresholds were fitted on these photos: sets are then fitted anew without each photo's group.
    rival : Rival or None
    """

    probas: Array
    targets: Array
    groups: Array
    references: References
    temperature: float = 1.0
    is_ordered: bool = True
    points: OperatingPoints | None = None
    are_points_fitted_here: bool = False
    rival: Rival | None = None


def subset_report(photos: ScoredPhotos, *, n_resamples: int = 500, random_state: int = 0) -> dict[str, Any] | None:
    """Compute everything that is reported about one set of photos; None without photos.

    Parameters
    ----------
    photos : ScoredPhotos
    n_resamples, random_state : int
        Of the bootstrap over groups.

    Returns
    -------
    dict
        Plain values, ready for JSON; ``flips`` and ``conformal`` are None where they cannot be told.
    """
    if len(photos.probas) == 0:
        return None
    probas = np.asarray(photos.probas, dtype=np.float64)
    truth = np.asarray(photos.targets).argmax(axis=1)
    predicted, k = probas.argmax(axis=1), probas.shape[1]
    resamples = GroupResamples(photos.groups, n_resamples=n_resamples, random_state=random_state)
    confusion = confusion_matrix(truth, predicted, k)
    pairs, _ = photos.references.expert_pairs()
    sets = _sets(photos, probas, truth, random_state)
    return {
        "n": len(truth),
        "n_groups": resamples.n_groups,
        "figures": headline(probas, photos.targets, truth, resamples, is_ordered=photos.is_ordered),
        "per_stage": per_stage_scores(confusion),
        "confusion": confusion.tolist(),
        "boundaries": boundary_rows(truth, predicted, k, resamples, pairs, is_ordered=photos.is_ordered),
        "reliability": reliability(probas, truth, resamples, temperature=photos.temperature),
        "answering": answering(probas.max(axis=1), predicted == truth, resamples, photos.points),
        "conformal": None
        if sets is None or photos.points is None
        else conformal_sets(sets, truth, resamples, promised=photos.points.conformal.coverage),
        "labels": accuracy_by_labels(
            predicted, truth, photos.references, photos.groups, resamples, seed=random_state + 1
        ),
        "flips": None if photos.rival is None else flips(probas, truth, resamples, photos.rival),
    }


def _sets(photos: ScoredPhotos, probas: Array, truth: Array, random_state: int) -> Array | None:
    if photos.points is None:
        return None
    if not photos.are_points_fitted_here:
        return photos.points.conformal.sets(probas)
    return cross_fitted_sets(
        probas,
        truth,
        photos.groups,
        coverage=photos.points.conformal.coverage,
        is_ordered=photos.is_ordered,
        random_state=random_state,
    )
