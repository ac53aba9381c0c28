"""The map over HTTP: what a browser gets, and what it does not get."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from classifier.models import PhotoMap, Prediction
from classifier.services.map_store import MapPoints, map_points_keep
from labeling.models import Annotation, Consensus, QueueEntry, Suggestion
from labeling.services.gold import gold_declare
from labeling.services.queue import reservations_take
from tests.classifier.worlds import world
from tests.factories.classifier import ModelVersionFactory
from tests.factories.labeling import AnnotationFactory, MembershipFactory, QueueEntryFactory, SiteFactory

pytestmark = pytest.mark.django_db
N = 20


@pytest.fixture
def made_of():
    return world(n_photos=N, n_stages=3, held_out_every=0)


@pytest.fixture
def photo_map(made_of):
    photo_map = PhotoMap.objects.create(project=made_of.project, state="succeeded", artifact_key="-", n_points=N)
    ids = np.array([photo.pk for photo in reversed(made_of.photos)])
    points = np.arange(2 * N, dtype=np.uint16).reshape(N, 2) * 100
    photo_map.artifact_key = map_points_keep(photo_map=photo_map, made=MapPoints(ids, points))
    photo_map.save()
    return photo_map


@pytest.fixture
def as_role(signed_in, made_of):
    people = {}

    def client(role):
        people[role] = people.get(role) or MembershipFactory(project=made_of.project, role=role).user
        return signed_in(people[role]), people[role]

    return client


def url(photo_map, rest):
    return f"/api/v1/projects/{photo_map.project.slug}/map/{photo_map.pk}/{rest}"


def column(client, photo_map, name):
    """Labels, and the codes by photo id."""
    answer = client.get(url(photo_map, f"columns/{name}"))
    assert answer.status_code == 200, answer.content
    (length,) = struct.unpack("<I", answer.content[:4])
    header = json.loads(answer.content[4 : 4 + length])
    ids = np.frombuffer(client.get(url(photo_map, "photos")).content, "<u4")
    codes = np.frombuffer(answer.content[4 + length :], np.uint8)
    return header["labels"], dict(zip(ids.tolist(), codes.tolist(), strict=True))


def test_points_and_photos_in_one_order_and_in_parts(made_of, photo_map, as_role):
    client, _ = as_role("adjudicator")
    ids = np.frombuffer(client.get(url(photo_map, "photos")).content, "<u4")
    assert ids.tolist() == [photo.pk for photo in reversed(made_of.photos)]
    answer = client.get(url(photo_map, "points"))
    whole = np.frombuffer(answer.content, "<u2").reshape(2, N)
    assert whole[:, 3].tolist() == [600, 700]
    assert "immutable" in answer["Cache-Control"]
    part = np.frombuffer(client.get(url(photo_map, "points?start=5&stop=9")).content, "<u2").reshape(2, 4)
    assert np.array_equal(part, whole[:, 5:9])
    again = client.get(url(photo_map, "points"), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_columns_say_what_is_known_now(made_of, photo_map, as_role):
    client, person = as_role("adjudicator")
    first, second, third, fourth, *_ = made_of.photos
    made_of.label([first], position=2)
    Consensus.objects.create(
        photo=second, project=made_of.project, outcome="unusable", consensus_quality=1, annotator_agreement=1,
        n_annotations=1, decided_at=made_of.project.created_at,
    )  # fmt: skip
    gold_declare(project=made_of.project, photo_id=third.pk, stage_position=0, by=person)
    for name in ("Vega", "Ladera"):
        site = SiteFactory(project=made_of.project, name=name)
        type(first).objects.filter(pk={"Vega": first, "Ladera": second}[name].pk).update(site=site, camera=f"{name} X")
    Suggestion.objects.create(photo=fourth, project=made_of.project, position=1, confidence=0.5, model_version="v")
    AnnotationFactory(photo=first, position=0)
    AnnotationFactory(photo=first, position=2)
    version = ModelVersionFactory(project=made_of.project, state="promoted")
    Prediction.objects.create(photo=first, model_version=version, probabilities=[0.8, 0.1, 0.1])

    def codes(name):
        found = column(client, photo_map, name)[1]
        return [found[photo.pk] for photo in (first, second, third, fourth)]

    assert codes("stage") == [2, 254, 0, 255]
    assert codes("state") == [1, 3, 4, 0]
    assert codes("suggested") == [255, 255, 255, 1]
    assert codes("disagreement") == [2, 255, 255, 255]
    assert codes("error") == [2, 255, 255, 255]
    assert codes("use") == [0, 0, 0, 0]
    assert column(client, photo_map, "site")[0] == ["Ladera", "Vega"]
    assert codes("site") == [1, 0, 255, 255]
    assert column(client, photo_map, "camera")[0] == ["Ladera X", "Vega X"]
    labels, months = column(client, photo_map, "month")
    assert set(months.values()) <= {*range(len(labels)), 255}


def test_a_column_costs_the_same_whatever_the_number_of_photos(
    made_of, photo_map, as_role, django_assert_max_num_queries
):
    client, _ = as_role("adjudicator")
    for name in client.get(f"/api/v1/projects/{made_of.project.slug}/map").json()["columns"]:
        with django_assert_max_num_queries(9):
            client.get(url(photo_map, f"columns/{name}"))


def test_experts_find_nothing_of_what_they_are_to_judge_blind(made_of, photo_map, as_role):
    blind, checked, held_out, held, plain, *_ = made_of.photos
    _, adjudicator = as_role("adjudicator")
    client, expert = as_role("expert")
    QueueEntryFactory(photo=blind, is_blind=True, rank=50)
    gold_declare(project=made_of.project, photo_id=checked.pk, stage_position=0, by=adjudicator)
    QueueEntryFactory(photo=checked, reason=QueueEntry.Reason.GOLD, rank=60)
    type(held_out).objects.filter(pk=held_out.pk).update(is_held_out=True)
    QueueEntryFactory(photo=held, rank=1)
    assert reservations_take(project=made_of.project, annotator=expert, count=1)[0].entry.photo_id == held.pk
    for photo in made_of.photos[:5]:
        Suggestion.objects.create(photo=photo, project=made_of.project, position=2, confidence=0.5, model_version="v")

    ids = np.frombuffer(client.get(url(photo_map, "photos")).content, "<u4").tolist()
    answer = client.get(url(photo_map, "points"))
    points = np.frombuffer(answer.content, "<u2").reshape(2, N)
    assert len(ids) == N
    assert not {blind.pk, checked.pk, held.pk} & set(ids)
    assert ((points == 65535).all(axis=0) == (np.array(ids) == 0)).all()
    assert ids.count(0) == 3
    assert "immutable" not in answer["Cache-Control"], "what is hidden changes"
    suggested = column(client, photo_map, "suggested")[1]
    assert (suggested[held_out.pk], suggested[plain.pk]) == (255, 2)
    assert set(column(client, photo_map, "state")[1].values()) <= {0, 255}, "gold is told to nobody it measures"
    for name in ("error", "disagreement", "use"):
        assert client.get(url(photo_map, f"columns/{name}")).status_code == 404
    assert not {"error", "disagreement", "use"} & set(
        client.get(f"/api/v1/projects/{made_of.project.slug}/map").json()["columns"]
    )


def test_asking_for_a_map_and_what_there_is(made_of, as_role):
    client, _ = as_role("expert")
    address = f"/api/v1/projects/{made_of.project.slug}/map"
    body = client.get(address).json()
    assert (body["map"], body["build"], body["is_behind"]) == (None, None, True)
    asked = client.post(address)
    assert asked.status_code == 202
    assert asked.json()["build"]["state"] == "queued"
    assert Annotation.objects.count() == 0
