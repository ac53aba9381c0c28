"""The second look: after a training, labels that are probably wrong are listed for adjudicators, worst first."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from classifier.core.contracts import Array
from classifier.core.label_quality import confident_learning
from classifier.core.second_look import SecondLook as Finding
from classifier.core.second_look import second_looks
from classifier.models import ModelVersion, SecondLook, SecondLookRound, TrainingRun
from classifier.services.label_evidence import LabelEvidence, label_evidence
from classifier.services.snapshots import snapshot_rows
from labeling.models import GrowthStage, Project, StageScale

logger = structlog.get_logger(__name__)

LISTED_SHARE = 0.20
"""Of the labels; looking through the worst fifth brings back most of the accuracy lost (docs/label-quality.md)."""
LISTED_LEAST, LISTED_MOST = 20, 2000
COMPANIONS = 4
"""Photos shown beside a doubtful one."""
DECIMALS = 4


def second_look_round_build(*, run_id: int, feature_space: str) -> SecondLookRound | None:
    """List the doubtful labels after a training run, in place of what was listed before and nobody has looked at.

    A label that is doubted still keeps its row, with what is said of it now.

    Safe to repeat: what an adjudicator has settled stays as it is, and is not listed again while the label is the same,
    in this round or a later one.

    Args:
        run_id: the training run.
        feature_space: name of the space in which near-duplicates are looked for.

    Returns:
        The round; None when the run gave no model, when its stages are no longer in use, or when a later run has been
        looked through already.
    """
    run = TrainingRun.objects.select_related("snapshot__scale").filter(pk=run_id).first()
    version = ModelVersion.objects.filter(run_id=run_id).first()
    if run is None or version is None or run.snapshot.scale.status != StageScale.Status.CURRENT:
        return None
    scale = run.snapshot.scale
    stages = list(GrowthStage.objects.filter(scale=scale).order_by("position"))
    evidence = label_evidence(
        scale=scale,
        n_stages=len(stages),
        model_version_id=version.pk,
        photo_ids={row.photo_id for row in snapshot_rows(run.snapshot)},
        feature_space=feature_space,
    )
    with transaction.atomic():
        # One builder of a project at a time, and after the slow part: is there a later round by now?
        Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
        if SecondLookRound.objects.filter(project_id=run.project_id, run_id__gt=run.pk).exists():
            return None
        return _round_write(run, stages, evidence)


def _round_write(run: TrainingRun, stages: list[GrowthStage], evidence: LabelEvidence) -> SecondLookRound:
    """Store the round. A doubt that stays keeps its row: somebody may have it on their screen."""
    looks = SecondLook.objects.filter(project_id=run.project_id)
    is_open = Q(state=SecondLook.State.OPEN)
    open_ids = {
        (photo_id, label_id): pk
        for pk, photo_id, label_id in looks.select_for_update()
        .filter(is_open)
        .values_list("pk", "photo_id", "label_id")
    }
    settled = set(looks.exclude(is_open).values_list("photo_id", "label_id"))
    in_round = set(looks.exclude(is_open).filter(round_id=run.pk).values_list("photo_id", flat=True))
    learned, found = _findings(evidence)
    listed = [
        (finding, row)
        for finding, row in ((it, evidence.rows[it.index]) for it in found)
        if row.photo_id not in in_round and (row.photo_id, stages[row.stage_position].pk) not in settled
    ][: listed_most(len(evidence.rows))]
    built, _ = SecondLookRound.objects.update_or_create(
        run=run,
        defaults={
            "project_id": run.project_id,
            "n_labels": len(evidence.rows),
            "n_doubted": len(listed) + len(in_round),
            "noise_rate": learned[1],
            "built_at": timezone.now(),
        },
    )
    beside = Companions(evidence)
    fresh = [
        SecondLook(
            pk=open_ids.get((row.photo_id, stages[row.stage_position].pk)),
            round=built, project_id=run.project_id, photo_id=row.photo_id, label=stages[row.stage_position],
            suggested=stages[finding.suggested], reason=finding.source, doubt=min(1.0, max(0.0, finding.doubt)),
            evidence=_evidence_of(evidence, beside, finding, is_flagged=bool(learned[0][finding.index])),
        )
        for finding, row in listed
    ]  # fmt: skip
    looks.filter(is_open).exclude(pk__in=[it.pk for it in fresh if it.pk is not None]).delete()
    stay = [it for it in fresh if it.pk is not None]
    SecondLook.objects.bulk_update(stay, ["round", "suggested", "reason", "doubt", "evidence"], batch_size=500)
    SecondLook.objects.bulk_create([it for it in fresh if it.pk is None], batch_size=500)
    logger.info("second_looks_listed", run_id=run.pk, n_labels=len(evidence.rows), n_doubted=len(listed))
    return built


def listed_most(n_labels: int) -> int:
    """How many labels are worth listing."""
    return min(LISTED_MOST, max(LISTED_LEAST, math.ceil(LISTED_SHARE * n_labels)))


def _findings(evidence: LabelEvidence) -> tuple[tuple[Array, float], list[Finding]]:
    """The flags and the noise rate of confident learning, and the doubted labels, worst first."""
    if not evidence.rows:
        return (np.zeros(0, bool), 0.0), []
    learned = confident_learning(evidence.sources[0].probas, evidence.labels)
    return (learned.is_flagged, learned.noise_rate), second_looks(evidence.labels, evidence.sources)


class Companions:
    """Which photos explain a doubt: near-duplicates, and the same plant's photos around it."""

    def __init__(self, evidence: LabelEvidence) -> None:
        self._evidence = evidence
        self._near: dict[int, list[tuple[int, float]]] = {}
        for (one, other), similarity in zip(evidence.pairs.tolist(), evidence.similarities.tolist(), strict=True):
            self._near.setdefault(one, []).append((other, similarity))
            self._near.setdefault(other, []).append((one, similarity))
        self._of_season: dict[str, list[int]] = {}
        for row in np.argsort(evidence.days, kind="stable").tolist():
            if evidence.seasons[row]:
                self._of_season.setdefault(str(evidence.seasons[row]), []).append(row)

    def duplicates(self, row: int) -> list[dict[str, Any]]:
        """Near-duplicates of a row, those with another label first, then the nearest."""
        labels = self._evidence.labels
        near = sorted(self._near.get(row, []), key=lambda it: (labels[it[0]] == labels[row], -it[1], it[0]))
        return [
            {"photo_id": self._evidence.rows[it].photo_id, "similarity": round(float(similarity), DECIMALS)}
            for it, similarity in near[:COMPANIONS]
        ]

    def visits(self, row: int) -> list[int]:
        """Photos of the same plant and season around a row in time, oldest first."""
        same = self._of_season.get(str(self._evidence.seasons[row]), [])
        if row not in same:
            return []
        place = same.index(row)
        around = same[max(0, place - COMPANIONS // 2) : place] + same[place + 1 : place + 1 + COMPANIONS // 2]
        return [self._evidence.rows[it].photo_id for it in around]


def _evidence_of(evidence: LabelEvidence, beside: Companions, finding: Finding, *, is_flagged: bool) -> dict[str, Any]:
    """What is kept of the grounds; see ``SecondLook.evidence``."""
    kept: dict[str, Any] = {
        "probabilities": _rounded(evidence.sources[0].probas[finding.index]),
        "against": list(finding.against),
        "is_flagged": is_flagged,
        "duplicates": beside.duplicates(finding.index) if "duplicates" in finding.against else [],
        "visits": beside.visits(finding.index) if "timeline" in finding.against else [],
    }
    for it in evidence.sources[1:]:
        if it.source in finding.against and it.source != "duplicates":
            kept[it.source] = _rounded(it.probas[finding.index])
    return kept


def _rounded(distribution: Array) -> list[float]:
    return [round(float(it), DECIMALS) for it in distribution]
