"""From annotations to what a photo is held to show. The rules are in ``domain/consensus.py``; this writes what follows.

Every function locks the photo's row first (without blocking foreign keys to it), then its queue entry: two decisions on
one photo come one after the other, and each sees the annotation of the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from labeling.domain.consensus import Adjudicate, AskMore, Settled
from labeling.domain.errors import NotFound
from labeling.domain.soft_labels import one_hot
from labeling.events import announce, consensus_reached, consensus_withdrawn
from labeling.models import (
    Adjudication,
    Annotation,
    Consensus,
    GrowthStage,
    KnownLabel,
    Photo,
    Project,
    QueryBatch,
    QueueEntry,
    Suggestion,
    WebhookEvent,
)
from labeling.selectors.photo_state import PhotoState, photo_state
from labeling.selectors.projects import current_stages
from labeling.selectors.scales import StagesNow
from labeling.services.consensus_policy import ProjectPolicy
from labeling.services.entries import entry_drop, entry_locked, entry_made, entry_slots_set
from labeling.services.locks import scale_held, scale_of_photo_held
from labeling.services.webhooks import webhook_record


@transaction.atomic
def consensus_update(*, photo_id: int) -> Consensus | None:
    """Compute a photo's consensus anew from its standing annotations, and bring queue and adjudication in line.

    Gold decides alone; what an adjudicator settled stays. Annotations count as what they are on the current scale;
    where that cannot be told without looking again, neither they nor gold do. Safe to repeat: without a new annotation
    nothing changes and nothing is announced.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_locked(photo_id=photo_id)
    stages = list(current_stages(project_id=photo.project_id))
    entry = entry_locked(photo_id=photo.pk)
    state = photo_state(photo_id=photo.pk)
    annotations = annotations_that_count(photo=photo, state=state)
    return consensus_recompute(photo=photo, state=state, stages=stages, entry=entry, annotations=annotations)


def consensus_recompute(
    *,
    photo: Photo,
    state: PhotoState,
    stages: Sequence[GrowthStage],
    entry: QueueEntry | None,
    annotations: Sequence[Annotation],
) -> Consensus | None:
    """As :func:`consensus_update`, for a caller in a transaction who locked photo and entry and read the rest after.

    Args:
        photo: locked, with its project.
        state: of the photo.
        stages: of the current scale, in order, with ``scale`` loaded.
        entry: of the photo, locked.
        annotations: as :func:`annotations_that_count`.
    """
    known = None if state.gold is None else StagesNow(scale_id=stages[0].scale_id).of(state.gold.stage)
    if known is not None:
        distribution = tuple(one_hot(known.position, n_stages=len(stages)))
        settled = Settled("stage", known.position, distribution, 1.0, 1.0)
        return consensus_write(
            photo=photo, state=state, entry=entry, settled=settled, stage=known,
            n_annotations=len(annotations), is_gold=True,
        )  # fmt: skip
    if state.consensus is not None and state.consensus.is_adjudicated:
        return state.consensus
    policy = ProjectPolicy(project=photo.project, scale=stages[0].scale, n_stages=len(stages))
    annotations = policy.readable(annotations)
    verdict = policy.verdict(annotations=annotations, is_held_out=photo.is_held_out)
    if isinstance(verdict, Settled):
        stage = None if verdict.stage is None else stages[verdict.stage]
        return consensus_write(
            photo=photo, state=state, entry=entry, settled=verdict, stage=stage, n_annotations=len(annotations)
        )
    consensus_withdraw(state.consensus)
    if isinstance(verdict, Adjudicate):
        _adjudication_open(photo, entry, verdict)
    else:
        _ask_more(photo, state, entry, verdict, n_given=len(annotations))
    return None


@transaction.atomic
def gold_set(*, photo_id: int, stage: GrowthStage) -> Consensus:
    """Declare a photo's stage right by decree; replaces what was known or computed before.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_locked(photo_id=photo_id)
    KnownLabel.objects.update_or_create(photo=photo, defaults={"stage": stage, "kind": KnownLabel.Kind.GOLD})
    consensus = consensus_update(photo_id=photo_id)
    assert consensus is not None
    return consensus


def photo_locked(*, photo_id: int, project: Project | None = None) -> Photo:
    """A photo with its project, its row locked against other decisions, and its scale held against migrations.

    Raises:
        NotFound: "photo_not_found", also for a photo of another project.
    """
    if project is None:
        scale_of_photo_held(photo_id=photo_id)
    else:
        scale_held(project_id=project.pk)
    photos = Photo.objects.select_for_update(no_key=True, of=("self",)).select_related("project")
    if project is not None:
        photos = photos.filter(project=project)
    photo = photos.filter(pk=photo_id).first()
    if photo is None:
        raise NotFound("photo_not_found", "There is no such photo in this project.")
    return photo


def annotations_that_count(*, photo: Photo, state: PhotoState) -> list[Annotation]:
    """The standing annotations of the photo's round, oldest first, with their stages."""
    standing = Annotation.objects.standing().filter(photo=photo, round=state.round)
    return list(standing.select_related("stage", "stage_upper").order_by("id"))


def consensus_write(
    *,
    photo: Photo,
    state: PhotoState,
    entry: QueueEntry | None,
    settled: Settled,
    stage: GrowthStage | None,
    n_annotations: int,
    is_gold: bool = False,
    is_adjudicated: bool = False,
) -> Consensus:
    """Store the consensus of a locked photo, take its locked entry out of the queue, and announce a change."""
    before = state.consensus
    fields = {
        "project_id": photo.project_id,
        "outcome": settled.outcome,
        "stage": stage,
        "distribution": list(settled.distribution),
        "consensus_quality": settled.consensus_quality,
        "annotator_agreement": settled.annotator_agreement,
        "n_annotations": n_annotations,
        "is_gold": is_gold,
        "is_adjudicated": is_adjudicated,
    }
    after = Consensus(photo=photo, decided_at=timezone.now(), **fields)
    _leave_queue(entry, is_gold=is_gold)
    _adjudication_close(state)
    suggestion_open_set(photo_id=photo.pk, is_open=False)
    if before is not None and all(getattr(before, name) == value for name, value in fields.items()):
        return before
    after.save(force_insert=before is None, force_update=before is not None)
    announce(consensus_reached, photo_id=photo.pk, project_id=photo.project_id)
    webhook_record(
        project_id=photo.project_id,
        event=WebhookEvent.CONSENSUS_SETTLED,
        data={"photo": photo.pk, "outcome": str(after.outcome), "stage": None if stage is None else stage.slug},
    )
    return after


@transaction.atomic
def labels_wanted_apply(*, project_id: int, before: int, after: int) -> None:
    """Carry a new ``Project.labels_wanted`` to the photos that are not settled yet; settled ones stay as they are."""
    touched = (
        Annotation.objects.standing()
        .filter(photo__project_id=project_id, photo__consensus__isnull=True)
        .order_by("photo_id")
        .values_list("photo_id", flat=True)
        .distinct()
    )
    partly_answered = [photo_id for photo_id in touched if _is_unsettled(photo_id)]
    for photo_id in partly_answered:
        consensus_update(photo_id=photo_id)
    untouched = QueueEntry.objects.filter(project_id=project_id).exclude(reason=QueueEntry.Reason.GOLD)
    untouched.exclude(photo_id__in=partly_answered).update(open_slots=F("open_slots") + (after - before))


def _is_unsettled(photo_id: int) -> bool:
    return Photo.objects.unsettled().filter(pk=photo_id).exists()


def consensus_withdraw(consensus: Consensus | None) -> None:
    """Forget the consensus of a locked photo, if it has one, and announce it."""
    if consensus is None:
        return
    ids = {"photo_id": consensus.photo_id, "project_id": consensus.project_id}
    consensus.delete()
    announce(consensus_withdrawn, **ids)


def _leave_queue(entry: QueueEntry | None, *, is_gold: bool = False) -> None:
    """Reservations of others go with the entry; their decisions will be answered as conflicts.

    A gold entry stays while its photo is gold: it asks to measure experts.
    """
    if entry is not None and not (is_gold and entry.reason == QueueEntry.Reason.GOLD):
        entry_drop(entry=entry)


def suggestion_open_set(*, photo_id: int, is_open: bool) -> None:
    """Keep ``Suggestion.is_open`` in step with a locked photo; the triage grid goes by it."""
    Suggestion.objects.filter(photo_id=photo_id, is_open=not is_open).update(is_open=is_open)


def _adjudication_open(photo: Photo, entry: QueueEntry | None, verdict: Adjudicate) -> None:
    _leave_queue(entry)
    suggestion_open_set(photo_id=photo.pk, is_open=False)
    Adjudication.objects.update_or_create(
        photo=photo,
        defaults={
            "project_id": photo.project_id,
            "state": Adjudication.State.OPEN,
            "stage_gap": verdict.stage_gap,
            "settled_by": None,
            "settled_at": None,
        },
    )


def _adjudication_close(state: PhotoState) -> None:
    """An open adjudication is over: forgotten in the first round, else kept because it holds the round."""
    if state.adjudication is None or not state.is_before_adjudicator:
        return
    waiting = Adjudication.objects.filter(pk=state.adjudication.pk)
    if state.round == 1:
        waiting.delete()
    else:
        waiting.update(state=Adjudication.State.SENT_BACK)


def _ask_more(photo: Photo, state: PhotoState, entry: QueueEntry | None, verdict: AskMore, *, n_given: int) -> None:
    _adjudication_close(state)
    suggestion_open_set(photo_id=photo.pk, is_open=True)
    if entry is None:
        if n_given == 0:
            return  # nobody has begun with it: it waits in the pool for an acquisition
        batch = QueryBatch.objects.create(project_id=photo.project_id, source="partly_answered")
        entry = entry_made(
            QueueEntry(
                project_id=photo.project_id,
                batch=batch,
                photo=photo,
                rank=1,
                reason=QueueEntry.Reason.ARRIVAL,
                # The model has learned what it was settled as.
                is_blind=photo.is_held_out or state.consensus is not None,
                open_slots=0,
            )
        )
    entry_slots_set(entry=entry, wanted=verdict.wanted, given=n_given)
