"""Photos as browsers and phones meet them."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from labeling.imaging import MAX_BYTES
from labeling.models import Consensus, Photo, PhotoLocation, ReferencePhoto, Suggestion
from labeling.services.photos import photo_process
from labeling.storage_keys import rendition_key
from tests.factories.labeling import (
    AnnotationFactory,
    ImportBatchFactory,
    MembershipFactory,
    PhotoFactory,
    PlantFactory,
    ProjectFactory,
    SiteFactory,
    stage_at,
)
from tests.labeling.imaging import corpus

pytestmark = pytest.mark.django_db


def url(project, path="/photos"):
    return f"/api/v1/projects/{project.slug}{path}"


def send(client, project, data=None, name="flor.jpg", **fields):
    file = SimpleUploadedFile(name, corpus.jpeg(1) if data is None else data, "image/jpeg")
    return client.post(url(project), {"file": file, **fields}, format="multipart")


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def grower(project, member_client):
    return member_client(project, "grower")


@pytest.fixture
def expert(project, member_client):
    return member_client(project, "expert")


def settle(photo, position, outcome="stage"):
    return Consensus.objects.create(
        photo=photo, project=photo.project, outcome=outcome,
        stage=None if position is None else stage_at(photo.project, position),
        consensus_quality=0.9, annotator_agreement=1.0, n_annotations=1, decided_at=timezone.now(),
    )  # fmt: skip


def suggest(photo, position, confidence=0.7):
    return Suggestion.objects.create(
        photo=photo, project=photo.project, position=position, confidence=confidence, model_version="1"
    )


class TestSending:
    def test_a_photo_is_received_and_a_repeat_is_recognised(self, project, grower):
        client_id = str(uuid4())
        first = send(grower, project, client_id=client_id)
        again = send(grower, project, client_id=client_id)
        sha256 = hashlib.sha256(corpus.jpeg(1)).hexdigest()
        expected = {"id": first.json()["id"], "sha256": sha256, "status": "received", "rejection": ""}
        assert (first.status_code, first.json()) == (201, {**expected, "is_duplicate": False})
        assert (again.status_code, again.json()) == (200, {**expected, "is_duplicate": True})
        photo = Photo.objects.get()
        assert (str(photo.client_id), photo.uploaded_by, photo.original_name) == (client_id, grower.user, "flor.jpg")

    def test_where_and_when(self, project, grower):
        plant = PlantFactory(site__project=project)
        send(
            grower, project, site=plant.site.pk, plant=plant.pk, taken_at="2026-04-12T10:00:00+02:00",
            latitude=40.4, longitude=-3.7, consent_version=1,
        )  # fmt: skip
        photo = Photo.objects.get()
        assert (photo.site, photo.plant, photo.taken_at.isoformat()) == (plant.site, plant, "2026-04-12T08:00:00+00:00")
        assert PhotoLocation.objects.get().latitude == 40.4

    def test_a_place_without_consent_reaches_no_table(self, project, grower):
        assert send(grower, project, latitude=40.4, longitude=-3.7).status_code == 201
        assert not PhotoLocation.objects.exists()

    @pytest.mark.parametrize(
        ("data", "status", "code"), [(b"", 422, "empty"), (bytes(MAX_BYTES + 1), 413, "too_large")]
    )
    def test_absurd_files_are_refused_at_the_door(self, project, grower, data, status, code):
        answer = send(grower, project, data)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize(
        "fields",
        [
            {"latitude": 91, "longitude": 0},
            {"latitude": 40},
            {"client_id": "x"},
            {"taken_at": "yesterday"},
            {"stage": "bud"},
        ],
    )
    def test_wrong_fields_are_named(self, project, grower, fields):
        answer = send(grower, project, **fields)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert set(answer.json()["fields"]) <= set(fields)

    def test_places_of_other_projects_are_not_there(self, project, grower):
        site, plant = SiteFactory(), PlantFactory()
        assert send(grower, project, site=site.pk).status_code == 404
        assert send(grower, project, plant=plant.pk).status_code == 404
        here, there = PlantFactory(site__project=project), SiteFactory(project=project)
        assert send(grower, project, site=there.pk, plant=here.pk).status_code == 404
        assert not Photo.objects.exists()

    def test_strangers_and_the_unknown(self, project, api_client, signed_in):
        assert send(api_client, project).status_code == 401
        assert send(signed_in(MembershipFactory().user), project).status_code == 404


class TestBatches:
    """Photos that a browser sends one by one within an import."""

    def test_labels_follow_the_import(self, project, member_client):
        admin = member_client(project, "admin")
        batch = ImportBatchFactory(project=project, label_use="gold", state="running")
        stage = stage_at(project, 2)
        for data in (corpus.jpeg(1), corpus.jpeg(1), corpus.jpeg(2)):
            assert send(admin, project, data, import_batch=batch.pk, stage=stage.slug).status_code in {200, 201}
        for photo in Photo.objects.all():
            photo_process(photo_id=photo.pk)
        assert Consensus.objects.filter(is_gold=True, stage=stage).count() == 2
        batch.refresh_from_db()
        assert (batch.total, batch.refused) == (3, 0)

    def test_refusals_are_counted_and_reported(self, project, member_client):
        admin = member_client(project, "admin")
        batch = ImportBatchFactory(project=project, label_use="gold", state="running")
        assert send(admin, project, b"", "a.jpg", import_batch=batch.pk).json()["code"] == "empty"
        assert send(admin, project, import_batch=batch.pk, stage="none").json()["code"] == "unknown_label"
        batch.refresh_from_db()
        codes = list(batch.refusals.order_by("id").values_list("code", flat=True))
        assert (batch.total, batch.refused, codes) == (2, 2, ["empty", "unknown_label"])
        assert not Photo.objects.exists()

    def test_only_admins(self, project, expert):
        batch = ImportBatchFactory(project=project)
        assert send(expert, project, import_batch=batch.pk).status_code == 403

    def test_only_of_this_project(self, project, member_client):
        assert send(member_client(project, "admin"), project, import_batch=ImportBatchFactory().pk).status_code == 404


def test_check_names_what_is_known_here(project, grower):
    photo, foreign = PhotoFactory(project=project), PhotoFactory()
    hashes = [photo.sha256, foreign.sha256, "0" * 64]
    answer = grower.post(url(project, "/photos/check"), {"sha256": hashes}, format="json")
    assert answer.json() == {"known": [{"sha256": photo.sha256, "id": photo.pk}]}
    for wrong in (["x"], ["0" * 64] * 501):
        assert grower.post(url(project, "/photos/check"), {"sha256": wrong}, format="json").status_code == 400


class TestList:
    def test_a_row(self, project, expert):
        plant = PlantFactory(site__project=project)
        photo = PhotoFactory(project=project, plant=plant, site=plant.site)
        settle(photo, 2)
        suggest(photo, 3)
        (row,) = expert.get(url(project)).json()["results"]
        assert row["thumb_url"] == f"/api/v1/projects/{project.slug}/photos/{photo.pk}/renditions/thumb"
        assert (row["site"], row["plant"], row["width"]) == (plant.site.name, plant.name, 1600)
        assert row["consensus"] == {"stage_position": 2, "outcome": "stage", "is_gold": False}
        assert row["suggestion"] == {"position": 3, "confidence": 0.7}

    def test_a_bare_row(self, project, expert):
        PhotoFactory(project=project)
        (row,) = expert.get(url(project)).json()["results"]
        assert (row["site"], row["plant"], row["consensus"], row["suggestion"]) == ("", "", None, None)

    def test_an_unusable_photo_has_no_stage(self, project, expert):
        settle(PhotoFactory(project=project), None, "unusable")
        (row,) = expert.get(url(project)).json()["results"]
        assert row["consensus"] == {"stage_position": None, "outcome": "unusable", "is_gold": False}

    def test_filters(self, project, expert):
        site, batch = SiteFactory(project=project), ImportBatchFactory(project=project)
        photos = {
            "site": PhotoFactory(project=project, site=site),
            "import_batch": PhotoFactory(project=project, import_batch=batch),
            "status": PhotoFactory(project=project, status="received"),
            "stage": settle(PhotoFactory(project=project), 1).photo,
            "suggested": suggest(PhotoFactory(project=project), 0).photo,
        }
        values = {
            "site": site.pk, "import_batch": batch.pk, "status": "received", "stage": stage_at(project, 1).slug,
            "suggested": 0,
        }  # fmt: skip
        for name, value in values.items():
            rows = expert.get(url(project), {name: value}).json()["results"]
            assert [row["id"] for row in rows] == [photos[name].pk], name
        assert expert.get(url(project), {"status": "any"}).status_code == 400

    def test_pages(self, project, expert):
        made = [photo.pk for photo in PhotoFactory.create_batch(130, project=project)]
        PhotoFactory()
        seen, cursor = [], ""
        while cursor is not None:
            page = expert.get(url(project), {"cursor": cursor} if cursor else {}).json()
            seen += [row["id"] for row in page["results"]]
            cursor = page["next"]
        assert seen == made[::-1]

    def test_queries_do_not_grow_with_the_rows(self, project, expert, django_assert_num_queries):
        def add(n):
            for _ in range(n):
                plant = PlantFactory(site__project=project)
                photo = PhotoFactory(project=project, plant=plant, site=plant.site)
                settle(photo, 1)
                suggest(photo, 1)

        for n in (1, 12):
            add(n)
            # Session, user, membership with project, photos, what the expert holds.
            with django_assert_num_queries(5):
                assert expert.get(url(project)).json()["results"]

    def test_growers_do_not_list_them(self, project, grower):
        assert grower.get(url(project)).status_code == 403


class TestDetail:
    def annotated(self, project, *people):
        photo = PhotoFactory(project=project)
        for position, person in enumerate(people):
            AnnotationFactory(photo=photo, annotator=person, position=position)
        return photo

    def seen(self, client, photo):
        return client.get(url(photo.project, f"/photos/{photo.pk}")).json()["annotations"]

    def test_others_are_hidden_until_i_have_decided(self, project, expert):
        photo = self.annotated(project, MembershipFactory(project=project).user)
        assert self.seen(expert, photo) == []
        AnnotationFactory(photo=photo, annotator=expert.user, position=2)
        assert [(row["is_mine"], row["stage_position"]) for row in self.seen(expert, photo)] == [(False, 0), (True, 2)]

    def test_taking_back_hides_them_again(self, project, expert):
        photo = self.annotated(project, MembershipFactory(project=project).user, expert.user)
        photo.annotations.filter(annotator=expert.user).update(withdrawn_at=timezone.now())
        assert [row["is_mine"] for row in self.seen(expert, photo)] == [True]

    def test_adjudicators_see_all(self, project, member_client):
        photo = self.annotated(project, MembershipFactory(project=project).user)
        assert len(self.seen(member_client(project, "adjudicator"), photo)) == 1

    def test_a_source_is_named(self, project, member_client):
        photo = PhotoFactory(project=project)
        AnnotationFactory(photo=photo, annotator=None, source="Thesis")
        assert self.seen(member_client(project, "admin"), photo)[0]["annotator"] == "Thesis"

    @pytest.mark.parametrize(("width", "largest"), [(1600, "view"), (1601, "full")])
    def test_the_largest_there_is(self, project, expert, width, largest):
        photo = PhotoFactory(project=project, width=width)
        assert expert.get(url(project, f"/photos/{photo.pk}")).json()["full_url"].endswith(largest)

    def test_growers_and_foreign_photos(self, project, grower, expert):
        assert grower.get(url(project, f"/photos/{PhotoFactory(project=project).pk}")).status_code == 403
        assert expert.get(url(project, f"/photos/{PhotoFactory().pk}")).status_code == 404


class TestRenditions:
    @pytest.fixture
    def photo(self, project, grower):
        photo_id = send(grower, project, corpus.encoded(corpus.scene(50, 1800, 1000))).json()["id"]
        return photo_process(photo_id=photo_id)

    def get(self, client, photo, name="view", **headers):
        return client.get(url(photo.project, f"/photos/{photo.pk}/renditions/{name}"), headers=headers)

    @pytest.mark.parametrize(
        ("name", "kind"), [("thumb", "image/webp"), ("view", "image/webp"), ("full", "image/jpeg")]
    )
    def test_bytes_of_strangers_are_served_safely(self, expert, photo, name, kind):
        answer = self.get(expert, photo, name)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert len(b"".join(answer.streaming_content)) > 100
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert {"private", "immutable"} <= set(answer["Cache-Control"].replace(",", "").split())

    def test_behind_a_web_server_the_file_is_named_and_not_sent(self, expert, photo, settings, signed_in):
        settings.ACCEL_PREFIX = "/internal/"
        answer = self.get(expert, photo, "thumb")
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"", "image/webp")
        assert answer["X-Accel-Redirect"] == f"/internal/{rendition_key(photo.sha256, 'thumb')}"
        assert default_storage.exists(answer["X-Accel-Redirect"].removeprefix("/internal/"))
        assert answer["X-Content-Type-Options"] == "nosniff"
        refused = self.get(signed_in(MembershipFactory().user), photo, "thumb")
        assert refused.status_code == 404
        assert not refused.has_header("X-Accel-Redirect")

    def test_a_browser_that_has_it_gets_no_bytes(self, expert, photo):
        etag = self.get(expert, photo)["ETag"]
        again = self.get(expert, photo, **{"If-None-Match": f"W/{etag}"})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert self.get(expert, photo, "thumb", **{"If-None-Match": etag}).status_code == 200

    def test_growers_see_their_own_and_the_examples(self, project, grower, photo):
        other = PhotoFactory(project=project, sha256=photo.sha256[::-1])
        assert self.get(grower, photo).status_code == 200
        assert self.get(grower, other).status_code == 404
        Photo.objects.filter(pk=photo.pk).update(uploaded_by=None)
        assert self.get(grower, photo).status_code == 404
        ReferencePhoto.objects.create(stage=stage_at(project, 0), photo=photo)
        ReferencePhoto.objects.create(stage=stage_at(project, 1), photo=photo)
        assert self.get(grower, photo).status_code == 200

    def test_a_conditional_request_is_authorised_like_any_other(self, photo, expert, signed_in, api_client):
        etag = self.get(expert, photo)["ETag"]
        assert self.get(api_client, photo, **{"If-None-Match": etag}).status_code == 401
        assert self.get(signed_in(MembershipFactory().user), photo, **{"If-None-Match": etag}).status_code == 404

    @pytest.mark.parametrize("name", ["model", "original", "..%2Fview"])
    def test_nothing_else_is_served(self, expert, photo, name):
        assert self.get(expert, photo, name).status_code == 404

    def test_a_photo_without_pixels(self, project, expert):
        for status, rejection in (("received", ""), ("rejected", "truncated"), ("ready", "")):
            photo = PhotoFactory(project=project, status=status, rejection=rejection)
            assert self.get(expert, photo).status_code == 404
