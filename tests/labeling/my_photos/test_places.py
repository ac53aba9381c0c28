"""Where a photo was taken: kept by consent, exact for its sender, coarse for everybody else, gone when taken back."""

from __future__ import annotations

import io
import threading

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from labeling.domain.places import coarsened
from labeling.models import LocationConsent, Photo, PhotoLocation
from labeling.services.consents import location_consent_give, location_consent_withdraw
from labeling.services.photos import Location, photo_process, photo_receive
from labeling.storage_keys import RENDITION_NAMES, rendition_key
from tests.factories.labeling import MembershipFactory, PhotoFactory, ProjectFactory, UserFactory
from tests.labeling.imaging import corpus
from tests.labeling.my_photos.conftest import url

pytestmark = pytest.mark.django_db

ORCHARD = (41.61834, 0.62017)
CONSENT = "/api/v1/location-consent"


def placed(project, user):
    photo = PhotoFactory(project=project, uploaded_by=user)
    PhotoLocation.objects.create(photo=photo, latitude=ORCHARD[0], longitude=ORCHARD[1], consent_version=1)
    return photo


def send(client, project, seed=1, data=None, **fields):
    file = SimpleUploadedFile("flor.jpg", data or corpus.jpeg(seed), "image/jpeg")
    return client.post(f"/api/v1/projects/{project.slug}/photos", {"file": file, **fields}, format="multipart")


def send_with_place(client, project, seed=1, consent_version=1):
    return send(client, project, seed, latitude=ORCHARD[0], longitude=ORCHARD[1], consent_version=consent_version)


class TestWhoSeesIt:
    @pytest.mark.parametrize("role", ["expert", "adjudicator", "admin"])
    def test_others_see_about_where(self, project, grower, member_client, role):
        photo = placed(project, grower.user)
        place = member_client(project, role).get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}").json()["place"]
        assert place == {
            "latitude": coarsened(*ORCHARD)[0], "longitude": coarsened(*ORCHARD)[1], "is_exact": False,
        }  # fmt: skip

    def test_a_site_administrator_sees_no_more(self, project, grower, signed_in):
        photo = placed(project, grower.user)
        staff = signed_in(UserFactory(is_staff=True))
        assert staff.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}").json()["place"]["is_exact"] is False

    @pytest.mark.parametrize("role", ["grower", "expert", "adjudicator", "admin"])
    def test_the_sender_sees_it_exactly(self, project, member_client, role):
        sender = member_client(project, role)
        photo = placed(project, sender.user)
        (row,) = sender.get(url(project)).json()["results"]
        assert row["place"] == {"latitude": ORCHARD[0], "longitude": ORCHARD[1], "consent_version": 1}
        if role != "grower":
            place = sender.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}").json()["place"]
            assert place == {"latitude": ORCHARD[0], "longitude": ORCHARD[1], "is_exact": True}

    @pytest.mark.parametrize("role", ["grower", "expert", "adjudicator", "admin"])
    @pytest.mark.parametrize("path", ["photos", "my-photos", "my-plots", "queue", "adjudications", "sites"])
    def test_no_list_of_others_names_it(self, project, grower, member_client, role, path):
        placed(project, grower.user)
        answer = member_client(project, role).get(f"/api/v1/projects/{project.slug}/{path}")
        assert b"41.6183" not in answer.content
        assert b"latitude" not in answer.content

    def test_no_place_is_none(self, project, member_client):
        photo = PhotoFactory(project=project)
        expert = member_client(project, "expert")
        assert expert.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}").json()["place"] is None

    def test_no_rendition_holds_it(self, project, grower):
        photo_id = send(grower, project, data=corpus.photographed(gps=True)).json()["id"]
        photo = photo_process(photo_id=photo_id)
        names = [name for name in RENDITION_NAMES if default_storage.exists(rendition_key(photo.sha256, name))]
        assert len(names) >= 3
        for name in names:
            with default_storage.open(rendition_key(photo.sha256, name)) as stored, Image.open(stored) as image:
                assert not image.getexif(), name
                assert "exif" not in image.info
                assert "xmp" not in image.info


class TestConsent:
    def test_none_is_given_at_first(self, project, grower):
        assert grower.get(CONSENT).json() == {"version": None, "given_at": None, "n_places": 0}

    def test_given_taken_back_and_given_again(self, project, grower):
        assert grower.put(CONSENT, {"version": 1}, format="json").json()["version"] == 1
        assert send_with_place(grower, project, 1).status_code == 201
        assert grower.get(CONSENT).json()["n_places"] == 1
        assert grower.delete(CONSENT).json() == {"n_deleted": 1}
        assert not PhotoLocation.objects.exists()
        assert Photo.objects.count() == 1, "the photos stay"

        assert send_with_place(grower, project, 2).status_code == 201
        assert not PhotoLocation.objects.exists(), "a phone with old photos does not give consent back"
        grower.put(CONSENT, {"version": 1}, format="json")
        send_with_place(grower, project, 3)
        assert PhotoLocation.objects.count() == 1
        times = LocationConsent.objects.order_by("pk").values_list("version", "withdrawn_at")
        assert [(version, end is None) for version, end in times] == [(1, False), (1, True)]

    def test_given_without_a_signal_it_comes_with_the_photo(self, project, grower):
        send_with_place(grower, project, 1, consent_version=3)
        assert grower.get(CONSENT).json()["version"] == 3

    def test_taken_back_before_anything_came(self, project, grower):
        assert grower.delete(CONSENT).json() == {"n_deleted": 0}
        send_with_place(grower, project)
        assert not PhotoLocation.objects.exists()

    def test_newer_words_replace_older_and_a_repeat_changes_nothing(self, project, grower):
        for version in (2, 2, 1, 3):
            grower.put(CONSENT, {"version": version}, format="json")
        versions = list(LocationConsent.objects.order_by("pk").values_list("version", flat=True))
        assert versions == [2, 3]
        assert grower.get(CONSENT).json()["version"] == 3

    @pytest.mark.parametrize("version", [0, -1, 40000, "x", None])
    def test_wrong_versions_are_named(self, project, grower, version):
        assert grower.put(CONSENT, {"version": version}, format="json").status_code == 400

    def test_all_projects_and_nobody_else(self, project, grower, member_client):
        elsewhere, other = ProjectFactory(), member_client(project, "grower")
        placed(project, grower.user)
        placed(elsewhere, grower.user)
        theirs = placed(project, other.user)
        assert grower.delete(CONSENT).json() == {"n_deleted": 2}
        assert list(PhotoLocation.objects.values_list("photo_id", flat=True)) == [theirs.pk]


@pytest.mark.django_db(transaction=True)
def test_after_taking_back_no_place_is_left_whatever_was_on_its_way():
    project = ProjectFactory()
    user = MembershipFactory(project=project, role="grower").user
    location_consent_give(user=user, version=1)
    start = threading.Barrier(4)

    def run(work):
        def inside():
            try:
                start.wait()
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=inside)
        thread.start()
        return thread

    def sender(seed):
        return lambda: photo_receive(
            project=project, stream=io.BytesIO(corpus.jpeg(seed)), uploaded_by=user, location=Location(*ORCHARD, 1)
        )

    threads = [run(sender(seed)) for seed in range(3)]
    threads.append(run(lambda: location_consent_withdraw(user=user)))
    for thread in threads:
        thread.join()
    assert Photo.objects.count() == 3
    assert not PhotoLocation.objects.exists()
