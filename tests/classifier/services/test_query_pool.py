from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.acquisition import ACQUISITIONS
from classifier.services.pool_scene import scene_fit, scene_gather, scene_score
from classifier.services.query_pool import BURST_SECONDS, burst_codes, query_pool
from labeling.selectors.pool import PoolRows
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import AnnotationFactory, PlantFactory

SPRING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def photos_at(groups, taken):
    n = len(groups)
    return PoolRows(np.arange(n), np.asarray(groups), np.zeros(n, bool), np.asarray(taken, float))


class TestBursts:
    def test_close_shots_of_a_group_are_one(self):
        codes = burst_codes(photos_at([1, 2, 1, 1, 1], [0, 10, 50, 100, 100 + BURST_SECONDS]))
        assert codes[0] == codes[2] == codes[3]
        assert len({codes[0], codes[1], codes[4]}) == 3

    def test_an_unknown_time_is_of_no_burst(self):
        assert len(set(burst_codes(photos_at([1, 1, 1], [np.nan, 0, np.nan])).tolist())) == 3

    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300)), max_size=12), st.randoms())
    def test_the_order_of_the_photos_does_not_matter(self, photos, random):
        shuffled = list(range(len(photos)))
        random.shuffle(shuffled)
        codes = burst_codes(photos_at(*zip(*photos, strict=True)) if photos else photos_at([], []))
        again = burst_codes(
            photos_at(*zip(*[photos[i] for i in shuffled], strict=True)) if photos else photos_at([], [])
        )
        together = {(i, j) for i in range(len(photos)) for j in range(len(photos)) if codes[i] == codes[j]}
        assert together == {
            (shuffled[i], shuffled[j]) for i in range(len(photos)) for j in range(len(photos)) if again[i] == again[j]
        }


def pool_of(made, *, chosen):
    scene = scene_gather(project_id=made.project.pk, feature_space=FEATURE_SPACE)
    model = scene_fit(scene)
    places = scene.vectors.rows_of(scene.pool.photo_ids)
    probas = scene_score(scene, model, scene.pool.photo_ids[places >= 0])
    return scene, query_pool(scene, model, probas, chosen=chosen, seed=1).pool


def first_of(name, scene, pool):
    (choice, *_) = ACQUISITIONS[name].select(pool, 3)
    return int(scene.vectors.photo_ids[choice.index]), choice.why.code


def dated(made, day_of, *, plant_of=lambda i: None):
    for i, photo in enumerate(made.photos):
        photo.taken_at, photo.plant = SPRING + timedelta(days=day_of(i)), plant_of(i)
        photo.save(update_fields=["taken_at", "plant"])


@pytest.mark.django_db
class TestEvidence:
    def test_settled_and_foreign_photos_are_not_asked_and_bursts_are_told(self):
        made = world(n_photos=24, held_out_every=0)
        made.label(made.photos[:12])
        for photo in made.photos[12:14]:
            photo.group_key, photo.taken_at = "plant:1", SPRING
            photo.save(update_fields=["group_key", "taken_at"])

        scene, pool = pool_of(made, chosen=["margin"])

        asked = scene.vectors.photo_ids[pool.candidates].tolist()
        bursts = pool.burst_codes()[scene.vectors.rows_of([photo.pk for photo in made.photos[12:15]])]
        assert asked == [photo.pk for photo in made.photos[12:]]
        assert bursts[0] == bursts[1] != bursts[2]
        assert pool.labelled.sum() == 12
        assert pool.season_probas is pool.member_probas is pool.plants is None

    def test_a_photo_out_of_season_surprises(self):
        made = world(n_photos=60, n_stages=3, held_out_every=0)
        dated(made, lambda i: 40 * (i % 3))
        made.label(made.photos[:40])
        odd = made.photos[41]
        odd.taken_at = SPRING + timedelta(days=40 * ((made.truth[odd.pk] + 1) % 3))
        odd.save(update_fields=["taken_at"])

        scene, pool = pool_of(made, chosen=["season_surprise"])

        assert first_of("season_surprise", scene, pool) == (odd.pk, "season")

    def test_too_few_dated_labels_make_no_season(self):
        made = world(n_photos=60, held_out_every=0)
        made.label(made.photos[:19])

        _, pool = pool_of(made, chosen=["season_surprise"])

        assert pool.season_probas is None

    def test_a_photo_that_goes_back_in_its_plants_time_is_flagged(self):
        made = world(n_photos=60, n_stages=3, held_out_every=0)
        plant = PlantFactory(site__project=made.project)
        # The plant's photos: one of each stage, weeks apart, and a second one of the first stage after the last.
        dated(made, lambda i: 20 * i, plant_of=lambda i: plant if i in {42, 43, 44, 45} else None)
        made.label(made.photos[:40])

        scene, pool = pool_of(made, chosen=["timeline_violation"])

        assert first_of("timeline_violation", scene, pool) == (made.photos[45].pk, "timeline")

    def test_experts_who_say_something_else_than_the_model_disagree(self):
        made = world(n_photos=60, n_stages=3, held_out_every=0, labels_wanted=2)
        made.label(made.photos[:40])
        scale = made.project.scales.get()
        doubted = made.photos[50]
        for photo in (doubted, made.photos[51]):
            said = made.truth[photo.pk] if photo != doubted else (made.truth[photo.pk] + 1) % 3
            AnnotationFactory(photo=photo, kind="stage", stage=scale.stages.get(position=said))

        scene, pool = pool_of(made, chosen=["bald"])

        assert first_of("bald", scene, pool) == (doubted.pk, "disagree")
