"""Handing out photos: order, leases, skips, several experts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from labeling import events
from labeling.models import Consensus, QueueEntry, Reservation, Skip
from labeling.services import queue
from labeling.services.queue import EntryProposal, queue_replace, reservations_take
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory

pytestmark = pytest.mark.django_db


def taken(project, annotator, count=5):
    return [r.entry.photo_id for r in reservations_take(project=project, annotator=annotator, count=count)]


def queued(project, n, **fields):
    """``n`` photos in the queue of ``project``, in rank order."""
    return [QueueEntryFactory(photo=PhotoFactory(project=project), rank=i + 1, **fields).photo_id for i in range(n)]


def expire(annotator):
    Reservation.objects.filter(annotator=annotator).update(expires_at=timezone.now() - timedelta(seconds=1))


def slots(photo_id):
    return QueueEntry.objects.get(photo_id=photo_id).open_slots


def test_takes_in_rank_order_whatever_the_order_of_insertion():
    project = ProjectFactory()
    entries = [QueueEntryFactory(photo=PhotoFactory(project=project), rank=rank) for rank in (3, 1, 2)]
    assert taken(project, UserFactory()) == [entries[1].photo_id, entries[2].photo_id, entries[0].photo_id]


def test_two_experts_get_different_photos_in_order():
    project = ProjectFactory()
    photos = queued(project, 6)
    assert taken(project, UserFactory(), 3) == photos[:3]
    assert taken(project, UserFactory(), 3) == photos[3:]


def test_what_i_hold_comes_back_first_with_the_same_token_renewed():
    project, expert = ProjectFactory(), UserFactory()
    photos = queued(project, 5)
    first = reservations_take(project=project, annotator=expert, count=2)
    Reservation.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    again = reservations_take(project=project, annotator=expert, count=3)
    assert [r.entry.photo_id for r in again] == photos[:3]
    assert [r.token for r in again[:2]] == [r.token for r in first]
    assert all(r.expires_at > timezone.now() + timedelta(minutes=14) for r in again)


def test_a_smaller_count_still_returns_all_i_hold():
    project, expert = ProjectFactory(), UserFactory()
    photos = queued(project, 5)
    taken(project, expert, 4)
    assert taken(project, expert, 1) == photos[:4]


def test_a_lapsed_lease_is_free_for_others_and_only_once():
    project = ProjectFactory()
    photos = queued(project, 2)
    first = UserFactory()
    assert taken(project, first, 2) == photos
    expire(first)
    assert taken(project, UserFactory(), 2) == photos
    assert taken(project, first, 2) == []
    assert slots(photos[0]) == 0


def test_several_annotations_wanted_go_to_different_experts():
    project = ProjectFactory(labels_wanted=2)
    photos = queued(project, 2)
    a, b, c = UserFactory(), UserFactory(), UserFactory()
    assert taken(project, a) == photos
    assert taken(project, b) == photos
    assert taken(project, c) == []
    assert taken(project, a) == photos, "nobody holds a photo twice"
    assert slots(photos[0]) == 0


def test_skipped_photos_are_not_handed_to_the_same_expert():
    project, expert = ProjectFactory(), UserFactory()
    photos = queued(project, 2)
    Skip.objects.create(photo_id=photos[0], annotator=expert, until=timezone.now() + timedelta(hours=1))
    assert taken(project, expert) == photos[1:]
    assert taken(project, UserFactory()) == photos[:1]


def test_answered_photos_are_not_handed_to_the_same_expert():
    project, expert = ProjectFactory(labels_wanted=2), UserFactory()
    photos = queued(project, 2)
    AnnotationFactory(photo=QueueEntry.objects.get(photo_id=photos[0]).photo, annotator=expert)
    assert taken(project, expert) == photos[1:]


def test_an_entry_left_behind_by_a_settled_photo_is_handed_to_nobody():
    project = ProjectFactory()
    (photo,) = queued(project, 1)
    Consensus.objects.create(
        photo_id=photo, project=project, outcome="unusable", consensus_quality=1, annotator_agreement=1,
        n_annotations=1, decided_at=timezone.now(),
    )  # fmt: skip
    assert taken(project, UserFactory()) == []


def test_an_empty_queue_fills_itself_by_arrival_then_with_held_out_photos_shown_blind():
    project = ProjectFactory(batch_size=3)
    held_out = PhotoFactory(project=project, is_held_out=True)
    pool = [PhotoFactory(project=project).pk for _ in range(4)]
    PhotoFactory(project=project, status="received")
    PhotoFactory()
    a, b, c, d = (UserFactory() for _ in range(4))
    assert taken(project, a, 10) == pool[:3]
    assert taken(project, b, 10) == pool[3:]
    (last,) = reservations_take(project=project, annotator=c, count=10)
    assert (last.entry.photo_id, last.entry.reason, last.entry.is_blind) == (held_out.pk, "evaluation", True)
    assert taken(project, d, 10) == []


def test_filling_passes_over_what_the_expert_skipped_or_answered():
    project, expert = ProjectFactory(labels_wanted=2), UserFactory()
    skipped, answered, fresh = (PhotoFactory(project=project) for _ in range(3))
    Skip.objects.create(photo=skipped, annotator=expert, until=timezone.now() + timedelta(hours=1))
    AnnotationFactory(photo=answered, annotator=expert)
    assert taken(project, expert) == [fresh.pk]


def test_other_projects_are_not_touched():
    project, expert = ProjectFactory(), UserFactory()
    (photo,) = queued(project, 1)
    elsewhere = ProjectFactory()
    queued(elsewhere, 1)
    taken(elsewhere, expert)
    assert taken(project, expert) == [photo]


def test_a_queue_that_runs_low_is_announced(django_capture_on_commit_callbacks):
    project = ProjectFactory(batch_size=8)
    queued(project, 4)
    heard = []
    receiver = lambda **fact: heard.append(fact["project_id"])  # noqa: E731
    events.queue_running_low.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            taken(project, UserFactory(), 2)
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            taken(project, UserFactory(), 1)
        assert heard == [project.pk]
    finally:
        events.queue_running_low.disconnect(receiver)


def test_taking_costs_the_same_number_of_queries_for_1_and_20(django_assert_num_queries):
    project = ProjectFactory(batch_size=1)
    queued(project, 30)
    for count in (1, 20):
        expert = UserFactory()
        # Practice, savepoint, lock, reclaim, renew, take, what is left, rows, release.
        with django_assert_num_queries(9):
            taken(project, expert, count)


class TestReplace:
    def test_asks_in_the_order_of_the_proposals(self):
        project = ProjectFactory()
        old = queued(project, 3)
        new = [PhotoFactory(project=project).pk for _ in range(2)]
        batch = queue_replace(
            project_id=project.pk,
            source="ordinal_uncertainty",
            model_version="v1",
            entries=[
                EntryProposal(new[1], 0.9, "boundary", boundary=2, probabilities=(0.1, 0.2, 0.7)),
                EntryProposal(old[2], 0.5, "random", is_blind=True),
                EntryProposal(new[0], 0.1, "uncertain"),
            ],
        )
        assert taken(project, UserFactory(), 9)[:3] == [new[1], old[2], new[0]]
        entry = QueueEntry.objects.get(photo_id=new[1])
        assert (entry.batch, entry.rank, entry.boundary, entry.probabilities) == (batch, 1, 2, [0.1, 0.2, 0.7])
        assert QueueEntry.objects.filter(photo_id__in=old[:2], batch=batch).count() == 0

    def test_leaves_alone_what_somebody_holds(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = queued(project, 1, probabilities=[0.2, 0.8])
        (held,) = reservations_take(project=project, annotator=expert, count=1)
        proposal = EntryProposal(photo, 0.9, "uncertain", probabilities=(0.9, 0.1))
        queue_replace(project_id=project.pk, source="x", model_version="v2", entries=[proposal])
        (after,) = reservations_take(project=project, annotator=expert, count=1)
        assert (after.token, after.entry.probabilities) == (held.token, [0.2, 0.8])

    def test_keeps_what_is_partly_answered_with_its_open_slots(self):
        project = ProjectFactory(labels_wanted=3)
        first, second, untouched = queued(project, 3, open_slots=2)
        for photo in (first, second):
            AnnotationFactory(photo=QueueEntry.objects.get(photo_id=photo).photo)
        proposal = EntryProposal(second, 0.9, "uncertain")
        queue_replace(project_id=project.pk, source="x", model_version="", entries=[proposal])
        rows = dict(QueueEntry.objects.values_list("photo_id", "open_slots"))
        assert rows == {first: 2, second: 2}
        assert QueueEntry.objects.get(photo_id=second).reason == "uncertain"
        assert untouched not in rows

    def test_leaves_out_what_is_settled_foreign_or_not_ready(self):
        project = ProjectFactory()
        settled = PhotoFactory(project=project)
        Consensus.objects.create(
            photo=settled, project=project, outcome="unusable", consensus_quality=1, annotator_agreement=1,
            n_annotations=1, decided_at=timezone.now(),
        )  # fmt: skip
        others = [settled, PhotoFactory(), PhotoFactory(project=project, status="received")]
        entries = [EntryProposal(photo.pk, 1.0, "random") for photo in others]
        queue_replace(project_id=project.pk, source="x", model_version="", entries=entries)
        assert not QueueEntry.objects.exists()

    def test_keeps_what_was_put_at_the_front(self):
        project = ProjectFactory()
        entry = queue.entry_front(photo=PhotoFactory(project=project), reason="sent_back")
        queue_replace(project_id=project.pk, source="x", model_version="", entries=[])
        assert QueueEntry.objects.get() == entry
