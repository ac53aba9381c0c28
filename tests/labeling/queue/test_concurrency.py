"""Several experts at once, on connections of their own: nobody gets what another has, and the order holds."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from labeling.models import QueueEntry, Reservation
from labeling.services.queue import EntryProposal, queue_replace, reservations_take
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run the calls in threads, each on its own connection; raises what they raise."""

    def run(call):
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def queued(project, n):
    photos = PhotoFactory.create_batch(n, project=project)
    batch = project.query_batches.create(source="test")
    QueueEntry.objects.bulk_create(
        QueueEntryFactory.build(photo=photo, project=project, batch=batch, rank=rank, open_slots=project.labels_wanted)
        for rank, photo in enumerate(photos, start=1)
    )
    return [photo.pk for photo in photos]


def take_until_empty(project, expert, count):
    """What one expert is handed, in order, giving every batch back as done."""
    handed = []
    while reservations := reservations_take(project=project, annotator=expert, count=count):
        handed += [r.entry.photo_id for r in reservations]
        # Done without an annotation: the entry keeps its slot closed, so it cannot come round again.
        Reservation.objects.filter(annotator=expert).delete()
    return handed


@pytest.mark.parametrize("n_experts", [2, 8])
def test_no_photo_goes_to_two_experts_and_each_sees_rising_ranks(n_experts):
    project = ProjectFactory()
    photos = queued(project, 200)
    experts = UserFactory.create_batch(n_experts)
    handed = at_once(*[lambda e=expert: take_until_empty(project, e, 5) for expert in experts])
    everything = [photo for one in handed for photo in one]
    assert Counter(everything) == Counter(photos)
    place = {photo: rank for rank, photo in enumerate(photos)}
    for one in handed:
        assert one == sorted(one, key=place.__getitem__)


@pytest.mark.slow
def test_8_experts_taking_200_each_get_no_duplicates():
    project = ProjectFactory()
    photos = queued(project, 1600)
    experts = UserFactory.create_batch(8)
    handed = at_once(*[lambda e=expert: take_until_empty(project, e, 20) for expert in experts])
    assert Counter(photo for one in handed for photo in one) == Counter(photos)


def test_two_annotations_wanted_go_to_exactly_two_experts():
    project = ProjectFactory(labels_wanted=2)
    photos = queued(project, 60)
    handed = at_once(
        *[
            lambda e=expert: [r.entry.photo_id for r in reservations_take(project=project, annotator=e, count=60)]
            for expert in UserFactory.create_batch(4)
        ]
    )
    for one in handed:
        assert len(one) == len(set(one))
    # Passing over rows that are locked may leave a slot open, never hand one out too many.
    counts = Counter(photo for one in handed for photo in one)
    assert max(counts.values()) <= 2
    for entry in QueueEntry.objects.all():
        assert entry.open_slots == 2 - counts[entry.photo_id]
    assert set(counts) <= set(photos)


def test_one_expert_in_two_tabs_holds_each_photo_once():
    project, expert = ProjectFactory(labels_wanted=2), UserFactory()
    queued(project, 40)
    at_once(*[lambda: reservations_take(project=project, annotator=expert, count=10) for _ in range(6)])
    assert Reservation.objects.count() == 10


def test_an_empty_queue_is_filled_once():
    project = ProjectFactory(batch_size=500)
    photos = [photo.pk for photo in PhotoFactory.create_batch(40, project=project)]
    handed = at_once(
        *[
            lambda e=expert: [r.entry.photo_id for r in reservations_take(project=project, annotator=e, count=5)]
            for expert in UserFactory.create_batch(8)
        ]
    )
    assert sorted(photo for one in handed for photo in one) == photos
    assert project.query_batches.count() == 1


def test_replacing_while_others_take_keeps_every_reservation_and_every_slot():
    project = ProjectFactory()
    photos = queued(project, 120)
    proposals = [EntryProposal(photo, 1.0, "random") for photo in reversed(photos)]

    def replace():
        for _ in range(5):
            queue_replace(project_id=project.pk, source="x", model_version="", entries=proposals)

    takes = [
        lambda e=expert: [
            reservations_take(project=project, annotator=e, count=count)[-1].token for count in (4, 8, 12)
        ]
        for expert in UserFactory.create_batch(4)
    ]
    at_once(replace, *takes)
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.id from labeling_queueentry e left join labeling_reservation r on r.entry_id = e.id "
            "group by e.id having e.open_slots <> 1 - count(r.id)"
        )
        assert cursor.fetchall() == []
    assert Reservation.objects.count() == 48
    assert QueueEntry.objects.count() == 120


def test_lapsed_leases_are_freed_once_by_many_takers():
    project = ProjectFactory(labels_wanted=3)
    queued(project, 20)
    for expert in UserFactory.create_batch(3):
        reservations_take(project=project, annotator=expert, count=20)
    Reservation.objects.update(expires_at="2020-01-01T00:00:00Z")
    experts = UserFactory.create_batch(6)
    at_once(*[lambda e=expert: reservations_take(project=project, annotator=e, count=20) for expert in experts])
    for entry in QueueEntry.objects.all():
        assert entry.open_slots == 3 - entry.reservations.count() >= 0
