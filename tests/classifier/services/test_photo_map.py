"""A project's map: asked for, laid out, kept up as photos come, made good when a worker dies."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from classifier.core.projection import layout as layout_module
from classifier.models import Embedding, PhotoMap
from classifier.selectors.photo_maps import map_status
from classifier.services import photo_map as service
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.map_store import map_points
from classifier.services.photo_map_requests import photo_map_request, photo_maps_behind
from labeling.domain.errors import DomainError
from tests.classifier.worlds import DIMENSION, world
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import PhotoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr(layout_module, "STEPS", 100)
    monkeypatch.setattr(layout_module, "EARLY_STEPS", 50)
    monkeypatch.setattr(layout_module, "WARM_STEPS", 50)


def build(project) -> PhotoMap:
    asked = photo_map_request(project=project)
    made = service.photo_map_build(photo_map_id=asked.pk, feature_space=FEATURE_SPACE, worker="score@test")
    assert made is not None
    return made


def photos_come(project, count, *, seed=1):
    rng = np.random.default_rng(seed)
    photos = PhotoFactory.create_batch(count, project=project)
    Embedding.objects.bulk_create(
        Embedding(photo=photo, backbone=FEATURE_SPACE, vector=rng.normal(size=DIMENSION).tolist()) for photo in photos
    )
    return photos


def places(made: PhotoMap) -> dict[int, tuple[int, int]]:
    stored = map_points(photo_map=made)
    return dict(zip(stored.photo_ids.tolist(), map(tuple, stored.points.tolist()), strict=True))


def test_a_map_shows_every_photo_that_has_a_vector():
    made_of = world(n_photos=40)
    PhotoFactory(project=made_of.project)  # no vector yet
    world(n_photos=12)  # another project's
    made = build(made_of.project)
    assert made.state == "succeeded"
    assert set(places(made)) == {photo.pk for photo in made_of.photos}
    assert (made.n_points, made.n_fitted, made.progress) == (40, 40, 1.0)
    assert made.quality["trustworthiness"] > 0.7
    status = map_status(project=made_of.project)
    assert (status.shown, status.build, status.is_behind) == (made, None, False)


def test_any_beginning_of_the_file_is_a_sample_of_all_photos():
    made_of = world(n_photos=60)
    ids = map_points(photo_map=build(made_of.project)).photo_ids
    assert list(ids) != sorted(ids)


def test_new_photos_are_placed_and_nothing_else_moves():
    made_of = world(n_photos=40)
    before = places(build(made_of.project))
    new = photos_come(made_of.project, 3)
    gone = made_of.photos[7]
    Embedding.objects.filter(photo=gone).delete()
    assert map_status(project=made_of.project).is_behind
    made = build(made_of.project)
    after = places(made)
    assert set(after) - set(before) == {photo.pk for photo in new}
    assert gone.pk not in after
    assert {pk: place for pk, place in after.items() if pk in before} == {
        pk: place for pk, place in before.items() if pk != gone.pk
    }
    assert (made.n_fitted, made.n_points) == (40, 42)


def test_with_many_new_photos_all_are_laid_out_over_the_last_map():
    made_of = world(n_photos=40)
    before = places(build(made_of.project))
    photos_come(made_of.project, 20)
    made = build(made_of.project)
    after = places(made)
    assert made.n_fitted == made.n_points == 60
    one, other = (np.array([its[pk] for pk in before], float) for its in (before, after))
    # Laid over each other: the two agree along both axes, whichever way the new one happened to lie.
    for axis in (0, 1):
        assert np.corrcoef(one[:, axis], other[:, axis])[0, 1] > 0.8


def test_only_two_maps_are_kept_with_their_files():
    made_of = world(n_photos=20)
    keys = []
    for _ in range(3):
        keys.append(build(made_of.project).artifact_key)
    assert PhotoMap.objects.count() == 2
    assert [default_storage.exists(key) for key in keys] == [False, True, True]


def test_too_few_photos_make_no_map():
    made_of = world(n_photos=9)
    with pytest.raises(DomainError) as refused:
        photo_map_request(project=made_of.project)
    assert refused.value.code == "too_few_photos"
    other = world(n_photos=12)
    asked = photo_map_request(project=other.project)
    made = service.photo_map_build(photo_map_id=asked.pk, feature_space="another-space")
    assert made is not None
    assert (made.state, "10 photos" in made.error) == ("failed", True)


def test_asking_twice_is_asking_once_and_a_built_map_is_let_be():
    made_of = world(n_photos=20)
    asked = photo_map_request(project=made_of.project)
    assert photo_map_request(project=made_of.project) == asked
    assert service.photo_map_build(photo_map_id=asked.pk, feature_space=FEATURE_SPACE) is not None
    assert service.photo_map_build(photo_map_id=asked.pk, feature_space=FEATURE_SPACE) is None
    assert service.photo_map_build(photo_map_id=0, feature_space=FEATURE_SPACE) is None


def test_a_second_worker_lets_it_be():
    made_of = world(n_photos=20)
    asked = photo_map_request(project=made_of.project)
    with advisory_lock(LockSpace.PHOTO_MAP, made_of.project.pk):
        assert service.photo_map_build(photo_map_id=asked.pk, feature_space=FEATURE_SPACE) is None


def test_an_error_is_written_down(monkeypatch):
    made_of = world(n_photos=20)
    asked = photo_map_request(project=made_of.project)
    monkeypatch.setattr(service, "lay_out", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.photo_map_build(photo_map_id=asked.pk, feature_space=FEATURE_SPACE)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("failed", "division by zero")
    assert map_status(project=made_of.project).build == asked


def test_what_is_lost_is_sent_again_until_it_is_given_up():
    made_of = world(n_photos=20)
    asked = photo_map_request(project=made_of.project)
    assert photo_maps_behind() == []
    long_ago = timezone.now() - timedelta(minutes=5)
    PhotoMap.objects.filter(pk=asked.pk).update(created_at=long_ago)
    assert photo_maps_behind() == [asked.pk]
    PhotoMap.objects.filter(pk=asked.pk).update(state="running", heartbeat_at=long_ago, attempts=1)
    assert photo_maps_behind() == [asked.pk]
    PhotoMap.objects.filter(pk=asked.pk).update(state="running", attempts=3)
    assert photo_maps_behind() == []
    asked.refresh_from_db()
    assert asked.state == "failed"


def test_a_map_is_kept_up_when_photos_came_and_some_time_has_passed():
    made_of = world(n_photos=20)
    made = build(made_of.project)
    photos_come(made_of.project, 2)
    assert photo_maps_behind() == [], "it was laid out a moment ago"
    ago = timezone.now() - timedelta(hours=1)
    PhotoMap.objects.filter(pk=made.pk).update(started_at=ago - timedelta(seconds=2), finished_at=ago)
    (due,) = photo_maps_behind()
    assert PhotoMap.objects.get(pk=due).state == "queued"
