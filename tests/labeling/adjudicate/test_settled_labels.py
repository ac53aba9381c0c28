"""An adjudicator confirms a settled label, or has the photo asked anew."""

from __future__ import annotations

import pytest

from labeling.domain.errors import Conflict, NotFound
from labeling.models import Adjudication, AdjudicationEvent, Consensus, KnownLabel, QueueEntry, Role
from labeling.selectors.history import photo_history
from labeling.services.adjudicate import adjudication_settle
from labeling.services.consensus import consensus_update, gold_set
from labeling.services.queue import queue_replace, reservations_take
from labeling.services.settled_labels import label_confirm, label_send_back
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory, stage_at
from tests.labeling.adjudicate.test_adjudicate import submit
from tests.labeling.queue.scenes import assert_queue_holds

pytestmark = pytest.mark.django_db
GROUNDS = {"reason": "model", "suggested": 4}


@pytest.fixture
def experts(db):
    return UserFactory.create_batch(3)


@pytest.fixture
def settled(experts):
    """A photo that two of three experts put at 3, the third at 4."""
    photo = PhotoFactory(project=ProjectFactory(labels_wanted=3))
    for expert, position in zip(experts, (3, 3, 4), strict=True):
        submit(photo, expert, position)
    assert Consensus.objects.get().stage.position == 3
    return photo


def act(service, photo, position=3, **fields):
    stage = stage_at(photo.project, position)
    return service(
        project=photo.project, photo_id=photo.pk, stage_id=stage.pk, by=UserFactory(), grounds=GROUNDS, **fields
    )


class TestConfirm:
    def test_it_stands_as_settled_by_an_adjudicator(self, settled, experts):
        consensus = act(label_confirm, settled, note=" sure ")

        assert (consensus.stage.position, consensus.is_adjudicated, consensus.consensus_quality) == (3, True, 1.0)
        assert consensus.distribution == [0, 0, 0, 1, 0, 0, 0]
        assert consensus.annotator_agreement == pytest.approx(2 / 3)
        assert (Adjudication.objects.get().state, Adjudication.objects.get().note) == ("settled", "sure")
        assert consensus_update(photo_id=settled.pk).is_adjudicated
        assert submit(settled, UserFactory(), 0) == ("conflict", "already_settled")

    def test_the_word_is_kept_with_its_grounds(self, settled):
        act(label_confirm, settled)

        event = AdjudicationEvent.objects.get()
        assert (event.outcome, event.stage.position, event.round) == ("stage", 3, 1)
        assert event.shown["second_look"] == GROUNDS
        assert [it["position"] for it in event.shown["opinions"]] == [3, 3, 4]

    def test_gold_stays_gold_and_experts_are_not_told(self, experts):
        photo = PhotoFactory(project=ProjectFactory(labels_wanted=2))
        submit(photo, experts[0], 3)
        gold_set(photo_id=photo.pk, stage=stage_at(photo.project, 3))

        act(label_confirm, photo)

        consensus = Consensus.objects.get()
        assert (consensus.is_gold, consensus.is_adjudicated) == (True, False)
        assert AdjudicationEvent.objects.count() == 1
        assert not Adjudication.objects.exists()
        story = photo_history(project=photo.project, photo_id=photo.pk, reader=experts[0], role=Role.EXPERT)
        assert [it.kind for it in story] == ["annotation"]

    def test_what_an_adjudicator_settled_is_only_written_down_again(self, settled):
        act(label_confirm, settled)
        before = Consensus.objects.get()

        act(label_confirm, settled)

        assert Consensus.objects.get().decided_at == before.decided_at
        assert AdjudicationEvent.objects.count() == 2


class TestSendBack:
    def test_it_is_asked_anew_first_of_all_blind_and_of_everybody(self, settled, experts):
        QueueEntryFactory(photo__project=settled.project, rank=1)

        act(label_send_back, settled, note="the anthers are open")

        assert not Consensus.objects.exists()
        adjudication = Adjudication.objects.get()
        assert (adjudication.state, adjudication.round, adjudication.note) == ("sent_back", 2, "the anthers are open")
        assert_queue_holds(settled.project)
        for expert in experts:
            first = reservations_take(project=settled.project, annotator=expert, count=1)[0].entry
            assert (first.photo_id, first.reason, first.is_blind) == (settled.pk, "sent_back", True)
            assert submit(settled, expert, 4) == ("applied", "")
        consensus = Consensus.objects.get()
        assert (consensus.stage.position, consensus.n_annotations, consensus.is_adjudicated) == (4, 3, False)

    def test_a_new_batch_leaves_it_in_the_queue(self, settled):
        act(label_send_back, settled)
        queue_replace(project_id=settled.project_id, source="x", model_version="", entries=[])
        assert QueueEntry.objects.get().photo == settled

    def test_what_an_adjudicator_settled_is_asked_anew_as_well(self, experts):
        photo = PhotoFactory(project=ProjectFactory(labels_wanted=2))
        submit(photo, experts[0], 1)
        submit(photo, experts[1], 5)
        adjudication_settle(
            project=photo.project, photo_id=photo.pk, by=UserFactory(), outcome="stage", stage_position=5
        )

        act(label_send_back, photo, 5)

        adjudication = Adjudication.objects.get()
        assert (adjudication.state, adjudication.round, adjudication.settled_at) == ("sent_back", 2, None)
        assert [it.outcome for it in AdjudicationEvent.objects.order_by("id")] == ["stage", "send_back"]
        submit(photo, experts[0], 4)
        submit(photo, experts[1], 4)
        assert Consensus.objects.get().stage.position == 4

    def test_gold_is_withdrawn_first(self):
        photo = PhotoFactory(project=ProjectFactory())
        gold_set(photo_id=photo.pk, stage=stage_at(photo.project, 3))

        with pytest.raises(Conflict) as refusal:
            act(label_send_back, photo)

        assert refusal.value.code == "photo_is_gold"
        assert KnownLabel.objects.exists()
        assert not AdjudicationEvent.objects.exists()


@pytest.mark.parametrize("service", [label_confirm, label_send_back])
def test_only_the_label_that_was_looked_at(service, settled):
    with pytest.raises(Conflict, match="something else"):
        act(service, settled, position=4)
    with pytest.raises(Conflict):
        act(service, PhotoFactory(project=settled.project))
    with pytest.raises(NotFound):
        service(
            project=ProjectFactory(), photo_id=settled.pk, stage_id=stage_at(settled.project, 3).pk, by=UserFactory(),
            grounds=GROUNDS,
        )  # fmt: skip
    assert not AdjudicationEvent.objects.exists()
