"""What is enqueued when, on the real broker; tasks are called as functions."""

import json

import pytest

from classifier import events, tasks
from classifier.models import RunState, ScoringRun
from classifier.selectors.workers import queue_workers, redis_client
from classifier.services.photo_map_requests import photo_map_request
from classifier.services.workers import worker_gone, worker_seen
from labeling import events as labeling_events
from labeling.events import announce
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, PredictionFactory, TrainingRunFactory
from tests.factories.labeling import PhotoFactory, ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def broker():
    redis_client().flushdb()
    yield redis_client()
    redis_client().flushdb()


@pytest.fixture
def space(monkeypatch):
    monkeypatch.setattr(tasks, "feature_space_name", lambda: FEATURE_SPACE)


def waiting(queue):
    """Names and arguments of the messages in a queue, oldest first."""
    found = []
    for raw in reversed(redis_client().lrange(queue, 0, -1)):
        headers = json.loads(raw)["headers"]
        found.append((headers["task"], headers["argsrepr"]))
    return found


class TestReceivers:
    @pytest.mark.parametrize("fact", [labeling_events.consensus_reached, labeling_events.consensus_withdrawn])
    def test_a_burst_of_decisions_is_one_message(self, fact):
        project = ProjectFactory()

        for photo_id in range(5):
            announce(fact, photo_id=photo_id, project_id=project.pk)

        assert waiting("score") == [("classifier.score.project_refresh_if_due", f"({project.pk},)")]

    def test_a_burst_of_photos_is_one_message(self):
        project = ProjectFactory()

        for photo_id in range(5):
            announce(labeling_events.photo_ingested, photo_id=photo_id, project_id=project.pk)

        assert waiting("score") == [("classifier.score.project_score", f"({project.pk},)")]

    def test_a_run_goes_to_the_train_queue(self):
        announce(events.training_run_requested, training_run_id=7)

        assert waiting("train") == [("classifier.train.training_run", "(7,)")]

    def test_a_promotion_has_everything_scored_and_the_queue_made_anew(self):
        announce(events.model_promoted, model_version_id="x", project_id=3)

        assert waiting("score") == [
            ("classifier.score.project_score", "(3,)"),
            ("classifier.score.project_refresh", "(3,)"),
        ]

    def test_the_end_of_a_training_has_its_labels_looked_through(self):
        announce(events.training_run_finished, training_run_id=7, project_id=3)

        assert waiting("score") == [("classifier.score.second_look_round_build", "(7,)")]

    def test_a_map_that_is_asked_for_is_laid_out_by_a_score_worker(self, space):
        project = world(n_photos=12).project

        asked = photo_map_request(project=project)
        photo_map_request(project=project)

        assert waiting("score") == [("classifier.score.photo_map_build", f"({asked.pk},)")]
        tasks.photo_map_build(asked.pk)
        asked.refresh_from_db()
        assert (asked.state, asked.n_points) == ("succeeded", 12)

    def test_a_broker_that_is_away_costs_the_caller_nothing(self, monkeypatch):
        def refuse():
            raise ConnectionError("away")

        monkeypatch.setattr(tasks, "redis_client", refuse)

        announce(labeling_events.consensus_reached, photo_id=1, project_id=1)


class TestRefresh:
    def test_it_waits_for_enough_labels(self, space):
        made = world(n_photos=30, held_out_every=0, refresh_every=5)
        made.label(made.photos[:4])
        tasks.project_refresh_if_due(made.project.pk)
        assert waiting("score") == []

        made.label(made.photos[4:5])
        tasks.project_refresh_if_due(made.project.pk)

        assert waiting("score") == [("classifier.score.project_refresh", f"({made.project.pk},)")]

    def test_a_started_refresh_no_longer_counts_as_waiting(self, space):
        made = world(n_photos=10)
        tasks.enqueue_once(tasks.project_refresh, made.project.pk)

        tasks.project_refresh(made.project.pk)

        assert tasks.enqueue_once(tasks.project_refresh, made.project.pk)
        assert ScoringRun.objects.get().state == RunState.SUCCEEDED
        assert ("classifier.training_if_due", f"({made.project.pk},)") in waiting("default")

    def test_a_low_queue_is_refilled_only_while_there_is_something_to_ask(self):
        empty = ProjectFactory()
        made = world(n_photos=3)

        tasks.project_refill(empty.pk)
        tasks.project_refill(made.project.pk)

        assert waiting("score") == [("classifier.score.project_refresh", f"({made.project.pk},)")]


class TestSecondLook:
    def test_a_started_one_no_longer_counts_as_waiting(self, space):
        run = TrainingRunFactory(state="failed")
        tasks.enqueue_once(tasks.second_look_round_build, run.pk)

        tasks.second_look_round_build(run.pk)

        assert tasks.enqueue_once(tasks.second_look_round_build, run.pk)


class TestWaves:
    def test_unscored_photos_are_handed_out_in_chunks_once(self, space, monkeypatch):
        monkeypatch.setattr("classifier.services.scoring.CHUNK", 64)
        made = world(n_photos=70, with_vectors=False)

        tasks.project_score(made.project.pk)
        tasks.project_score(made.project.pk)

        names = [name for name, _ in waiting("score")]
        assert names == ["classifier.score.photos_score"] * 2

    def test_the_last_chunk_looks_for_more_and_reorders_the_queue(self, space):
        made = world(n_photos=3)
        redis_client().set(f"antesis:wave:{made.project.pk}", 2)

        tasks.photos_score(made.project.pk, [])
        assert waiting("score") == []
        tasks.photos_score(made.project.pk, [])

        names = [name for name, _ in waiting("score")]
        assert names == [f"classifier.score.{name}" for name in ("project_score", "project_refresh", "shadow_score")]

    def test_a_promoted_version_has_its_unscored_photos_handed_out(self, space):
        made = world(n_photos=3)
        version = ModelVersionFactory(project=made.project, state="promoted")
        PredictionFactory(photo=made.photos[0], model_version=version)

        tasks.project_score(made.project.pk)

        wanted = [photo.pk for photo in made.photos[1:]]
        assert waiting("score") == [("classifier.score.photos_score", f"({made.project.pk}, {wanted})")]


class TestSafetyNet:
    def test_lost_runs_are_sent_again_once(self):
        run = TrainingRunFactory(state="lost", attempts=1)

        tasks.training_runs_sweep()
        tasks.training_runs_sweep()

        assert waiting("train") == [("classifier.train.training_run", f"({run.pk},)")]

    def test_a_project_whose_messages_were_lost_is_found(self, space):
        made = world(n_photos=20)
        PhotoFactory(project=made.project)

        tasks.projects_reconcile()

        names = {name for name, _ in waiting("score")}
        assert names == {"classifier.score.project_score", "classifier.score.project_refresh"}
        assert waiting("default") == [("classifier.training_if_due", f"({made.project.pk},)")]

    def test_one_whose_version_was_changed_since_its_refresh_is_refreshed(self, space):
        made = world(n_photos=20)
        tasks.project_refresh(made.project.pk)
        version = ModelVersionFactory(project=made.project, state="promoted")
        for photo in made.photos:
            PredictionFactory(photo=photo, model_version=version)
        redis_client().flushdb()

        tasks.projects_reconcile()

        assert waiting("score") == [("classifier.score.project_refresh", f"({made.project.pk},)")]

    def test_one_that_is_up_to_date_is_left_alone(self, space):
        made = world(n_photos=20)
        tasks.project_refresh(made.project.pk)
        redis_client().flushdb()

        tasks.projects_reconcile()

        assert waiting("score") == []


class TestWorkers:
    def test_those_seen_lately_are_alive_until_they_leave(self):
        worker_seen(name="score@a", queues=["score"])
        worker_seen(name="both@b", queues=["score", "train"])
        worker_gone(name="score@a", queues=["score"])

        assert {it.queue: it.names for it in queue_workers()} == {
            "default": [],
            "score": ["both@b"],
            "train": ["both@b"],
        }

    def test_without_a_broker_nobody_is_alive(self, monkeypatch):
        import redis

        from classifier.selectors import workers

        nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock")
        monkeypatch.setattr(workers, "redis_client", lambda: nowhere)

        assert not any(it.alive for it in queue_workers())
