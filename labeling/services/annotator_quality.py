"""Estimating the annotators of a project: their error models, the agreement page's figures, what follows for photos.

One worker at a time per project, by an advisory lock that ends with its process. A request is a time on the report's
row: it is cleared by whoever carried it out, and only if no newer one has come meanwhile. So a second delivery finds
nothing to do, and what a killed worker left is taken up by the next (``selectors.agreement.reports_waiting``).
"""

from __future__ import annotations

import time
from datetime import datetime

import numpy as np
import structlog
from django.db import transaction
from django.utils import timezone

from labeling.domain.annotator_model import Fit, fit_annotators
from labeling.domain.error_models import Coins, Walks
from labeling.models import AgreementReport, AnnotatorQuality, Project, StageScale
from labeling.selectors.answers import Answers, answers_of
from labeling.services.agreement_report import opinions_from, report_content, steps_of
from labeling.services.locks import Lock, session_lock
from labeling.services.reexamine import consensuses_reexamine

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.0
READ, FITTED, WRITTEN = 0.2, 0.5, 0.6
"""Shares of the work that are done after each step; the rest is looking at photos again."""


def annotators_estimate(*, project_id: int) -> bool:
    """Carry out the request for a project's estimate; returns whether there was one and it was ours to carry out."""
    with session_lock(Lock.ESTIMATE, project_id) as is_ours:
        if not is_ours:
            return False
        report = AgreementReport.objects.filter(project_id=project_id, requested_at__isnull=False).first()
        scale = StageScale.objects.filter(project_id=project_id, status=StageScale.Status.CURRENT).first()
        if report is None or scale is None:
            return False
        assert report.requested_at is not None
        beat = _Heartbeat(project_id)
        try:
            _estimate(project_id, scale, beat)
            _finish(project_id, report.requested_at, error="")
        except Exception as error:
            _finish(project_id, report.requested_at, error=f"{type(error).__name__}: {error}"[:500])
            raise
    return True


def estimate_give_up(*, project_id: int, reason: str) -> None:
    """Let a request go that cannot be carried out; the next new annotations make another."""
    AgreementReport.objects.filter(project_id=project_id).update(
        requested_at=None, error=reason, heartbeat_at=timezone.now()
    )


class _Heartbeat:
    """Tells the report's readers that somebody is at work, and how far they are."""

    def __init__(self, project_id: int) -> None:
        self._reports = AgreementReport.objects.filter(project_id=project_id)
        self._last = -BEAT_SECONDS
        self.progress(0.0)

    def progress(self, share: float) -> None:
        """Note how much of the work is done, 0..1."""
        self._share = share
        self._reports.update(heartbeat_at=timezone.now(), progress=share)
        self._last = time.monotonic()

    def alive(self) -> None:
        """Say that the work goes on, if that was not said a moment ago."""
        if time.monotonic() - self._last >= BEAT_SECONDS:
            self.progress(self._share)


def _estimate(project_id: int, scale: StageScale, beat: _Heartbeat) -> None:
    n_stages = scale.stages.count()
    answers = answers_of(project_id=project_id, scale=scale, on_chunk=beat.alive)
    beat.progress(READ)
    opinions = opinions_from(answers=answers, scale=scale, n_stages=n_stages)
    fit = fit_annotators(opinions, on_phase=lambda phase: beat.progress(READ + (FITTED - READ) * phase / 3))
    content = report_content(answers=answers, opinions=opinions, fit=fit)
    with transaction.atomic():
        _qualities_write(project_id, scale, answers, fit, n_gold=[row["n_gold"] for row in content["annotators"]])
        AgreementReport.objects.filter(project_id=project_id).update(
            scale=scale, content=content, n_annotations=len(answers), computed_at=timezone.now(), error=""
        )
    beat.progress(WRITTEN)
    n_moved = consensuses_reexamine(
        project=Project.objects.get(pk=project_id), scale=scale, n_stages=n_stages,
        on_progress=lambda share: beat.progress(WRITTEN + (1 - WRITTEN) * share),
    )  # fmt: skip
    log.info("annotators_estimated", project_id=project_id, n_annotations=len(answers), n_moved=n_moved)


def _qualities_write(project_id: int, scale: StageScale, answers: Answers, fit: Fit, *, n_gold: list[int]) -> None:
    """Replace the rows of a scale; who has no annotation any more has none."""
    computed_at = timezone.now()
    right = np.einsum("att,t->a", fit.models.confusion(), fit.stage_share)
    n_annotations = np.bincount(answers["author"].astype(np.intp), minlength=len(answers.authors))
    rows = []
    for index, (annotator_id, source) in enumerate(answers.authors):
        up, down = steps_of(fit, index)
        row = AnnotatorQuality(
            project_id=project_id, scale=scale, annotator_id=annotator_id, source=source, up=up, down=down,
            carry=float(fit.models.carry[index]) if isinstance(fit.models, Walks) else 0.0,
            accuracy=float(fit.models.accuracy[index] if isinstance(fit.models, Coins) else right[index]),
            n_annotations=int(n_annotations[index]), n_gold=n_gold[index], computed_at=computed_at,
        )  # fmt: skip
        rows.append(row)
    AnnotatorQuality.objects.filter(scale=scale).delete()
    AnnotatorQuality.objects.bulk_create(rows)


def _finish(project_id: int, requested_at: datetime, *, error: str) -> None:
    """Clear the request that was carried out; a newer one stays, and is carried out next.

    After a failure the heartbeat stays, as the time of the attempt.
    """
    mine = AgreementReport.objects.filter(project_id=project_id)
    mine.update(error=error, progress=0.0 if error else 1.0, heartbeat_at=timezone.now() if error else None)
    mine.filter(requested_at=requested_at).update(requested_at=None)
