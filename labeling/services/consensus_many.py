"""Consensus of many photos at once, in a few statements: what an import of labels needs.

The rules are those of ``consensus.py``. Most photos that get their first labels have no consensus, no adjudication and
no entry in the queue; these are written together. Every other one goes the way of a single photo.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from labeling.domain.consensus import Adjudicate, AskMore, Settled
from labeling.domain.soft_labels import one_hot
from labeling.events import announce, consensuses_reached
from labeling.models import (
    Annotation,
    Consensus,
    GrowthStage,
    Photo,
    Project,
    QueryBatch,
    QueueEntry,
    Suggestion,
)
from labeling.selectors.photo_state import PhotoState, photo_states
from labeling.selectors.projects import current_stages
from labeling.selectors.scales import StagesNow
from labeling.services.consensus import consensus_update
from labeling.services.consensus_policy import ProjectPolicy
from labeling.services.locks import scale_held


@dataclass
class _Drawn:
    """What follows from the labels of photos that had nothing before."""

    settled: list[Consensus] = field(default_factory=list)
    asked: list[QueueEntry] = field(default_factory=list)
    others: list[Photo] = field(default_factory=list)


def photos_locked(*, project: Project, sha256s: Sequence[str]) -> dict[str, Photo]:
    """Those photos of a project that it has, by hash, with their project, their rows locked in order of id."""
    scale_held(project_id=project.pk)
    photos = Photo.objects.select_for_update(no_key=True, of=("self",)).filter(project=project, sha256__in=sha256s)
    locked = {photo.sha256: photo for photo in photos.order_by("id")}
    for photo in locked.values():
        photo.project = project
    return locked


def consensus_update_many(*, photos: Sequence[Photo]) -> None:
    """As ``consensus_update`` for each of several READY photos of one project; the caller has locked their rows."""
    if not photos:
        return
    ids = [photo.pk for photo in photos]
    project = photos[0].project
    stages = list(current_stages(project_id=project.pk))
    states = photo_states(photo_ids=ids)
    drawn = _drawn(project, photos, states, stages)
    Consensus.objects.bulk_create(drawn.settled)
    _open_set([it.photo_id for it in drawn.settled], is_open=False)
    if drawn.settled:
        announce(consensuses_reached, project_id=project.pk)
    overtaken = _ask(project, drawn.asked)
    for photo in [*drawn.others, *(photo for photo in photos if photo.pk in overtaken)]:
        consensus_update(photo_id=photo.pk)


def _drawn(
    project: Project, photos: Sequence[Photo], states: dict[int, PhotoState], stages: Sequence[GrowthStage]
) -> _Drawn:
    ids = [photo.pk for photo in photos]
    said = _annotations_by_photo(ids)
    in_queue = set(QueueEntry.objects.filter(photo_id__in=ids).values_list("photo_id", flat=True))
    policy = ProjectPolicy(project=project, scale=stages[0].scale, n_stages=len(stages))
    now = StagesNow(scale_id=stages[0].scale_id)
    drawn = _Drawn()
    for photo in photos:
        state, annotations = states[photo.pk], policy.readable(said[photo.pk])
        known = None if state.gold is None else now.of(state.gold.stage)
        if state.consensus is not None or state.adjudication is not None or photo.pk in in_queue:
            drawn.others.append(photo)
        elif known is not None:
            drawn.settled.append(_by_decree(photo, known, len(stages), n_annotations=len(annotations)))
        elif annotations:
            verdict = policy.verdict(annotations=annotations, is_held_out=photo.is_held_out)
            if isinstance(verdict, Settled):
                stage = None if verdict.stage is None else stages[verdict.stage]
                drawn.settled.append(_consensus(photo, verdict, stage, n_annotations=len(annotations)))
            elif isinstance(verdict, AskMore):
                drawn.asked.append(_entry(photo, open_slots=verdict.wanted - len(annotations)))
            else:
                assert isinstance(verdict, Adjudicate)
                drawn.others.append(photo)
    return drawn


def _annotations_by_photo(photo_ids: Sequence[int]) -> dict[int, list[Annotation]]:
    """Those that count where nothing was sent back: standing ones of the first round, oldest first."""
    said = defaultdict(list)
    rows = Annotation.objects.standing().filter(photo_id__in=photo_ids, round=1)
    for annotation in rows.select_related("stage", "stage_upper").order_by("id"):
        said[annotation.photo_id].append(annotation)
    return said


def _by_decree(photo: Photo, known: GrowthStage, n_stages: int, *, n_annotations: int) -> Consensus:
    distribution = tuple(one_hot(known.position, n_stages=n_stages))
    settled = Settled("stage", known.position, distribution, 1.0, 1.0)
    return _consensus(photo, settled, known, n_annotations=n_annotations, is_gold=True)


def _consensus(
    photo: Photo, settled: Settled, stage: GrowthStage | None, *, n_annotations: int, is_gold: bool = False
) -> Consensus:
    return Consensus(
        photo=photo,
        project_id=photo.project_id,
        outcome=settled.outcome,
        stage=stage,
        distribution=list(settled.distribution),
        consensus_quality=settled.consensus_quality,
        annotator_agreement=settled.annotator_agreement,
        n_annotations=n_annotations,
        is_gold=is_gold,
        decided_at=timezone.now(),
    )


def _entry(photo: Photo, *, open_slots: int) -> QueueEntry:
    return QueueEntry(
        project_id=photo.project_id,
        photo=photo,
        rank=1,
        reason=QueueEntry.Reason.ARRIVAL,
        is_blind=photo.is_held_out,
        open_slots=open_slots,
    )


def _ask(project: Project, entries: Sequence[QueueEntry]) -> set[int]:
    """Put new entries into the queue; returns the photos that somebody else has put there meanwhile."""
    if not entries:
        return set()
    batch = QueryBatch.objects.create(project=project, source="partly_answered")
    for entry in entries:
        entry.batch = batch
    QueueEntry.objects.bulk_create(entries, ignore_conflicts=True)
    ids = [entry.photo_id for entry in entries]
    _open_set(ids, is_open=True)
    return set(QueueEntry.objects.filter(photo_id__in=ids).exclude(batch=batch).values_list("photo_id", flat=True))


def _open_set(photo_ids: Sequence[int], *, is_open: bool) -> None:
    Suggestion.objects.filter(photo_id__in=photo_ids, is_open=not is_open).update(is_open=is_open)
