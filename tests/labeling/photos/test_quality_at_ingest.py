"""A photo that cannot be used comes back with its reason; one that could be better is taken, with advice."""

from __future__ import annotations

import io
from functools import lru_cache

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from labeling import events
from labeling.models import Photo
from labeling.services.photos import photo_process, photo_receive
from labeling.synthetic.flower import render
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import Difficulty
from tests.factories.labeling import ImportBatchFactory, ProjectFactory
from tests.labeling.imaging import corpus

pytestmark = pytest.mark.django_db


@lru_cache
def flower() -> Image.Image:
    return render(balanced_specs(per_stage=1, seed=8, difficulty=Difficulty(camera=0.0))[4]).resize((1200, 900))


def blurred(share: float) -> bytes:
    """A photo blurred by a share of its short side."""
    return corpus.encoded(flower().filter(ImageFilter.GaussianBlur(share * 900)), quality=92)


def lit(gain: float) -> bytes:
    return corpus.encoded(ImageEnhance.Brightness(flower()).enhance(gain), quality=92)


def processed(data: bytes, project=None, **fields) -> Photo:
    received = photo_receive(project=project or ProjectFactory(), stream=io.BytesIO(data), **fields)
    return photo_process(photo_id=received.photo.pk)


@pytest.fixture
def heard():
    ids = []

    def hear(*, photo_id, **_):
        ids.append(photo_id)

    events.photo_ingested.connect(hear)
    yield ids
    events.photo_ingested.disconnect(hear)


def test_a_good_photo_has_its_measures_and_no_advice():
    photo = processed(corpus.encoded(flower(), quality=92))
    photo.refresh_from_db()
    assert (photo.status, photo.advice) == ("ready", [])
    assert 0.3 < photo.blur < 1.8
    assert 0.5 < photo.light <= 1
    assert photo.burnt < 0.2
    assert photo.detail > 0.2


@pytest.mark.parametrize(
    ("data", "rejection"),
    [
        (lambda: blurred(0.02), "too_blurred"),
        (lambda: lit(0.08), "too_dark"),
        (lambda: lit(15), "too_bright"),
        (lambda: corpus.encoded(Image.new("RGB", (800, 600), (90, 120, 90))), "no_detail"),
    ],
)
def test_an_unusable_photo_is_rejected_with_its_reason(data, rejection, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        photo = processed(data())
    photo.refresh_from_db()
    assert (photo.status, photo.rejection, heard) == ("rejected", rejection, [])
    assert photo.has_picture, "its sender is shown which one it was"
    assert None not in (photo.blur, photo.light, photo.burnt, photo.detail)


@pytest.mark.parametrize(("data", "advice"), [(lambda: blurred(0.008), "blurred"), (lambda: lit(0.27), "dark")])
def test_a_photo_that_could_be_better_is_taken_with_advice(data, advice):
    photo = processed(data())
    photo.refresh_from_db()
    assert (photo.status, photo.advice) == ("ready", [advice])


def test_photos_of_an_import_are_measured_and_taken_as_they_are():
    """Nobody is there to take them again, and their labels would go with them."""
    batch = ImportBatchFactory()
    photo = processed(blurred(0.02), project=batch.project, import_batch=batch)
    photo.refresh_from_db()
    assert (photo.status, photo.advice) == ("ready", ["blurred"])


def test_a_photo_that_is_no_photo_has_no_measures():
    photo = processed(corpus.HTML)
    assert (photo.blur, photo.has_picture) == (None, False)
