"""Which rows an export has, and what they tell and hide."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from hypothesis import given

from labeling.domain.dataset import coarsened
from labeling.domain.spreadsheet_cells import neutral, restored
from labeling.models import Adjudication, Annotation, StageScale
from labeling.selectors import dataset
from labeling.selectors.dataset import dataset_header, dataset_rows, dataset_size
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, SiteFactory, UserFactory
from tests.labeling.exports.rows import texts
from tests.labeling.exports.worlds import located, orchard, settled, suggested


@given(text=texts)
def test_cells_are_neutral_and_come_back(text):
    cell = neutral(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert restored(cell) == text


@pytest.mark.parametrize("cell", ["'90s", "plain", "", "'"])
def test_cells_of_others_are_left_alone(cell):
    assert restored(cell) == cell


def test_a_place_is_a_kilometre_wide():
    assert coarsened(-33.45678, -70.12345) == (-33.46, -70.12)


@pytest.mark.django_db
class TestRows:
    def test_consensus(self):
        project = orchard(2)
        photo = project.photos.order_by("pk").first()
        suggested(photo)
        rows = list(dataset_rows(project=project, unit="consensus"))
        row = rows[0]
        assert [r.photo.photo_id for r in rows] == list(project.photos.order_by("pk").values_list("pk", flat=True))
        assert (row.photo.sha256, row.photo.site, row.photo.plant) == (photo.sha256, "=Huerto", photo.plant.name)
        assert (row.label.kind, row.label.stage.position, row.label.source) == ("stage", 0, "")
        assert (row.label.quality, row.label.distribution, row.label.n_annotations) == (0.9, (1.0,), 1)
        assert (row.model.stage.position, row.model.confidence, row.model.version) == (2, 0.625, "v9")
        assert rows[1].model is None

    def test_annotations_that_count(self):
        """Not those taken back, nor of an earlier round, nor on a photo that is not ready."""
        project = ProjectFactory()
        photo, sent_back, rejected = PhotoFactory.create_batch(3, project=project)
        kept = AnnotationFactory(photo=photo, position=1)
        gone = AnnotationFactory(photo=photo)
        Annotation.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
        AnnotationFactory(photo=sent_back)
        Adjudication.objects.create(photo=sent_back, project=project, state="sent_back", round=2, stage_gap=3)
        second = AnnotationFactory(photo=sent_back, round=2, position=4)
        AnnotationFactory(photo=rejected)
        type(rejected).objects.filter(pk=rejected.pk).update(status="rejected", rejection="truncated")
        rows = list(dataset_rows(project=project, unit="annotation"))
        assert [(r.photo.photo_id, r.label.stage.position) for r in rows] == [(photo.pk, 1), (sent_back.pk, 4)]
        assert [r.label.source for r in rows] == [f"annotator-{a.annotator_id}" for a in (kept, second)]
        assert dataset_size(project=project, unit="annotation") >= 2

    def test_imported_annotations_keep_their_source(self):
        photo = PhotoFactory()
        AnnotationFactory(photo=photo, annotator=None, source="Thesis 2024")
        (row,) = dataset_rows(project=photo.project, unit="annotation")
        assert row.label.source == "Thesis 2024"

    def test_names_of_people_only_when_asked(self):
        photo, person = PhotoFactory(), UserFactory(full_name="Elena Olmos")
        AnnotationFactory(photo=photo, annotator=person)
        (hidden,) = dataset_rows(project=photo.project, unit="annotation")
        (named,) = dataset_rows(project=photo.project, unit="annotation", has_names=True)
        assert "Elena" not in str(hidden)
        assert str(person.email) not in str(hidden) + str(named)
        assert named.label.source == f"Elena Olmos ({person.pk})"

    def test_places_only_when_asked_with_consent_and_coarse(self):
        photo, other = PhotoFactory(), PhotoFactory()
        settled(photo, 1)
        located(photo)
        type(other).objects.filter(pk=other.pk).update(project=photo.project)
        other.refresh_from_db()
        settled(other, 1)
        located(other).__class__.objects.filter(photo=other).update(consent_version=0)
        assert [r.photo.place for r in dataset_rows(project=photo.project, unit="consensus")] == [None, None]
        told = [r.photo.place for r in dataset_rows(project=photo.project, unit="consensus", has_places=True)]
        assert told == [(-33.46, -70.12), None]

    def test_a_retired_scale_is_not_mixed_in(self):
        project = orchard(1)
        StageScale.objects.filter(project=project).update(status="retired")
        StageScale.objects.create(project=project, version=2, status="current")
        assert not list(dataset_rows(project=project, unit="consensus"))
        assert not list(dataset_rows(project=project, unit="annotation"))

    def test_times_are_local_to_the_site(self):
        photo = PhotoFactory(taken_at=datetime(2026, 5, 1, 2, 0, tzinfo=UTC))
        photo.site = SiteFactory(project=photo.project, timezone="America/Santiago")
        photo.save()
        settled(photo, 1)
        (row,) = dataset_rows(project=photo.project, unit="consensus")
        assert row.photo.taken_at.isoformat() == "2026-04-30T22:00:00-04:00"

    def test_other_projects_are_not_in_it(self):
        project = orchard(1)
        orchard(2)
        assert len(list(dataset_rows(project=project, unit="consensus"))) == 1
        assert len(list(dataset_rows(project=project, unit="annotation"))) == 1

    @pytest.mark.parametrize("unit", ["consensus", "annotation"])
    def test_pages_join_without_a_gap(self, unit, monkeypatch):
        project = orchard(7)
        monkeypatch.setattr(dataset, "FIRST_PAGE", 1)
        monkeypatch.setattr(dataset, "PAGE", 2)
        ids = [row.photo.photo_id for row in dataset_rows(project=project, unit=unit)]
        assert ids == sorted(project.photos.values_list("pk", flat=True))

    @pytest.mark.parametrize(("unit", "n_queries"), [("consensus", 5), ("annotation", 8)])
    def test_queries_do_not_grow_with_the_rows(self, unit, n_queries, django_assert_num_queries):
        project = orchard(9)
        with django_assert_num_queries(n_queries):  # stages; a page with photos and suggestions; the empty page
            list(dataset_rows(project=project, unit=unit))

    def test_the_header_names_scale_policy_and_imports(self):
        project = orchard(1)
        header = dataset_header(
            project=project, unit="consensus", exported_at=timezone.now(), licence="", has_places=False, has_names=False
        )
        assert [stage.position for stage in header.stages] == list(range(7))
        assert ("Annotations wanted per photo", "1") in header.policy
        assert json.dumps(header, default=str)
