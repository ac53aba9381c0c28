"""The grid, giving back, the A/B question and the scale, as the browser meets them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.models import Annotation, QueueEntry, Reservation
from labeling.selectors.projects import current_scale
from labeling.selectors.triage import GRID_MOST
from tests.factories.labeling import ProjectFactory, QueueEntryFactory
from tests.labeling.queue.scenes import suggested

pytestmark = pytest.mark.django_db


def url(project, path):
    return f"/api/v1/projects/{project.slug}{path}"


def decision(photo_id, **fields):
    return {
        "key": str(uuid4()), "photo_id": photo_id, "kind": "stage", "stage": 2,
        "decided_at": timezone.now().isoformat(), **fields,
    }  # fmt: skip


def reserve(client, project, **body):
    return client.post(url(project, "/triage/reserve"), {"count": 60, **body}, format="json")


def test_count_take_confirm_and_undo(member_client):
    project = ProjectFactory()
    photos = suggested(project, 3, confidences=[0.9, 0.8, 0.7])
    client = member_client(project, "expert")
    counts = client.get(url(project, "/triage")).json()
    assert counts["stages"][2] == {"position": 2, "n_open": 3, "is_capped": False}
    assert counts["boundaries"][1] == {"boundary": 1, "n_open": 3, "is_capped": False}
    body = reserve(client, project, stage=2, count=2).json()
    assert [item["photo_id"] for item in body["items"]] == photos[:2]
    assert (body["has_more"], body["progress"]) == (True, {"left": 2, "mine_today": 0})
    first = body["items"][0]
    assert first["suggestion"] == {"position": 2, "confidence": 0.9, "probabilities": []}
    assert (first["reason"], first["is_blind"], first["pair"], first["boundary"]) == ("triage", False, None, None)
    made = [decision(photo, mode="grid") for photo in photos[:2]]
    answer = client.post(url(project, "/decisions"), {"decisions": made}, format="json").json()
    assert [result["outcome"] for result in answer["results"]] == ["applied"] * 2
    assert set(Annotation.objects.values_list("mode", flat=True)) == {"grid"}
    undone = [decision(0, kind="undo", undoes=it["key"], mode="grid") for it in made]
    client.post(url(project, "/decisions"), {"decisions": undone}, format="json")
    assert [item["photo_id"] for item in reserve(client, project, stage=2).json()["items"]] == photos


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stage": 1, "boundary": 1},
        {"stage": -1},
        {"stage": "x"},
        {"stage": 1, "count": 0},
        {"stage": 1, "count": GRID_MOST + 1},
    ],
)
def test_one_stage_or_one_boundary_and_no_more_than_two_pages(member_client, body):
    project = ProjectFactory()
    assert reserve(member_client(project, "expert"), project, **body).status_code == 400


def test_a_stage_that_the_scale_has_not_is_an_empty_page(member_client):
    project = ProjectFactory()
    suggested(project, 1)
    body = reserve(member_client(project, "expert"), project, stage=99).json()
    assert (body["items"], body["has_more"]) == ([], False)


def test_giving_back(member_client):
    project = ProjectFactory()
    photos = suggested(project, 3)
    client = member_client(project, "expert")
    reserve(client, project, stage=2)
    release = url(project, "/queue/release")
    assert client.post(release, {"mode": "grid", "photo_ids": photos[:1]}, format="json").status_code == 204
    assert Reservation.objects.count() == 2
    assert client.post(release, {"mode": "single"}, format="json").status_code == 204
    assert Reservation.objects.count() == 2
    assert client.post(release, {"mode": "grid"}, format="json").status_code == 204
    assert not Reservation.objects.exists()
    assert not QueueEntry.objects.exists()
    for wrong in (
        {},
        {"mode": "import"},
        {"mode": "grid", "photo_ids": ["x"]},
        {"mode": "grid", "photo_ids": [1] * 201},
        {"mode": "grid", "photo_ids": [2**63]},
    ):
        assert client.post(release, wrong, format="json").status_code == 400


def test_what_somebody_else_holds_is_not_mine_to_give_back(member_client):
    project = ProjectFactory()
    photos = suggested(project, 1)
    reserve(member_client(project, "expert"), project, stage=2)
    other = member_client(project, "expert")
    other.post(url(project, "/queue/release"), {"mode": "grid", "photo_ids": photos}, format="json")
    assert Reservation.objects.count() == 1


def test_pages_cost_the_same_for_1_and_50(member_client, django_assert_num_queries):
    project = ProjectFactory()
    suggested(project, 120)
    for count in (1, 50):
        client = member_client(project, "expert")
        with django_assert_num_queries(19):
            assert len(reserve(client, project, stage=2, count=count).json()["items"]) == count


def test_counts_cost_the_same_however_many(member_client, django_assert_num_queries):
    project = ProjectFactory()
    client = member_client(project, "expert")
    for n in (1, 30):
        suggested(project, n)
        with django_assert_num_queries(7):  # session, user, membership, scale, stages, references, counts
            client.get(url(project, "/triage"))


class TestPairAndScale:
    def test_both_sides_of_the_boundary_the_same_again(self, member_client):
        project = ProjectFactory()
        QueueEntryFactory(photo__project=project, reason="boundary", boundary=3, probabilities=[0, 0, 0, 0.5, 0.5])
        client = member_client(project, "expert")
        pairs = [
            client.post(url(project, "/queue/reserve"), {"count": 1}, format="json").json()["items"][0]["pair"]
            for _ in range(2)
        ]
        assert {pairs[0]["left"], pairs[0]["right"]} == {3, 4}
        assert pairs[0] == pairs[1]

    def test_no_pair_without_a_boundary_or_where_it_is_hidden(self, member_client):
        project = ProjectFactory()
        QueueEntryFactory(photo__project=project, reason="uncertain")
        QueueEntryFactory(
            photo__project=project, reason="boundary", boundary=3, is_blind=True, batch__source="ordinal_uncertainty"
        )
        client = member_client(project, "expert")
        items = client.post(url(project, "/queue/reserve"), {"count": 2}, format="json").json()["items"]
        assert [item["pair"] for item in items] == [None, None]
        assert items[1]["reason"] == "random", "the reason would tell what the model thinks"

    def test_a_decision_for_another_scale_is_asked_again(self, member_client):
        project = ProjectFactory()
        photo = QueueEntryFactory(photo__project=project).photo
        client = member_client(project, "expert")
        scale = current_scale(project_id=project.pk).pk
        made = [decision(photo.pk, scale=scale + 1), decision(photo.pk, scale=scale)]
        body = client.post(url(project, "/decisions"), {"decisions": made}, format="json").json()
        assert [(r["outcome"], r["code"]) for r in body["results"]] == [("rejected", "scale_changed"), ("applied", "")]
