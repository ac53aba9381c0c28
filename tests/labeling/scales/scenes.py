"""Projects whose scale is changed."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.scale_changes import StageChange
from labeling.domain.scale_templates import StageInput
from labeling.models import Adjudication, Annotation, Consensus, QueueEntry
from labeling.services.annotate import decisions_submit
from labeling.services.scale_drafts import scale_draft_create

SAME = StageInput("", "")


def stage_change(*sources: int, name: str = "") -> StageChange:
    return StageChange(StageInput(name, name), sources)


def merge_draft(project, first=3, n_stages=7, by=None, **more):
    """First and the next become one."""
    parts = [(k,) for k in range(first)] + [(first, first + 1)] + [(k,) for k in range(first + 2, n_stages)]
    return scale_draft_create(
        project=project, by=by,
        stages=[stage_change(*it, name="Open" if len(it) > 1 else "") for it in parts], **more,
    )  # fmt: skip


def split_draft(project, stage=4, n_stages=7):
    changes = [stage_change(k) for k in range(n_stages)]
    changes[stage : stage + 1] = [stage_change(stage, name="Early"), stage_change(stage, name="Late")]
    return scale_draft_create(project=project, by=None, stages=changes)


def reorder_draft(project, order):
    return scale_draft_create(project=project, by=None, stages=[stage_change(k) for k in order])


def answer(photo, expert, position, upper=None, scale=None, kind=None):
    """Submit one answer; returns its outcome and code."""
    kind = kind or ("stage" if upper is None else "between")
    decision = DecisionInput(
        key=uuid4(), photo_id=photo.pk, kind=kind, stage=position, stage_upper=upper, decided_at=timezone.now(),
        scale=scale,
    )  # fmt: skip
    (result,) = decisions_submit(project=photo.project, annotator=expert, decisions=[decision])
    return result.outcome, result.code


def annotation_rows():
    """All annotations, as rows: nothing of them may ever change but a withdrawal."""
    return {row["id"]: row for row in Annotation.objects.order_by("id").values()}


def standing():
    """What all photos are held to show, and who waits for an adjudicator: to compare before and after."""
    rows = Consensus.objects.order_by("photo_id").values()
    return list(rows), list(Adjudication.objects.order_by("photo_id").values())


def queue():
    return sorted(QueueEntry.objects.values_list("photo_id", "open_slots"))


def stage_of(photo):
    """Position of the photo's consensus; None without one."""
    return Consensus.objects.filter(photo=photo).values_list("stage__position", flat=True).first()
