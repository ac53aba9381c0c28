"""What a sender is told: state, reason, advice, answer, timeline, news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from labeling.models import Photo, PhotoLocation
from labeling.services.photos import photo_process
from tests.factories.labeling import AnnotationFactory, PhotoFactory, PlantFactory, ProjectFactory, SiteFactory
from tests.labeling.imaging import corpus
from tests.labeling.my_photos.conftest import settle, suggest, url

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 4, 12, 12, 0, tzinfo=UTC)


def mine(grower, project, **fields):
    return PhotoFactory(project=project, uploaded_by=grower.user, **fields)


def row(grower, project):
    (found,) = grower.get(url(project)).json()["results"]
    return found


class TestList:
    def test_only_my_own(self, project, grower, member_client):
        PhotoFactory(project=project)
        PhotoFactory(project=project, uploaded_by=member_client(project, "admin").user)
        photo = mine(grower, project)
        PhotoFactory(uploaded_by=grower.user)
        assert row(grower, project)["id"] == photo.pk

    def test_queries_do_not_grow_with_the_rows(self, project, grower, django_assert_num_queries):
        def add(n):
            for _ in range(n):
                plant = PlantFactory(site__project=project)
                photo = mine(grower, project, plant=plant, site=plant.site)
                settle(photo, 1)
                suggest(photo, 1)
                AnnotationFactory(photo=photo)
                PhotoLocation.objects.create(photo=photo, latitude=1, longitude=2, consent_version=1)

        for n in (1, 12):
            add(n)
            with django_assert_num_queries(4):  # session, user, membership with project, photos
                assert grower.get(url(project)).json()["results"]

    def test_a_rejected_file_says_why_and_has_no_picture(self, project, grower):
        grower.post(
            f"/api/v1/projects/{project.slug}/photos",
            {"file": SimpleUploadedFile("a.jpg", corpus.HTML, "image/jpeg")}, format="multipart",
        )  # fmt: skip
        photo_process(photo_id=Photo.objects.get().pk)
        found = row(grower, project)
        assert (found["status"], found["rejection"], found["thumb_url"]) == ("rejected", "not_an_image", None)

    def test_a_photo_found_too_bad_is_shown_to_its_sender(self, project, grower):
        flat = corpus.encoded(Image.new("RGB", (640, 480), (80, 120, 80)))
        grower.post(
            f"/api/v1/projects/{project.slug}/photos",
            {"file": SimpleUploadedFile("a.jpg", flat, "image/jpeg")}, format="multipart",
        )  # fmt: skip
        photo_process(photo_id=Photo.objects.get().pk)
        found = row(grower, project)
        assert (found["status"], found["rejection"]) == ("rejected", "no_detail")
        assert grower.get(found["thumb_url"]).status_code == 200

    def test_advice_comes_with_a_photo_that_is_used(self, project, grower):
        mine(grower, project, advice=["dark", "blurred"])
        assert row(grower, project)["advice"] == ["dark", "blurred"]


class TestAnswer:
    def answer(self, grower, project):
        return row(grower, project)["answer"]

    def test_no_answer_then_the_model_then_the_experts(self, project, grower):
        photo = mine(grower, project)
        assert self.answer(grower, project) is None
        suggest(photo, 3)
        assert self.answer(grower, project) == {
            "decided_by": "model", "stage_position": 3, "lower_position": 2, "upper_position": 4, "outcome": "stage",
            "confidence": 0.7, "answered_at": None,
        }  # fmt: skip
        settled = settle(photo, 2, distribution=[0, 0, 0.6, 0.4, 0, 0, 0], quality=0.6)
        assert self.answer(grower, project) == {
            "decided_by": "experts", "stage_position": 2, "lower_position": 2, "upper_position": 3, "outcome": "stage",
            "confidence": 0.6, "answered_at": settled.decided_at.isoformat().replace("+00:00", "Z"),
        }  # fmt: skip

    def test_at_the_ends_of_the_scale(self, project, grower):
        photo = mine(grower, project)
        suggest(photo, 6)
        answer = self.answer(grower, project)
        assert (answer["lower_position"], answer["upper_position"]) == (5, 6)

    def test_classes_without_an_order(self, member_client):
        project = ProjectFactory(is_ordered=False)
        grower = member_client(project, "grower")
        suggest(mine(grower, project), 3, confidence=0.3)
        answer = self.answer(grower, project)
        assert (answer["lower_position"], answer["upper_position"]) == (3, 3)

    def test_what_experts_cannot_tell_is_said(self, project, grower):
        photo = mine(grower, project)
        suggest(photo, 3)
        settle(photo, None, "undecidable")
        answer = self.answer(grower, project)
        assert (answer["outcome"], answer["stage_position"], answer["lower_position"]) == ("undecidable", None, None)


class TestDate:
    def patch(self, grower, project, photo, taken_at):
        return grower.patch(url(project, f"/{photo.pk}"), {"taken_at": taken_at}, format="json")

    def test_it_is_added_where_there_is_none(self, project, grower):
        photo = mine(grower, project, taken_at=None)
        answer = self.patch(grower, project, photo, "2026-04-12T12:00:00Z")
        assert (answer.status_code, answer.json()["taken_at"]) == (200, "2026-04-12T12:00:00Z")
        photo.refresh_from_db()
        assert photo.taken_at == NOON

    def test_the_date_of_the_camera_stays(self, project, grower):
        photo = mine(grower, project, taken_at=NOON)
        answer = self.patch(grower, project, photo, "2025-01-01T00:00:00Z")
        assert (answer.status_code, answer.json()["code"]) == (409, "date_known")

    @pytest.mark.parametrize("taken_at", ["1985-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday"])
    def test_absurd_days_are_refused(self, project, grower, taken_at):
        photo = mine(grower, project, taken_at=None)
        answer = self.patch(grower, project, photo, taken_at)
        assert answer.status_code in {400, 422}
        assert list(answer.json()["fields"]) == ["taken_at"]

    def test_of_others_it_is_not_there(self, project, grower):
        assert self.patch(grower, project, PhotoFactory(project=project, taken_at=None), "2026-04-12").status_code in {
            400, 404,
        }  # fmt: skip
        photo = PhotoFactory(project=project, taken_at=None)
        assert self.patch(grower, project, photo, "2026-04-12T12:00:00Z").status_code == 404
        assert grower.get(url(project, f"/{photo.pk}")).status_code == 404


class TestPlots:
    def plots(self, grower, project):
        return grower.get(f"/api/v1/projects/{project.slug}/my-plots").json()

    def test_a_line_per_plant_and_per_site_without_plants(self, project, grower):
        plant = PlantFactory(site__project=project, site__name="Soto", name="7")
        site = SiteFactory(project=project, name="Vega")
        for days, position in ((2, 3), (0, 1), (1, 2)):
            photo = mine(grower, project, plant=plant, site=plant.site, taken_at=NOON + timedelta(days=days))
            settle(photo, position)
        suggest(mine(grower, project, site=site, taken_at=NOON + timedelta(days=5)), 4)
        suggest(mine(grower, project, taken_at=None), 5)
        plots = self.plots(grower, project)
        seen = [(p["site"], p["plant"], [point["answer"]["stage_position"] for point in p["points"]]) for p in plots]
        assert seen == [("", "", [5]), ("Vega", "", [4]), ("Soto", "7", [1, 2, 3])]
        deciders = {point["answer"]["decided_by"] for point in plots[2]["points"]}
        assert deciders == {"experts"}

    def test_without_a_stage_there_is_no_point(self, project, grower):
        settle(mine(grower, project), None, "unusable")
        suggested = mine(grower, project)
        suggest(suggested, 2)
        settle(suggested, None, "undecidable")
        mine(grower, project)
        assert self.plots(grower, project) == []

    def test_others_are_not_on_it(self, project, grower):
        suggest(PhotoFactory(project=project), 2)
        assert self.plots(grower, project) == []

    def test_queries_do_not_grow_with_the_points(self, project, grower, django_assert_num_queries):
        for n in (1, 9):
            for _ in range(n):
                plant = PlantFactory(site__project=project)
                suggest(mine(grower, project, plant=plant, site=plant.site), 1)
            with django_assert_num_queries(4):
                assert self.plots(grower, project)


class TestNews:
    def news(self, grower, project, since):
        found = grower.get(url(project, "/news"), {"since": since.isoformat()}).json()
        return found["answered"], found["rejected"], datetime.fromisoformat(found["until"])

    def test_what_was_decided_since(self, project, grower):
        start = timezone.now() - timedelta(hours=1)
        settle(mine(grower, project), 1)
        settle(mine(grower, project), None, "unusable")
        settle(mine(grower, project), 1, at=start - timedelta(days=1))
        suggest(mine(grower, project), 2)
        settle(PhotoFactory(project=project), 1)
        mine(grower, project, status="rejected", rejection="too_dark", processed_at=timezone.now())
        answered, rejected, until = self.news(grower, project, start)
        assert (answered, rejected) == (2, 1)
        assert self.news(grower, project, until)[:2] == (0, 0), "what was seen is not new"

    def test_the_list_can_be_narrowed_to_it(self, project, grower):
        start = timezone.now() - timedelta(hours=1)
        new = settle(mine(grower, project), 1).photo
        dark = mine(grower, project, status="rejected", rejection="too_dark", processed_at=timezone.now())
        settle(mine(grower, project), 1, at=start - timedelta(days=1))
        rows = grower.get(url(project), {"since": start.isoformat()}).json()["results"]
        assert [row["id"] for row in rows] == [dark.pk, new.pk]
        assert grower.get(url(project), {"since": "long ago"}).status_code == 400

    def test_a_moment_must_be_given(self, project, grower):
        assert grower.get(url(project, "/news")).status_code == 400
