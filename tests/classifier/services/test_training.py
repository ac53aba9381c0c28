from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.models import RunState, TrainingRun
from classifier.services import training
from classifier.services.snapshots import snapshot_rows, snapshot_take
from classifier.services.training import (
    training_rule_set,
    training_run_cancel,
    training_run_start,
    training_runs_sweep,
    training_start_if_due,
)
from labeling.domain.errors import Conflict, DomainError
from tests.classifier.worlds import world
from tests.factories.classifier import EvaluationFactory, ModelVersionFactory, SnapshotFactory, TrainingRunFactory
from tests.factories.labeling import AnnotationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def labelled():
    made = world(n_photos=60, with_vectors=False)
    made.label(made.photos[:40])
    return made


def start(made, **options):
    return training_run_start(project=made.project, trigger=TrainingRun.Trigger.BUTTON, **options)


class TestSnapshot:
    def test_rows_are_frozen_with_what_a_training_needs(self, labelled):
        snapshot = snapshot_take(project_id=labelled.project.pk)

        rows = snapshot_rows(snapshot)
        assert [row.sha256 for row in rows] == sorted(photo.sha256 for photo in labelled.photos[:40])
        assert {row.photo_id: row.stage for row in rows} == {p.pk: labelled.truth[p.pk] for p in labelled.photos[:40]}
        assert (snapshot.n_train, snapshot.n_held_out) == (32, 8)
        assert sum(snapshot.stage_counts) == 32

    def test_the_same_labels_give_the_same_snapshot_and_others_another(self, labelled):
        first = snapshot_take(project_id=labelled.project.pk)
        assert snapshot_take(project_id=labelled.project.pk) == first

        labelled.label([labelled.photos[0]], position=2)

        assert snapshot_take(project_id=labelled.project.pk) != first

    def test_damaged_rows_are_refused(self, labelled):
        snapshot = snapshot_take(project_id=labelled.project.pk)
        snapshot.content_hash = "0" * 64

        with pytest.raises(DomainError, match="damaged"):
            snapshot_rows(snapshot)


class TestStart:
    def test_the_run_is_queued_with_all_that_repeats_it_and_announced_on_commit(
        self, labelled, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks() as callbacks:
            run = start(labelled, epochs=3, members=["scratch_cnn"])

        assert run.state == RunState.QUEUED
        assert run.config["epochs"] == 3
        assert run.config["members"] == ["scratch_cnn"]
        assert run.config["folds"] >= 2
        assert run.seed == run.config["seed"] == labelled.project.seed
        assert run.packages["numpy"]
        assert len(callbacks) == 1

    def test_one_active_run_per_project(self, labelled):
        start(labelled)

        with pytest.raises(Conflict) as refusal:
            start(labelled)
        assert refusal.value.code == "run_active"

    def test_of_two_that_start_at_once_the_index_lets_one_through(self, labelled, monkeypatch):
        start(labelled)
        monkeypatch.setattr(training, "ACTIVE_STATES", ())  # as if this one had looked before the other committed

        with pytest.raises(Conflict) as refusal:
            start(labelled)
        assert refusal.value.code == "run_active"

    def test_too_few_labels_are_counted_in_the_refusal(self):
        made = world(n_photos=20, with_vectors=False)
        made.label(made.photos[:6])

        with pytest.raises(DomainError) as refusal:
            start(made)
        assert refusal.value.code == "too_few_labels"
        assert "there are 4" in refusal.value.message

    def test_unchanged_labels_are_not_trained_on_twice_unless_forced(self, labelled):
        TrainingRun.objects.filter(pk=start(labelled).pk).update(state="succeeded")

        with pytest.raises(DomainError) as refusal:
            start(labelled)
        assert refusal.value.code == "nothing_new"
        assert start(labelled, force=True).state == RunState.QUEUED

    def test_unusable_settings_are_refused(self, labelled):
        with pytest.raises(DomainError) as refusal:
            start(labelled, config={"folds": 1})
        assert refusal.value.code == "config_invalid"


class TestCancel:
    def test_a_waiting_run_is_over_at_once(self, labelled):
        run = training_run_cancel(run=start(labelled))

        assert run.state == RunState.CANCELLED
        assert run.finished_at

    def test_a_running_one_is_asked_to_stop(self):
        run = training_run_cancel(run=TrainingRunFactory(state="running", heartbeat_at=timezone.now()))

        assert run.state == RunState.RUNNING
        assert run.cancel_requested_at

    def test_a_finished_one_is_a_conflict(self):
        with pytest.raises(Conflict) as refusal:
            training_run_cancel(run=TrainingRunFactory(state="succeeded"))
        assert refusal.value.code == "run_finished"


class TestSweep:
    def silent(self, **fields):
        heartbeat = timezone.now() - timedelta(seconds=21)
        return TrainingRunFactory(**{"state": "running", "attempts": 1, "heartbeat_at": heartbeat, **fields})

    def test_a_silent_run_is_lost_and_sent_again(self):
        run = self.silent()

        assert training_runs_sweep().to_enqueue == [run.pk]
        run.refresh_from_db()
        assert run.state == RunState.LOST
        assert "stopped answering" in run.log_lines.get().message

    def test_a_run_that_answers_is_left_alone(self):
        TrainingRunFactory(state="running", attempts=1, heartbeat_at=timezone.now() - timedelta(seconds=15))

        assert training_runs_sweep().to_enqueue == []

    def test_the_third_death_is_the_last(self):
        run = self.silent(attempts=3)

        assert training_runs_sweep().to_enqueue == []
        run.refresh_from_db()
        assert run.state == RunState.FAILED
        assert "died 3 times" in run.error

    def test_a_silent_run_that_was_to_be_cancelled_is_cancelled(self):
        run = self.silent(cancel_requested_at=timezone.now())

        assert training_runs_sweep().cancelled == [run.pk]
        run.refresh_from_db()
        assert run.state == RunState.CANCELLED

    def test_a_queued_run_stays_queued_and_is_sent_again_after_a_minute(self):
        run = TrainingRunFactory()
        assert training_runs_sweep().to_enqueue == []

        TrainingRun.objects.update(created_at=timezone.now() - timedelta(seconds=61))

        assert training_runs_sweep().to_enqueue == [run.pk]
        run.refresh_from_db()
        assert run.state == RunState.QUEUED


class TestRule:
    def test_the_first_training_starts_at_fifteen_labels_a_stage(self):
        made = world(n_photos=60, held_out_every=0, with_vectors=False)
        made.label(made.photos[:44])
        assert training_start_if_due(project_id=made.project.pk) is None

        made.label(made.photos[44:45])

        assert training_start_if_due(project_id=made.project.pk).trigger == "rule"
        assert training_start_if_due(project_id=made.project.pk) is None

    def test_a_failed_run_keeps_the_next_away_for_the_gap(self):
        made = world(n_photos=60, held_out_every=0, with_vectors=False)
        made.label(made.photos)
        run = training_start_if_due(project_id=made.project.pk)
        TrainingRun.objects.update(state="failed", finished_at=timezone.now())
        assert training_start_if_due(project_id=made.project.pk) is None

        TrainingRun.objects.update(finished_at=timezone.now() - timedelta(minutes=11))

        assert training_start_if_due(project_id=made.project.pk) not in (None, run)

    def test_a_project_may_be_told_never_to_train_by_itself(self):
        made = world(n_photos=60, held_out_every=0, with_vectors=False)
        made.label(made.photos)
        training_rule_set(project=made.project, is_on=False)

        assert training_start_if_due(project_id=made.project.pk) is None

    def test_a_drift_of_the_random_share_starts_one_and_the_log_says_so(self):
        made = world(n_photos=140, n_stages=3, held_out_every=0, with_vectors=False)
        made.label(made.photos[:60])
        an_hour_ago = timezone.now() - timedelta(hours=1)
        snapshot = SnapshotFactory(project=made.project, n_train=600, label_cutoff_at=an_hour_ago)
        finished = TrainingRunFactory(
            project=made.project, snapshot=snapshot, state="succeeded", finished_at=an_hour_ago
        )
        version = ModelVersionFactory(project=made.project, run=finished, state="promoted")
        EvaluationFactory(model_version=version, metrics={"accuracy": 0.9})
        made.label(made.photos[60:100])
        for i, photo in enumerate(made.photos[60:100]):
            truth = made.truth[photo.pk]
            suggested = truth if i < 15 else (truth + 1) % 3
            AnnotationFactory(photo=photo, position=truth, shown={"reason": "random", "position": suggested})
        training_rule_set(project=made.project, labels_new=1000, accuracy_drop=0.2)

        run = training_start_if_due(project_id=made.project.pk)

        assert run.log_lines.get().message == (
            "Started by rule: right on 15 of 40 photos of the random share, against 90% on the held-out ones."
        )

    def test_a_longer_gap_is_kept(self):
        made = world(n_photos=60, held_out_every=0, with_vectors=False)
        made.label(made.photos)
        training_rule_set(project=made.project, gap_minutes=60)
        training_start_if_due(project_id=made.project.pk)
        TrainingRun.objects.update(state="failed", finished_at=timezone.now() - timedelta(minutes=59))
        assert training_start_if_due(project_id=made.project.pk) is None

        TrainingRun.objects.update(finished_at=timezone.now() - timedelta(minutes=61))

        assert training_start_if_due(project_id=made.project.pk) is not None
