"""The plant strip, the history of a photo and gold, as the browser meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from labeling.models import AdjudicationEvent, Annotation, Consensus, KnownLabel, QueueEntry, Reservation
from tests.factories.labeling import (
    FIRST_DAY,
    AnnotationFactory,
    PhotoFactory,
    PlantFactory,
    ProjectFactory,
    QueueEntryFactory,
    UserFactory,
)
from tests.labeling.queue.scenes import decide, gold, stage_decision, undo_decision

pytestmark = pytest.mark.django_db


def get(client, photo, what):
    return client.get(f"/api/v1/projects/{photo.project.slug}/photos/{photo.pk}/{what}")


def hold_it(photo, user):
    entry = QueueEntryFactory(photo=photo)
    Reservation.objects.create(entry=entry, annotator=user, expires_at=timezone.now() + timedelta(minutes=5))


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def expert(project, member_client):
    return member_client(project, "expert")


class TestPlantStrip:
    def photos(self, project, n, **fields):
        plant = PlantFactory(site__project=project)
        days = [FIRST_DAY + timedelta(days=day) for day in range(n)]
        return [PhotoFactory(project=project, plant=plant, site=plant.site, taken_at=at, **fields) for at in days]

    def test_the_same_plant_in_time_order(self, project, expert):
        photos = self.photos(project, 3)
        other = self.photos(project, 2)
        PhotoFactory(project=project, plant=photos[0].plant, status="received")
        decide(project, UserFactory(), stage_decision(photos[0].pk, 4))
        body = get(expert, photos[1], "plant").json()
        assert (body["site"], body["plant"]) == (photos[0].site.name, photos[0].plant.name)
        rows = [(row["photo_id"], row["stage_position"], row["is_current"]) for row in body["photos"]]
        assert rows == [(photos[0].pk, 4, False), (photos[1].pk, None, True), (photos[2].pk, None, False)]
        assert body["photos"][0]["thumb_url"].endswith(f"/photos/{photos[0].pk}/renditions/thumb")
        assert other[0].pk not in [row["photo_id"] for row in body["photos"]]

    @pytest.mark.parametrize(("current", "first"), [(0, 0), (10, 0), (40, 10), (89, 30), (75, 30)])
    def test_at_most_60_around_this_one(self, project, expert, current, first):
        photos = self.photos(project, 90)
        shown = [row["photo_id"] for row in get(expert, photos[current], "plant").json()["photos"]]
        assert shown == [photo.pk for photo in photos[first : first + 60]]

    def test_a_photo_without_a_time_stands_where_it_was_received(self, project, expert):
        photos = self.photos(project, 2)
        late = PhotoFactory(project=project, plant=photos[0].plant, taken_at=None)
        shown = get(expert, late, "plant").json()["photos"]
        assert [row["photo_id"] for row in shown] == [photos[0].pk, photos[1].pk, late.pk]
        assert shown[2]["taken_at"] is None

    def test_a_photo_without_a_plant(self, project, expert):
        assert get(expert, PhotoFactory(project=project), "plant").json() == {"site": "", "plant": "", "photos": []}

    def test_the_stage_of_a_photo_that_is_asked_stays_untold(self, project, expert):
        photos = self.photos(project, 2)
        gold_ids = gold(project, 1, plant=photos[0].plant)
        photo = photos[0].__class__.objects.get(pk=gold_ids[0])
        entry = QueueEntryFactory(photo=photo, reason="gold", open_slots=999)
        Reservation.objects.create(entry=entry, annotator=expert.user, expires_at=timezone.now() + timedelta(minutes=5))
        assert {row["stage_position"] for row in get(expert, photo, "plant").json()["photos"]} == {None}

    def test_costs_the_same_however_many(self, project, expert, django_assert_num_queries):
        for n in (2, 30):
            photos = self.photos(project, n)
            with django_assert_num_queries(7):  # session, user, membership, photo, before, after, held
                get(expert, photos[1], "plant")


class TestHistory:
    def kinds(self, client, photo):
        return [event["kind"] for event in get(client, photo, "history").json()["events"]]

    def test_everything_with_who_when_and_what_was_shown(self, project, member_client):
        entry = QueueEntryFactory(photo__project=project, probabilities=[0.1, 0.9], reason="boundary", boundary=0)
        photo, client = entry.photo, member_client(project, "adjudicator")
        made = stage_decision(photo.pk, 3, elapsed_ms=900, note="windy")
        decide(project, client.user, made, undo_decision(made.key), stage_decision(photo.pk, 4))
        events = get(client, photo, "history").json()["events"]
        assert [event["kind"] for event in events] == ["annotation", "withdrawal", "annotation", "consensus"]
        first = events[0]
        assert (first["who"], first["is_mine"], first["mode"], first["is_blind"]) == (
            str(client.user), True, "single", False,
        )  # fmt: skip
        assert first["said"] == {
            "kind": "stage", "stage_position": 3, "stage_upper_position": None, "reason": "", "note": "windy",
        }  # fmt: skip
        assert first["shown"] == {"position": 1, "confidence": 0.9, "model_version": ""}
        assert first["lead_time_ms"] == 900
        assert events[3]["said"]["stage_position"] == 4
        assert (events[3]["who"], events[3]["shown"]) == ("", None)

    def test_an_expert_sees_others_only_after_deciding_an_adjudicator_all(self, project, expert, member_client):
        project.labels_wanted = 2
        project.save()
        photo = PhotoFactory(project=project)
        decide(project, UserFactory(), stage_decision(photo.pk, 2))
        assert self.kinds(expert, photo) == []
        assert self.kinds(member_client(project, "adjudicator"), photo) == ["annotation"]
        made = stage_decision(photo.pk, 2)
        decide(project, expert.user, made)
        assert self.kinds(expert, photo) == ["annotation", "annotation", "consensus"]
        decide(project, expert.user, undo_decision(made.key))
        assert self.kinds(expert, photo) == ["annotation", "withdrawal"], "only what they said themselves"

    def test_blind_shows_that_nothing_was_shown(self, project, expert):
        entry = QueueEntryFactory(photo__project=project, probabilities=[0.1, 0.9], is_blind=True)
        decide(project, expert.user, stage_decision(entry.photo_id, 1))
        event = get(expert, entry.photo, "history").json()["events"][0]
        assert (event["is_blind"], event["shown"]) == (True, None)

    def test_adjudications_and_imports(self, project, member_client):
        photo, client = PhotoFactory(project=project), member_client(project, "adjudicator")
        AnnotationFactory(photo=photo, annotator=None, source="field team", mode="import")
        AdjudicationEvent.objects.create(
            photo=photo, project=project, adjudicator=client.user, round=1, outcome="undecidable", note="too far"
        )
        first, second = get(client, photo, "history").json()["events"]
        assert (first["who"], first["mode"]) == ("field team", "import")
        assert (second["kind"], second["is_mine"], second["said"]["kind"], second["said"]["note"]) == (
            "adjudication", True, "undecidable", "too far",
        )  # fmt: skip

    def test_costs_the_same_however_long(self, project, expert, django_assert_num_queries):
        for n in (1, 12):
            photo = PhotoFactory(project=project)
            for _ in range(n):
                AnnotationFactory(photo=photo)
            AnnotationFactory(photo=photo, annotator=expert.user)
            with django_assert_num_queries(6):  # session, user, membership, photo, annotations, adjudications
                get(expert, photo, "history")


class TestGold:
    def url(self, photo):
        return f"/api/v1/projects/{photo.project.slug}/photos/{photo.pk}/gold"

    def test_declared_changed_and_withdrawn_with_a_trace(self, project, member_client):
        photo, client = QueueEntryFactory(photo__project=project).photo, member_client(project, "adjudicator")
        for _ in range(2):
            assert client.put(self.url(photo), {"stage": 3}, format="json").status_code == 204
        assert not QueueEntry.objects.exists()
        assert client.put(self.url(photo), {"stage": 4}, format="json").status_code == 204
        consensus = Consensus.objects.get()
        assert (consensus.stage.position, consensus.is_gold) == (4, True)
        assert KnownLabel.objects.get().kind == "gold"
        row = client.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}").json()
        assert row["consensus"] == {"stage_position": 4, "outcome": "stage", "is_gold": True}
        assert client.delete(self.url(photo)).status_code == 204
        assert not Consensus.objects.exists()
        again = client.delete(self.url(photo))
        assert (again.status_code, again.json()["code"]) == (404, "gold_not_found")
        events = AdjudicationEvent.objects.order_by("id").values_list("outcome", "stage__position", "shown")
        assert list(events) == [
            ("stage", 3, {"gold": "declared"}), ("stage", 4, {"gold": "declared"}),
            ("send_back", None, {"gold": "withdrawn"}),
        ]  # fmt: skip

    def test_what_cannot_be_declared(self, project, member_client):
        client = member_client(project, "adjudicator")
        photo, unready = PhotoFactory(project=project), PhotoFactory(project=project, status="received")
        assert client.put(self.url(photo), {"stage": 7}, format="json").json()["code"] == "unknown_stage"
        assert client.put(self.url(photo), {}, format="json").status_code == 400
        assert client.put(self.url(unready), {"stage": 1}, format="json").json()["code"] == "photo_not_ready"
        foreign = f"/api/v1/projects/{project.slug}/photos/{PhotoFactory().pk}/gold"
        assert client.put(foreign, {"stage": 1}, format="json").status_code == 404
        assert not Consensus.objects.exists()

    def test_experts_are_told_of_no_gold(self, project, expert):
        (photo_id,) = gold(project, 1)
        photo = PhotoFactory._meta.model.objects.get(pk=photo_id)
        row = expert.get(f"/api/v1/projects/{project.slug}/photos/{photo_id}").json()
        assert row["consensus"]["is_gold"] is False
        Annotation.objects.create(
            photo=photo, annotator=expert.user, kind="unusable", reason="other", decided_at=timezone.now()
        )
        assert [event["kind"] for event in get(expert, photo, "history").json()["events"]] == ["annotation"]


def test_what_is_asked_tells_neither_consensus_nor_suggestion_elsewhere(project, expert):
    from labeling.models import Suggestion

    (photo_id,) = gold(project, 1)
    photo = PhotoFactory._meta.model.objects.get(pk=photo_id)
    Suggestion.objects.create(photo=photo, project=project, position=1, confidence=0.5, model_version="v1")
    base = f"/api/v1/projects/{project.slug}/photos"
    assert expert.get(f"{base}/{photo_id}").json()["suggestion"] is not None
    hold_it(photo, expert.user)
    for row in (expert.get(f"{base}/{photo_id}").json(), expert.get(base).json()["results"][0]):
        assert (row["consensus"], row["suggestion"]) == (None, None)


@pytest.mark.parametrize("what", ["plant", "history"])
def test_photos_of_other_projects_are_not_there(project, expert, what):
    path = f"/api/v1/projects/{project.slug}/photos/{PhotoFactory().pk}/{what}"
    response = expert.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "photo_not_found")
