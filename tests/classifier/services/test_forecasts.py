"""The forecast of labels, from answers in the database to what the page reads."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from classifier.core.forecast import FEWEST_PHOTOS
from classifier.models import LearningForecast
from classifier.selectors.forecasts import ChanceAnswer, chance_answers
from classifier.services.forecasts import AT_MOST_EVERY
from classifier.services.refresh import project_refresh
from labeling.models import StageScale
from labeling.selectors.projects import current_scale
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ScoringRunFactory
from tests.factories.labeling import AnnotationFactory, stage_at

pytestmark = pytest.mark.django_db


def refresh(made):
    return project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)


def answer(made, photo, run, *, suggested=0, reason="random", **fields):
    return AnnotationFactory(
        photo=photo,
        stage=stage_at(made.project, made.truth[photo.pk]),
        shown={"reason": reason, "position": suggested, "model_version": f"refresh-{run.pk}"},
        **fields,
    )


@pytest.fixture
def season():
    """60 settled photos, drawn by chance while labels grew from 10 to 100; the later, the more often right."""
    made = world(n_photos=60, held_out_every=0)
    made.label(made.photos)
    rng = np.random.default_rng(1)
    for i, photo in enumerate(made.photos):
        run = ScoringRunFactory(project=made.project, n_labels=10 + 90 * i // 59)
        truth = made.truth[photo.pk]
        answer(made, photo, run, suggested=truth if rng.random() < 0.3 + 0.6 * i / 60 else (truth + 1) % 3)
    return made


def test_a_refresh_tells_and_the_page_reads(season, member_client):
    client = member_client(season.project, "expert")
    url = f"/api/v1/projects/{season.project.slug}/forecast"
    assert client.get(url).json() == {"labels_now": 0, "built_at": None, "told": None}
    refresh(season)
    body = client.get(url).json()
    told = body["told"]
    assert (body["labels_now"], told["n_photos"]) == (60, 60)
    assert sum(point["n"] for point in told["points"]) == 60
    assert [part["n_photos"] for part in told["stages"]] == [20, 20, 20]
    assert all(part["missing"] == {"photos": FEWEST_PHOTOS - 20, "labels": 0} for part in told["stages"])
    curve = told["overall"]["curve"]
    assert curve["now_low"] < curve["now"] < curve["now_high"]
    assert len(curve["needed"]) == len(told["targets"])
    known = [needed for needed in curve["needed"] if needed is not None]
    assert known == sorted(known)


def test_a_fresh_one_is_kept_and_an_old_one_made_anew(season):
    refresh(season)
    first = LearningForecast.objects.get().built_at
    refresh(season)
    assert LearningForecast.objects.get().built_at == first
    LearningForecast.objects.update(built_at=timezone.now() - AT_MOST_EVERY - timedelta(seconds=1))
    refresh(season)
    assert LearningForecast.objects.get().built_at > first


def test_without_answers_it_says_how_many_are_missing(member_client):
    made = world(n_photos=20)
    refresh(made)
    body = member_client(made.project, "expert").get(f"/api/v1/projects/{made.project.slug}/forecast").json()
    assert body["told"]["overall"] == {
        "n_photos": 0, "missing": {"photos": FEWEST_PHOTOS, "labels": 0}, "curve": None
    }  # fmt: skip


class TestAnswers:
    @pytest.fixture
    def made(self):
        made = world(n_photos=6, held_out_every=0)
        made.label(made.photos)
        return made

    def answers(self, made):
        return chance_answers(scale=current_scale(project_id=made.project.pk))

    def test_the_first_answer_to_photos_drawn_by_chance(self, made):
        early, late = (ScoringRunFactory(project=made.project, n_labels=n) for n in (10, 30))
        drawn, evaluated, doubted = made.photos[:3]
        answer(made, drawn, early, suggested=2)
        answer(made, drawn, late, suggested=0)
        answer(made, evaluated, late, reason="evaluation", suggested=1)
        answer(made, doubted, late, reason="uncertain")
        assert self.answers(made) == [
            ChanceAnswer(10, drawn.group_key, 2, 0),
            ChanceAnswer(30, evaluated.group_key, 1, 1),
        ]

    def test_not_withdrawn_nor_unsettled_nor_without_a_refresh_behind_it(self, made):
        run = ScoringRunFactory(project=made.project, n_labels=10)
        withdrawn, unsettled, imported, empty = made.photos[:4]
        answer(made, withdrawn, run, withdrawn_at=timezone.now())
        answer(made, unsettled, run)
        unsettled.consensus.delete()
        AnnotationFactory(photo=imported, stage=stage_at(made.project, 0),
                          shown={"reason": "random", "position": 0, "model_version": "import"})  # fmt: skip
        answer(made, empty, ScoringRunFactory(project=made.project, n_labels=0))
        assert self.answers(made) == []

    def test_not_from_before_the_scale(self, made):
        answer(made, made.photos[0], ScoringRunFactory(project=made.project, n_labels=10))
        StageScale.objects.update(created_at=timezone.now() + timedelta(minutes=1))
        assert self.answers(made) == []
