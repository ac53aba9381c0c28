"""kill -9 of the web process around the write of decisions: replayed afterwards, none is lost and none is doubled."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from labeling.models import Annotation, Consensus, Photo, Project, QueueEntry, Receipt, Role
from tests.conftest import present_database_url
from tests.factories.labeling import MembershipFactory, ProjectFactory
from tests.labeling.queue.scenes import assert_queue_holds, gold, queued, suggested
from tests.support.people import Person
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def decision(photo_id: int, **fields: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "photo_id": photo_id,
        "kind": "stage",
        "stage": 2,
        "decided_at": timezone.now().isoformat(),
        **fields,
    }


@contextmanager
def locked(statement: str, *values: object) -> Iterator[None]:
    """Hold what ``statement`` locks, on a connection of its own."""
    with psycopg.connect(present_database_url()) as holder:
        holder.execute(statement, values)
        yield
        holder.rollback()


def send(person: Person, project: Project, batch: list[dict[str, Any]]) -> list[tuple[str, str]]:
    answer = person.post(f"/projects/{project.slug}/decisions", {"decisions": batch})
    assert answer.status == 201, answer
    return [(result["outcome"], result["code"]) for result in answer.body["results"]]


def send_into_the_void(person: Person, project: Project, batch: list[dict[str, Any]]) -> threading.Thread:
    """Send a batch whose answer will never come."""

    def run() -> None:
        try:
            send(person, project, batch)
        except OSError:
            return
        raise AssertionError("an answer came from a process that was killed")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def mixed_batch(person: Person, project: Project) -> list[dict[str, Any]]:
    """What an expert decided singly, on the grid and about a pair, with an undo, and one that is refused."""
    queued(project, 4, reason="boundary", boundary=2, probabilities=[0, 0, 0.5, 0.5])
    suggested(project, 4)
    items = person.post(f"/projects/{project.slug}/queue/reserve", {"count": 4}).body["items"]
    grid = person.post(f"/projects/{project.slug}/triage/reserve", {"stage": 2, "count": 4}).body["items"]
    made = [
        decision(items[0]["photo_id"], reservation=items[0]["reservation"]),
        decision(items[1]["photo_id"], mode="pair"),
        decision(items[2]["photo_id"], stage=99),
        *[decision(item["photo_id"], mode="grid") for item in grid],
    ]
    undone = decision(0, kind="undo", undoes=made[1]["key"])
    return [*made, undone, decision(items[1]["photo_id"], stage=3, mode="pair")]


def assert_none_lost_none_doubled(project: Project, batch: list[dict[str, Any]]) -> None:
    assert Counter(str(key) for key in Receipt.objects.values_list("key", flat=True)) == Counter(
        it["key"] for it in batch
    )
    standing = Counter(Annotation.objects.standing().values_list("photo_id", flat=True))
    asked = {it["photo_id"] for it in batch if it["kind"] == "stage" and it["stage"] != 99}
    assert standing == Counter(asked)
    assert set(Consensus.objects.values_list("photo_id", flat=True)) == asked
    assert_queue_holds(project)


@pytest.fixture
def project(transactional_db: None) -> Project:
    return ProjectFactory(labels_wanted=1)  # type: ignore[return-value]


@pytest.fixture
def person(stack: Stack, project: Project) -> Person:
    stack.start("web")
    made = Person(stack.url)
    made.sign_in(MembershipFactory(project=project, role=Role.EXPERT).user)
    return made


def test_killed_between_the_write_and_the_answer(stack: Stack, project: Project, person: Person) -> None:
    """GIVEN decisions that are written, WHEN the process is killed before it answers, THEN replays find them all."""
    batch = mixed_batch(person, project)
    n_sent = len(batch) - 2
    # Progress, which is told with the answer, reads the skips; of these decisions only the undo does, so it waits.
    with locked("lock table labeling_skip in access exclusive mode"):
        sender = send_into_the_void(person, project, batch[:n_sent])
        wait_until(lambda: Receipt.objects.count() == n_sent, what="all is written")
        assert sender.is_alive(), "the answer must still be owed"
        stack.kill("web")
    sender.join(30)
    assert not sender.is_alive()
    stack.start("web")
    for replay in range(3):
        answers = send(person, project, batch)
        assert answers[2] == ("rejected", "unknown_stage")
        assert set(answers[:2] + answers[3:n_sent]) == {("duplicate", "")}
        assert set(answers[n_sent:]) == {("duplicate" if replay else "applied", "")}
        assert_none_lost_none_doubled(project, batch)


def test_killed_in_the_middle_of_a_batch(stack: Stack, project: Project, person: Person) -> None:
    """GIVEN a batch under way, WHEN the process is killed inside a decision, THEN that one is as if it never came."""
    batch = mixed_batch(person, project)
    place = 4
    with locked("select from labeling_photo where id = %s for update", batch[place]["photo_id"]):
        sender = send_into_the_void(person, project, batch)
        wait_until(lambda: Receipt.objects.count() == place, what="the decisions before it are written")
        stack.kill("web")
    sender.join(30)
    assert not sender.is_alive()
    stack.start("web")
    answers = send(person, project, batch)
    written = {index for index, answer in enumerate(answers) if answer == ("duplicate", "")}
    assert written == {0, 1, 3}
    assert answers[2] == ("rejected", "unknown_stage")
    assert set(answers[place:]) == {("applied", "")}
    for _ in range(2):
        send(person, project, batch)
        assert_none_lost_none_doubled(project, batch)


def test_killed_after_the_answer_to_a_gold_check_was_written(stack: Stack, project: Project, person: Person) -> None:
    """A check is neither asked again nor counted twice."""
    (check,) = gold(project, 1)
    batch = project.query_batches.create(source="x")
    QueueEntry.objects.create(
        project=project, batch=batch, photo=Photo.objects.get(pk=check), rank=1, reason="gold", open_slots=1000
    )
    made = [decision(check, stage=5)]
    before = Consensus.objects.values().get()
    with locked("lock table labeling_skip in access exclusive mode"):
        sender = send_into_the_void(person, project, made)
        wait_until(lambda: Receipt.objects.exists(), what="it is written")
        stack.kill("web")
    sender.join(30)
    stack.start("web")
    assert [send(person, project, made) for _ in range(3)] == [[("duplicate", "")]] * 3
    assert Annotation.objects.count() == 1
    assert Consensus.objects.values().get() == before
    assert_queue_holds(project)
