"""The second look, as the browser meets it."""

from __future__ import annotations

import pytest

from classifier.models import SecondLook
from labeling.models import Annotation, Consensus
from labeling.services.consensus import gold_set
from tests.classifier.services.test_second_look import N_STAGES, build, embed, listed, trained
from tests.classifier.worlds import DIMENSION, world
from tests.factories.classifier import TrainingRunFactory
from tests.factories.labeling import FIRST_DAY, ProjectFactory, UserFactory, stage_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    made = world(n_photos=60, n_stages=N_STAGES, held_out_every=10, with_vectors=False)
    made.label(made.photos)
    return made


@pytest.fixture
def adjudicator(made, member_client):
    return member_client(made.project, "adjudicator")


def url(project, tail=""):
    return f"/api/v1/projects/{project.slug}/second-look{tail}"


def rows(client, made, **query):
    response = client.get(url(made.project), query)
    assert response.status_code == 200, response.json()
    return response.json()["results"]


class TestList:
    def test_a_row_tells_all_that_speaks_against_the_label(self, made, adjudicator):
        embed(made, p4=[1.0] + [0.0] * (DIMENSION - 1), p8=[1.0] + [0.0] * (DIMENSION - 1))
        said = Annotation.objects.create(
            photo=made.photos[4], annotator=UserFactory(), kind="stage", stage=stage_at(made.project, 1),
            decided_at=FIRST_DAY, note="petals",
        )  # fmt: skip
        build(trained(made, wrong=(4,)))

        (row,) = rows(adjudicator, made)

        assert (row["photo_id"], row["label_position"], row["suggested_position"]) == (made.photos[4].pk, 1, 0)
        assert (row["against"], row["is_gold"], row["is_adjudicated"]) == (["model", "duplicates"], False, False)
        assert len(row["probabilities"]) == N_STAGES
        assert [(it["label"], it["note"]) for it in row["opinions"]] == [("Expert A", said.note)]
        (beside,) = row["duplicates"]
        assert (beside["photo_id"], beside["stage_position"], beside["similarity"]) == (made.photos[8].pk, 0, 1.0)
        assert row["view_url"].endswith(f"/photos/{made.photos[4].pk}/renditions/view")

    def test_only_the_opinions_of_the_round_in_force(self, made, adjudicator):
        build(trained(made, wrong=(3,)))
        photo = made.photos[3]
        for number in (1, 2):
            Annotation.objects.create(
                photo=photo, annotator=UserFactory(), kind="stage", stage=stage_at(made.project, 0), round=number,
                decided_at=FIRST_DAY,
            )  # fmt: skip
        photo.adjudication = photo.project.adjudications.create(photo=photo, round=2, stage_gap=0, state="sent_back")
        assert len(rows(adjudicator, made)[0]["opinions"]) == 1

    def test_pages_follow_one_another_worst_first(self, made, adjudicator):
        build(trained(made, wrong=range(0, 60, 3)))
        SecondLook.objects.filter(pk__in=[it.pk for it in listed(made)[:3]]).update(doubt=1.0)
        first = adjudicator.get(url(made.project), {"stage": 1}).json()
        assert {it["label_position"] for it in first["results"]} == {1}
        assert first["next"] is None
        for at in range(12):
            look = listed(made)[at % 3]
            look.pk, look.photo_id = None, made.photos[1 + 3 * at].pk
            look.label = Consensus.objects.get(photo=look.photo_id).stage
            look.suggested = stage_at(made.project, (look.label.position + 1) % N_STAGES)
            look.save()
        pages, cursor = [], {}
        while cursor is not None:
            body = adjudicator.get(url(made.project), cursor).json()
            pages.append(body["results"])
            cursor = body["next"] and {"cursor": body["next"]}
        found = [it for page in pages for it in page]
        assert len(pages) == 2
        assert [it["id"] for it in found] == [it.pk for it in listed(made)]

    def test_filters_are_checked(self, made, adjudicator):
        build(trained(made, wrong=(3,)))
        assert len(rows(adjudicator, made, reason="model")) == 1
        assert rows(adjudicator, made, reason="duplicates") == []
        for wrong in ({"reason": "colour"}, {"stage": "x"}, {"stage": -1}):
            assert adjudicator.get(url(made.project), wrong).status_code == 400

    def test_costs_the_same_however_many(self, made, adjudicator, django_assert_num_queries):
        embed(made, **{f"p{i}": [1.0] + [0.0] * (DIMENSION - 1) for i in (4, 8)})
        for wrong in ((4,), range(0, 60, 3)):
            build(trained(made, wrong=wrong))
            # Session, user, membership, doubts, opinions, companions.
            with django_assert_num_queries(6):
                assert rows(adjudicator, made)

    def test_another_projects_doubts_are_not_listed(self, made, member_client):
        build(trained(made, wrong=(3,)))
        other = ProjectFactory()
        assert member_client(other, "admin").get(url(other)).json() == {"results": [], "next": None}


class TestSettle:
    @pytest.fixture
    def look(self, made):
        build(trained(made, wrong=(3,)))
        return listed(made)[0]

    def settle(self, client, look, outcome, project=None):
        path = url(project or look.project, f"/{look.pk}/settle")
        return client.post(path, {"outcome": outcome, "note": "seen"}, format="json")

    @pytest.mark.parametrize(
        ("outcome", "state"), [("confirm", "confirmed"), ("send_back", "sent_back"), ("dismiss", "dismissed")]
    )
    def test_each_outcome_once(self, made, adjudicator, look, outcome, state):
        assert self.settle(adjudicator, look, outcome).status_code == 204
        look.refresh_from_db()
        assert (look.state, look.settled_by) == (state, adjudicator.user)
        assert rows(adjudicator, made) == []
        again = self.settle(adjudicator, look, outcome)
        assert (again.status_code, again.json()["code"]) == (409, "second_look_settled")

    def test_gold_answers_that_it_must_be_withdrawn_first(self, made, adjudicator):
        gold_set(photo_id=made.photos[5].pk, stage=stage_at(made.project, 3))
        build(trained(made))
        (look,) = listed(made)
        assert rows(adjudicator, made)[0]["is_gold"]
        refused = self.settle(adjudicator, look, "send_back")
        assert (refused.status_code, refused.json()["code"]) == (409, "photo_is_gold")

    def test_a_foreign_doubt_is_not_there(self, look, member_client):
        other = ProjectFactory()
        admin = member_client(other, "admin")
        assert self.settle(admin, look, "dismiss", project=other).status_code == 404
        assert self.settle(admin, look, "dismiss").status_code == 404

    def test_nonsense_is_refused(self, adjudicator, look):
        assert self.settle(adjudicator, look, "delete").status_code == 400


class TestSummary:
    def test_nothing_was_looked_through_yet(self, made, adjudicator):
        body = adjudicator.get(url(made.project, "/summary")).json()
        assert body == {"rounds": [], "reasons": [], "stages": [], "is_training": False}
        TrainingRunFactory(project=made.project, state="running")
        assert adjudicator.get(url(made.project, "/summary")).json()["is_training"]

    def test_what_there_is_and_what_it_has_brought(self, made, adjudicator, django_assert_num_queries):
        run = trained(made, wrong=(3, 17))
        build(run)
        first, second = listed(made)
        for look, outcome in ((first, "confirm"), (second, "send_back")):
            adjudicator.post(url(made.project, f"/{look.pk}/settle"), {"outcome": outcome}, format="json")
        build(trained(made, wrong=(20,)))
        # Session, user, membership, rounds, reasons, stages, the run that is under way.
        with django_assert_num_queries(7):
            body = adjudicator.get(url(made.project, "/summary")).json()
        assert body["reasons"] == [{"reason": "model", "n": 1}]
        assert [it["n"] for it in body["stages"]] == [1]
        newest, older = body["rounds"]
        assert (newest["n_doubted"], older["run_id"]) == (1, run.pk)
        assert (older["confirmed"], older["waiting"], older["changed"]) == (1, 1, 0)
