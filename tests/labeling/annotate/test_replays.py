"""Replays, clocks that are wrong, leases that end under a decision: nothing is lost and nothing is doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.models import Annotation, Consensus, QueueEntry, Receipt, Reservation, Skip, StageScale
from labeling.selectors.projects import current_scale
from labeling.selectors.triage import GridOf
from labeling.services.annotate import decisions_submit
from labeling.services.reservations import reservations_take
from labeling.services.triage import grid_take
from tests.factories.labeling import ProjectFactory, UserFactory
from tests.labeling.queue import scenes
from tests.labeling.queue.scenes import (
    assert_queue_holds,
    at_once,
    decide,
    expire,
    stage_decision,
    suggested,
    undo_decision,
)

pytestmark = pytest.mark.django_db


def take(project, expert, count=1):
    return reservations_take(project=project, annotator=expert, count=count)


def mixed_batch(project, expert):
    """Decisions of all pages, undos among them, as a browser's log would hold them after an outage."""
    scenes.queued(project, 4, reason="boundary", boundary=2, probabilities=[0, 0, 0.5, 0.5])
    suggested(project, 4)
    single = [it.entry.photo_id for it in take(project, expert, 4)]
    grid = grid_take(project=project, annotator=expert, of=GridOf(stage=2), count=4).reservations
    made = [
        stage_decision(single[0], 2),
        stage_decision(single[1], 3, mode="pair"),
        DecisionInput(uuid4(), single[2], "skip", timezone.now()),
        stage_decision(single[3], 99),
        *[stage_decision(it.entry.photo_id, 2, mode="grid") for it in grid],
    ]
    undone = [undo_decision(made[1].key), undo_decision(made[4].key, mode="grid"), undo_decision(uuid4())]
    again = [stage_decision(single[1], 2, mode="pair")]
    return [*made, *undone, *again]


def state(project):
    """All that decisions write, without what a lease's renewal changes."""
    return (
        list(Annotation.objects.filter(photo__project=project).order_by("id").values()),
        list(Consensus.objects.filter(project=project).order_by("photo_id").values()),
        list(QueueEntry.objects.filter(project=project).order_by("id").values()),
        list(
            Reservation.objects.filter(entry__project=project).order_by("id").values("entry_id", "annotator_id", "mode")
        ),
        Skip.objects.filter(photo__project=project).count(),
        list(Receipt.objects.order_by("id").values()),
    )


def test_a_mixed_batch_replayed_three_times_changes_nothing_more():
    project, expert = ProjectFactory(), UserFactory()
    batch = mixed_batch(project, expert)
    first = decide(project, expert, *batch)
    refused = [index for index, (outcome, _) in enumerate(first) if outcome != "applied"]
    assert [first[index] for index in refused] == [("rejected", "unknown_stage"), ("rejected", "unknown_decision")]
    before = state(project)
    for _ in range(3):
        answers = decide(project, expert, *batch)
        assert [answer for index, answer in enumerate(answers) if index in refused] == [first[i] for i in refused]
        assert {answer for index, answer in enumerate(answers) if index not in refused} == {("duplicate", "")}
        assert state(project) == before
    assert_queue_holds(project)


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_sent_by_three_tabs_at_once_is_applied_once():
    project, expert = ProjectFactory(), UserFactory()
    batch = mixed_batch(project, expert)
    answers = at_once(*[lambda: decide(project, expert, *batch) for _ in range(3)])
    for index in range(len(batch)):
        outcomes = Counter(one[index][0] for one in answers)
        assert outcomes in (Counter(applied=1, duplicate=2), Counter(rejected=3)), index
    assert Receipt.objects.count() == len(batch)
    standing = Counter(Annotation.objects.standing().values_list("photo_id", flat=True))
    assert max(standing.values()) == 1
    assert_queue_holds(project)


class TestClocks:
    @pytest.mark.parametrize("at", [timedelta(days=400), timedelta(minutes=3), timedelta(0), timedelta(days=-4000)])
    def test_a_clock_that_is_wrong_loses_nothing_and_is_kept_within_reason(self, at):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        now = timezone.now()
        made = stage_decision(photo, 2, decided_at=now + at)
        assert decide(project, expert, made) == [("applied", "")]
        assert decide(project, expert, replace(made, decided_at=now - at)) == [("duplicate", "")]
        stored = Annotation.objects.get().decided_at
        assert now - timedelta(days=60, minutes=1) <= stored <= timezone.now()

    def test_the_order_is_that_of_arrival_whatever_the_clocks_say(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        made = stage_decision(photo, 2, decided_at=datetime(2100, 1, 1, tzinfo=UTC))
        undo = replace(undo_decision(made.key), decided_at=datetime(1990, 1, 1, tzinfo=UTC))
        assert decide(project, expert, made, undo) == [("applied", "")] * 2
        assert Annotation.objects.get().withdrawn_at is not None


class TestLeasesUnderADecision:
    def test_the_lease_ends_and_another_takes_the_photo_while_the_decision_is_under_way(self):
        project = ProjectFactory()
        (photo,) = scenes.queued(project, 1)
        slow, quick = UserFactory(), UserFactory()
        (held,) = take(project, slow)
        expire(annotator=slow)
        (taken,) = take(project, quick)
        assert taken.entry.photo_id == photo
        assert decide(project, slow, stage_decision(photo, 2, reservation=held.token)) == [("applied", "")]
        assert decide(project, quick, stage_decision(photo, 3, reservation=taken.token)) == [
            ("conflict", "already_settled")
        ]
        assert Consensus.objects.get().stage.position == 2
        assert not Reservation.objects.exists()

    def test_where_two_are_wanted_both_count_and_the_slots_come_out(self):
        project = ProjectFactory(labels_wanted=2)
        (photo,) = scenes.queued(project, 1)
        late, second, third = UserFactory.create_batch(3)
        take(project, late)
        expire(annotator=late)
        take(project, second)
        take(project, third)
        assert decide(project, late, stage_decision(photo, 2)) == [("applied", "")]
        assert_queue_holds(project, may_be_late=True)
        assert decide(project, second, stage_decision(photo, 2)) == [("applied", "")]
        assert Consensus.objects.get().n_annotations == 2

    def test_renewal_keeps_the_token_and_the_photo_from_others(self):
        project, expert = ProjectFactory(), UserFactory()
        scenes.queued(project, 1)
        (held,) = take(project, expert)
        Reservation.objects.update(expires_at=timezone.now() + timedelta(seconds=20))
        (again,) = take(project, expert)
        assert again.token == held.token
        assert again.expires_at > timezone.now() + timedelta(minutes=14)
        assert take(project, UserFactory()) == []

    def test_what_comes_late_from_an_earlier_lease_does_not_end_the_one_held_now(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        (earlier,) = take(project, expert)
        expire(annotator=expert)
        take(project, UserFactory(), 1)
        expire()
        (now_held,) = take(project, expert)
        assert now_held.token != earlier.token
        late = DecisionInput(uuid4(), photo, "skip", timezone.now(), reservation=earlier.token)
        assert decide(project, expert, late) == [("applied", "")]
        assert Reservation.objects.get().token == now_held.token
        of_now = DecisionInput(uuid4(), photo, "skip", timezone.now(), reservation=now_held.token)
        assert decide(project, expert, of_now) == [("applied", "")]
        assert not Reservation.objects.exists()
        assert_queue_holds(project)

    def test_a_late_skip_does_not_end_the_lease_of_another(self):
        project, late, other = ProjectFactory(), UserFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        (held,) = take(project, late)
        expire(annotator=late)
        (taken,) = take(project, other)
        decide(project, late, DecisionInput(uuid4(), photo, "skip", timezone.now(), reservation=held.token))
        assert Reservation.objects.get().token == taken.token
        assert_queue_holds(project)


class TestScaleAndPair:
    def test_a_position_of_another_scale_is_rejected_and_the_photo_stays_to_be_asked(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        (held,) = take(project, expert)
        scale = current_scale(project_id=project.pk)
        wrong = stage_decision(photo, 2, scale=scale.pk + 1)
        assert decide(project, expert, wrong) == [("rejected", "scale_changed")]
        assert not Annotation.objects.exists()
        assert take(project, expert)[0].token == held.token
        assert decide(project, expert, stage_decision(photo, 2, scale=scale.pk)) == [("applied", "")]
        assert StageScale.objects.count() == 1

    def test_the_sides_of_an_ab_question_are_stored_as_they_were_asked(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = scenes.queued(project, 6, reason="boundary", boundary=3, probabilities=[0, 0, 0, 0.5, 0.5])
        take(project, expert, 6)
        decide(project, expert, *[stage_decision(photo, 3, mode="pair") for photo in photos])
        pairs = [it.shown["pair"] for it in Annotation.objects.all()]
        assert len(pairs) == 6
        assert all({pair["left"], pair["right"]} == {3, 4} for pair in pairs)

    @pytest.mark.parametrize(
        ("mode", "fields"),
        [("single", {"boundary": 3}), ("pair", {"boundary": None}), ("pair", {"boundary": 3, "is_blind": True})],
    )
    def test_no_sides_where_no_question_was_asked(self, mode, fields):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1, reason="uncertain", **fields)
        decide(project, expert, stage_decision(photo, 3, mode=mode))
        assert "pair" not in Annotation.objects.get().shown


def test_a_batch_is_applied_up_to_the_one_that_fails_and_no_further_one_is_lost():
    """What the first half of a batch wrote stays, and the whole batch sent again completes it."""
    project, expert = ProjectFactory(), UserFactory()
    photos = scenes.queued(project, 6)
    batch = [stage_decision(photo, 2) for photo in photos]
    decisions_submit(project=project, annotator=expert, decisions=batch[:3])
    assert [outcome for outcome, _ in decide(project, expert, *batch)] == ["duplicate"] * 3 + ["applied"] * 3
    assert Annotation.objects.count() == 6
