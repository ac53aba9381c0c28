"""The agreement page and the policy, as the API tells them."""

from __future__ import annotations

import pytest

from labeling.models import AgreementReport, Role
from labeling.services.agreement_report import agreement_request
from labeling.services.annotator_quality import annotators_estimate
from labeling.services.consensus import consensus_update
from tests.factories.labeling import AnnotationFactory, MembershipFactory, PlantFactory, UserFactory
from tests.labeling.quality.worlds import world

pytestmark = pytest.mark.django_db


def url(project, tail="/agreement"):
    return f"/api/v1/projects/{project.slug}{tail}"


@pytest.fixture
def orchard():
    made = world(3, labels_wanted=2)
    made.say_all(made.add_photos(60), 3)
    agreement_request(project_id=made.project.pk)
    annotators_estimate(project_id=made.project.pk)
    return made


def test_before_anything_was_computed(member_client):
    client = member_client(world(1).project, "expert")
    project = client.user.memberships.get().project
    body = client.get(url(project)).json()
    assert (body["state"], body["computed_at"], body["is_stale"], body["overall"]) == ("none", None, False, None)
    assert (body["annotators"], body["boundaries"], body["trend"]) == ([], [], [])


def test_adjudicators_see_all_and_experts_themselves(orchard, member_client, signed_in):
    everybody = member_client(orchard.project, "adjudicator").get(url(orchard.project)).json()
    assert {row["id"] for row in everybody["annotators"]} == {it.pk for it in orchard.experts}
    assert not any(row["is_me"] for row in everybody["annotators"])
    me = orchard.experts[1]
    mine = signed_in(me).get(url(orchard.project)).json()
    assert [(row["id"], row["name"], row["is_me"]) for row in mine["annotators"]] == [(me.pk, me.full_name, True)]
    assert mine["overall"] == everybody["overall"]
    stranger = member_client(orchard.project, "expert").get(url(orchard.project)).json()
    assert stranger["annotators"] == []


def test_the_figures(orchard, member_client):
    body = member_client(orchard.project, "admin").get(url(orchard.project)).json()
    assert (body["state"], body["is_stale"], body["n_annotations"], body["n_photos_overlap"]) == (
        "ready",
        False,
        180,
        60,
    )
    assert set(body["overall"]) == {"exact", "within_one", "qwk", "alpha"}
    assert set(body["overall"]["alpha"]) == {"value", "low", "high", "n"}
    assert [it["boundary"] for it in body["boundaries"]] == list(range(6))
    row = body["annotators"][0]
    assert len(row["up"]) == len(row["down"]) == 6
    assert 2000 <= row["median_lead_ms"] < 2500
    assert row["accuracy"]["low"] < row["accuracy"]["value"] < row["accuracy"]["high"]
    assert body["trend"][0]["week"] == "2026-02-23"


def test_new_annotations_make_it_stale(orchard, member_client):
    client = member_client(orchard.project, "expert")
    AnnotationFactory()
    assert client.get(url(orchard.project)).json()["is_stale"] is False
    AnnotationFactory(photo=orchard.photos[0])
    assert client.get(url(orchard.project)).json()["is_stale"] is True


def test_asked_for_it_is_under_way_and_what_was_there_stays(orchard, member_client, django_capture_on_commit_callbacks):
    client = member_client(orchard.project, "adjudicator")
    with django_capture_on_commit_callbacks() as callbacks:
        assert client.post(url(orchard.project, "/agreement/refresh")).status_code == 202
    assert len(callbacks) == 1
    body = client.get(url(orchard.project)).json()
    assert body["state"] == "computing"
    assert body["overall"] is not None


def test_a_failure_is_told(orchard, member_client):
    AgreementReport.objects.update(error="MemoryError: 3 GiB")
    body = member_client(orchard.project, "expert").get(url(orchard.project)).json()
    assert (body["state"], body["error"]) == ("failed", "MemoryError: 3 GiB")


def test_it_costs_the_same_for_3_and_30_annotators(orchard, member_client, django_assert_max_num_queries):
    client = member_client(orchard.project, "admin")
    report = AgreementReport.objects.get()
    for n_times in (1, 10):
        with django_assert_max_num_queries(8):
            body = client.get(url(orchard.project)).json()
        assert len(body["annotators"]) == 3 * n_times
        people = UserFactory.create_batch(27) if n_times == 1 else []
        report.content["annotators"] += [{**report.content["annotators"][0], "annotator_id": it.pk} for it in people]
        report.save()


class TestPolicy:
    def test_it_is_read_and_changed(self, orchard, member_client):
        client = member_client(orchard.project, "admin")
        wanted = {
            "labels_max": 5, "certainty_wanted": 0.95, "model_vote_cap": 0.25, "critical_boundaries": [4, 1, 4],
            "gold_share": 0.1,
        }  # fmt: skip
        body = client.patch(url(orchard.project, ""), wanted, format="json").json()
        assert {name: body[name] for name in wanted} == {**wanted, "critical_boundaries": [1, 4]}
        assert AgreementReport.objects.get().requested_at is not None, "a worker carries it to the photos"
        body = client.patch(
            url(orchard.project, ""), {"certainty_wanted": None, "labels_max": None}, format="json"
        ).json()
        assert (body["certainty_wanted"], body["labels_max"]) == (None, None)

    @pytest.mark.parametrize(
        "wrong",
        [{"labels_max": 1}, {"labels_max": 16}, {"certainty_wanted": 0.4}, {"certainty_wanted": 1}, {"gold_share": 0.6},
         {"model_vote_cap": -0.1}, {"critical_boundaries": [6]}],
    )  # fmt: skip
    def test_what_it_cannot_be(self, orchard, member_client, wrong):
        response = member_client(orchard.project, "admin").patch(url(orchard.project, ""), wrong, format="json")
        assert response.status_code in {400, 422}
        assert list(response.json()["fields"]) == list(wrong)

    def test_a_change_of_something_else_asks_for_no_estimate(self, orchard, member_client):
        member_client(orchard.project, "admin").patch(url(orchard.project, ""), {"batch_size": 50}, format="json")
        assert AgreementReport.objects.get().requested_at is None


def test_an_adjudication_tells_more_of_its_photo(member_client):
    orchard = world(2, labels_wanted=2)
    plant = PlantFactory(site__project=orchard.project)
    (photo,) = orchard.add_photos(1, site=plant.site, plant=plant)
    probabilities = [0.0, 0.1, 0.2, 0.4, 0.2, 0.1, 0.0]
    orchard.say([(orchard.experts[0], photo, 1)], shown={"probabilities": probabilities}, is_blind=True)
    orchard.say([(orchard.experts[1], photo, 5)])
    consensus_update(photo_id=photo.pk)
    client = member_client(orchard.project, Role.ADJUDICATOR)
    (row,) = client.get(url(orchard.project, "/adjudications")).json()["results"]
    assert row["probabilities"] == probabilities
    assert (row["site"], row["plant"], row["width"], row["height"]) == (plant.site.name, plant.name, 1600, 1200)
    assert row["full_url"].endswith("/renditions/full")
    assert row["taken_at"] is not None
    assert [(it["is_blind"], it["lead_time_ms"]) for it in row["opinions"]] == [(True, 2000), (False, 2000)]


def test_the_list_of_adjudications_costs_the_same_for_1_and_20(member_client, django_assert_max_num_queries):
    orchard = world(2, labels_wanted=2)
    client = member_client(orchard.project, "adjudicator")
    counts = []
    for n_photos in (1, 19):
        for photo in orchard.add_photos(n_photos):
            orchard.say([(orchard.experts[0], photo, 1), (orchard.experts[1], photo, 5)])
            consensus_update(photo_id=photo.pk)
        with django_assert_max_num_queries(20) as queries:
            client.get(url(orchard.project, "/adjudications"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_member_of_another_project_learns_nothing(orchard, signed_in):
    client = signed_in(MembershipFactory(role=Role.ADMIN).user)
    assert client.get(url(orchard.project)).status_code == 404
    assert client.post(url(orchard.project, "/agreement/refresh")).status_code == 404
