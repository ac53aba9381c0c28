"""The triage grid: what is on it, in which order, who holds it, and that it leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import DomainError
from labeling.models import Adjudication, Annotation, Consensus, QueueEntry, Reservation, Skip, Suggestion
from labeling.selectors.triage import COUNT_MOST, GridOf, grid_candidates, triage_counts
from labeling.services import triage
from labeling.services.entries import GRID_RANK
from labeling.services.queue import EntryProposal, queue_replace
from labeling.services.reservations import reservations_release, reservations_take
from labeling.services.triage import grid_take
from tests.factories.labeling import PhotoFactory, ProjectFactory, UserFactory
from tests.labeling.queue import scenes
from tests.labeling.queue.scenes import assert_queue_holds, decide, stage_decision, suggested, undo_decision

pytestmark = pytest.mark.django_db


def page(project, expert, count=60, **of):
    return grid_take(project=project, annotator=expert, of=GridOf(**(of or {"stage": 2})), count=count)


def on_grid(project, expert, count=60, **of):
    return [r.entry.photo_id for r in page(project, expert, count, **of).reservations]


def singly(project, expert, count=5):
    return [r.entry.photo_id for r in reservations_take(project=project, annotator=expert, count=count)]


class TestOrder:
    def test_a_stage_by_confidence_highest_first(self):
        project = ProjectFactory()
        photos = suggested(project, 3, confidences=[0.5, 0.9, 0.7])
        suggested(project, 2, position=3)
        assert on_grid(project, UserFactory()) == [photos[1], photos[2], photos[0]]

    def test_a_boundary_by_confidence_lowest_first_from_both_sides(self):
        project = ProjectFactory()
        lower = suggested(project, 2, position=2, confidences=[0.4, 0.8])
        upper = suggested(project, 2, position=3, confidences=[0.3, 0.6])
        suggested(project, 1, position=4, confidences=[0.1])
        assert on_grid(project, UserFactory(), boundary=2) == [upper[0], lower[0], upper[1], lower[1]]

    def test_a_page_is_as_long_as_asked_and_says_whether_there_is_more(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = suggested(project, 5)
        first = page(project, expert, 3)
        assert ([r.entry.photo_id for r in first.reservations], first.has_more) == (photos[:3], True)
        again = page(project, expert, 3)
        assert [r.token for r in again.reservations] == [r.token for r in first.reservations]
        rest = page(project, expert, 5)
        assert ([r.entry.photo_id for r in rest.reservations], rest.has_more) == (photos, False)

    def test_classes_without_an_order_have_no_boundary(self):
        with pytest.raises(DomainError, match="no order"):
            page(ProjectFactory(is_ordered=False), UserFactory(), boundary=1)


class TestWhatIsOnIt:
    def test_never_what_is_settled_disputed_held_out_skipped_answered_or_foreign(self):
        project, expert = ProjectFactory(labels_wanted=2), UserFactory()
        photos = suggested(project, 6)
        suggested(project, 1, is_held_out=True)
        suggested(ProjectFactory(), 1)
        Consensus.objects.create(
            photo_id=photos[0], project=project, outcome="unusable", consensus_quality=1, annotator_agreement=1,
            n_annotations=1, decided_at=timezone.now(),
        )  # fmt: skip
        Adjudication.objects.create(photo_id=photos[1], project=project, stage_gap=3)
        Adjudication.objects.create(photo_id=photos[2], project=project, stage_gap=3, state="sent_back", round=2)
        Skip.objects.create(photo_id=photos[3], annotator=expert, until=timezone.now() + timedelta(hours=1))
        decide(project, expert, stage_decision(photos[4]))
        # Whatever ``is_open`` says.
        Suggestion.objects.update(is_open=True)
        assert on_grid(project, expert) == photos[5:]
        Suggestion.objects.update(is_open=False)
        assert on_grid(project, UserFactory()) == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"is_blind": True},
            {"reason": "gold", "open_slots": 1000},
            {"open_slots": 0},
            {"probabilities": [0.9, 0.05, 0.05]},
        ],
    )
    def test_never_what_the_queue_asks_in_another_way(self, fields):
        project = ProjectFactory()
        (photo,) = suggested(project, 1)
        entry = {"reason": "uncertain", "open_slots": 1, **fields}
        batch = project.query_batches.create(source="x")
        QueueEntry.objects.create(project=project, batch=batch, photo_id=photo, rank=1, **entry)
        assert on_grid(project, UserFactory()) == []

    def test_an_entry_of_the_queue_is_taken_as_it_stands(self):
        project = ProjectFactory()
        (photo,) = suggested(project, 1)
        queue_replace(
            project_id=project.pk, source="x", model_version="v1",
            entries=[EntryProposal(photo, 1.0, "uncertain", probabilities=(0.1, 0.2, 0.7))],
        )  # fmt: skip
        (held,) = page(project, UserFactory()).reservations
        assert (held.entry.rank, held.entry.reason, held.entry.open_slots) == (1, "uncertain", 0)
        assert QueueEntry.objects.count() == 1

    def test_a_photo_outside_the_queue_gets_an_entry_behind_every_batch(self):
        project = ProjectFactory()
        (photo,) = suggested(project, 1, confidences=[0.75])
        (held,) = page(project, UserFactory()).reservations
        entry = held.entry
        assert (entry.photo_id, entry.rank, entry.reason, entry.open_slots) == (photo, GRID_RANK, "triage", 0)
        assert_queue_holds(project)


class TestLeases:
    def test_nobody_else_gets_a_photo_that_is_on_a_grid_even_where_two_are_wanted(self):
        project = ProjectFactory(labels_wanted=2)
        photos = suggested(project, 4)
        assert on_grid(project, UserFactory(), 2) == photos[:2]
        assert on_grid(project, UserFactory(), 2) == photos[2:]
        assert singly(project, UserFactory()) == []

    def test_neither_page_shows_what_the_other_holds(self):
        project, expert = ProjectFactory(), UserFactory()
        queued = scenes.queued(project, 2)
        on_it = suggested(project, 2)
        assert on_grid(project, expert) == on_it
        assert singly(project, expert) == queued
        assert on_grid(project, expert) == on_it

    def test_what_is_held_singly_is_on_nobodys_grid(self):
        project = ProjectFactory(labels_wanted=2)
        photos = suggested(project, 2)
        queue_replace(
            project_id=project.pk, source="x", model_version="",
            entries=[EntryProposal(photo, 1.0, "random") for photo in photos],
        )  # fmt: skip
        assert singly(project, UserFactory(), 1) == photos[:1]
        assert on_grid(project, UserFactory()) == photos[1:]

    def test_another_grid_gives_this_one_back(self):
        project, expert = ProjectFactory(), UserFactory()
        here, there = suggested(project, 2), suggested(project, 2, position=4)
        assert on_grid(project, expert) == here
        assert on_grid(project, expert, stage=4) == there
        assert on_grid(project, UserFactory()) == here
        assert_queue_holds(project)

    def test_what_is_suggested_otherwise_meanwhile_is_given_back(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = suggested(project, 2)
        on_grid(project, expert)
        Suggestion.objects.filter(photo_id=photos[0]).update(position=5)
        assert on_grid(project, expert) == photos[1:]
        assert not QueueEntry.objects.filter(photo_id=photos[0]).exists()

    def test_a_lease_that_lapsed_leaves_nothing_in_anybodys_queue(self):
        project, expert = ProjectFactory(), UserFactory()
        on_it = suggested(project, 40)
        queued = scenes.queued(project, 3)
        on_grid(project, expert, 40)
        scenes.expire(annotator=expert)
        assert singly(project, UserFactory(), 3) == queued
        assert not QueueEntry.objects.filter(photo_id__in=on_it).exists()
        assert on_grid(project, UserFactory(), 40) == on_it

    def test_a_new_batch_clears_what_lapsed_and_leaves_what_is_held(self):
        project, late, present = ProjectFactory(), UserFactory(), UserFactory()
        suggested(project, 4)
        lapsed, held = on_grid(project, late, 2), on_grid(project, present, 2)
        scenes.expire(annotator=late)
        queue_replace(
            project_id=project.pk, source="x", model_version="v2",
            entries=[EntryProposal(photo, 1.0, "random") for photo in [*held, lapsed[0]]],
        )  # fmt: skip
        rows = dict(QueueEntry.objects.values_list("photo_id", "reason"))
        assert rows == {held[0]: "triage", held[1]: "triage", lapsed[0]: "random"}
        assert_queue_holds(project)

    def test_a_fill_goes_on_behind_the_batches_not_behind_the_grid(self):
        project = ProjectFactory(batch_size=2)
        suggested(project, 1)
        on_grid(project, UserFactory())
        plain = [photo.pk for photo in PhotoFactory.create_batch(2, project=project)]
        assert singly(project, UserFactory()) == plain
        ranks = QueueEntry.objects.exclude(reason="triage").values_list("rank", flat=True)
        assert max(ranks) < GRID_RANK

    @pytest.mark.parametrize("mode", ["single", "grid"])
    def test_giving_back_by_page_and_by_photo(self, mode):
        project, expert = ProjectFactory(), UserFactory()
        take = singly if mode == "single" else on_grid
        photos = scenes.queued(project, 3) if mode == "single" else suggested(project, 3)
        take(project, expert, 3)
        other = "grid" if mode == "single" else "single"
        reservations_release(project=project, annotator=expert, mode=other)
        reservations_release(project=project, annotator=UserFactory(), mode=mode)
        assert Reservation.objects.count() == 3
        reservations_release(project=project, annotator=expert, mode=mode, photo_ids=[photos[0], 10**9])
        assert Reservation.objects.count() == 2
        assert_queue_holds(project)
        reservations_release(project=project, annotator=expert, mode=mode)
        assert Reservation.objects.count() == 0
        assert QueueEntry.objects.count() == (3 if mode == "single" else 0)
        assert take(project, UserFactory(), 3) == photos


class TestDecisions:
    def test_the_lot_is_confirmed_and_taken_back(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = suggested(project, 50)
        on_grid(project, expert, 50)
        made = [stage_decision(photo, 2, mode="grid") for photo in photos]
        assert set(decide(project, expert, *made)) == {("applied", "")}
        assert Consensus.objects.count() == 50
        assert not QueueEntry.objects.exists()
        undone = [undo_decision(it.key, mode="grid") for it in made]
        assert set(decide(project, expert, *undone)) == {("applied", "")}
        assert Annotation.objects.standing().count() == 0
        assert set(Reservation.objects.values_list("mode", flat=True)) == {"grid"}
        assert singly(project, expert) == [], "they come back to the grid they came from"
        assert_queue_holds(project)

    def test_what_was_shown_is_what_the_grid_showed_not_what_is_suggested_since(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = suggested(project, 1, confidences=[0.8])
        on_grid(project, expert)
        Suggestion.objects.update(position=5, confidence=0.3, model_version="v2")
        decide(project, expert, stage_decision(photo, 2, mode="grid"))
        annotation = Annotation.objects.get()
        assert (annotation.mode, annotation.is_blind) == ("grid", False)
        shown = annotation.shown
        assert (shown["position"], shown["confidence"], shown["model_version"]) == (2, 0.8, "v1")
        assert (shown["reason"], shown["probabilities"]) == ("triage", [])

    def test_where_two_are_wanted_the_other_comes_from_the_grid_or_the_end_of_the_queue(self):
        project, expert = ProjectFactory(labels_wanted=2), UserFactory()
        (photo,) = suggested(project, 1)
        queued = scenes.queued(project, 1)
        on_grid(project, expert)
        decide(project, expert, stage_decision(photo, 2, mode="grid"))
        assert_queue_holds(project)
        assert on_grid(project, expert) == []
        assert singly(project, UserFactory()) == [*queued, photo]

    def test_a_skip_on_the_grid_and_its_undo(self):
        project, expert = ProjectFactory(), UserFactory()
        photos = suggested(project, 2)
        on_grid(project, expert)
        skip = DecisionInput(uuid4(), photos[0], "skip", timezone.now(), mode="grid")
        assert decide(project, expert, skip) == [("applied", "")]
        assert on_grid(project, expert) == photos[1:]
        assert decide(project, expert, undo_decision(skip.key, mode="grid")) == [("applied", "")]
        assert on_grid(project, expert) == photos
        assert_queue_holds(project)

    def test_a_decision_after_the_lease_and_its_entry_have_gone(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = suggested(project, 1)
        on_grid(project, expert)
        scenes.expire(annotator=expert)
        singly(project, UserFactory())
        assert decide(project, expert, stage_decision(photo, mode="grid")) == [("applied", "")]


class TestCounts:
    def test_stages_and_boundaries(self):
        project = ProjectFactory()
        suggested(project, 3, position=2)
        suggested(project, 2, position=3)
        suggested(project, 4, position=3, is_held_out=True)
        counts = triage_counts(project=project)
        assert [it.n_open for it in counts.stages] == [0, 0, 3, 2, 0, 0, 0]
        assert [it.n_open for it in counts.boundaries] == [0, 3, 5, 2, 0, 0]
        assert not any(it.is_capped for it in [*counts.stages, *counts.boundaries])

    def test_they_stop_at_a_thousand(self, monkeypatch):
        monkeypatch.setattr("labeling.selectors.triage.COUNT_MOST", 3)
        project = ProjectFactory()
        suggested(project, 5, position=0)
        counts = triage_counts(project=project)
        assert (counts.stages[0].n_open, counts.stages[0].is_capped) == (3, True)
        assert COUNT_MOST == 1000

    def test_classes_without_an_order_have_no_boundaries(self):
        assert triage_counts(project=ProjectFactory(is_ordered=False)).boundaries == []


def test_a_page_costs_the_same_number_of_queries_for_1_and_50(django_assert_max_num_queries):
    project = ProjectFactory()
    suggested(project, 60)
    for count in (1, 50):
        with django_assert_max_num_queries(16):
            page(project, UserFactory(), count)


def test_a_photo_settled_since_its_suggestion_was_read_is_not_queued_again():
    """GIVEN two grids that read one suggestion, WHEN one settles the photo first, THEN the other leaves no entry."""
    project = ProjectFactory()
    (photo,) = suggested(project, 1)
    late, quick = UserFactory(), UserFactory()
    read = grid_candidates(project_id=project.pk, annotator_id=late.pk, of=GridOf(stage=2), limit=1)
    assert on_grid(project, quick) == [photo]
    assert decide(project, quick, stage_decision(photo, mode="grid")) == [("applied", "")]
    triage._take(project, late, read)
    assert not QueueEntry.objects.filter(photo_id=photo).exists()
