"""Photos with a vector are counted as they are written, not when somebody looks."""

from __future__ import annotations

import pytest

from classifier.models import Embedding, EmbeddingCount
from classifier.selectors.learning import embedded_count
from tests.factories.classifier import FEATURE_SPACE, EmbeddingFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def test_what_is_written_twice_counts_once_and_what_goes_is_taken_off(project, django_assert_num_queries):
    photos = [PhotoFactory(project=project) for _ in range(4)]
    rows = [Embedding(photo=photo, backbone=FEATURE_SPACE, vector=[0.0] * 8) for photo in photos]
    Embedding.objects.bulk_create(rows[:3])
    Embedding.objects.bulk_create(
        [Embedding(photo=it.photo, backbone=it.backbone, vector=[1.0] * 8) for it in rows], ignore_conflicts=True
    )
    EmbeddingFactory(photo=PhotoFactory())
    with django_assert_num_queries(1):
        assert embedded_count(project_id=project.pk) == 4
    photos[0].delete()
    assert embedded_count(project_id=project.pk) == 3


def test_it_is_that_of_the_space_most_photos_are_in(project):
    assert embedded_count(project_id=project.pk) == 0
    for n, space in ((3, "old"), (1, "new")):
        for _ in range(n):
            EmbeddingFactory(photo=PhotoFactory(project=project), backbone=space)
    assert embedded_count(project_id=project.pk) == 3
    Embedding.objects.filter(backbone="old").delete()
    assert embedded_count(project_id=project.pk) == 1


def test_a_project_goes_with_its_counts(project):
    EmbeddingFactory(photo=PhotoFactory(project=project))
    assert EmbeddingCount.objects.filter(project=project).exists()
    project.photos.all().delete()
    project.delete()
    assert not EmbeddingCount.objects.filter(project_id=project.pk).exists()
