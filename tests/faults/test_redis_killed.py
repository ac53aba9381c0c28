"""kill -9 of Redis while experts decide: what was answered 201 is there, and the work catches up afterwards."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from config.embedded.redis import Redis
from labeling.models import Annotation, Consensus, Photo, Project, Receipt, Role
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.season import balanced_specs
from tests.conftest import present_database_url
from tests.factories.labeling import MembershipFactory, PhotoFactory, ProjectFactory
from tests.support.people import Answer, Person
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_PHOTOS = 60


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of this test's own, to be killed."""
    made = Redis(tmp_path / "redis")
    yield made
    made.stop()


@pytest.fixture
def fragile(transactional_db: None, tmp_path: Path, broker: Redis) -> Iterator[Stack]:
    """The product on that Redis."""
    made = Stack(
        folder=tmp_path,
        database_url=present_database_url(),
        redis_url=broker.ensure(),
        media_dir=settings.MEDIA_DIR,
        extra_environment={"SECRET_KEY": settings.SECRET_KEY},
    )
    yield made
    made.stop_all()


class Expert(threading.Thread):
    """Decides one photo after the other, as fast as the answers come."""

    def __init__(self, person: Person, project: Project, photo_ids: list[int]) -> None:
        super().__init__(daemon=True)
        self.person, self.project, self.photo_ids = person, project, photo_ids
        self.sent: list[tuple[str, Answer]] = []

    def run(self) -> None:
        for number, photo_id in enumerate(self.photo_ids):
            key = str(uuid.uuid4())
            decision = {
                "key": key,
                "photo_id": photo_id,
                "kind": "stage",
                "stage": number % 7,
                "decided_at": timezone.now().isoformat(),
            }
            answer = self.person.post(f"/projects/{self.project.slug}/decisions", {"decisions": [decision]})
            self.sent.append((key, answer))


def test_no_answered_decision_is_lost_and_work_catches_up(fragile: Stack, broker: Redis) -> None:
    """GIVEN an expert at work, WHEN Redis is killed, THEN decisions go on; WHEN it is back, waiting photos are done."""
    project = ProjectFactory(labels_wanted=1)
    expert = MembershipFactory(project=project, role=Role.EXPERT).user
    photos = [photo.pk for photo in PhotoFactory.create_batch(N_PHOTOS, project=project)]
    fragile.start("web", "default", "beat")
    person = Person(fragile.url)
    person.sign_in(expert)

    at_work = Expert(person, project, photos)
    at_work.start()
    wait_until(lambda: len(at_work.sent) >= 10, what="some decisions are answered")
    pid = broker.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not broker.answers(), what="Redis is gone")
    sent_before = len(at_work.sent)
    assert sent_before < N_PHOTOS, "Redis must go while decisions are being sent"

    photo = person.upload(
        f"/projects/{project.slug}/photos", "flower.jpg", render_jpeg(balanced_specs(per_stage=1, seed=3)[0])
    )
    assert photo.status == 201, photo
    at_work.join(120)
    assert not at_work.is_alive(), f"{len(at_work.sent)} of {N_PHOTOS} answered\n{fragile.log('web')}"

    answers = [answer.status for _, answer in at_work.sent]
    assert answers == [201] * N_PHOTOS, f"decisions do not need the broker\n{fragile.log('web')}"
    for key, answer in at_work.sent:
        assert answer.body["results"][0]["outcome"] == "applied"
        assert Receipt.objects.filter(key=key, annotator=expert, outcome="applied").exists()
    assert Annotation.objects.standing().filter(annotator=expert).count() == N_PHOTOS
    assert Consensus.objects.filter(project=project, outcome="stage").count() == N_PHOTOS
    assert Photo.objects.get(pk=photo.body["id"]).status == Photo.Status.RECEIVED

    broker.ensure()
    wait_until(
        lambda: Photo.objects.get(pk=photo.body["id"]).status == Photo.Status.READY,
        what=f"the photo sent meanwhile is prepared\n{fragile.log('default')}",
    )
