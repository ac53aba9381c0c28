"""The bench, adjudication and projects as the browser meets them."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from labeling.api.bench.serializers import QueueItemSerializer, queue_item
from labeling.models import Adjudication, Annotation, Consensus, QueueEntry, Reservation, Suggestion
from tests.factories.labeling import (
    AnnotationFactory,
    PhotoFactory,
    PlantFactory,
    ProjectFactory,
    QueueEntryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}{path}"


def decision(photo_id, **fields):
    return {
        "key": str(uuid4()), "photo_id": photo_id, "kind": "stage", "stage": 1,
        "decided_at": timezone.now().isoformat(), **fields,
    }  # fmt: skip


def disagreement(project, *positions):
    photo = PhotoFactory(project=project)
    for position in positions:
        AnnotationFactory(photo=photo, position=position)
    Adjudication.objects.create(photo=photo, project=project, stage_gap=max(positions) - min(positions))
    return photo


class TestBench:
    def test_reserve_decide_and_go_on(self, member_client):
        project = ProjectFactory()
        plant = PlantFactory(site__project=project)
        photo = PhotoFactory(project=project, plant=plant, site=plant.site)
        QueueEntryFactory(photo=photo, probabilities=[0.1, 0.7, 0.2], reason="boundary", boundary=1)
        client = member_client(project, "expert")
        body = client.post(url(project, "/queue/reserve"), {"count": 5}, format="json").json()
        (item,) = body["items"]
        assert item["photo_id"] == photo.pk
        assert (item["site"], item["plant"], item["reason"], item["boundary"]) == (
            plant.site.name, plant.name, "boundary", 1,
        )  # fmt: skip
        assert item["suggestion"] == {"position": 1, "confidence": 0.7, "probabilities": [0.1, 0.7, 0.2]}
        assert item["view_url"] == url(project, f"/photos/{photo.pk}/renditions/view")
        assert body["progress"] == {"left": 1, "mine_today": 0}
        made = decision(photo.pk, reservation=item["reservation"])
        answer = client.post(url(project, "/decisions"), {"decisions": [made]}, format="json")
        assert answer.status_code == 201
        assert answer.json()["results"] == [
            {"key": made["key"], "outcome": "applied", "code": "", "message": "", "photo_id": photo.pk}
        ]
        assert answer.json()["progress"] == {"left": 0, "mine_today": 1}
        again = client.post(url(project, "/decisions"), {"decisions": [made]}, format="json").json()
        assert again["results"][0]["outcome"] == "duplicate"
        totals = {"mine_total": 1, "consensus_total": 1}
        assert client.get(url(project, "/queue")).json() == {**answer.json()["progress"], **totals}

    @pytest.mark.parametrize("fields", [{"probabilities": [0.1, 0.7, 0.2], "boundary": 1}, {"is_blind": True}, {}])
    def test_what_is_sent_has_the_shape_that_the_schema_tells(self, member_client, fields):
        """Items are made without the serializer, which only describes them."""
        project = ProjectFactory()
        photo = PhotoFactory(project=project, taken_at=timezone.now())
        QueueEntryFactory(photo=photo, **fields)
        client = member_client(project, "expert")
        body = client.post(url(project, "/queue/reserve"), {"count": 1}, format="json").json()
        item = queue_item(project.slug, Reservation.objects.get())
        described = json.loads(JSONRenderer().render(QueueItemSerializer(item).data))
        assert body["items"] == [described]

    def test_a_blind_photo_says_nothing_of_the_model(self, member_client):
        project = ProjectFactory()
        entry = QueueEntryFactory(
            photo__project=project, probabilities=[0.9, 0.1], is_blind=True, reason="boundary", boundary=0
        )
        Suggestion.objects.create(photo=entry.photo, project=project, position=0, confidence=0.9, model_version="v1")
        client = member_client(project, "expert")
        (item,) = client.post(url(project, "/queue/reserve"), {"count": 1}, format="json").json()["items"]
        assert (item["is_blind"], item["suggestion"], item["boundary"]) == (True, None, None)

    @pytest.mark.parametrize(
        "body", [{}, {"decisions": []}, {"decisions": [{"kind": "stage"}]}, {"decisions": [{}] * 51}]
    )
    def test_a_malformed_batch_is_refused_as_a_whole(self, member_client, body):
        project = ProjectFactory()
        response = member_client(project, "expert").post(url(project, "/decisions"), body, format="json")
        assert (response.status_code, response.json()["code"]) == (400, "invalid")

    @pytest.mark.parametrize("count", [0, 21, "many"])
    def test_the_count_is_bounded(self, member_client, count):
        project = ProjectFactory()
        response = member_client(project, "expert").post(
            url(project, "/queue/reserve"), {"count": count}, format="json"
        )
        assert response.status_code == 400

    def test_what_nobody_may_claim_over_http(self, member_client):
        project, photo = ProjectFactory(), None
        photo = PhotoFactory(project=project)
        client = member_client(project, "expert")
        response = client.post(
            url(project, "/decisions"), {"decisions": [decision(photo.pk, mode="import")]}, format="json"
        )
        assert response.status_code == 400
        assert not Annotation.objects.exists()

    def test_reserving_costs_the_same_for_1_and_20(self, member_client, django_assert_num_queries):
        project = ProjectFactory(batch_size=4)
        for _ in range(22):
            QueueEntryFactory(photo__project=project)
        one, many = member_client(project, "expert"), member_client(project, "expert")
        for client, count in ((one, 1), (many, 20)):
            with django_assert_num_queries(13):  # session, user, membership, practice, 8 of taking, progress
                body = client.post(url(project, "/queue/reserve"), {"count": count}, format="json").json()
            assert len(body["items"]) == count

    def test_a_decision_costs_a_bounded_number_of_queries(self, member_client, django_assert_max_num_queries):
        project = ProjectFactory()
        photos = [QueueEntryFactory(photo__project=project).photo_id for _ in range(2)]
        client = member_client(project, "expert")
        with django_assert_max_num_queries(44):
            client.post(url(project, "/decisions"), {"decisions": [decision(photos[0])]}, format="json")


class TestAdjudication:
    def test_the_largest_gap_first_names_hidden(self, member_client):
        project = ProjectFactory()
        small, large = disagreement(project, 1, 3), disagreement(project, 0, 5, 1)
        Suggestion.objects.create(photo=large, project=project, position=1, confidence=0.6, model_version="v1")
        client = member_client(project, "adjudicator")
        body = client.get(url(project, "/adjudications")).json()
        assert [row["photo_id"] for row in body["results"]] == [large.pk, small.pk]
        assert body["next"] is None
        first = body["results"][0]
        assert [(o["label"], o["stage_position"]) for o in first["opinions"]] == [
            ("Expert A", 0), ("Expert B", 5), ("Expert C", 1),
        ]  # fmt: skip
        assert first["suggestion"] == {"position": 1, "confidence": 0.6}
        for annotation in Annotation.objects.select_related("annotator"):
            assert annotation.annotator.email not in str(body)

    def test_pages_cover_all_once(self, member_client):
        project = ProjectFactory()
        photos = {disagreement(project, 0, 2 + i % 3).pk for i in range(45)}
        client, seen, cursor = member_client(project, "adjudicator"), [], ""
        while cursor is not None:
            body = client.get(url(project, "/adjudications"), {"cursor": cursor} if cursor else {}).json()
            seen += [(row["stage_gap"], row["photo_id"]) for row in body["results"]]
            cursor = body["next"]
        assert len(seen) == 45
        assert {photo for _, photo in seen} == photos
        assert [gap for gap, _ in seen] == sorted((gap for gap, _ in seen), reverse=True)

    def test_a_page_costs_the_same_for_1_and_10(self, member_client, django_assert_num_queries):
        for n in (1, 10):
            project = ProjectFactory()
            for _ in range(n):
                disagreement(project, 0, 4)
            client = member_client(project, "adjudicator")
            with django_assert_num_queries(5):  # session, user, membership, adjudications, annotations
                client.get(url(project, "/adjudications"))

    def test_settling_answers_204_and_a_second_time_409(self, member_client):
        project = ProjectFactory()
        photo = disagreement(project, 0, 4)
        client, path = member_client(project, "adjudicator"), url(project, f"/adjudications/{photo.pk}/settle")
        unknown = client.post(path, {"outcome": "stage", "stage": 9}, format="json")
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_stage")
        assert client.post(path, {"outcome": "stage", "stage": 4}, format="json").status_code == 204
        assert Consensus.objects.get().stage.position == 4
        again = client.post(path, {"outcome": "unusable"}, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "adjudication_not_open")

    def test_a_photo_of_another_project_is_not_there(self, member_client):
        project, photo = ProjectFactory(), disagreement(ProjectFactory(), 0, 4)
        path = url(project, f"/adjudications/{photo.pk}/settle")
        response = member_client(project, "admin").post(path, {"outcome": "unusable"}, format="json")
        assert response.status_code == 404
        assert not Consensus.objects.exists()


class TestProjects:
    def test_a_project_made_from_a_template(self, signed_in):
        client = signed_in(UserFactory(is_staff=True))
        templates = client.get("/api/v1/scale-templates").json()
        blossom = next(t for t in templates if t["key"] == "blossom_7")
        form = {"name": "Manzanos 2026", "is_ordered": True, "stages": blossom["stages"], "labels_wanted": 2}
        response = client.post("/api/v1/projects", form, format="json")
        assert response.status_code == 201
        body = response.json()
        assert (body["slug"], body["role"], body["labels_wanted"]) == ("manzanos-2026", "admin", 2)
        assert [stage["position"] for stage in body["scale"]["stages"]] == list(range(7))
        assert (body["scale"]["stages"][4]["bbch_first"], body["scale"]["stages"][4]["hotkey"]) == ("65", "5")
        assert body["counts"]["photos"] == 0
        taken = client.post("/api/v1/projects", {**form, "slug": "manzanos-2026"}, format="json")
        assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")

    def test_stages_at_fault_are_named(self, signed_in):
        stages = [{"name_es": "A", "name_en": "A", "bbch_first": "9"}, {"name_es": "B", "name_en": "B"}]
        response = signed_in(UserFactory(is_staff=True)).post(
            "/api/v1/projects", {"name": "X", "is_ordered": True, "stages": stages}, format="json"
        )
        assert response.status_code == 422
        assert "not a BBCH code" in response.json()["fields"]["stages"][0]

    def test_people_see_their_own_projects(self, member_client):
        mine, _other = ProjectFactory(), ProjectFactory()
        body = member_client(mine, "grower").get("/api/v1/projects").json()
        assert [(row["slug"], row["role"]) for row in body] == [(mine.slug, "grower")]

    def test_settings_change_within_bounds(self, member_client):
        project = ProjectFactory()
        client = member_client(project, "admin")
        assert client.patch(url(project), {"batch_size": 60, "seed": 1}, format="json").json()["batch_size"] == 60
        project.refresh_from_db()
        assert project.seed == 7
        assert client.patch(url(project), {"random_share": 1.5}, format="json").status_code == 400

    def test_references_are_shown_with_their_stage(self, member_client):
        project = ProjectFactory()
        photos = PhotoFactory.create_batch(2, project=project)
        client = member_client(project, "adjudicator")
        stage = client.get(url(project)).json()["scale"]["stages"][2]
        path = url(project, f"/stages/{stage['id']}/references")
        body = client.put(path, {"photo_ids": [photos[1].pk, photos[0].pk]}, format="json").json()
        shown = body["scale"]["stages"][2]["references"]
        assert [reference["photo_id"] for reference in shown] == [photos[1].pk, photos[0].pk]
        assert client.put(path, {"photo_ids": [PhotoFactory().pk]}, format="json").status_code == 404

    def test_lists_cost_the_same_however_long(self, signed_in, member_client, django_assert_num_queries):
        staff = signed_in(UserFactory(is_staff=True))
        for n in (1, 5):
            ProjectFactory.create_batch(n)
            with django_assert_num_queries(3):  # session, user, projects
                staff.get("/api/v1/projects")
        for template in ("blank_ordered", "blossom_7"):
            project = ProjectFactory(template=template)
            client = member_client(project, "expert")
            with django_assert_num_queries(8):  # session, user, membership, scale, stages, references, practice, counts
                client.get(url(project))

    def test_counts(self, member_client):
        project = ProjectFactory()
        QueueEntryFactory(photo__project=project)
        PhotoFactory(project=project, is_held_out=True)
        PhotoFactory(project=project, status="received")
        disagreement(project, 0, 4)
        counts = member_client(project, "expert").get(url(project)).json()["counts"]
        assert counts == {
            "photos": 4, "ready": 3, "received": 1, "rejected": 0, "held_out": 1, "consensus": 0,
            "adjudications_open": 1, "queue_open": 1,
        }  # fmt: skip
        assert QueueEntry.objects.count() == 1
