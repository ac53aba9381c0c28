"""Settling and sending back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.models import Adjudication, Annotation, Consensus, QueueEntry
from labeling.services.adjudicate import adjudication_settle
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import consensus_update
from labeling.services.queue import queue_replace, reservations_take
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory

pytestmark = pytest.mark.django_db


def submit(photo, expert, position, key=None, kind="stage", undoes=None):
    made = DecisionInput(
        key=key or uuid4(), photo_id=photo.pk, kind=kind, stage=position, undoes=undoes, decided_at=timezone.now()
    )
    (result,) = decisions_submit(project=photo.project, annotator=expert, decisions=[made])
    return result.outcome, result.code


@pytest.fixture
def experts(db):
    return UserFactory.create_batch(2)


@pytest.fixture
def disputed(experts):
    """A photo that two experts put at 1 and 5, through the real path."""
    photo = PhotoFactory(project=ProjectFactory(labels_wanted=2))
    submit(photo, experts[0], 1)
    submit(photo, experts[1], 5)
    return photo


def settle(photo, **fields):
    return adjudication_settle(project=photo.project, photo_id=photo.pk, by=UserFactory(), **fields)


def test_a_stage_is_settled_for_good(disputed, experts):
    consensus = settle(disputed, outcome="stage", stage_position=5, note=" clear ")
    assert (consensus.stage.position, consensus.is_adjudicated, consensus.annotator_agreement) == (5, True, 0.5)
    assert consensus.distribution == [0, 0, 0, 0, 0, 1, 0]
    adjudication = Adjudication.objects.get()
    assert (adjudication.state, adjudication.note) == ("settled", "clear")
    assert consensus_update(photo_id=disputed.pk).stage.position == 5
    assert submit(disputed, UserFactory(), 0) == ("conflict", "already_settled")


def test_experts_cannot_undo_what_was_settled_above_them(experts):
    photo, key = PhotoFactory(project=ProjectFactory(labels_wanted=2)), uuid4()
    submit(photo, experts[0], 0, key=key)
    submit(photo, experts[1], 4)
    settle(photo, outcome="unusable")
    assert submit(photo, experts[0], None, kind="undo", undoes=key) == ("conflict", "undo_too_late")
    assert Consensus.objects.get().outcome == "unusable"


@pytest.mark.parametrize("outcome", ["unusable", "undecidable"])
def test_outcomes_without_a_stage(disputed, outcome):
    consensus = settle(disputed, outcome=outcome)
    assert (consensus.outcome, consensus.stage, consensus.annotator_agreement) == (outcome, None, 0)


def test_sent_back_it_is_asked_again_first_of_all_also_of_the_same_experts(disputed, experts):
    project = disputed.project
    QueueEntryFactory(photo__project=project, rank=1)
    assert settle(disputed, outcome="send_back", note="look at the anthers") is None
    assert not Consensus.objects.exists()
    for expert in experts:
        first = reservations_take(project=project, annotator=expert, count=1)[0].entry
        assert (first.photo_id, first.reason) == (disputed.pk, "sent_back")
        assert submit(disputed, expert, 3) == ("applied", "")
    consensus = Consensus.objects.get()
    assert (consensus.stage.position, consensus.n_annotations) == (3, 2), "the first round stops counting"
    assert Annotation.objects.standing().count() == 4


def test_a_second_dispute_opens_in_its_own_round(disputed, experts):
    settle(disputed, outcome="send_back")
    submit(disputed, experts[0], 0)
    submit(disputed, experts[1], 6)
    adjudication = Adjudication.objects.get()
    assert (adjudication.state, adjudication.round, adjudication.stage_gap) == ("open", 2, 6)


def test_a_new_batch_leaves_what_was_sent_back_in_the_queue(disputed):
    settle(disputed, outcome="send_back")
    queue_replace(project_id=disputed.project_id, source="x", model_version="", entries=[])
    assert QueueEntry.objects.get().photo == disputed


def test_what_cannot_be_settled(disputed):
    with pytest.raises(DomainError, match="no such stage"):
        settle(disputed, outcome="stage", stage_position=7)
    with pytest.raises(NotFound):
        settle(PhotoFactory(project=disputed.project), outcome="unusable")
    settle(disputed, outcome="unusable")
    with pytest.raises(Conflict):
        settle(disputed, outcome="unusable")
