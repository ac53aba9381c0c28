import os
import time

import numpy as np
import pytest

from classifier.models import Embedding
from classifier.selectors import stored_rows
from classifier.selectors.embeddings import embedding_matrix_of, embedding_rows
from tests.factories.classifier import FEATURE_SPACE, EmbeddingFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "rows"


def rows_for(photos, *, project=None):
    ids = np.asarray([photo.pk for photo in photos], np.int64)
    return embedding_rows(project_id=(project or photos[0].project).pk, backbone=FEATURE_SPACE, photo_ids=ids)


def test_reads_the_numbers_that_were_stored():
    project = ProjectFactory()
    vectors = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float16)
    photos = [PhotoFactory(project=project) for _ in vectors]
    for photo, vector in zip(reversed(photos), reversed(vectors), strict=True):
        EmbeddingFactory(photo=photo, vector=vector.tolist())

    found = rows_for(photos)

    assert found.photo_ids.tolist() == [photo.pk for photo in photos]
    np.testing.assert_array_equal(found.values, vectors)


def test_more_photos_than_one_portion(monkeypatch):
    monkeypatch.setattr(stored_rows, "PORTION", 2)
    project = ProjectFactory()
    photos = [PhotoFactory(project=project) for _ in range(5)]
    for place, photo in enumerate(photos):
        EmbeddingFactory(photo=photo, vector=[float(place), 1.0])

    assert rows_for(photos).values.tolist() == [[float(place), 1.0] for place in range(5)]


def test_only_what_is_new_is_asked_of_the_database(django_assert_num_queries):
    project = ProjectFactory()
    first, second = (EmbeddingFactory(photo=PhotoFactory(project=project)).photo for _ in range(2))
    width = rows_for([first]).values.shape[1]
    Embedding.objects.filter(photo=first).update(vector=[9.0] * width)

    with django_assert_num_queries(3):  # which database, how wide, the one vector
        found = rows_for([first, second])
    with django_assert_num_queries(1):
        rows_for([first, second])

    assert found.photo_ids.tolist() == [first.pk, second.pk]
    assert 9.0 not in found.values


def test_other_spaces_stay_out_and_photos_without_a_vector_have_no_row():
    project = ProjectFactory()
    mine = EmbeddingFactory(photo=PhotoFactory(project=project))
    EmbeddingFactory(photo=mine.photo, backbone="another-space")
    bare = PhotoFactory(project=project)

    found = rows_for([mine.photo, bare])

    assert found.photo_ids.tolist() == [mine.photo_id]
    assert found.rows_of([bare.pk, mine.photo_id, 10**9]).tolist() == [-1, 0, -1]


def test_an_empty_project_gives_no_rows():
    found = rows_for([], project=ProjectFactory())

    assert found.photo_ids.shape == (0,)
    assert found.rows_of([1, 2]).tolist() == [-1, -1]


def test_what_nobody_reads_for_a_week_is_deleted(folder):
    old, new = (EmbeddingFactory(photo=PhotoFactory()).photo for _ in range(2))
    rows_for([old])
    (lock,) = folder.glob("*/*/lock")
    long_ago = time.time() - stored_rows.UNUSED_SECONDS - 60
    os.utime(lock, (long_ago, long_ago))

    rows_for([new])

    assert not lock.parent.exists()
    assert len(list(folder.glob("*/*/lock"))) == 1


def test_a_few_vectors_come_in_the_order_asked_for_or_not_at_all():
    photos = [PhotoFactory() for _ in range(3)]
    for place, photo in enumerate(photos):
        EmbeddingFactory(photo=photo, vector=[float(place), 1.0])

    few = embedding_matrix_of(photo_ids=[photos[2].pk, photos[0].pk], backbone=FEATURE_SPACE)

    assert few.tolist() == [[2.0, 1.0], [0.0, 1.0]]
    assert embedding_matrix_of(photo_ids=[photos[0].pk, PhotoFactory().pk], backbone=FEATURE_SPACE) is None
