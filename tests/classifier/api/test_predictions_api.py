"""What the version in use says of a photo, as a client meets it."""

from __future__ import annotations

import pytest

from tests.factories.classifier import ModelVersionFactory, PredictionFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory

pytestmark = pytest.mark.django_db
PROBABILITIES = [0.02, 0.5, 0.4, 0.05, 0.01, 0.01, 0.01]


def points(threshold=0.6, answer_from=0.7):
    return {
        "conformal": {"threshold": threshold, "coverage": 0.9, "is_ordered": True},
        "answering": {"share": 0.9, "threshold": answer_from, "wanted_accuracy": 0.95, "sure_from": None},
    }


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def photo(project):
    return PhotoFactory(project=project)


@pytest.fixture
def ask(project, member_client):
    client = member_client(project, "expert")
    return lambda photo: client.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}/prediction").json()


def promoted(project, photo, **fields):
    version = ModelVersionFactory(project=project, state="promoted", **fields)
    PredictionFactory(photo=photo, model_version=version, probabilities=PROBABILITIES)
    return version


def test_probabilities_their_set_of_neighbours_and_whether_the_model_abstains(project, photo, ask):
    version = promoted(project, photo, operating_points=points())

    assert ask(photo) == {
        "state": "ready", "version": version.number, "probabilities": PROBABILITIES, "stage_set": [1, 2],
        "coverage": 0.9, "abstains": True,
    }  # fmt: skip


def test_a_threshold_of_null_gives_all_stages_and_a_sure_model_answers(project, photo, ask):
    promoted(project, photo, operating_points=points(threshold=None, answer_from=0.5))

    body = ask(photo)

    assert body["stage_set"] == list(range(7))
    assert body["abstains"] is False


def test_a_version_of_before_has_probabilities_only(project, photo, ask):
    promoted(project, photo)

    body = ask(photo)

    assert (body["state"], body["stage_set"], body["coverage"], body["abstains"]) == ("ready", [], None, None)


def test_without_a_version_or_before_it_came_to_the_photo_there_is_nothing(project, photo, ask):
    assert ask(photo)["state"] == "no_model"
    promoted(project, PhotoFactory(project=project))
    assert ask(photo)["state"] == "not_scored"


def test_who_is_asked_blind_is_told_nothing_nor_anyone_of_held_out_photos(project, photo, ask):
    promoted(project, photo, operating_points=points())
    QueueEntryFactory(photo=photo, is_blind=True)
    assert ask(photo)["probabilities"] == []
    assert ask(PhotoFactory(project=project, is_held_out=True))["state"] == "blind"
