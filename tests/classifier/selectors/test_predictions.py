import numpy as np
import pytest

from classifier.selectors.predictions import prediction_matrix, prediction_rows
from tests.factories.classifier import ModelVersionFactory, PredictionFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def test_probabilities_come_in_the_order_asked_for_and_nan_where_there_are_none(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    project = ProjectFactory()
    version, other = ModelVersionFactory(project=project), ModelVersionFactory(project=project, number=2)
    first, second, bare = (PhotoFactory(project=project) for _ in range(3))
    PredictionFactory(photo=first, model_version=version, probabilities=[0.1, 0.2, 0.7])
    PredictionFactory(photo=second, model_version=version, probabilities=[0.3, 0.3, 0.4])
    PredictionFactory(photo=bare, model_version=other, probabilities=[1.0, 0.0, 0.0])

    matrix = prediction_matrix(model_version_id=version.pk, photo_ids=[second.pk, bare.pk, first.pk], n_stages=3)
    rows = prediction_rows(
        model_version_id=version.pk, photo_ids=np.asarray([first.pk, second.pk, bare.pk]), n_stages=3
    )

    assert matrix[[0, 2]].tolist() == [[0.3, 0.3, 0.4], [0.1, 0.2, 0.7]]
    assert np.isnan(matrix[1]).all()
    assert rows.photo_ids.tolist() == [first.pk, second.pk]
    np.testing.assert_allclose(rows.values, [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], rtol=1e-6)


def test_probabilities_of_another_scale_count_as_none():
    prediction = PredictionFactory(probabilities=[0.5, 0.5])

    matrix = prediction_matrix(
        model_version_id=prediction.model_version_id, photo_ids=[prediction.photo_id], n_stages=3
    )

    assert np.isnan(matrix).all()
