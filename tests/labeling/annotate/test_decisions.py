"""What becomes of decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling import events
from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import DomainError
from labeling.models import Adjudication, Annotation, Consensus, QueueEntry, Receipt, Reservation, Suggestion
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import consensus_update, gold_set
from labeling.services.queue import reservations_take
from tests.factories.labeling import (
    AnnotationFactory,
    PhotoFactory,
    ProjectFactory,
    QueueEntryFactory,
    UserFactory,
    stage_at,
)

pytestmark = pytest.mark.django_db


def decision(photo, kind="stage", **fields):
    fields.setdefault("decided_at", timezone.now())
    if kind == "stage":
        fields.setdefault("stage", 2)
    return DecisionInput(key=fields.pop("key", uuid4()), photo_id=getattr(photo, "pk", photo), kind=kind, **fields)


def submit(photo, expert, kind="stage", project=None, **fields):
    """One decision; returns (outcome, code) and the key."""
    made = decision(photo, kind, **fields)
    (result,) = decisions_submit(project=project or photo.project, annotator=expert, decisions=[made])
    return result


def outcomes(*results):
    return [(result.outcome, result.code) for result in results]


@pytest.fixture
def facts(django_capture_on_commit_callbacks):
    """Runs a block and returns what it announced, as (name, photo_id)."""
    heard = []

    def on_reached(**fact):
        heard.append(("reached", fact["photo_id"]))

    def on_withdrawn(**fact):
        heard.append(("withdrawn", fact["photo_id"]))

    events.consensus_reached.connect(on_reached)
    events.consensus_withdrawn.connect(on_withdrawn)

    def run(block):
        heard.clear()
        with django_capture_on_commit_callbacks(execute=True):
            block()
        return list(heard)

    yield run
    events.consensus_reached.disconnect(on_reached)
    events.consensus_withdrawn.disconnect(on_withdrawn)


class TestOneExpert:
    def test_a_stage_is_stored_and_becomes_the_consensus(self, facts):
        photo, expert = QueueEntryFactory(probabilities=[0.1, 0.9], boundary=0, reason="boundary").photo, UserFactory()
        reservations_take(project=photo.project, annotator=expert, count=1)
        heard = facts(lambda: submit(photo, expert, stage=3, elapsed_ms=850, note=" windy "))
        annotation = Annotation.objects.get()
        assert (annotation.stage.position, annotation.lead_time_ms, annotation.note) == (3, 850, "windy")
        assert annotation.shown["probabilities"] == [0.1, 0.9]
        assert (annotation.shown["reason"], annotation.shown["position"]) == ("boundary", 1)
        consensus = Consensus.objects.get()
        assert (consensus.stage.position, consensus.outcome, consensus.n_annotations) == (3, "stage", 1)
        assert consensus.distribution == [0, 0, 0, 1, 0, 0, 0]
        assert heard == [("reached", photo.pk)]
        assert not QueueEntry.objects.exists()
        assert not Reservation.objects.exists()

    def test_between_is_half_of_each(self):
        photo = PhotoFactory()
        assert submit(photo, UserFactory(), "between", stage=3, stage_upper=4).outcome == "applied"
        consensus = Consensus.objects.get()
        assert consensus.distribution == [0, 0, 0, 0.5, 0.5, 0, 0]
        assert consensus.stage.position == 3

    @pytest.mark.parametrize(
        ("kind", "reason", "outcome"),
        [("cannot_tell", "blurred", "undecidable"), ("unusable", "wrong_plant", "unusable")],
    )
    def test_a_photo_without_a_stage(self, kind, reason, outcome):
        photo = PhotoFactory()
        submit(photo, UserFactory(), kind, reason=reason, stage=5)
        consensus = Consensus.objects.get()
        assert (consensus.outcome, consensus.stage) == (outcome, None)
        assert Annotation.objects.get().reason == reason

    @pytest.mark.parametrize(
        ("kind", "fields", "code"),
        [
            ("stage", {"stage": 7}, "unknown_stage"),
            ("stage", {"stage": -1}, "unknown_stage"),
            ("stage", {"stage": None}, "unknown_stage"),
            ("between", {"stage": 1, "stage_upper": 3}, "not_adjacent"),
            ("between", {"stage": 2, "stage_upper": 1}, "not_adjacent"),
            ("between", {"stage": 6}, "unknown_stage"),
            ("cannot_tell", {"reason": "wrong_plant"}, "unknown_reason"),
            ("unusable", {"reason": ""}, "unknown_reason"),
        ],
    )
    def test_what_the_scale_does_not_know_is_rejected(self, kind, fields, code):
        photo = PhotoFactory()
        assert outcomes(submit(photo, UserFactory(), kind, **fields)) == [("rejected", code)]
        assert not Annotation.objects.exists()

    def test_nothing_lies_between_classes_without_an_order(self):
        photo = PhotoFactory(project=ProjectFactory(is_ordered=False))
        result = submit(photo, UserFactory(), "between", stage=1, stage_upper=2)
        assert outcomes(result) == [("rejected", "scale_unordered")]

    def test_photos_that_are_foreign_or_not_ready_are_rejected(self):
        project, expert = ProjectFactory(), UserFactory()
        results = [
            submit(PhotoFactory(), expert, project=project),
            submit(10**9, expert, project=project),
            submit(PhotoFactory(project=project, status="received"), expert),
        ]
        assert outcomes(*results) == [("rejected", "photo_not_found")] * 2 + [("rejected", "photo_not_ready")]
        assert results[0].photo_id is None, "a foreign photo is not confirmed to exist"

    def test_the_clock_is_kept_from_the_future_and_the_distant_past(self):
        now = timezone.now()
        for at in (now + timedelta(days=3), datetime(2001, 1, 1, tzinfo=UTC)):
            submit(PhotoFactory(), UserFactory(), decided_at=at)
        future, past = Annotation.objects.order_by("id")
        assert now <= future.decided_at <= timezone.now()
        assert past.decided_at > now - timedelta(days=61)

    def test_outside_the_queue_the_suggestion_of_the_grid_is_kept(self):
        photo = PhotoFactory()
        Suggestion.objects.create(photo=photo, project=photo.project, position=4, confidence=0.7, model_version="v3")
        submit(photo, UserFactory(), mode="grid", stage=4)
        shown = Annotation.objects.get().shown
        assert (shown["position"], shown["model_version"]) == (4, "v3")

    def test_a_batch_is_bounded_and_one_bad_decision_costs_the_others_nothing(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = PhotoFactory.create_batch(3, project=project)
        batch = [decision(photos[0]), decision(photos[1], stage=99), decision(photos[2])]
        results = decisions_submit(project=project, annotator=expert, decisions=batch)
        assert [result.outcome for result in results] == ["applied", "rejected", "applied"]
        with pytest.raises(DomainError, match="at most 50"):
            decisions_submit(project=project, annotator=expert, decisions=[decision(photos[0])] * 51)


class TestReplay:
    def test_the_same_key_is_answered_as_a_duplicate_and_changes_nothing(self, facts):
        photo, expert, key = PhotoFactory(), UserFactory(), uuid4()
        submit(photo, expert, key=key)
        again = []
        heard = facts(lambda: again.append(submit(photo, expert, key=key, stage=5)))
        assert outcomes(*again) == [("duplicate", "")]
        assert again[0].photo_id == photo.pk
        assert heard == []
        assert Annotation.objects.count() == 1

    def test_a_refusal_is_answered_with_the_same_refusal(self):
        photo, expert, key = PhotoFactory(), UserFactory(), uuid4()
        results = [submit(photo, expert, key=key, stage=9), submit(photo, expert, key=key, stage=1)]
        assert outcomes(*results) == [("rejected", "unknown_stage")] * 2
        assert results[0].message == results[1].message != ""

    def test_a_key_belongs_to_its_annotator(self):
        project, key = ProjectFactory(labels_wanted=2), uuid4()
        photo = PhotoFactory(project=project)
        results = [submit(photo, UserFactory(), key=key) for _ in range(2)]
        assert outcomes(*results) == [("applied", "")] * 2


class TestSeveralExperts:
    def test_a_lapsed_lease_is_no_loss_while_the_photo_wants_an_answer(self):
        photo = QueueEntryFactory().photo
        late, quick = UserFactory(), UserFactory()
        reservations_take(project=photo.project, annotator=late, count=1)
        Reservation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        reservations_take(project=photo.project, annotator=quick, count=1)
        assert outcomes(submit(photo, late), submit(photo, quick)) == [
            ("applied", ""),
            ("conflict", "already_settled"),
        ]

    def test_the_same_expert_answers_a_photo_once(self):
        photo, expert = PhotoFactory(project=ProjectFactory(labels_wanted=2)), UserFactory()
        assert outcomes(submit(photo, expert), submit(photo, expert)) == [
            ("applied", ""),
            ("conflict", "already_decided"),
        ]

    def test_slots_follow_the_answers(self):
        project = ProjectFactory(labels_wanted=3)
        photo = QueueEntryFactory(photo__project=project).photo
        a, b, c = UserFactory(), UserFactory(), UserFactory()
        for expert in (a, b):
            reservations_take(project=project, annotator=expert, count=1)
        submit(photo, a)
        assert QueueEntry.objects.get().open_slots == 1
        submit(photo, c)  # holds nothing
        assert QueueEntry.objects.get().open_slots == 0
        submit(photo, b)
        assert Consensus.objects.get().n_annotations == 3

    def test_neighbours_evenly_split_want_one_more_then_the_majority_decides(self):
        photo = QueueEntryFactory(photo__project=ProjectFactory(labels_wanted=2)).photo
        submit(photo, UserFactory(), stage=2)
        submit(photo, UserFactory(), stage=3)
        assert QueueEntry.objects.get().open_slots == 1
        submit(photo, UserFactory(), stage=3)
        consensus = Consensus.objects.get()
        assert (consensus.stage.position, consensus.n_annotations) == (3, 3)
        assert consensus.distribution[2] == pytest.approx(1 / 3)
        assert consensus.annotator_agreement == pytest.approx(2 / 3)

    def test_two_stages_apart_goes_to_adjudication(self):
        photo = QueueEntryFactory(photo__project=ProjectFactory(labels_wanted=2)).photo
        submit(photo, UserFactory(), stage=1)
        submit(photo, UserFactory(), stage=4)
        assert Adjudication.objects.get().stage_gap == 3
        assert not QueueEntry.objects.exists()
        assert outcomes(submit(photo, UserFactory())) == [("conflict", "in_adjudication")]


class TestSkipAndUndo:
    def test_a_skip_frees_the_photo_for_others(self):
        photo = QueueEntryFactory().photo
        expert = UserFactory()
        reservations_take(project=photo.project, annotator=expert, count=1)
        assert submit(photo, expert, "skip").outcome == "applied"
        assert reservations_take(project=photo.project, annotator=expert, count=1) == []
        assert len(reservations_take(project=photo.project, annotator=UserFactory(), count=1)) == 1

    def test_undo_withdraws_and_the_photo_comes_back_first_as_it_was_asked(self, facts):
        project, expert = ProjectFactory(), UserFactory()
        entry = QueueEntryFactory(
            photo__project=project, rank=9, probabilities=[0.3, 0.7], is_blind=True, reason="boundary", boundary=0
        )
        QueueEntryFactory(photo__project=project, rank=1)
        photo, key = entry.photo, uuid4()
        submit(photo, expert, key=key)
        heard = facts(lambda: submit(photo, expert, "undo", undoes=key))
        assert heard == [("withdrawn", photo.pk)]
        assert Annotation.objects.get().withdrawn_at is not None
        assert not Consensus.objects.exists()
        back, _other = reservations_take(project=project, annotator=expert, count=2)
        assert back.entry.photo_id == photo.pk
        assert (back.entry.probabilities, back.entry.is_blind, back.entry.boundary) == ([0.3, 0.7], True, 0)
        assert back.entry.open_slots == 0
        assert submit(photo, expert, stage=5).outcome == "applied"
        assert Consensus.objects.get().stage.position == 5

    def test_undo_of_a_skip_brings_the_photo_back(self):
        photo, expert, key = QueueEntryFactory().photo, UserFactory(), uuid4()
        submit(photo, expert, "skip", key=key)
        assert submit(photo, expert, "undo", undoes=key).outcome == "applied"
        (back,) = reservations_take(project=photo.project, annotator=expert, count=1)
        assert back.entry.photo_id == photo.pk
        assert QueueEntry.objects.get().open_slots == 0

    def test_undo_twice_is_a_conflict_and_its_replay_a_duplicate(self):
        photo, expert, key, undo_key = PhotoFactory(), UserFactory(), uuid4(), uuid4()
        submit(photo, expert, key=key)
        results = [
            submit(photo, expert, "undo", key=undo_key, undoes=key),
            submit(photo, expert, "undo", key=undo_key, undoes=key),
            submit(photo, expert, "undo", undoes=key),
        ]
        assert outcomes(*results) == [("applied", ""), ("duplicate", ""), ("conflict", "already_undone")]

    def test_undo_of_nothing_or_of_others_is_rejected(self):
        photo, key = PhotoFactory(), uuid4()
        submit(photo, UserFactory(), key=key)
        expert = UserFactory()
        results = [submit(photo, expert, "undo", undoes=key), submit(photo, expert, "undo", undoes=uuid4())]
        assert outcomes(*results) == [("rejected", "unknown_decision")] * 2

    def test_undo_of_one_of_two_leaves_the_other(self):
        project = ProjectFactory(labels_wanted=2)
        photo, expert, key = PhotoFactory(project=project), UserFactory(), uuid4()
        submit(photo, UserFactory())
        submit(photo, expert, key=key)
        submit(photo, expert, "undo", undoes=key)
        assert not Consensus.objects.exists()
        assert QueueEntry.objects.get().open_slots == 0, "one answered, one held by who took it back"
        assert Annotation.objects.standing().count() == 1

    def test_undo_can_take_a_photo_out_of_adjudication(self):
        photo, expert, key = PhotoFactory(project=ProjectFactory(labels_wanted=2)), UserFactory(), uuid4()
        submit(photo, UserFactory(), stage=0)
        submit(photo, expert, stage=5, key=key)
        submit(photo, expert, "undo", undoes=key)
        assert not Adjudication.objects.exists()
        submit(photo, expert, stage=0)
        assert Consensus.objects.get().stage.position == 0


class TestImports:
    def test_gold_decides_alone_and_takes_the_photo_out_of_the_queue(self, facts):
        photo = QueueEntryFactory().photo
        heard = facts(lambda: gold_set(photo_id=photo.pk, stage=stage_at(photo.project, 5)))
        consensus = Consensus.objects.get()
        assert (consensus.is_gold, consensus.stage.position, consensus.consensus_quality) == (True, 5, 1.0)
        assert heard == [("reached", photo.pk)]
        assert not QueueEntry.objects.exists()
        assert facts(lambda: consensus_update(photo_id=photo.pk)) == []

    def test_a_prior_annotation_counts_as_one_opinion(self):
        project = ProjectFactory(labels_wanted=2)
        photo = PhotoFactory(project=project)
        AnnotationFactory(photo=photo, annotator=None, source="field team", position=3, mode="import")
        assert consensus_update(photo_id=photo.pk) is None
        assert QueueEntry.objects.get().open_slots == 1
        submit(photo, UserFactory(), stage=3)
        assert Consensus.objects.get().n_annotations == 2

    def test_repeating_an_update_changes_and_announces_nothing(self, facts):
        photo = PhotoFactory()
        submit(photo, UserFactory())
        before = Consensus.objects.values().get()
        assert facts(lambda: consensus_update(photo_id=photo.pk)) == []
        assert Consensus.objects.values().get() == before


def test_annotations_are_append_only():
    annotation = AnnotationFactory()
    for change in (
        lambda: Annotation.objects.update(note="x"),
        lambda: annotation.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_decision_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    project, expert = ProjectFactory(labels_wanted=2), UserFactory()
    photo = QueueEntryFactory(photo__project=project).photo
    reservations_take(project=project, annotator=expert, count=1)
    made = decision(photo)
    with django_assert_max_num_queries(40):
        decisions_submit(project=project, annotator=expert, decisions=[made])
    assert Receipt.objects.count() == 1
