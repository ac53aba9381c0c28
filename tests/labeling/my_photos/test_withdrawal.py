"""A sender takes a photo back: all of it while nobody has said anything about it, what ties it to the sender after."""

from __future__ import annotations

import io
import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import Conflict, NotFound
from labeling.models import Annotation, Photo, PhotoLocation, QueueEntry, ReferencePhoto, Reservation
from labeling.services import photos as photo_services
from labeling.services import withdrawals
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import gold_set
from labeling.services.photos import Location, photo_process, photo_receive
from labeling.services.queue import reservations_take
from labeling.services.withdrawals import photo_withdraw
from labeling.storage_keys import RENDITION_NAMES, original_key, rendition_key
from tests.factories.labeling import (
    AnnotationFactory,
    MembershipFactory,
    PhotoFactory,
    ProjectFactory,
    stage_at,
)
from tests.labeling.imaging import corpus
from tests.labeling.my_photos.conftest import url

pytestmark = pytest.mark.django_db


def sent(project, user, seed=1, **fields):
    return photo_receive(
        project=project, stream=io.BytesIO(corpus.jpeg(seed)), uploaded_by=user, original_name="IMG_1.jpg", **fields
    ).photo


def ready(project, user, seed=1, **fields):
    return photo_process(photo_id=sent(project, user, seed, **fields).pk)


def keys_of(photo):
    names = [original_key(photo.sha256), *(rendition_key(photo.sha256, name) for name in RENDITION_NAMES)]
    return [key for key in names if default_storage.exists(key)]


def withdraw(client, photo):
    return client.delete(url(photo.project, f"/{photo.pk}"))


class TestBeforeAnybodyUsedIt:
    def test_row_and_bytes_are_gone(self, project, grower):
        photo = ready(project, grower.user, location=Location(41.6, 0.6, 1))
        assert len(keys_of(photo)) >= 4
        answer = withdraw(grower, photo)
        assert (answer.status_code, answer.json()) == (200, {"outcome": "deleted"})
        assert not Photo.objects.exists()
        assert not PhotoLocation.objects.exists()
        assert keys_of(photo) == []

    def test_it_leaves_the_queue_even_when_an_expert_holds_it(self, project, grower, member_client):
        expert = member_client(project, "expert").user
        photo = ready(project, grower.user)
        assert len(reservations_take(project=project, annotator=expert, count=1)) == 1
        assert withdraw(grower, photo).json()["outcome"] == "deleted"
        assert not QueueEntry.objects.exists()
        assert not Reservation.objects.exists()
        (answer,) = decisions_submit(
            project=project, annotator=expert,
            decisions=[DecisionInput(photo.client_id, photo.pk, "stage", timezone.now(), stage=1)],
        )  # fmt: skip
        assert (answer.outcome, answer.code) == ("rejected", "photo_not_found")

    def test_rejected_ones_too(self, project, grower):
        photo = PhotoFactory(project=project, uploaded_by=grower.user, status="rejected", rejection="too_dark")
        assert withdraw(grower, photo).json()["outcome"] == "deleted"

    def test_it_may_be_sent_again(self, project, grower):
        photo = ready(project, grower.user)
        withdraw(grower, photo)
        again = ready(project, grower.user)
        assert (again.status, again.sha256) == ("ready", photo.sha256)
        assert len(keys_of(again)) >= 4

    def test_another_project_keeps_its_bytes(self, project, grower):
        photo, other = ready(project, grower.user), ready(ProjectFactory(), None)
        assert withdraw(grower, photo).json()["outcome"] == "deleted"
        assert len(keys_of(other)) >= 4

    def test_a_worker_that_was_at_it_leaves_nothing(self, project, grower, monkeypatch):
        """GIVEN a worker that has read the bytes, WHEN the photo goes before it is done, THEN its renditions go too."""
        photo = sent(project, grower.user)
        measure = photo_services._measure

        def slowly(seen, **how):
            measured = measure(seen, **how)
            assert withdraw(grower, photo).json()["outcome"] == "deleted"
            return measured

        monkeypatch.setattr(photo_services, "_measure", slowly)
        with pytest.raises(NotFound):
            photo_process(photo_id=photo.pk)
        assert keys_of(photo) == []

    def test_a_sender_of_the_same_bytes_who_comes_between_finds_them(self, project, grower, monkeypatch):
        """GIVEN bytes about to be deleted, WHEN another project receives them just then, THEN they are put back."""
        photo = ready(project, grower.user)
        delete = default_storage.delete

        def between(key):
            delete(key)
            if key == original_key(photo.sha256):
                PhotoFactory(sha256=photo.sha256)

        monkeypatch.setattr(default_storage, "delete", between)
        withdraw(grower, photo)
        monkeypatch.undo()
        assert len(keys_of(photo)) >= 4


def gold(photo):
    gold_set(photo_id=photo.pk, stage=stage_at(photo.project, 2))


def annotated(photo):
    AnnotationFactory(photo=photo, withdrawn_at=timezone.now())


def example(photo):
    ReferencePhoto.objects.create(stage=stage_at(photo.project, 0), photo=photo)


@pytest.mark.parametrize("use", [gold, annotated, example])
def test_after_somebody_used_it_only_the_sender_leaves(project, grower, use):
    photo = ready(project, grower.user, location=Location(41.6, 0.6, 1))
    assert grower.get(url(project, f"/{photo.pk}")).json()["is_used"] is False
    use(photo)
    assert grower.get(url(project, f"/{photo.pk}")).json()["is_used"] is True
    client_id = photo.client_id
    assert withdraw(grower, photo).json() == {"outcome": "released"}
    photo.refresh_from_db()
    assert (photo.status, photo.uploaded_by, photo.original_name) == ("ready", None, "")
    assert photo.client_id != client_id
    assert not PhotoLocation.objects.exists()
    assert len(keys_of(photo)) >= 4
    assert grower.get(url(project)).json()["results"] == []
    assert withdraw(grower, photo).status_code == 404


@pytest.mark.parametrize("role", ["grower", "expert", "adjudicator", "admin"])
def test_of_others_it_is_not_there(project, grower, member_client, role):
    photo = ready(project, grower.user)
    assert withdraw(member_client(project, role), photo).status_code == 404
    assert Photo.objects.filter(uploaded_by=grower.user).exists()


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def in_thread(self, work):
        def run():
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def test_a_decision_and_a_withdrawal_come_one_after_the_other(self):
        """Whoever is first wins: the photo is gone and the decision refused, or it is kept and released."""
        project = ProjectFactory()
        sender, expert = (MembershipFactory(project=project, role=role).user for role in ("grower", "expert"))
        seen = set()
        for seed in range(6):
            photo = ready(project, sender, seed)
            start, said = threading.Barrier(2), {}

            def decide(photo=photo, start=start, said=said):
                start.wait()
                decision = DecisionInput(photo.client_id, photo.pk, "stage", timezone.now(), stage=1)
                said["decision"] = decisions_submit(project=project, annotator=expert, decisions=[decision])[0].outcome

            def take_back(photo=photo, start=start, said=said):
                start.wait()
                said["withdrawal"] = photo_withdraw(project=project, user=sender, photo_id=photo.pk)

            for thread in [self.in_thread(decide), self.in_thread(take_back)]:
                thread.join()
            both = said["decision"], said["withdrawal"]
            assert both in {("rejected", "deleted"), ("applied", "released")}
            assert Annotation.objects.filter(photo_id=photo.pk).exists() == (both[1] == "released")
            seen.add(both)
        assert seen

    def test_a_photo_that_stays_locked_is_busy(self, monkeypatch):
        monkeypatch.setattr(withdrawals, "PATIENCE_MS", 20)
        project = ProjectFactory()
        sender = MembershipFactory(project=project, role="grower").user
        photo = PhotoFactory(project=project, uploaded_by=sender)
        errors = []

        def take_back():
            try:
                photo_withdraw(project=project, user=sender, photo_id=photo.pk)
            except Conflict as error:
                errors.append(error.code)

        with transaction.atomic():
            Photo.objects.select_for_update().get(pk=photo.pk)
            self.in_thread(take_back).join()
        assert errors == ["photo_busy"]
        assert Photo.objects.filter(pk=photo.pk, uploaded_by=sender).exists()
