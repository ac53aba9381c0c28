import numpy as np
import pytest

from labeling.models import Suggestion
from labeling.services import suggestions
from labeling.services.suggestions import suggestions_record, suggestions_update
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def stored():
    return {
        photo_id: (position, confidence, version)
        for photo_id, position, confidence, version in Suggestion.objects.values_list(
            "photo_id", "position", "confidence", "model_version"
        )
    }


def update(project, version, photos, positions, confidences):
    return suggestions_update(
        project_id=project.pk, model_version=version, photo_ids=np.asarray([photo.pk for photo in photos]),
        positions=np.asarray(positions), confidences=np.asarray(confidences),
    )  # fmt: skip


def test_suggestions_are_written_and_replaced_and_photos_of_others_left_out():
    project = ProjectFactory()
    photos = [PhotoFactory(project=project) for _ in range(3)]
    foreign = PhotoFactory()
    ids = [photo.pk for photo in photos]

    n = suggestions_record(
        project_id=project.pk, model_version="v1", photo_ids=[foreign.pk, *reversed(ids)], positions=[3, 2, 1, 0],
        confidences=[0.8, 0.7, 0.6, 0.5],
    )  # fmt: skip
    suggestions_record(project_id=project.pk, model_version="v2", photo_ids=ids[:1], positions=[6], confidences=[0.9])

    assert n == 3
    assert stored() == {ids[0]: (6, 0.9, "v2"), ids[1]: (1, 0.6, "v1"), ids[2]: (2, 0.7, "v1")}


def test_many_are_written_in_several_transactions(monkeypatch):
    monkeypatch.setattr(suggestions, "CHUNK", 2)
    project = ProjectFactory()
    photos = [PhotoFactory(project=project) for _ in range(5)]

    assert update(project, "v1", photos, range(5), [0.5] * 5) == 5
    assert [position for position, _, _ in stored().values()] == list(range(5))


def test_an_update_writes_what_changed_and_small_moves_add_up():
    project = ProjectFactory()
    photos = [PhotoFactory(project=project) for _ in range(4)]
    update(project, "v1", photos[:3], [0, 1, 2], [0.5, 0.5, 0.5])

    n = update(project, "v2", photos, [0, 3, 2, 1], [0.506, 0.5, 0.52, 0.4])
    again = update(project, "v3", photos, [0, 3, 2, 1], [0.512, 0.5, 0.52, 0.4])

    assert (n, again) == (3, 1)
    assert stored() == {
        photos[0].pk: (0, 0.512, "v3"),
        photos[1].pk: (3, 0.5, "v2"),
        photos[2].pk: (2, 0.52, "v2"),
        photos[3].pk: (1, 0.4, "v2"),
    }
