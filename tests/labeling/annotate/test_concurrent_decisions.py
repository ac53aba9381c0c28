"""Decisions that arrive at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.models import Annotation, Consensus, QueueEntry
from labeling.services.annotate import decisions_submit
from labeling.services.queue import reservations_take
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def submit_at_once(project, pairs):
    """Submit (annotator, decision) pairs, all released together; returns their outcomes."""
    barrier = Barrier(len(pairs))

    def run(annotator, made):
        try:
            barrier.wait(timeout=30)
            (result,) = decisions_submit(project=project, annotator=annotator, decisions=[made])
            return result.outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(pairs)) as pool:
        return [future.result() for future in [pool.submit(run, *pair) for pair in pairs]]


def stage(photo, position, key=None):
    return DecisionInput(key=key or uuid4(), photo_id=photo.pk, kind="stage", stage=position, decided_at=timezone.now())


def test_replays_of_one_decision_apply_it_once():
    photo, expert, key = PhotoFactory(), UserFactory(), uuid4()
    results = submit_at_once(photo.project, [(expert, stage(photo, 2, key))] * 6)
    assert sorted(results) == ["applied", *["duplicate"] * 5]
    assert Annotation.objects.count() == 1


def test_of_two_experts_on_a_photo_that_wants_one_answer_one_is_told_of_the_conflict():
    photo = QueueEntryFactory().photo
    experts = UserFactory.create_batch(4)
    results = submit_at_once(photo.project, [(expert, stage(photo, 2)) for expert in experts])
    assert sorted(results) == ["applied", *["conflict"] * 3]
    assert Consensus.objects.count() == 1


def test_each_of_the_wanted_answers_sees_the_others():
    project = ProjectFactory(labels_wanted=4)
    photo = QueueEntryFactory(photo__project=project).photo
    experts = UserFactory.create_batch(4)
    for expert in experts:
        reservations_take(project=project, annotator=expert, count=1)
    results = submit_at_once(project, [(expert, stage(photo, 2)) for expert in experts])
    assert results == ["applied"] * 4
    assert Consensus.objects.get().n_annotations == 4
    assert not QueueEntry.objects.exists()
