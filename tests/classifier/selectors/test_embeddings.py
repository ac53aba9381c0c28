import numpy as np
import pytest

from classifier.selectors.embeddings import embedding_matrix, embedding_matrix_of
from tests.factories.classifier import FEATURE_SPACE, EmbeddingFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def test_reads_the_numbers_that_were_stored():
    project = ProjectFactory()
    vectors = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float16)
    photos = [PhotoFactory(project=project) for _ in vectors]
    for photo, vector in zip(reversed(photos), reversed(vectors), strict=True):
        EmbeddingFactory(photo=photo, vector=vector.tolist())

    matrix = embedding_matrix(project_id=project.pk, backbone=FEATURE_SPACE)

    assert matrix.photo_ids.tolist() == [photo.pk for photo in photos]
    np.testing.assert_array_equal(matrix.vectors, vectors.astype(np.float32))


def test_other_spaces_projects_and_photos_that_are_not_ready_stay_out():
    project = ProjectFactory()
    mine = EmbeddingFactory(photo=PhotoFactory(project=project))
    EmbeddingFactory(photo=mine.photo, backbone="another-space")
    EmbeddingFactory(photo=PhotoFactory(project=project, status="rejected", rejection="truncated"))
    EmbeddingFactory()

    assert embedding_matrix(project_id=project.pk, backbone=FEATURE_SPACE).photo_ids.tolist() == [mine.photo_id]


def test_an_empty_project_gives_an_empty_matrix():
    matrix = embedding_matrix(project_id=ProjectFactory().pk, backbone=FEATURE_SPACE)

    assert matrix.photo_ids.shape == (0,)
    assert matrix.rows_of([1, 2]).tolist() == [-1, -1]


def test_rows_of_tells_missing_photos():
    project = ProjectFactory()
    photos = [EmbeddingFactory(photo=PhotoFactory(project=project)).photo for _ in range(3)]
    matrix = embedding_matrix(project_id=project.pk, backbone=FEATURE_SPACE)

    assert matrix.rows_of([photos[2].pk, 0, 10**9, photos[0].pk]).tolist() == [2, -1, -1, 0]


def test_a_few_vectors_come_in_the_order_asked_for_or_not_at_all():
    photos = [PhotoFactory() for _ in range(3)]
    for place, photo in enumerate(photos):
        EmbeddingFactory(photo=photo, vector=[float(place), 1.0])

    few = embedding_matrix_of(photo_ids=[photos[2].pk, photos[0].pk], backbone=FEATURE_SPACE)

    assert few.tolist() == [[2.0, 1.0], [0.0, 1.0]]
    assert embedding_matrix_of(photo_ids=[photos[0].pk, PhotoFactory().pk], backbone=FEATURE_SPACE) is None
