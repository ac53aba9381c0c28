"""Labelled neighbours, as the browser meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.models import Embedding
from classifier.selectors import neighbours
from labeling.models import Consensus, QueueEntry, Reservation
from tests.factories.classifier import EmbeddingFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, stage_at
from tests.labeling.queue.scenes import decide, stage_decision

pytestmark = pytest.mark.django_db


def toward(angle):
    """A vector at a known cosine from the first axis."""
    return [angle, (1 - angle**2) ** 0.5, 0, 0, 0, 0, 0, 0]


def labelled(project, angle, position=2, outcome="stage", minutes_ago=0, **fields):
    photo = PhotoFactory(project=project, **fields)
    Consensus.objects.create(
        photo=photo, project=project, outcome=outcome,
        stage=stage_at(project, position) if outcome == "stage" else None, consensus_quality=1,
        annotator_agreement=1, n_annotations=1, decided_at=timezone.now() - timedelta(minutes=minutes_ago),
    )  # fmt: skip
    EmbeddingFactory(photo=photo, vector=toward(angle))
    return photo


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def photo(project):
    made = PhotoFactory(project=project)
    EmbeddingFactory(photo=made, vector=toward(1.0))
    return made


@pytest.fixture
def expert(project, member_client):
    return member_client(project, "expert")


def ask(client, photo, project=None, **query):
    slug = (project or photo.project).slug
    return client.get(f"/api/v1/projects/{slug}/photos/{photo.pk}/neighbours", query)


def test_the_nearest_first_with_their_stages(project, photo, expert):
    far, near, nearest = labelled(project, 0.1), labelled(project, 0.8, position=4), labelled(project, 0.95)
    EmbeddingFactory(photo=PhotoFactory(project=project), vector=toward(0.99))
    labelled(project, 0.99, outcome="unusable")
    labelled(ProjectFactory(), 0.99)
    body = ask(expert, photo).json()
    assert body["state"] == "ready"
    assert [item["photo_id"] for item in body["items"]] == [nearest.pk, near.pk, far.pk]
    assert [item["stage_position"] for item in body["items"]] == [2, 4, 2]
    assert [item["similarity"] for item in body["items"]] == pytest.approx([0.95, 0.8, 0.1], abs=2e-3)
    assert body["items"][0]["thumb_url"].endswith(f"/photos/{nearest.pk}/renditions/thumb")


def test_as_many_as_asked_for(project, photo, expert):
    for step in range(9):
        labelled(project, step / 10)
    assert len(ask(expert, photo).json()["items"]) == 6
    assert len(ask(expert, photo, count=2).json()["items"]) == 2
    for wrong in (0, 25, "x"):
        assert ask(expert, photo, count=wrong).status_code == 400


def test_the_photo_itself_is_not_its_neighbour(project, expert):
    photo = labelled(project, 1.0)
    other = labelled(project, 0.5)
    assert [item["photo_id"] for item in ask(expert, photo).json()["items"]] == [other.pk]


def test_only_the_space_of_the_photos_latest_vector_counts(project, photo, expert):
    old, new = labelled(project, 0.9), labelled(project, 0.4)
    EmbeddingFactory(photo=photo, backbone="new", vector=[1.0, 0.0, 0.0])
    EmbeddingFactory(photo=new, backbone="new", vector=[0.0, 1.0, 0.0])
    items = ask(expert, photo).json()["items"]
    assert [item["photo_id"] for item in items] == [new.pk]
    assert items[0]["similarity"] == pytest.approx(0, abs=1e-3)
    assert old.embeddings.count() == 1


def test_a_vector_without_direction_is_near_to_nothing(project, photo, expert):
    blank = labelled(project, 0.5)
    Embedding.objects.filter(photo=blank).update(vector=[0.0] * 8)
    assert ask(expert, photo).json() == {"state": "ready", "items": []}


class TestBlind:
    def test_until_the_reader_has_decided(self, project, photo, expert):
        project.labels_wanted = 2
        project.save()
        near = labelled(project, 0.9)
        entry = QueueEntryFactory(photo=photo, is_blind=True)
        Reservation.objects.create(entry=entry, annotator=expert.user, expires_at=timezone.now() + timedelta(minutes=5))
        assert ask(expert, photo).json() == {"state": "blind", "items": []}
        decide(project, expert.user, stage_decision(photo.pk, 2))
        assert QueueEntry.objects.filter(photo=photo, is_blind=True).exists()
        assert [item["photo_id"] for item in ask(expert, photo).json()["items"]] == [near.pk]

    def test_also_when_the_lease_has_run_out(self, project, photo, expert):
        labelled(project, 0.9)
        QueueEntryFactory(photo=photo, is_blind=True)
        assert ask(expert, photo).json()["state"] == "blind"

    def test_not_for_a_photo_that_is_asked_openly(self, project, photo, expert):
        labelled(project, 0.9)
        QueueEntryFactory(photo=photo)
        assert ask(expert, photo).json()["state"] == "ready"

    def test_what_the_reader_is_asked_about_is_nobodys_neighbour(self, project, photo, expert):
        held = labelled(project, 0.9)
        entry = QueueEntryFactory(photo=held, reason="gold", open_slots=999)
        Reservation.objects.create(entry=entry, annotator=expert.user, expires_at=timezone.now() + timedelta(minutes=5))
        assert ask(expert, photo).json()["items"] == []


def test_nothing_embedded_and_not_embedded_yet(project, photo, expert):
    waiting = PhotoFactory(project=project)
    assert ask(expert, waiting).json() == {"state": "no_vector", "items": []}
    Embedding.objects.all().delete()
    assert ask(expert, waiting).json() == {"state": "no_model", "items": []}


def test_only_the_latest_labels_are_compared(project, photo, expert, monkeypatch):
    monkeypatch.setattr(neighbours, "CANDIDATES", 2)
    labelled(project, 0.99, minutes_ago=10)
    newer, newest = labelled(project, 0.2, minutes_ago=5), labelled(project, 0.1)
    assert [item["photo_id"] for item in ask(expert, photo).json()["items"]] == [newer.pk, newest.pk]


def test_a_foreign_photo_is_not_there(project, expert):
    assert ask(expert, PhotoFactory(), project=project).status_code == 404


def test_costs_the_same_however_many(project, photo, expert, django_assert_num_queries):
    for n in (1, 20):
        for _ in range(n):
            labelled(project, 0.5)
        # Session, user, membership, photo, blind, held, vector, neighbours.
        with django_assert_num_queries(8):
            ask(expert, photo)
