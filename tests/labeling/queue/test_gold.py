"""Gold checks: planted, handed out at the wanted share, answered without using anything up, and not to be told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from labeling import events
from labeling.models import Annotation, Consensus, Photo, QueueEntry, Reservation, Suggestion
from labeling.selectors.progress import progress_of
from labeling.services import reservations
from labeling.services.gold import gold_withdraw
from labeling.services.queue import EntryProposal, queue_replace
from labeling.services.reservations import reservations_take
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, UserFactory
from tests.labeling.queue import scenes
from tests.labeling.queue.scenes import assert_queue_holds, decide, stage_decision, undo_decision

pytestmark = pytest.mark.django_db


def project_with(gold_share, **fields):
    project = ProjectFactory(**fields)
    project.gold_share = gold_share
    project.save(update_fields=["gold_share"])
    return project


def proposals(project, n, probabilities=(0.1, 0.9)):
    photos = PhotoFactory.create_batch(n, project=project)
    return [EntryProposal(photo.pk, 1.0, "uncertain", probabilities=probabilities) for photo in photos]


def replace(project, entries):
    return queue_replace(project_id=project.pk, source="ordinal_uncertainty", model_version="v1", entries=entries)


def planted(project):
    return list(
        QueueEntry.objects.filter(project=project, reason="gold").order_by("rank").values_list("photo_id", "rank")
    )


def take(project, expert, count=5):
    return [r.entry for r in reservations_take(project=project, annotator=expert, count=count)]


def label_all(project, expert, count=5, limit=10_000):
    """Decide on what comes until nothing does; the entries in the order in which they were decided."""
    seen = []
    while (held := take(project, expert, count)) and len(seen) < limit:
        entry = held[0]
        assert decide(project, expert, stage_decision(entry.photo_id)) == [("applied", "")]
        seen.append(entry)
    return seen


class TestPlanting:
    def test_a_batch_gets_its_share_between_the_others_and_their_order_stays(self):
        project = project_with(0.2)
        gold = scenes.gold(project, 10)
        entries = proposals(project, 20)
        replace(project, entries)
        rows = list(QueueEntry.objects.order_by("rank").values_list("photo_id", "reason"))
        assert len(rows) == 25
        assert [photo for photo, reason in rows if reason != "gold"] == [it.photo_id for it in entries]
        checks = [index for index, (photo, reason) in enumerate(rows) if reason == "gold" and photo in gold]
        assert len(checks) == 5
        assert checks[0] > 0
        # One in each fifth of the batch: of its own four photos, and of the checks before it.
        assert all(index * 5 < place + 1 <= (index + 1) * 5 + 1 for index, place in enumerate(checks))

    def test_the_least_asked_come_first(self):
        project = project_with(0.2)
        often, seldom = scenes.gold(project, 4), scenes.gold(project, 3)
        for photo in often:
            AnnotationFactory(photo=Photo.objects.get(pk=photo))
        replace(project, proposals(project, 12))
        assert {photo for photo, _ in planted(project)} == set(seldom)

    def test_the_draw_follows_from_the_seed_and_is_another_for_another_batch(self):
        project = project_with(0.1)
        scenes.gold(project, 40)
        entries = proposals(project, 40)
        draws = []
        for _ in range(3):
            replace(project, entries)
            draws.append([rank for _, rank in planted(project)])
        assert len({tuple(ranks) for ranks in draws}) > 1
        assert all(len(ranks) == 5 for ranks in draws)

    @pytest.mark.parametrize("share", [0.0, 0.2])
    def test_nothing_is_planted_without_a_share_or_without_gold(self, share):
        project = project_with(share)
        if share == 0:
            scenes.gold(project, 3)
        replace(project, proposals(project, 10))
        assert planted(project) == []

    def test_only_ready_photos_of_this_project_that_are_gold_and_not_held_out(self):
        project, elsewhere = project_with(0.5), ProjectFactory()
        scenes.gold(elsewhere, 2)
        scenes.gold(project, 2, is_held_out=True)
        scenes.gold(project, 2, status="rejected", rejection="empty")
        settled = PhotoFactory(project=project)
        decide(project, UserFactory(), stage_decision(settled.pk))
        (right,) = scenes.gold(project, 1)
        replace(project, proposals(project, 10))
        assert [photo for photo, _ in planted(project)] == [right]

    def test_a_new_batch_plants_anew_and_leaves_alone_what_somebody_holds(self):
        project = project_with(0.5)
        scenes.gold(project, 6)
        replace(project, proposals(project, 3))
        held = planted(project)[0][0]
        entry = QueueEntry.objects.get(photo_id=held)
        Reservation.objects.create(
            entry=entry, annotator=UserFactory(), expires_at=timezone.now() + scenes.timedelta(1)
        )
        QueueEntry.objects.filter(pk=entry.pk).update(open_slots=entry.open_slots - 1)
        replace(project, proposals(project, 2))
        now = [photo for photo, _ in planted(project)]
        assert held in now
        assert len(now) == 3
        assert_queue_holds(project)

    def test_a_queue_that_fills_itself_has_checks_too_and_drops_those_that_were_passed(self):
        project = project_with(0.5, batch_size=4)
        scenes.gold(project, 9)
        PhotoFactory.create_batch(8, project=project)
        label_all(project, UserFactory(), count=1, limit=4)
        first = set(planted(project))
        label_all(project, UserFactory(), count=1, limit=40)
        assert first
        assert QueueEntry.objects.filter(reason="gold").count() <= 4 + 4, "what was passed has gone"


class TestHandingOut:
    @pytest.mark.parametrize("n_experts", [1, 8])
    def test_each_expert_gets_the_share_however_many_there_are(self, n_experts):
        project = project_with(0.2)
        gold = set(scenes.gold(project, 60))
        replace(project, proposals(project, 160))
        scenes.analyze()
        experts = UserFactory.create_batch(n_experts)
        seen = Counter()
        for _ in range(120 // n_experts):
            for expert in experts:
                entry = take(project, expert, 3)[0]
                decide(project, expert, stage_decision(entry.photo_id))
                seen[entry.photo_id in gold] += 1
        # A draw of 120: four standard deviations wide. Given every check that is planted, eight would have 0.6.
        assert 0.05 < seen[True] / 120 < 0.35
        assert_queue_holds(project)

    def test_nobody_is_asked_a_check_twice_and_all_may_answer_the_same(self, monkeypatch):
        monkeypatch.setattr(reservations, "is_check", lambda **_: True)
        project = project_with(0.25)
        gold = set(scenes.gold(project, 3))
        replace(project, proposals(project, 9))
        for expert in UserFactory.create_batch(3):
            mine = []
            for _ in range(3):
                mine.append(take(project, expert, 1)[0].photo_id)
                assert decide(project, expert, stage_decision(mine[-1])) == [("applied", "")]
            assert sorted(mine) == sorted(gold)
            assert take(project, expert, 1)[0].photo_id not in gold
            # Held, it would put what stands before the next photo out of the others' reach.
            reservations.reservations_release(project=project, annotator=expert, mode="single")
        assert {photo for photo, _ in planted(project)} == gold
        assert_queue_holds(project)

    def test_a_check_is_only_handed_out_with_other_photos(self):
        project = project_with(0.5)
        scenes.gold(project, 30)
        replace(project, proposals(project, 6))
        label_all(project, UserFactory())
        assert take(project, UserFactory()) == [], "only checks are left, and they are for nobody"
        assert progress_of(project_id=project.pk, annotator_id=UserFactory().pk).left == 0

    def test_what_is_asked_for_is_what_is_handed_out(self):
        project = project_with(0.5)
        scenes.gold(project, 30)
        replace(project, proposals(project, 40))
        for expert in UserFactory.create_batch(6):
            assert len(take(project, expert, 5)) == 5

    def test_the_same_places_come_back_when_asked_again(self):
        project, expert = project_with(0.5), UserFactory()
        scenes.gold(project, 30)
        replace(project, proposals(project, 40))
        first = [entry.photo_id for entry in take(project, expert, 8)]
        assert [entry.photo_id for entry in take(project, expert, 8)] == first

    def test_checks_do_not_keep_a_queue_from_running_low(self, django_capture_on_commit_callbacks):
        project = project_with(0.5, batch_size=8)
        scenes.gold(project, 20)
        replace(project, proposals(project, 1))
        heard = []
        receiver = lambda **fact: heard.append(fact["project_id"])  # noqa: E731
        events.queue_running_low.connect(receiver)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                take(project, UserFactory(), 1)
        finally:
            events.queue_running_low.disconnect(receiver)
        assert heard == [project.pk]


@pytest.fixture
def check():
    """A project, an expert who holds a check first, and its entry."""
    project, expert = project_with(0.5), UserFactory()
    scenes.gold(project, 20, position=3)
    replace(project, proposals(project, 40))
    scenes.analyze()
    while not (checks := [entry for entry in take(project, expert, 4) if entry.reason == "gold"]):
        decide(project, expert, stage_decision(take(project, expert, 4)[0].photo_id))
    return project, expert, checks[0]


class TestAnswers:
    def test_an_answer_is_stored_and_changes_nothing_else(self, check):
        project, expert, entry = check
        before = Consensus.objects.values().get(photo_id=entry.photo_id)
        heard = []
        receiver = lambda **fact: heard.append(fact)  # noqa: E731
        events.consensus_reached.connect(receiver)
        try:
            assert decide(project, expert, stage_decision(entry.photo_id, 5)) == [("applied", "")]
        finally:
            events.consensus_reached.disconnect(receiver)
        annotation = Annotation.objects.get(photo_id=entry.photo_id)
        assert (annotation.stage.position, annotation.is_blind, annotation.shown["reason"]) == (5, True, "gold")
        assert Consensus.objects.values().get(photo_id=entry.photo_id) == before
        assert heard == []
        assert QueueEntry.objects.get(pk=entry.pk).rank == entry.rank, "it stays for the others"
        assert_queue_holds(project)

    def test_a_second_answer_is_refused_as_with_any_photo(self, check):
        project, expert, entry = check
        made = [stage_decision(entry.photo_id, 5, reservation=uuid4()) for _ in range(2)]
        assert decide(project, expert, *made) == [("applied", ""), ("conflict", "already_decided")]

    def test_undo_gives_it_back_first_and_it_can_be_answered_again(self, check):
        project, expert, entry = check
        made = stage_decision(entry.photo_id, 5)
        decide(project, expert, made)
        assert decide(project, expert, undo_decision(made.key)) == [("applied", "")]
        assert Annotation.objects.get(photo_id=entry.photo_id).withdrawn_at is not None
        assert take(project, expert, 4)[0].photo_id == entry.photo_id
        assert_queue_holds(project)
        assert decide(project, expert, stage_decision(entry.photo_id, 3)) == [("applied", "")]
        assert Annotation.objects.standing().get(photo_id=entry.photo_id).stage.position == 3

    def test_undo_after_the_next_batch_asks_it_as_it_was_asked(self, check):
        project, expert, entry = check
        made = stage_decision(entry.photo_id, 5)
        decide(project, expert, made)
        project.gold_share = 0
        project.save()
        replace(project, proposals(project, 5))
        assert not QueueEntry.objects.filter(photo_id=entry.photo_id).exists()
        assert decide(project, expert, undo_decision(made.key)) == [("applied", "")]
        back = take(project, expert, 8)[0]
        assert (back.photo_id, back.reason, back.is_blind) == (entry.photo_id, "gold", True)
        assert_queue_holds(project)

    def test_skip_and_undo_of_the_skip(self, check):
        project, expert, entry = check
        skip = stage_decision(entry.photo_id)
        skip = type(skip)(key=skip.key, photo_id=skip.photo_id, kind="skip", decided_at=skip.decided_at)
        assert decide(project, expert, skip) == [("applied", "")]
        assert entry.photo_id not in {it.photo_id for it in take(project, expert, 8)}
        assert decide(project, expert, undo_decision(skip.key)) == [("applied", "")]
        assert entry.photo_id in {it.photo_id for it in take(project, expert, 12)}
        assert_queue_holds(project)

    def test_an_answer_after_the_lease_and_the_entry_have_gone_still_counts(self, check):
        project, expert, entry = check
        token = Reservation.objects.get(entry=entry, annotator=expert).token
        scenes.expire(annotator=expert)
        project.gold_share = 0
        project.save()
        replace(project, proposals(project, 5))
        assert not QueueEntry.objects.filter(photo_id=entry.photo_id).exists()
        assert decide(project, expert, stage_decision(entry.photo_id, 3, reservation=token)) == [("applied", "")]

    def test_a_gold_photo_that_nobody_was_asked_about_is_settled(self, check):
        project, expert, _ = check
        (other,) = scenes.gold(project, 1)
        assert decide(project, expert, stage_decision(other)) == [("conflict", "already_settled")]

    def test_a_photo_made_gold_while_it_is_held_is_answered_as_a_check(self):
        project, expert = ProjectFactory(), UserFactory()
        (photo,) = scenes.queued(project, 1)
        (held,) = reservations_take(project=project, annotator=expert, count=1)
        scenes.gold_set(photo_id=photo, stage=scenes.stage_at(project, 4))
        assert decide(project, expert, stage_decision(photo, 2, reservation=held.token)) == [("applied", "")]
        assert Consensus.objects.get(photo_id=photo).stage.position == 4

    def test_withdrawing_the_decree_makes_it_a_photo_like_any_other(self, check):
        project, expert, entry = check
        made = stage_decision(entry.photo_id, 5)
        decide(project, expert, made)
        gold_withdraw(project=project, photo_id=entry.photo_id, by=UserFactory())
        consensus = Consensus.objects.get(photo_id=entry.photo_id)
        assert (consensus.stage.position, consensus.is_gold) == (5, False), "the expert's word is all there is now"
        assert not QueueEntry.objects.filter(photo_id=entry.photo_id).exists()
        assert decide(project, expert, undo_decision(made.key)) == [("applied", "")]
        back = QueueEntry.objects.get(photo_id=entry.photo_id)
        assert back.reason != "gold"
        assert_queue_holds(project)

    def test_withdrawing_one_that_nobody_has_answered_returns_it_to_the_pool(self, check):
        project, _expert, entry = check
        gold_withdraw(project=project, photo_id=entry.photo_id, by=UserFactory())
        assert not QueueEntry.objects.filter(photo_id=entry.photo_id).exists()
        assert not Consensus.objects.filter(photo_id=entry.photo_id).exists()
        assert_queue_holds(project)


class TestDisguise:
    """What an expert is sent is the same, whether a photo is a check or not."""

    def answers(self, client, project, photo_id):
        """Everything the API says until the photo is decided and after, ids and tokens left out."""
        base = f"/api/v1/projects/{project.slug}"

        def plain(item):
            hidden = {"photo_id", "reservation", "expires_at", "taken_at", "thumb_url", "view_url", "full_url"}
            return {key: value for key, value in item.items() if key not in hidden}

        said = []
        for _ in range(2):
            body = client.post(f"{base}/queue/reserve", {"count": 3}, format="json").json()
            said.append(([plain(item) for item in body["items"]], body["progress"]))
        place = [item["photo_id"] for item in body["items"]].index(photo_id)
        detail = client.get(f"{base}/photos/{photo_id}").json()
        said.append((detail["consensus"], detail["suggestion"], detail["annotations"]))
        said.append(client.get(f"{base}/photos/{photo_id}/history").json())
        said.append(client.get(f"{base}/photos/{photo_id}/neighbours").json())
        made = {
            "key": str(uuid4()), "photo_id": photo_id, "kind": "stage", "stage": 1,
            "decided_at": timezone.now().isoformat(), "reservation": body["items"][place]["reservation"],
        }  # fmt: skip
        for _ in range(2):
            answer = client.post(f"{base}/decisions", {"decisions": [made]}, format="json").json()
            said.append(([(r["outcome"], r["code"]) for r in answer["results"]], answer["progress"]))
        undo = {**made, "key": str(uuid4()), "kind": "undo", "undoes": made["key"], "reservation": None}
        answer = client.post(f"{base}/decisions", {"decisions": [undo]}, format="json").json()
        said.append(([(r["outcome"], r["code"]) for r in answer["results"]], answer["progress"]))
        body = client.post(f"{base}/queue/reserve", {"count": 3}, format="json").json()
        said.append(([plain(item) for item in body["items"]], body["progress"]))
        assert body["items"][0]["photo_id"] == photo_id, "what was undone comes first"
        return said

    def scene(self, member_client, source, probabilities, is_blind, *, is_check):
        """Three photos in a queue; the one in the middle is a check, or blind as a check would be."""
        project = project_with(0.0)
        batch = project.query_batches.create(source=source, model_version="v1")
        photos = [photo.pk for photo in PhotoFactory.create_batch(3, project=project)]
        reason = "arrival" if source == "arrival" else "uncertain" if is_blind else "random"
        if is_check:
            photos[1] = scenes.gold(project, 1)[0]
        for rank, photo in enumerate(photos, start=1):
            in_middle = rank == 2
            QueueEntry.objects.create(
                project=project, batch=batch, photo_id=photo, rank=rank,
                open_slots=scenes.GOLD_SLOTS if in_middle and is_check else 1,
                reason="gold" if in_middle and is_check else reason,
                is_blind=in_middle and is_blind,
                probabilities=[] if in_middle and is_check else probabilities,
            )  # fmt: skip
        client = member_client(project, "expert")
        if is_check:  # the draw of places is another matter
            entry = QueueEntry.objects.get(photo_id=photos[1])
            soon = timezone.now() + timedelta(minutes=5)
            Reservation.objects.create(entry=entry, annotator=client.user, expires_at=soon)
            QueueEntry.objects.filter(pk=entry.pk).update(open_slots=entry.open_slots - 1)
        return self.answers(client, project, photos[1])

    @pytest.mark.parametrize(
        ("source", "probabilities", "is_blind"),
        [("ordinal_uncertainty", [0.2, 0.8], True), ("arrival", [], False)],
    )
    def test_a_check_and_another_photo_get_the_same_answers(self, member_client, source, probabilities, is_blind):
        plain = self.scene(member_client, source, probabilities, is_blind, is_check=False)
        assert self.scene(member_client, source, probabilities, is_blind, is_check=True) == plain

    def test_where_suggestions_are_shown_only_photos_that_have_one_are_planted(self):
        project = project_with(0.5, batch_size=4)
        without, with_one = scenes.gold(project, 4), scenes.gold(project, 1)
        Suggestion.objects.create(
            photo_id=with_one[0], project=project, position=1, confidence=0.5, model_version="v1", is_open=False
        )
        scenes.suggested(project, 6)
        take(project, UserFactory(), 1)
        assert [photo for photo, _ in planted(project)] == with_one
        assert not QueueEntry.objects.filter(photo_id__in=without).exists()

    def test_a_batch_with_probabilities_gets_blind_checks_one_without_gets_open_ones(self):
        project = project_with(0.5)
        scenes.gold(project, 9)
        replace(project, proposals(project, 4))
        assert set(QueueEntry.objects.filter(reason="gold").values_list("is_blind", flat=True)) == {True}
        replace(project, proposals(project, 4, probabilities=()))
        assert set(QueueEntry.objects.filter(reason="gold").values_list("is_blind", flat=True)) == {False}
