"""Chunks of embedding and prediction: repeatable, and silent for a version that is out of use."""

import numpy as np
import pytest
from django.core.files.storage import default_storage

from classifier.models import Embedding, ModelVersion, Prediction, RunState, ScoringRun
from classifier.services import model_store
from classifier.services.model_store import ensemble_load, ensemble_save
from classifier.services.photo_arrays import PhotosAhead, photos_decode, photos_memmap, photos_memmap_prune
from classifier.services.scoring import photos_embed, photos_score, photos_to_score, pool_score_chunk
from labeling.domain.errors import DomainError
from labeling.storage_keys import rendition_key
from tests.classifier.scripted import Ensemble, ScriptedRuntime, renditions_store
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": tmp_path / "media"},
    }}  # fmt: skip
    model_store._loaded.clear()
    yield
    model_store._loaded.clear()


@pytest.fixture
def made():
    made = world(n_photos=6, with_vectors=False)
    renditions_store(made.photos)
    return made


@pytest.fixture
def version(made, tmp_path):
    stored = ensemble_save(Ensemble(), tmp_path / "ensemble")
    run = TrainingRunFactory(project=made.project, state="succeeded", config={"image_size": 16})
    return ModelVersionFactory(
        project=made.project, run=run, state="promoted", artifact_key=stored.key, artifact_sha256=stored.sha256
    )


def ids(made):
    return [photo.pk for photo in made.photos]


class TestEmbedding:
    def test_each_photo_gets_its_vector_once(self, made):
        runtime = ScriptedRuntime()

        assert photos_embed(photo_ids=ids(made)[:4], runtime=runtime) == 4
        assert photos_embed(photo_ids=ids(made), runtime=runtime) == 2
        assert photos_embed(photo_ids=ids(made), runtime=runtime) == 0

        assert runtime.embedded == 6
        assert Embedding.objects.filter(backbone=FEATURE_SPACE).count() == 6
        assert abs(Embedding.objects.first().vector[0] - 200) < 3

    def test_photos_that_are_not_ready_are_passed_over(self, made):
        made.photos[0].status, made.photos[0].rejection = "rejected", "truncated"
        made.photos[0].save()

        assert photos_embed(photo_ids=ids(made), runtime=ScriptedRuntime()) == 5


class TestPrediction:
    def test_a_chunk_is_stored_once_and_the_progress_is_counted(self, made, version):
        runtime = ScriptedRuntime()

        photos_score(project_id=made.project.pk, photo_ids=ids(made)[:4], runtime=runtime)
        photos_score(project_id=made.project.pk, photo_ids=ids(made)[:4], runtime=runtime)

        run = ScoringRun.objects.get(kind="full")
        assert (run.n_scored, round(run.progress, 2), run.state) == (4, 0.67, RunState.RUNNING)
        assert Prediction.objects.filter(model_version=version).count() == 4
        assert Prediction.objects.first().probabilities == [0.1, 0.8, 0.1]

        photos_score(project_id=made.project.pk, photo_ids=ids(made)[4:], runtime=runtime)

        run.refresh_from_db()
        assert (run.n_scored, run.state) == (6, RunState.SUCCEEDED)
        assert run.finished_at
        assert photos_to_score(project_id=made.project.pk, feature_space=FEATURE_SPACE) == []

    def test_a_version_out_of_use_is_not_even_loaded(self, made, version):
        ModelVersion.objects.update(state="retired")
        runtime = ScriptedRuntime()

        assert pool_score_chunk(model_version_id=version.pk, photo_ids=ids(made), runtime=runtime) == 0
        assert runtime.loaded == 0

    def test_one_replaced_while_it_was_computing_writes_nothing(self, made, version, monkeypatch):
        def predict(self, images, features=None):
            ModelVersion.objects.update(state="retired")
            return original(self, images, features)

        original = Ensemble.predict_proba
        monkeypatch.setattr(Ensemble, "predict_proba", predict)

        assert pool_score_chunk(model_version_id=version.pk, photo_ids=ids(made), runtime=ScriptedRuntime()) == 0
        assert not Prediction.objects.exists()

    @pytest.mark.parametrize(("space", "gets_vectors", "side"), [(FEATURE_SPACE, True, 16), ("other", False, 224)])
    def test_an_ensemble_gets_vectors_of_its_own_space_only(
        self, made, version, monkeypatch, space, gets_vectors, side
    ):
        """GIVEN a machine whose weights make another space, THEN the ensemble embeds by itself, from large photos."""
        seen = []

        def predict(self, images, features=None):
            seen.append((features is not None, images.shape[1]))
            return np.tile([0.1, 0.8, 0.1], (len(images), 1))

        monkeypatch.setattr(Ensemble, "predict_proba", predict)
        monkeypatch.setattr(Ensemble, "feature_space", space)
        photos_score(project_id=made.project.pk, photo_ids=ids(made)[:4], runtime=ScriptedRuntime())
        assert seen == [(gets_vectors, side)]


class TestModelStore:
    def test_a_model_stays_loaded_and_comes_back_from_disk_or_storage(self, version, tmp_path):
        runtime = ScriptedRuntime()

        first = ensemble_load(model_version=version, runtime=runtime)
        assert ensemble_load(model_version=version, runtime=runtime) is first
        assert first.image_size == 16
        assert runtime.loaded == 1

    def test_a_copy_damaged_on_this_machine_is_fetched_again(self, version, tmp_path):
        ensemble_load(model_version=version, runtime=ScriptedRuntime())
        model_store._loaded.clear()
        copy = tmp_path / "work" / "models" / version.artifact_sha256 / "weights.bin"
        copy.write_bytes(b"damaged")

        ensemble_load(model_version=version, runtime=ScriptedRuntime())

        assert copy.read_bytes() == b"weights"

    def test_a_file_damaged_or_gone_from_storage_is_told(self, version):
        ModelVersion.objects.update(artifact_sha256="0" * 64)
        version.refresh_from_db()
        with pytest.raises(DomainError, match="damaged") as damaged:
            ensemble_load(model_version=version, runtime=ScriptedRuntime())
        default_storage.delete(version.artifact_key)
        with pytest.raises(DomainError, match="missing from storage"):
            ensemble_load(model_version=version, runtime=ScriptedRuntime())
        assert damaged.value.code == "model_unusable"

    def test_equal_models_are_one_file(self, version, tmp_path):
        again = ensemble_save(Ensemble(), tmp_path / "again")

        assert (again.key, again.sha256) == (version.artifact_key, version.artifact_sha256)

    def test_the_next_version_decodes_nothing_again(self, made, version):
        runtime = ScriptedRuntime()
        photos_embed(photo_ids=ids(made), runtime=runtime)
        pool_score_chunk(model_version_id=version.pk, photo_ids=ids(made)[:4], runtime=runtime)
        first = dict(Prediction.objects.values_list("photo_id", "probabilities"))
        Prediction.objects.all().delete()
        for photo in made.photos[:4]:
            default_storage.delete(rendition_key(photo.sha256, "model"))

        assert pool_score_chunk(model_version_id=version.pk, photo_ids=ids(made), runtime=runtime) == 6

        again = dict(Prediction.objects.values_list("photo_id", "probabilities"))
        assert {key: again[key] for key in first} == first


class TestPixels:
    def test_photos_are_cut_to_their_middle_square(self, made):
        pixels = photos_decode(sha256s=[photo.sha256 for photo in made.photos], size=24)

        assert pixels.shape == (6, 24, 24, 3)
        assert abs(int(pixels[..., 0].mean()) - 200) < 3

    def test_the_file_is_kept_for_the_next_run_on_the_same_photos(self, made, tmp_path):
        hashes = [photo.sha256 for photo in made.photos]
        first = photos_memmap(sha256s=hashes, size=8)
        for sha256 in hashes:
            default_storage.delete(rendition_key(sha256, "model"))

        again = photos_memmap(sha256s=hashes, size=8)

        assert (first == again).all()
        assert len(list((tmp_path / "work" / "pixels").iterdir())) == 1

    def test_stopping_leaves_nothing_half_done(self, made, tmp_path):
        assert photos_memmap(sha256s=[made.photos[0].sha256], size=8, should_stop=lambda: True) is None
        assert list((tmp_path / "work" / "pixels").iterdir()) == []

    def test_old_files_are_pruned(self, made, tmp_path):
        for photo in made.photos:
            photos_memmap(sha256s=[photo.sha256], size=8)

        photos_memmap_prune(keep=2)

        assert len(list((tmp_path / "work" / "pixels").iterdir())) == 2


class TestPhotosAhead:
    def test_it_reads_as_the_array_it_stands_for(self, made):
        sha256s = [photo.sha256 for photo in made.photos]
        array = photos_decode(sha256s=sha256s, size=16)
        with PhotosAhead(sha256s=sha256s, size=16) as ahead:
            assert (ahead.shape, ahead.dtype, ahead.ndim, len(ahead)) == (array.shape, array.dtype, array.ndim, 6)
            for key in (slice(1, 3), slice(None), 2, (..., 0), [0, 5]):
                assert np.array_equal(ahead[key], array[key])
            assert np.array_equal(np.asarray(ahead), array)
            assert np.array_equal(np.stack(list(ahead)), array)

    def test_a_photo_is_decoded_once_however_often_it_is_looked_at(self, made, monkeypatch):
        from classifier.services import photo_arrays

        decoded, square = [], photo_arrays._square

        def counted(sha256, size):
            decoded.append(sha256)
            return square(sha256, size)

        monkeypatch.setattr(photo_arrays, "_square", counted)
        with PhotosAhead(sha256s=[photo.sha256 for photo in made.photos], size=16) as ahead:
            _ = ahead[:], ahead[2:4], np.asarray(ahead)
        assert sorted(decoded) == sorted(photo.sha256 for photo in made.photos)

    def test_a_missing_photo_is_told_of_where_it_is_looked_at(self, made):
        default_storage.delete(rendition_key(made.photos[4].sha256, "model"))
        with PhotosAhead(sha256s=[photo.sha256 for photo in made.photos], size=16) as ahead:
            assert ahead[:4].shape == (4, 16, 16, 3)
            with pytest.raises(DomainError, match="cannot be read"):
                ahead[3:6]
