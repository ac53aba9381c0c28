"""A version that scores new photos unseen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from classifier.models import ModelVersion, Prediction
from classifier.selectors import shadows as shadow_reads
from classifier.selectors.shadows import shadow_comparison, shadow_of
from classifier.services import model_store, shadows
from classifier.services.model_store import ensemble_save
from classifier.services.promotion import model_version_promote
from classifier.services.reconcile import projects_behind
from classifier.services.refresh import project_refresh
from classifier.services.shadows import shadow_score, shadow_start, shadow_stop
from labeling.domain.errors import Conflict
from labeling.models import QueueEntry, Suggestion
from tests.classifier.scripted import Ensemble, ScriptedRuntime, renditions_store
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, PredictionFactory, TrainingRunFactory
from tests.factories.labeling import AnnotationFactory, PhotoFactory, stage_at

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
    return world(n_photos=4, held_out_every=0)


@pytest.fixture
def serving(made):
    return ModelVersionFactory(project=made.project, state="promoted")


@pytest.fixture
def held_back(made, serving, tmp_path):
    stored = ensemble_save(Ensemble(), tmp_path / "ensemble")
    run = TrainingRunFactory(project=made.project, state="succeeded", config={"image_size": 16})
    return ModelVersionFactory(
        project=made.project, run=run, state="rejected", artifact_key=stored.key, artifact_sha256=stored.sha256
    )


def start(version):
    shadow_start(project_id=version.project_id, model_version_id=version.pk)
    version.refresh_from_db()


def arrived(made, serving, n, *, position=0):
    """New photos that the version in use has scored."""
    photos = [PhotoFactory(project=made.project) for _ in range(n)]
    for photo in photos:
        PredictionFactory(photo=photo, model_version=serving, probabilities=one_hot(position))
    renditions_store(photos)
    return photos


def one_hot(position):
    return [0.8 if stage == position else 0.1 for stage in range(3)]


def score(made):
    return shadow_score(project_id=made.project.pk, runtime=ScriptedRuntime())


def scored_by(version):
    return set(Prediction.objects.filter(model_version=version).values_list("photo_id", flat=True))


class TestStarting:
    def test_one_at_a_time_and_none_that_is_in_use(self, made, serving, held_back):
        start(held_back)
        other = ModelVersionFactory(project=made.project, state="candidate")
        start(other)
        assert shadow_of(project_id=made.project.pk) == other
        with pytest.raises(Conflict, match="in use already"):
            start(serving)
        with pytest.raises(IntegrityError), transaction.atomic():
            ModelVersion.objects.filter(pk=held_back.pk).update(shadow_since=other.shadow_since)
        shadow_stop(project_id=made.project.pk, model_version_id=other.pk)
        assert shadow_of(project_id=made.project.pk) is None

    def test_not_without_a_version_in_use_nor_for_other_stages(self, made, serving, held_back):
        ModelVersion.objects.filter(pk=serving.pk).update(state="retired")
        with pytest.raises(Conflict, match="No version is in use"):
            start(held_back)
        made.project.scales.update(status="retired")
        with pytest.raises(Conflict, match="stages"):
            start(held_back)

    def test_promoting_ends_it(self, made, serving, held_back):
        start(held_back)
        model_version_promote(model_version_id=held_back.pk, reason="Better")
        held_back.refresh_from_db()
        assert (held_back.state, held_back.shadow_since) == ("promoted", None)


class TestScoring:
    def test_only_what_came_since_and_only_what_the_version_in_use_has_scored(self, made, serving, held_back):
        before = arrived(made, serving, 2)
        start(held_back)
        since = arrived(made, serving, 3)
        waiting = PhotoFactory(project=made.project)
        assert projects_behind(feature_space=FEATURE_SPACE).to_shadow == [made.project.pk]
        assert not score(made)
        assert scored_by(held_back) == {photo.pk for photo in since}
        assert not scored_by(held_back) & {waiting.pk, *(photo.pk for photo in before)}
        assert projects_behind(feature_space=FEATURE_SPACE).to_shadow == []

    def test_a_task_and_a_shadow_have_their_bounds(self, made, serving, held_back, monkeypatch):
        monkeypatch.setattr(shadows, "CHUNK", 2)
        monkeypatch.setattr(shadows, "CHUNKS", 1)
        monkeypatch.setattr(shadow_reads, "MOST_PHOTOS", 3)
        start(held_back)
        arrived(made, serving, 5)
        assert score(made)
        assert len(scored_by(held_back)) == 2
        assert not score(made)
        assert not score(made)
        assert len(scored_by(held_back)) == 3
        assert projects_behind(feature_space=FEATURE_SPACE).to_shadow == []

    def test_nobody_sees_it(self, made, serving, held_back):
        start(held_back)
        new = arrived(made, serving, 3, position=2)
        score(made)
        project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)
        shown = Suggestion.objects.filter(photo__in=new)
        assert set(shown.values_list("position", flat=True)) <= {2}


class TestComparison:
    def settled(self, made, photo, *, is_blind=True, reason="random", position=1):
        made.truth[photo.pk] = position
        made.label([photo])
        AnnotationFactory(
            photo=photo, stage=stage_at(made.project, position), is_blind=is_blind,
            shown={"reason": reason, "position": 0},
        )  # fmt: skip

    def test_on_photos_drawn_by_chance_and_answered_blind(self, made, serving, held_back):
        assert shadow_comparison(version=held_back) is None
        start(held_back)
        new = arrived(made, serving, 7)
        score(made)  # names stage 1; the version in use stage 0
        for photo in new[:2]:
            self.settled(made, photo, reason="evaluation")
        self.settled(made, new[2], position=0)
        self.settled(made, new[3], is_blind=False)
        self.settled(made, new[4], reason="uncertain")
        self.settled(made, new[5])
        AnnotationFactory(photo=new[5], stage=stage_at(made.project, 1), is_blind=False, shown={"reason": "random"})
        found = shadow_comparison(version=held_back)
        assert (found.n, found.only_shadow, found.only_serving) == (3, 2, 1)
        assert found.difference == pytest.approx(1 / 3)

    def test_the_page_shows_it_and_an_admin_starts_and_stops(self, made, serving, held_back, member_client):
        admin = member_client(made.project, "admin")
        url = f"/api/v1/projects/{made.project.slug}/model-versions/{held_back.pk}/shadow"
        body = admin.put(url).json()
        assert body["shadow_since"]
        assert body["shadow"]["n"] == 0
        assert admin.delete(url).json()["shadow"] is None
        assert admin.put(url.replace(str(held_back.pk), str(serving.pk))).status_code == 409


def test_rolling_back_brings_back_the_former_suggestions_and_questions_without_scoring():
    made = world(n_photos=12, held_out_every=0, random_share=0.0, blind_share=0.0)
    first, second = (ModelVersionFactory(project=made.project, state="candidate") for _ in range(2))
    for version, turn in ((first, 0), (second, 1)):
        for photo in made.photos:
            sure = (made.truth[photo.pk] + turn) % 3
            PredictionFactory(photo=photo, model_version=version, probabilities=one_hot(sure))

    def in_use(version):
        model_version_promote(model_version_id=version.pk, reason="")
        project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)
        asked = {entry.photo_id: tuple(entry.probabilities) for entry in QueueEntry.objects.all()}
        return dict(Suggestion.objects.values_list("photo_id", "position")), asked

    before = in_use(first)
    n_predictions = Prediction.objects.count()
    assert in_use(second) != before
    after = in_use(first)
    assert after[0] == before[0] == made.truth
    assert {photo_id: after[1][photo_id] for photo_id in before[1]} == before[1]
    assert Prediction.objects.count() == n_predictions
