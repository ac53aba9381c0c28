"""The life of a run inside its worker, with a trainer that does as it is told."""

import errno
import threading
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from classifier.core.contracts import NoMember, Progress
from classifier.models import ModelVersion, Prediction, RunState, TrainingRun
from classifier.services import outages, run_reporting, version_storing
from classifier.services.checkpoints import CheckpointMirror
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.photo_arrays import work_folder
from classifier.services.training import training_run_cancel, training_run_start, training_runs_sweep
from classifier.services.training_execution import training_run_execute
from classifier.services.workers import worker_begun, worker_draining
from labeling.domain.errors import DomainError
from labeling.selectors.projects import current_stages
from labeling.storage_keys import rendition_key
from tests.classifier.scripted import Ensemble, ScriptedRuntime, renditions_store
from tests.classifier.worlds import world
from tests.factories.labeling import AnnotationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    """Reports every few milliseconds, and a storage and a work folder of this test's own."""
    monkeypatch.setattr(run_reporting, "INTERVAL_SECONDS", 0.005)
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": tmp_path / "media"},
    }}  # fmt: skip


@pytest.fixture
def made():
    made = world(n_photos=60)
    renditions_store(made.photos)
    made.label(made.photos)
    return made


@pytest.fixture
def run(made):
    return training_run_start(project=made.project, trigger=TrainingRun.Trigger.BUTTON)


def execute(run, runtime=None, worker="train@here"):
    state = training_run_execute(run_id=run.pk, worker=worker, runtime=runtime or ScriptedRuntime())
    run.refresh_from_db()
    return state


def on_another_connection(work):
    """Do ``work`` as another process would: in its own thread, on its own connection."""

    def target():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()


def test_a_run_ends_with_a_promoted_version_its_scores_and_its_story(run, made):
    assert execute(run) == RunState.SUCCEEDED

    version = run.model_version
    assert (run.state, run.progress, run.attempts, run.worker) == ("succeeded", 1.0, 1, "train@here")
    assert run.device == "test device"
    assert run.curves[0]["val_accuracy"] == 0.4
    assert [line.message for line in run.log_lines.all()][-1].startswith("Version 1 promoted. First version")
    assert (version.number, version.state) == (1, "promoted")
    assert {e.subset: e.n for e in version.evaluations.all()} == {"held_out": 12, "out_of_fold": 48}
    assert default_storage.exists(version.artifact_key)
    assert Prediction.objects.filter(model_version=version).count() == 60


def test_epochs_are_written_for_tensorboard_only_where_a_folder_is_set(run, made, settings, tmp_path):
    settings.TENSORBOARD_DIR = str(tmp_path / "board")
    runtime = ScriptedRuntime()
    execute(run, runtime)
    assert runtime.events_dir == tmp_path / "board" / made.project.slug / f"run-{run.pk}"


def test_a_held_back_version_runs_on_in_the_shadow(run, made):
    execute(run)
    made.label([made.photos[1]], position=0)
    second = training_run_start(project=made.project, trigger=TrainingRun.Trigger.BUTTON)
    execute(second, ScriptedRuntime(skill=0))
    assert second.model_version.state == "rejected"
    assert second.model_version.shadow_since
    assert run.model_version.shadow_since is None


def test_a_version_comes_with_a_report_and_its_thresholds(run, made):
    execute(run)

    version = run.model_version
    content = version.report.content
    assert {name: part["n"] for name, part in content["subsets"].items()} == {"held_out": 12, "out_of_fold": 48}
    assert content["subsets"]["held_out"]["flips"] is None
    assert content["specialists"]["outcome"] == "no_pairs"
    assert version.operating_points == content["operating_points"]
    receipt = content["receipt"]
    assert receipt["label_set"]["hash"] == run.snapshot.content_hash
    assert receipt["weights_hash"] == version.artifact_sha256
    assert (receipt["seed"], receipt["device"], receipt["wall_seconds"]) == (made.project.seed, "test device", 1.0)
    assert receipt["photos_per_second"] == 60


def test_a_report_names_the_photos_that_the_version_in_use_had_right(run, made):
    execute(run)
    made.label([made.photos[1]], position=0)
    second = training_run_start(project=made.project, trigger=TrainingRun.Trigger.BUTTON)

    execute(second, ScriptedRuntime(skill=0))

    subsets = second.model_version.report.content["subsets"]
    flips = subsets["held_out"]["flips"]
    assert (flips["version"], flips["n"], flips["negative"], flips["positive"]) == (1, 12, 12, 0)
    held_out = {photo.pk for photo in made.photos if photo.is_held_out}
    assert {photo["photo_id"] for photo in flips["photos"]} == held_out
    first_split = run.model_version.report.content["receipt"]["split_hash"]
    assert second.model_version.report.content["receipt"]["split_hash"] != ""
    assert len(first_split) == 64


def test_a_report_scores_against_single_experts_and_gold(run, made):
    held_out = [photo for photo in made.photos if photo.is_held_out]
    stages = list(current_stages(project_id=made.project.pk))
    for photo in held_out[:4]:
        for position in (made.truth[photo.pk], (made.truth[photo.pk] + 1) % 3):
            AnnotationFactory(photo=photo, stage=stages[position])
    made.project.consensuses.filter(photo=held_out[0]).update(is_gold=True)

    execute(run)

    labels = run.model_version.report.content["subsets"]["held_out"]["labels"]
    single, consensus, gold = labels["against"]
    assert (single["n"], single["accuracy"]["value"]) == (8, 0.5)
    assert (consensus["n"], consensus["accuracy"]["value"]) == (12, 1.0)
    assert (gold["n"], gold["accuracy"]["value"]) == (1, 1.0)
    assert labels["experts"] == {
        "agreement": {"value": 0.0, "low": 0.0, "high": 0.0}, "n_pairs": 4, "n_photos": 4,
    }  # fmt: skip


def test_work_files_and_checkpoints_are_gone_when_it_is_over(run, tmp_path):
    def during(checkpoint_dir, on_progress, **_):
        (checkpoint_dir / "fold1.npz").write_bytes(b"state")
        on_progress(Progress(0.6, "scripted: fold 2/2, epoch 1/2"))
        assert default_storage.exists(f"checkpoints/{run.pk}/fold1.npz")

    execute(run, ScriptedRuntime(during))

    assert not default_storage.exists(f"checkpoints/{run.pk}/fold1.npz")
    assert not (tmp_path / "work" / "runs" / str(run.pk)).exists()


def test_a_worse_second_version_is_rejected_with_a_reason(run, made):
    execute(run)
    made.label([made.photos[1]], position=0)
    second = training_run_start(project=made.project, trigger=TrainingRun.Trigger.BUTTON)

    execute(second, ScriptedRuntime(skill=0))

    assert second.model_version.state == "rejected"
    assert "Worse than the version in use" in second.model_version.state_reason
    assert ModelVersion.objects.get(state="promoted").number == 1


def test_a_second_delivery_finds_the_run_over(run):
    runtime = ScriptedRuntime()
    execute(run, runtime)

    assert execute(run, runtime) is None
    assert runtime.calls == 1
    assert ModelVersion.objects.count() == 1


def test_a_delivery_while_another_works_on_it_leaves(run):
    runtime = ScriptedRuntime()
    with advisory_lock(LockSpace.TRAINING_RUN, run.pk):
        assert execute(run, runtime) is None

    assert runtime.calls == 0
    assert run.state == RunState.QUEUED


def test_a_dead_workers_run_is_taken_over_with_its_checkpoints(run):
    TrainingRun.objects.filter(pk=run.pk).update(
        state="running", attempts=1, worker="dead", heartbeat_at=timezone.now()
    )
    default_storage.save(f"checkpoints/{run.pk}/scratch/fold1.npz", ContentFile(b"state"))
    found = []

    def during(checkpoint_dir, **_):
        found.append((checkpoint_dir / "scratch" / "fold1.npz").read_bytes())

    assert execute(run, ScriptedRuntime(during)) == RunState.SUCCEEDED

    assert found == [b"state"]
    assert run.attempts == 2
    assert any("Attempt 2" in line.message for line in run.log_lines.all())


def test_a_fourth_attempt_is_not_made(run):
    TrainingRun.objects.filter(pk=run.pk).update(state="lost", attempts=3)
    runtime = ScriptedRuntime()

    assert execute(run, runtime) is None
    assert runtime.calls == 0
    assert run.state == RunState.FAILED


def test_cancelling_stops_it(run):
    def during(should_stop, **_):
        on_another_connection(lambda: training_run_cancel(run=TrainingRun.objects.get(pk=run.pk)))
        wait_for(should_stop)

    assert execute(run, ScriptedRuntime(during)) == RunState.CANCELLED
    assert run.finished_at
    assert not ModelVersion.objects.exists()


def test_a_worker_told_to_stop_hands_the_run_on_with_its_epochs(run):
    def during(checkpoint_dir, should_stop, **_):
        (checkpoint_dir / "fold1.npz").write_bytes(b"an epoch")
        worker_draining(name="train@here")
        wait_for(should_stop)

    try:
        assert execute(run, ScriptedRuntime(during)) is None
    finally:
        worker_begun(name="train@here")

    assert (run.state, run.attempts, run.deaths) == ("lost", 1, 0)
    assert default_storage.exists(f"checkpoints/{run.pk}/fold1.npz")
    assert "hands the run on" in run.log_lines.last().message
    assert training_runs_sweep().to_enqueue == [run.pk]
    assert execute(run, worker="train@there") == RunState.SUCCEEDED
    assert (run.attempts, run.worker) == (2, "train@there")


def test_cancelling_wins_over_handing_on(run):
    def during(should_stop, **_):
        on_another_connection(lambda: training_run_cancel(run=TrainingRun.objects.get(pk=run.pk)))
        worker_draining(name="train@here")
        wait_for(should_stop)

    try:
        assert execute(run, ScriptedRuntime(during)) == RunState.CANCELLED
    finally:
        worker_begun(name="train@here")


def test_one_cancelled_before_it_was_picked_up_never_starts(run):
    TrainingRun.objects.filter(pk=run.pk).update(cancel_requested_at=timezone.now(), state="lost")
    runtime = ScriptedRuntime()

    assert execute(run, runtime) is None
    assert runtime.calls == 0
    assert run.state == RunState.CANCELLED


def test_a_run_swept_away_while_its_worker_stalled_is_left_to_the_next(run):
    told = []

    def during(should_stop, **_):
        TrainingRun.objects.filter(pk=run.pk).update(state="lost")
        wait_for(should_stop)
        told.append("to stop")

    assert execute(run, ScriptedRuntime(during)) is None
    assert told == ["to stop"]
    assert run.state == RunState.LOST
    assert not ModelVersion.objects.exists()

    assert execute(run) == RunState.SUCCEEDED
    assert ModelVersion.objects.count() == 1


def test_the_last_transaction_refuses_a_worker_that_lost_the_run_unknowingly(run, monkeypatch):
    def decide(*args):  # the reporter has said its last word by now
        TrainingRun.objects.filter(pk=run.pk).update(attempts=2)
        return original(*args)

    original = version_storing._decide
    monkeypatch.setattr(version_storing, "_decide", decide)

    assert execute(run) is None
    assert run.state == RunState.RUNNING
    assert not ModelVersion.objects.exists()


class TestStorageAway:
    """A full disk, or a store that does not answer: waited out."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr(outages, "RETRY_SECONDS", 0.02)
        monkeypatch.setattr(outages, "GLANCE_SECONDS", 0.005)

    def test_a_model_is_stored_when_there_is_space_again(self, run, monkeypatch):
        failures = [OSError(errno.ENOSPC, "No space left on device")] * 2

        def save(self, folder):
            (folder / "half").write_bytes(b"wei")
            if failures:
                raise failures.pop()
            (folder / "half").unlink()
            original(self, folder)

        original = Ensemble.save
        monkeypatch.setattr(Ensemble, "save", save)
        runtime = ScriptedRuntime()

        assert execute(run, runtime) == RunState.SUCCEEDED

        assert runtime.calls == 1, "what was trained is kept"
        assert ModelVersion.objects.get().state == "promoted"
        said = [line.message for line in run.log_lines.all()]
        assert sum("No space left on device; the work is tried again" in line for line in said) == 2
        assert not work_folder("runs").joinpath(str(run.pk)).exists()

    def test_a_training_goes_on_from_its_checkpoints_when_the_store_answers_again(self, run):
        def during(checkpoint_dir, **_):
            found.append(sorted(path.name for path in checkpoint_dir.iterdir()))
            (checkpoint_dir / f"{len(found)}.npz").write_bytes(b"an epoch")
            if len(found) < 3:
                raise EndpointConnectionError(endpoint_url="https://store")

        found = []

        assert execute(run, ScriptedRuntime(during)) == RunState.SUCCEEDED
        assert found == [[], ["1.npz"], ["1.npz", "2.npz"]]
        assert (run.attempts, ModelVersion.objects.count()) == (1, 1)

    def test_it_is_not_waited_for_for_ever(self, run, monkeypatch):
        monkeypatch.setattr(outages, "PATIENCE_SECONDS", 0.1)

        def during(**_):
            raise OSError(errno.ENOSPC, "No space left on device")

        assert execute(run, ScriptedRuntime(during)) == RunState.FAILED
        assert run.error == "Storage did not come back: No space left on device."

    def test_a_run_that_waits_can_be_cancelled(self, run):
        def during(**_):
            on_another_connection(lambda: training_run_cancel(run=TrainingRun.objects.get(pk=run.pk)))
            raise ConnectionResetError

        assert execute(run, ScriptedRuntime(during)) == RunState.CANCELLED

    def test_checkpoints_that_cannot_be_copied_stop_nothing(self, run, monkeypatch):
        def push(self):
            raise EndpointConnectionError(endpoint_url="https://store")

        monkeypatch.setattr(CheckpointMirror, "push", push)

        assert execute(run) == RunState.SUCCEEDED
        assert any("checkpoints were not copied" in line.message for line in run.log_lines.all())


@pytest.mark.parametrize(
    ("error", "is_passing"),
    [
        (OSError(errno.ENOSPC, "full"), True),
        (FileNotFoundError(errno.ENOENT, "no weights"), False),
        (PermissionError(errno.EACCES, "not ours"), False),
        (ReadTimeoutError(endpoint_url="https://store"), True),
        (ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "PutObject"), True),
        (ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject"), False),
        (ValueError("a bug"), False),
    ],
)
def test_what_passes_is_told_from_what_does_not(error, is_passing):
    assert outages.is_passing(error) is is_passing


def test_a_heartbeat_goes_on_while_the_trainer_says_nothing(run):
    def during(should_stop, **_):
        TrainingRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
        wait_for(lambda: TrainingRun.objects.get(pk=run.pk).heartbeat_at > timezone.now() - timedelta(seconds=20))
        assert training_runs_sweep().lost == []

    assert execute(run, ScriptedRuntime(during)) == RunState.SUCCEEDED


def test_an_expected_failure_says_what_to_do(run):
    def during(**_):
        raise DomainError("no_members", "No member of the ensemble could be trained.")

    assert execute(run, ScriptedRuntime(during)) == RunState.FAILED
    assert run.error == "No member of the ensemble could be trained."


def test_members_that_cannot_be_had_are_an_expected_failure(run):
    def during(**_):
        raise NoMember("no member of the ensemble is available: no weights")

    assert execute(run, ScriptedRuntime(during)) == RunState.FAILED
    assert run.error == "No member of the ensemble is available: no weights."


def test_a_bug_leaves_the_end_of_its_traceback(run):
    def during(**_):
        raise ZeroDivisionError("by zero")

    assert execute(run, ScriptedRuntime(during)) == RunState.FAILED
    assert run.error.startswith("This is a fault of the program:")
    assert run.error.endswith("ZeroDivisionError: by zero")
    assert len(run.error.splitlines()) <= 13


def test_a_photo_deleted_since_is_left_out(run, made):
    made.photos[1].consensus.delete()
    made.photos[1].delete()

    assert execute(run) == RunState.SUCCEEDED
    assert any("1 photos of the training set no longer exist" in line.message for line in run.log_lines.all())
    assert Prediction.objects.count() == 59


def test_a_missing_rendition_fails_the_run(run, made):
    default_storage.delete(rendition_key(made.photos[0].sha256, "model"))

    assert execute(run) == RunState.FAILED
    assert "cannot be read" in run.error


def wait_for(condition, seconds=10):
    """Until ``condition()``; the reporter beats every few milliseconds."""
    tick, deadline = threading.Event(), timezone.now() + timedelta(seconds=seconds)
    while not condition():
        assert timezone.now() < deadline, "it never came"
        tick.wait(0.005)
