"""The main loop played by a simulated expert, through the same services as people use, to see how fast it learns."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from classifier.core.contracts import Array, Metrics
from classifier.core.metrics import evaluate
from classifier.selectors.embeddings import embedding_rows
from classifier.selectors.learning import label_counts
from classifier.services.pool_scores import Labelled, pool_model_fit
from classifier.services.refresh import project_probabilities
from labeling.domain.decisions import DecisionInput
from labeling.domain.soft_labels import distribution_of, one_hot
from labeling.models import Annotation, Photo, Project, Reservation, User
from labeling.selectors.ground_truth import hidden_stage_positions
from labeling.services.annotate import decisions_submit
from labeling.services.queue import reservations_take
from labeling.synthetic.experts import Answer, SimulatedExpert

TAKE = 20
"""Photos reserved at a time, as the bench does."""
RESAMPLES = 200


@dataclass(frozen=True)
class Truth:
    """Photos whose stage is hidden from the loop: ``photo_ids``, ``positions`` and ``groups``, all (n,)."""

    photo_ids: Array
    positions: Array
    groups: Array

    def one_hot(self, n_stages: int) -> Array:
        return np.eye(n_stages)[self.positions]


def expert_of(*, n_stages: int, error_rate: float, seed: int) -> SimulatedExpert:
    """An expert who gives a photo to each neighbouring stage with half of ``error_rate``."""
    return SimulatedExpert([error_rate / 2] * (n_stages - 1), seed=seed)


def hidden_truth(*, project: Project, is_held_out: bool) -> Truth:
    """The hidden stages of the project's ready photos, held out or not, by photo id."""
    photos = Photo.objects.ready().filter(project=project, is_held_out=is_held_out).order_by("pk")
    groups = dict(photos.values_list("pk", "group_key"))
    positions = hidden_stage_positions(photo_ids=list(groups))
    ids = [photo_id for photo_id in groups if photo_id in positions]
    return Truth(
        np.asarray(ids, np.int64),
        np.asarray([positions[photo_id] for photo_id in ids], np.int64),
        np.asarray([groups[photo_id] for photo_id in ids], str),
    )


def decisions_simulate(*, project: Project, annotator: User, expert: SimulatedExpert, count: int) -> int:
    """Have the expert answer the next ``count`` photos of the queue; returns how many were answered.

    Photos without a hidden stage are skipped. Fewer are answered when the queue has nothing left for this annotator.
    """
    answered = 0
    while answered < count:
        taken = reservations_take(project=project, annotator=annotator, count=min(TAKE, count - answered))
        if not taken:
            break
        truth = hidden_stage_positions(photo_ids=[it.entry.photo_id for it in taken])
        decisions = [_decision(it, expert, truth.get(it.entry.photo_id)) for it in taken]
        results = decisions_submit(project=project, annotator=annotator, decisions=decisions)
        applied = [d for d, result in zip(decisions, results, strict=True) if result.outcome == "applied"]
        if not applied:
            break  # nothing moves: the queue would hand out the same photos for ever
        answered += sum(decision.kind != "skip" for decision in applied)
    return answered


def held_out_metrics(*, project: Project, feature_space: str, truth: Truth, is_ordered: bool) -> Metrics | None:
    """Metrics on the held-out photos as the product would suggest them now, against their hidden stages."""
    ids = truth.photo_ids.tolist()
    probas = project_probabilities(project_id=project.pk, feature_space=feature_space, photo_ids=ids)
    if probas is None or not len(ids):
        return None
    targets = truth.one_hot(probas.shape[1])
    return evaluate(probas, targets, truth.groups, is_ordered=is_ordered, n_resamples=RESAMPLES)


def random_baseline(
    *,
    project: Project,
    feature_space: str,
    pool: Truth,
    held_out: Truth,
    n_labels: Sequence[int],
    n_stages: int,
    is_ordered: bool,
    expert: Callable[[int], SimulatedExpert],
    seeds: Sequence[int],
) -> dict[int, float]:
    """Mean held-out accuracy of the same light head on labels drawn at random.

    Args:
        project: whose vectors are used.
        feature_space: of the vectors.
        pool: photos to draw from.
        held_out: photos to judge on.
        n_labels: sizes of the draws; the larger contain the smaller.
        n_stages: of the scale.
        is_ordered: whether the stages have an order.
        expert: makes the expert of a seed.
        seeds: one draw each.

    Returns:
        Size -> accuracy; sizes at which no head can be fitted are left out.
    """
    ids = np.union1d(pool.photo_ids, held_out.photo_ids)
    vectors = embedding_rows(project_id=project.pk, backbone=feature_space, photo_ids=ids)
    X, judged = (vectors.values[vectors.rows_of(some.photo_ids)].astype(np.float32) for some in (pool, held_out))
    found: dict[int, list[float]] = {}
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(pool.photo_ids))
        someone = expert(seed)
        targets = np.asarray([_target(someone.answer(int(pool.positions[i])), n_stages) for i in order], np.float32)
        for n in n_labels:
            rows = order[:n]
            labelled = Labelled(
                X[rows], targets[: len(rows)], pool.groups[rows], np.full((len(rows), n_stages), np.nan)
            )
            model = pool_model_fit(labelled, is_ordered=is_ordered, has_ensemble=False, random_state=seed)
            if model is not None:
                probas = model.predict_proba(judged, np.full((len(judged), n_stages), np.nan))
                found.setdefault(n, []).append(float((probas.argmax(axis=1) == held_out.positions).mean()))
    return {n: float(np.mean(accuracies)) for n, accuracies in found.items()}


def labels_learned(*, project: Project) -> int:
    """Labels the light head learns from: those of photos that are not held out."""
    return label_counts(project_id=project.pk).training


def _decision(reservation: Reservation, expert: SimulatedExpert, position: int | None) -> DecisionInput:
    common: dict[str, Any] = {
        "key": uuid.uuid4(),
        "photo_id": reservation.entry.photo_id,
        "decided_at": timezone.now(),
        "reservation": reservation.token,
        "mode": Annotation.Mode.SIMULATED,
    }
    if position is None:
        return DecisionInput(kind="skip", **common)
    answer = expert.answer(position)
    if answer.kind == "cannot_tell":
        return DecisionInput(kind="cannot_tell", reason="other", **common)
    return DecisionInput(kind=answer.kind, stage=answer.position, stage_upper=answer.position_upper, **common)


def _target(answer: Answer, n_stages: int) -> list[float]:
    assert answer.position is not None, "the experts of a study always name a stage"
    if answer.position_upper is None:
        return one_hot(answer.position, n_stages=n_stages)
    return distribution_of([(answer.position, answer.position_upper)], n_stages=n_stages)
