"""Queues to test with, and what must hold in every one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

from django.db import connection, connections
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.models import KnownLabel, QueueEntry, Reservation, Suggestion
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import gold_set
from labeling.services.entries import GOLD_SLOTS
from tests.factories.labeling import PhotoFactory, QueueEntryFactory, stage_at


def at_once(*calls):
    """Run the calls in threads, each on its own connection, all released together; raises what they raise."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=60)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def analyze():
    """Tell PostgreSQL what the tables hold: one that was vacuumed after a test rolled back passes for empty."""
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def queued(project, n, **fields):
    """``n`` new photos in the queue of ``project``, in rank order; their ids."""
    photos = PhotoFactory.create_batch(n, project=project)
    batch = project.query_batches.create(source="test", model_version="v1")
    QueueEntry.objects.bulk_create(
        QueueEntryFactory.build(
            photo=photo, project=project, batch=batch, rank=rank, open_slots=project.labels_wanted, **fields
        )
        for rank, photo in enumerate(photos, start=1)
    )
    return [photo.pk for photo in photos]


def gold(project, n, position=3, **fields):
    """``n`` photos that are known to show the stage at ``position``; their ids."""
    stage = stage_at(project, position)
    photos = PhotoFactory.create_batch(n, project=project, **fields)
    for photo in photos:
        gold_set(photo_id=photo.pk, stage=stage)
    return [photo.pk for photo in photos]


def suggested(project, n, position=2, confidences=None, **fields):
    """``n`` photos outside the queue with a suggestion, the most confident first; their ids."""
    confidences = confidences or [0.9 - index / 1000 for index in range(n)]
    photos = PhotoFactory.create_batch(n, project=project, **fields)
    Suggestion.objects.bulk_create(
        Suggestion(photo=photo, project=project, position=position, confidence=confidence, model_version="v1")
        for photo, confidence in zip(photos, confidences, strict=True)
    )
    return [photo.pk for photo in photos]


def stage_decision(photo_id, position=2, **fields):
    """A decision for a stage, made now."""
    fields.setdefault("decided_at", timezone.now())
    return DecisionInput(key=fields.pop("key", uuid4()), photo_id=photo_id, kind="stage", stage=position, **fields)


def undo_decision(key, **fields):
    """A decision that takes back another."""
    return DecisionInput(key=uuid4(), photo_id=0, kind="undo", undoes=key, decided_at=timezone.now(), **fields)


def decide(project, expert, *decisions):
    """Submit; (outcome, code) of each."""
    results = decisions_submit(project=project, annotator=expert, decisions=decisions)
    return [(result.outcome, result.code) for result in results]


def expire(**leases):
    """Let leases run out."""
    Reservation.objects.filter(**leases).update(expires_at=timezone.now() - timedelta(seconds=1))


def assert_queue_holds(project, *, may_be_late=False):
    """The invariants of ``QueueEntry``, recounted; ``may_be_late``: decisions came in after their leases ran out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select e.photo_id, e.reason, e.open_slots,
                (select count(*) from labeling_reservation r where r.entry_id = e.id),
                (select count(*) from labeling_annotation a where a.photo_id = e.photo_id and a.withdrawn_at is null
                   and a.round = coalesce(
                       (select round from labeling_adjudication j where j.photo_id = a.photo_id), 1)),
                exists (select from labeling_consensus c where c.photo_id = e.photo_id and c.is_gold),
                exists (select from labeling_consensus c where c.photo_id = e.photo_id)
            from labeling_queueentry e where e.project_id = %s
            """,
            [project.pk],
        )
        rows = cursor.fetchall()
    for photo_id, reason, open_slots, n_held, n_given, is_gold, is_settled in rows:
        if reason == "gold":
            assert (open_slots, is_gold) == (GOLD_SLOTS - n_held, True), photo_id
            continue
        assert not is_settled, photo_id
        assert open_slots == project.labels_wanted - n_given - n_held, photo_id
        assert may_be_late or open_slots >= 0, photo_id
        if reason == "triage":
            assert n_held or n_given, f"{photo_id} was left behind by a grid"
    assert KnownLabel.objects.filter(photo__project=project, photo__consensus__is_gold=False).count() == 0
