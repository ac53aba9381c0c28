"""Several photos made ready together: as each alone, with one wait for all."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from labeling.events import photo_ingested
from labeling.models import Photo
from labeling.services import photos as photo_services
from labeling.services.photos import photo_process, photo_receive, photos_process
from labeling.storage_keys import original_key, rendition_key
from tests.factories.labeling import ProjectFactory, UserFactory
from tests.labeling.imaging import corpus

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 4, 12, 12, tzinfo=UTC)


def received(project, data, **fields):
    return photo_receive(project=project, stream=io.BytesIO(data), **fields).photo


def facts(photo):
    own = {"id", "project_id", "group_key", "client_id", "processed_at", "received_at", "is_held_out"}
    return {name: value for name, value in Photo.objects.filter(pk=photo.pk).values().get().items() if name not in own}


def test_each_becomes_what_it_would_alone():
    files = [corpus.photographed(gps=True), corpus.jpeg(201), corpus.HTML, corpus.jpeg(202)[:4000], corpus.jpeg(203)]
    together, alone = ProjectFactory(), ProjectFactory()
    many = [received(together, data) for data in files]
    each = [received(alone, data) for data in files]
    done = photos_process(project=together, photo_ids=[photo.pk for photo in many])
    for photo in each:
        photo_process(photo_id=photo.pk)
    assert [photo.pk for photo in done] == [photo.pk for photo in many]
    assert [facts(photo) for photo in many] == [facts(photo) for photo in each]
    assert [photo.status for photo in done] == ["ready", "ready", "rejected", "rejected", "ready"]
    for photo in done:
        stored = default_storage.exists(rendition_key(photo.sha256, "view"))
        assert stored == (photo.status == "ready")


def test_photos_of_a_burst_see_each_other():
    project, sender = ProjectFactory(), UserFactory()
    sent = [
        received(project, corpus.jpeg(210 + n), uploaded_by=sender, taken_at=NOON + timedelta(seconds=50 * n))
        for n in range(3)
    ]
    done = photos_process(project=project, photo_ids=[photo.pk for photo in sent])
    assert len({photo.group_key for photo in done}) == 1


def test_what_is_past_that_or_lost_or_of_others_is_left_out(django_capture_on_commit_callbacks):
    project = ProjectFactory()
    ready, lost, good = (received(project, corpus.jpeg(220 + n)) for n in range(3))
    foreign = received(ProjectFactory(), corpus.jpeg(224))
    photo_process(photo_id=ready.pk)
    default_storage.delete(original_key(lost.sha256))
    heard = []

    def hear(*, photo_id, **_):
        heard.append(photo_id)

    photo_ingested.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            done = photos_process(project=project, photo_ids=[0, ready.pk, lost.pk, good.pk, foreign.pk])
    finally:
        photo_ingested.disconnect(hear)
    assert [photo.pk for photo in done] == heard == [good.pk]
    assert set(Photo.objects.filter(status="received")) == {lost, foreign}


def test_one_that_is_taken_back_meanwhile_leaves_no_bytes(monkeypatch):
    project = ProjectFactory()
    gone, good = received(project, corpus.jpeg(230)), received(project, corpus.jpeg(231))
    measure = photo_services._measure

    def slowly(photo, **how):
        measured = measure(photo, **how)
        Photo.objects.filter(pk=gone.pk).delete()
        return measured

    monkeypatch.setattr(photo_services, "_measure", slowly)
    done = photos_process(project=project, photo_ids=[gone.pk, good.pk])
    assert [photo.pk for photo in done] == [good.pk]
    assert not any(default_storage.exists(rendition_key(gone.sha256, name)) for name in ("view", "thumb", "model"))


def test_a_disk_that_fails_settles_nothing(monkeypatch):
    project = ProjectFactory()
    sent = [received(project, corpus.jpeg(240 + n)) for n in range(2)]

    def full(*, key, data):
        raise OSError("no space left on device")

    monkeypatch.setattr(photo_services, "bytes_keep", full)
    with pytest.raises(OSError, match="no space"):
        photos_process(project=project, photo_ids=[photo.pk for photo in sent])
    assert set(Photo.objects.values_list("status", flat=True)) == {"received"}
