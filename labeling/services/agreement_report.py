"""The figures of the agreement page: asking for them, and what is kept of them.

``AgreementReport.content`` is::

    {"last_annotation_id", "n_photos_overlap", "overall": {"exact", "within_one", "qwk", "alpha"} or null,
     "boundaries": [{"boundary", "agreement"}],
     "annotators": [{"annotator_id", "source", "n_annotations", "n_gold", "accuracy", "gold_accuracy", "bias", "up",
                     "down", "median_lead_ms", "anchoring": {"shown", "hidden", "difference"} or null, "flags"}],
     "trend": [{"week", "exact", "qwk"}]}

where a figure is {"value", "low", "high", "n"} or null. Names are not kept: people may change theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from labeling.domain.agreement_figures import AgreementFigures, Answers, Week, agreement_figures
from labeling.domain.annotator_figures import AnnotatorFigures, Seen, annotator_figures
from labeling.domain.annotator_model import Fit, Opinions
from labeling.domain.error_models import Walks, code_of
from labeling.domain.intervals import blocks_of
from labeling.events import agreement_requested, announce
from labeling.models import AgreementReport, Annotation, Project, StageScale
from labeling.selectors import answers as stored
from labeling.selectors.agreement import last_annotation, new_annotations, report_is_due

EPOCH = date(1970, 1, 1)
MARK_LAG = 1000
"""A report's mark may lie this many annotations behind before it is moved: a write less for a look at a few more."""


@transaction.atomic
def agreement_request(*, project_id: int) -> AgreementReport:
    """Have a worker compute the figures anew; a request that waits already is answered again.

    The row comes first: a lost message is made up for by ``reports_waiting``.
    """
    report, _ = AgreementReport.objects.get_or_create(project_id=project_id)
    report.requested_at = timezone.now()
    report.save(update_fields=["requested_at"])
    announce(agreement_requested, project_id=project_id)
    return report


@transaction.atomic
def reports_advance() -> list[int]:
    """Projects whose report is due, by their new annotations; where there are none the report's mark moves on.

    So every mark stays close behind the latest annotation of all, and the next look reads little.
    """
    AgreementReport.objects.bulk_create(
        [AgreementReport(project=project) for project in Project.objects.filter(agreement_report__isnull=True)],
        ignore_conflicts=True,
    )
    latest = Annotation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    n_new = new_annotations()
    due = []
    for report in AgreementReport.objects.select_for_update(skip_locked=True).order_by("project_id"):
        n = n_new.get(report.project_id, 0)
        if n == 0 and last_annotation(report=report) < latest - MARK_LAG:
            report.content["last_annotation_id"] = latest
            report.save(update_fields=["content"])
        elif report_is_due(report=report, n_new=n):
            due.append(report.project_id)
    return due


def opinions_from(*, answers: stored.Answers, scale: StageScale, n_stages: int) -> Opinions:
    """The answers that name a stage, as the annotator model reads them; photos are numbered by id."""
    named = answers["lower"] >= 0
    photos, row = np.unique(answers["photo"][named], return_inverse=True)
    known = np.full(len(photos), stored.NONE, np.intp)
    for source in ("adjudicated", "gold"):  # gold has the last word
        stage = answers[source][named].astype(np.intp)
        known[row[stage >= 0]] = stage[stage >= 0]
    lower, upper = (answers[side][named].astype(np.intp) for side in ("lower", "upper"))
    return Opinions(
        photo=row,
        annotator=answers["author"][named].astype(np.intp),
        code=code_of(lower, upper, n_stages=n_stages),
        known=known,
        n_annotators=len(answers.authors),
        n_stages=n_stages,
        is_ordered=scale.is_ordered,
    )


def report_content(*, answers: stored.Answers, opinions: Opinions, fit: Fit) -> dict[str, Any]:
    """The figures, as they are kept."""
    named = answers["lower"] >= 0
    block = blocks_of(answers["group"][named].astype(np.int64))
    suggested = answers["suggested"][named].astype(np.intp)
    seen = Seen(
        suggested=np.where(suggested < opinions.n_stages, suggested, stored.NONE),
        is_shown=~answers["is_blind"][named].astype(bool),
        is_comparable=answers["is_comparable"][named].astype(bool),
        block=block,
        is_gold=answers["gold"][named] >= 0,
    )
    figures = agreement_figures(
        Answers(
            photo=opinions.photo,
            lower=answers["lower"][named].astype(np.intp),
            upper=answers["upper"][named].astype(np.intp),
            block=block,
            week=answers["week"][named].astype(np.int64),
            n_stages=opinions.n_stages,
            is_ordered=opinions.is_ordered,
        )
    )
    return {
        "last_annotation_id": int(answers["annotation"].max(initial=0)),
        **_project_figures(figures),
        "annotators": _annotators(answers, fit, annotator_figures(opinions, fit, seen)),
    }


def _project_figures(figures: AgreementFigures) -> dict[str, Any]:
    return {
        "n_photos_overlap": figures.n_photos_overlap,
        "overall": None if figures.overall is None else asdict(figures.overall),
        "boundaries": [
            {"boundary": boundary, "agreement": None if agreement is None else asdict(agreement)}
            for boundary, agreement in enumerate(figures.boundaries)
        ],
        "trend": [_week(week) for week in figures.weeks],
    }


def _week(week: Week) -> dict[str, Any]:
    monday = EPOCH + timedelta(days=week.monday)
    return {"week": monday.isoformat(), "exact": asdict(week.exact), "qwk": week.qwk}


def _annotators(answers: stored.Answers, fit: Fit, figures: Sequence[AnnotatorFigures]) -> list[dict[str, Any]]:
    n_annotations = np.bincount(answers["author"].astype(np.intp), minlength=len(answers.authors))
    rows = []
    for index, ((annotator_id, source), figure) in enumerate(zip(answers.authors, figures, strict=True)):
        up, down = steps_of(fit, index)
        rows.append(
            {
                "annotator_id": annotator_id,
                "source": source,
                "n_annotations": int(n_annotations[index]),
                "up": up,
                "down": down,
                "median_lead_ms": _median_lead(answers, index),
                **asdict(figure),
            }
        )
    return rows


def steps_of(fit: Fit, annotator: int) -> tuple[list[float], list[float]]:
    """``up`` and ``down`` of one annotator; empty on a scale without an order."""
    if not isinstance(fit.models, Walks):
        return [], []
    return fit.models.up[annotator].tolist(), fit.models.down[annotator].tolist()


def _median_lead(answers: stored.Answers, annotator: int) -> int | None:
    lead = answers["lead_ms"][(answers["author"] == annotator) & (answers["lead_ms"] >= 0)]
    return int(np.median(lead)) if len(lead) else None
