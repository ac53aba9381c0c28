"""Whatever experts do, in whatever order: the slots come out, nobody is asked twice, nothing is left behind."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.models import Annotation, Photo, QueueEntry, Reservation
from labeling.selectors.progress import progress_of
from labeling.selectors.triage import GridOf
from labeling.services.queue import EntryProposal, queue_replace
from labeling.services.reservations import reservations_release, reservations_take
from labeling.services.triage import grid_take
from tests.factories.labeling import PhotoFactory, ProjectFactory, UserFactory
from tests.labeling.queue import scenes
from tests.labeling.queue.scenes import assert_queue_holds, at_once, decide, stage_decision, undo_decision

N_EXPERTS = 3
EXPERTS = st.integers(0, N_EXPERTS - 1)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["take", "grid", "decide", "confirm", "undo", "lapse", "leave", "late"]), EXPERTS),
    st.tuples(st.sampled_from(["replace"]), st.integers(0, 100)),
)


class Scene:
    """A project with gold, suggestions and a pool, and experts at work in it."""

    def __init__(self, labels_wanted: int) -> None:
        self.project = ProjectFactory(labels_wanted=labels_wanted, batch_size=6)
        self.project.gold_share = 0.3
        self.project.save()
        self.gold = set(scenes.gold(self.project, 4, position=2))
        self.pool = scenes.suggested(self.project, 14) + [
            p.pk for p in PhotoFactory.create_batch(6, project=self.project)
        ]
        self.experts = UserFactory.create_batch(N_EXPERTS)
        self.done = defaultdict(list)
        self.seen_last = {}

    def do(self, what, number):
        getattr(self, what)(number)
        assert_queue_holds(self.project, may_be_late=True)

    def take(self, who):
        held = reservations_take(project=self.project, annotator=self.experts[who], count=3)
        ranks = [it.entry.rank for it in held]
        assert ranks == sorted(ranks)
        for it in held:
            self.seen_last[who] = it.entry.photo_id
        left = progress_of(project_id=self.project.pk, annotator_id=self.experts[who].pk).left
        assert left >= len(held)

    def grid(self, who):
        page = grid_take(project=self.project, annotator=self.experts[who], of=GridOf(stage=2), count=4)
        confidences = [it.entry.photo.suggestion.confidence for it in page.reservations]
        assert confidences == sorted(confidences, reverse=True)
        assert not {it.entry.photo_id for it in page.reservations} & self.gold

    def decide(self, who):
        self._answer(who, "single", 1)

    def confirm(self, who):
        self._answer(who, "grid", 4)

    def _answer(self, who, mode, count):
        expert = self.experts[who]
        held = Reservation.objects.filter(annotator=expert, mode=mode, entry__project=self.project)
        made = [stage_decision(it.entry.photo_id, 2, mode=mode) for it in held.select_related("entry")[:count]]
        for it, (outcome, code) in zip(made, decide(self.project, expert, *made) if made else [], strict=True):
            assert outcome == "applied", code
            self.done[who].append(it.key)

    def late(self, who):
        """Answer what was handed out last, whether or not it is held still."""
        if who in self.seen_last:
            made = stage_decision(self.seen_last[who], 2)
            ((outcome, _),) = decide(self.project, self.experts[who], made)
            if outcome == "applied":
                self.done[who].append(made.key)

    def undo(self, who):
        if self.done[who]:
            key = self.done[who].pop()
            assert decide(self.project, self.experts[who], undo_decision(key)) == [("applied", "")]

    def lapse(self, who):
        scenes.expire(annotator=self.experts[who])

    def leave(self, who):
        for mode in ("single", "grid"):
            reservations_release(project=self.project, annotator=self.experts[who], mode=mode)

    def replace(self, start):
        photos = [self.pool[(start + index * 3) % len(self.pool)] for index in range(5)]
        entries = [EntryProposal(photo, 1.0, "uncertain", probabilities=(0, 0, 1.0)) for photo in dict.fromkeys(photos)]
        queue_replace(project_id=self.project.pk, source="x", model_version="v", entries=entries)


@pytest.mark.slow
@pytest.mark.parametrize("labels_wanted", [1, 2])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(steps=st.lists(STEPS, min_size=10, max_size=40))
def test_the_invariants_hold_after_every_step(db, labels_wanted, steps):
    scene = Scene(labels_wanted)
    for what, number in steps:
        scene.do(what, number)
    standing = Annotation.objects.standing().filter(photo__project=scene.project)
    per_person = Counter(standing.values_list("photo_id", "annotator_id"))
    assert max(per_person.values(), default=1) == 1, "nobody answers a photo twice"
    per_photo = Counter(standing.exclude(photo_id__in=scene.gold).values_list("photo_id", flat=True))
    assert max(per_photo.values(), default=0) <= labels_wanted, "no photo has more answers than it wants"


# --- several at once, each on a connection of their own ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n_experts", [2, 8])
def test_priority_and_single_hand_outs_with_gold_grid_and_new_batches_in_play(n_experts):
    project = ProjectFactory(batch_size=200)
    project.gold_share = 0.2
    project.save()
    gold = set(scenes.gold(project, 40))
    photos = [photo.pk for photo in PhotoFactory.create_batch(80, project=project)]
    on_grid = scenes.suggested(project, 60)
    entries = [EntryProposal(photo, 1.0, "random") for photo in photos]
    queue_replace(project_id=project.pk, source="x", model_version="", entries=entries)
    place = {photo: rank for rank, photo in enumerate(photos)}
    experts = UserFactory.create_batch(n_experts)

    def label_singly(expert):
        handed = []
        for _ in range(12):
            held = [it.entry.photo_id for it in reservations_take(project=project, annotator=expert, count=3)]
            new = [photo for photo in held if photo not in handed and photo in place]
            assert new == sorted(new, key=place.__getitem__), "by priority"
            handed += [photo for photo in held if photo not in handed]
            if held:
                assert decide(project, expert, stage_decision(held[0])) == [("applied", "")]
        return handed

    def label_on_grid(expert):
        handed = []
        for _ in range(4):
            page = grid_take(project=project, annotator=expert, of=GridOf(stage=2), count=6)
            handed += [it.entry.photo_id for it in page.reservations if it.entry.photo_id not in handed]
            made = [stage_decision(it.entry.photo_id, mode="grid") for it in page.reservations[:4]]
            assert {outcome for outcome, _ in decide(project, expert, *made)} <= {"applied"}
        return handed

    half = n_experts // 2
    calls = [lambda e=expert: label_singly(e) for expert in experts[:half]]
    calls += [lambda e=expert: label_on_grid(e) for expert in experts[half:]]
    handed = at_once(*calls)
    counts = Counter(photo for one in handed for photo in one if photo not in gold)
    assert max(counts.values()) == 1, "no photo went to two, singly or on a grid"
    assert not {photo for one in handed[half:] for photo in one} & gold
    assert {photo for one in handed[half:] for photo in one} <= set(on_grid)
    assert_queue_holds(project)


@pytest.mark.django_db(transaction=True)
def test_many_grids_of_one_stage_and_of_its_boundaries_share_no_photo():
    project = ProjectFactory(labels_wanted=2)
    scenes.suggested(project, 40, position=2)
    scenes.suggested(project, 40, position=3)
    grids = [GridOf(stage=2), GridOf(boundary=2), GridOf(stage=3), GridOf(boundary=1)] * 2
    pages = at_once(
        *[
            lambda e=expert, of=of: grid_take(project=project, annotator=e, of=of, count=12).reservations
            for expert, of in zip(UserFactory.create_batch(8), grids, strict=True)
        ]
    )
    counts = Counter(it.entry.photo_id for one in pages for it in one)
    assert max(counts.values()) == 1
    assert_queue_holds(project)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n_experts", [2, 8])
def test_all_hold_and_answer_one_gold_entry_at_once(n_experts, monkeypatch):
    monkeypatch.setattr("labeling.services.reservations.is_check", lambda **_: True)
    project = ProjectFactory()
    project.gold_share = 0.1
    project.save()
    (check,) = scenes.gold(project, 1)
    photos = [photo.pk for photo in PhotoFactory.create_batch(9, project=project)]
    entries = [EntryProposal(photo, 1.0, "random") for photo in photos]
    queue_replace(project_id=project.pk, source="x", model_version="", entries=entries)
    experts = UserFactory.create_batch(n_experts)

    def answer(expert):
        # A row that somebody is taking at this moment is passed over: it comes with a later call.
        for _ in range(50):
            held = [it.entry.photo_id for it in reservations_take(project=project, annotator=expert, count=1)]
            if held == [check]:
                return decide(project, expert, stage_decision(check, expert.pk % 7))
            reservations_release(project=project, annotator=expert, mode="single")
        return None

    assert at_once(*[lambda e=expert: answer(e) for expert in experts]) == [[("applied", "")]] * n_experts
    assert Annotation.objects.filter(photo_id=check).count() == n_experts
    assert Photo.objects.get(pk=check).consensus.n_annotations == 0
    assert QueueEntry.objects.get(photo_id=check).open_slots == scenes.GOLD_SLOTS
    assert_queue_holds(project)


@pytest.mark.django_db(transaction=True)
def test_replacing_filling_lapsing_and_giving_back_at_once_keep_every_slot():
    project = ProjectFactory(labels_wanted=2, batch_size=30)
    project.gold_share = 0.2
    project.save()
    scenes.gold(project, 10)
    pool = scenes.suggested(project, 60)
    experts = UserFactory.create_batch(6)
    entries = [EntryProposal(photo, 1.0, "random") for photo in pool[:30]]

    def replace():
        for _ in range(4):
            queue_replace(project_id=project.pk, source="x", model_version="", entries=entries)

    def work(expert):
        for step in range(6):
            reservations_take(project=project, annotator=expert, count=4)
            grid_take(project=project, annotator=expert, of=GridOf(stage=2), count=5)
            if step % 2:
                scenes.expire(annotator=expert)
            else:
                reservations_release(project=project, annotator=expert, mode="grid")

    at_once(replace, *[lambda e=expert: work(e) for expert in experts])
    assert_queue_holds(project)
    assert not QueueEntry.objects.filter(open_slots__gt=F("project__labels_wanted")).exclude(reason="gold").exists()
