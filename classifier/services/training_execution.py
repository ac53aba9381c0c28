"""A training run inside its worker: taken, trained, stored, ended; exactly once.

What holds it together:

1. The advisory lock of the run, on its own connection, lets one process at a time work on it. Two deliveries of a
   message, or a redelivery after the broker's visibility timeout, find it taken and leave.
2. Whoever has the lock takes the row (``attempts`` + 1) unless it is over. Holding the lock proves that nobody works
   on a row that says RUNNING: its worker is dead, and the run is resumed at once.
3. Everything written afterwards names that attempt. A process that stalled long enough to be taken for dead, and lost
   its lock with its connection, can no longer write; the last transaction checks it again under the row's lock.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from classifier.core.contracts import NoMember, Progress, TrainedEnsemble, TrainingConfig, TrainingData, TrainingStopped
from classifier.core.splits import TooFewGroups
from classifier.models import RunLogLine, RunState, TrainingRun
from classifier.selectors.embeddings import embedding_matrix_of
from classifier.services.checkpoints import CheckpointMirror
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.outages import tolerated, waited_out
from classifier.services.photo_arrays import photos_memmap, photos_memmap_prune
from classifier.services.ports import Runtime
from classifier.services.run_facts import training_run_ended
from classifier.services.run_reporting import RunReporter
from classifier.services.scoring import CHUNK, photos_embed
from classifier.services.snapshots import SnapshotRow, snapshot_rows
from classifier.services.training import MAX_ATTEMPTS, RECORDED_PACKAGES
from classifier.services.version_storing import model_version_store, trained_ensemble_save
from labeling.domain.errors import DomainError
from labeling.models import Photo

logger = structlog.get_logger(__name__)

TRACEBACK_LINES = 12


@dataclass(frozen=True)
class _Inputs:
    """A snapshot as arrays: ``rows[i]`` describes ``data.images[i]``."""

    rows: list[SnapshotRow]
    data: TrainingData


def training_run_execute(*, run_id: int, worker: str, runtime: Runtime) -> RunState | None:
    """Train a run from where it stands to its end.

    Returns:
        The state it ended in; None when another process has it, when it was over already, or when it was taken away.

    Raises:
        OperationalError: the database went away for long; the run is swept up and resumed later.
    """
    with advisory_lock(LockSpace.TRAINING_RUN, run_id) as is_ours:
        if not is_ours:
            logger.info("training_run_taken_elsewhere", run_id=run_id)
            return None
        run = _take(run_id, worker)
        if run is None:
            return None
        with structlog.contextvars.bound_contextvars(run_id=run_id):
            return _run_to_end(run, runtime)


def _take(run_id: int, worker: str) -> TrainingRun | None:
    """Make the run ours, unless it is over or should be."""
    now = timezone.now()
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update(of=("self",)).select_related("snapshot__scale").get(pk=run_id)
        if run.state not in (RunState.QUEUED, RunState.RUNNING, RunState.LOST):
            return None
        if run.cancel_requested_at is not None:
            _end(run, RunState.CANCELLED)
            return None
        if run.deaths >= MAX_ATTEMPTS:
            _end(run, RunState.FAILED, error=f"Its worker died {run.deaths} times; the last one was {run.worker}.")
            return None
        run.state, run.worker, run.attempts = RunState.RUNNING, worker, run.attempts + 1
        run.heartbeat_at, run.started_at = Now(), run.started_at or now
        run.packages = {**run.packages, **_package_versions()}
        run.save(update_fields=["state", "worker", "attempts", "heartbeat_at", "started_at", "packages"])
        if run.attempts > 1:
            message = f"Attempt {run.attempts}: {worker} resumes the run at {run.progress:.0%}."
            RunLogLine.objects.create(run=run, level="warning", message=message)
    return run


def _run_to_end(run: TrainingRun, runtime: Runtime) -> RunState | None:
    """Train and store; an expected failure says what to do, a bug leaves the end of its traceback."""
    mirror = CheckpointMirror(run.pk)
    state, error = RunState.CANCELLED, ""
    try:
        with RunReporter(run) as reporter:
            inputs, trained = waited_out(lambda: _train(run, runtime, reporter, mirror), reporter)
            reporter.note_step("storing the model")
            # Its heart beats on meanwhile: a large model may take minutes to a store that is far.
            artifact = waited_out(lambda: trained_ensemble_save(run=run, trained=trained), reporter)
        if not reporter.is_lost:
            close_old_connections()  # this thread has not asked the database for as long as the training took
            stored = model_version_store(run=run, rows=inputs.rows, trained=trained, artifact=artifact)
            state = RunState.SUCCEEDED if stored is not None else RunState.LOST
    except TrainingStopped:
        if reporter.is_to_hand_over and _hand_over(run, mirror, reporter):
            return None
    except DomainError as failure:
        state, error = RunState.FAILED, failure.message
    except (NoMember, TooFewGroups) as failure:
        state, error = RunState.FAILED, _sentence(failure)
    except (OperationalError, InterfaceError):
        raise
    except Exception as bug:
        logger.exception("training_run_broke", run_id=run.pk)
        state, error = RunState.FAILED, _short_traceback(bug)
    if reporter.is_lost or state == RunState.LOST:
        logger.warning("training_run_lost", run_id=run.pk, attempt=run.attempts)
        return None  # its checkpoints belong to whoever has it now
    if state != RunState.SUCCEEDED and not _end_if_ours(run, state, error):
        return None
    tolerated(mirror.drop, reporter, "Its checkpoints could not be deleted")
    photos_memmap_prune()
    return state


def _train(
    run: TrainingRun, runtime: Runtime, reporter: RunReporter, mirror: CheckpointMirror
) -> tuple[_Inputs, TrainedEnsemble]:
    if fetched := mirror.fetch():
        reporter.on_log("info", f"{fetched} checkpoint files of an earlier attempt were fetched.")
    weights_dir = settings.KERAS_WEIGHTS_DIR
    config = TrainingConfig.from_dict({**run.config, "weights_dir": weights_dir})
    inputs = _inputs(run, config, runtime, reporter)
    fold = ""

    def on_progress(progress: Progress) -> None:
        nonlocal fold
        reporter.on_progress(progress)
        boundary = progress.step.split(", epoch", 1)[0]
        if boundary != fold:  # a fold has just been finished: what it wrote may be needed elsewhere
            tolerated(mirror.push, reporter, "Other workers cannot resume from here, for checkpoints were not copied")
            fold = boundary

    trained = runtime.train_ensemble(
        inputs.data,
        config,
        checkpoint_dir=mirror.folder,
        on_progress=on_progress,
        on_log=reporter.on_log,
        should_stop=reporter.should_stop,
        events_dir=_events_dir(run),
    )
    if reporter.should_stop():
        raise TrainingStopped
    return inputs, trained


def _events_dir(run: TrainingRun) -> Path | None:
    """Where this attempt's epochs go for TensorBoard; a resumed run goes on in the same folders."""
    if not settings.TENSORBOARD_DIR:
        return None
    return Path(settings.TENSORBOARD_DIR) / run.project.slug / f"run-{run.pk}"


def _inputs(run: TrainingRun, config: TrainingConfig, runtime: Runtime, reporter: RunReporter) -> _Inputs:
    """The snapshot's rows as pixels, targets, groups and cached vectors."""
    rows = _rows_with_photos(run, reporter)
    reporter.note_step(f"reading {len(rows)} photos")
    images = photos_memmap(
        sha256s=[row.sha256 for row in rows], size=config.image_size, should_stop=reporter.should_stop
    )
    if images is None:
        raise TrainingStopped
    ids = [row.photo_id for row in rows]
    reporter.note_step("embedding photos")
    for start in range(0, len(ids), CHUNK):
        if reporter.should_stop():
            raise TrainingStopped
        photos_embed(photo_ids=ids[start : start + CHUNK], runtime=runtime)
    space = runtime.feature_space(config.weights_dir).name
    features = embedding_matrix_of(photo_ids=ids, backbone=space)
    reporter.on_log("info", f"{len(rows)} photos read; feature space {space}.")
    data = TrainingData(
        images=images,
        targets=np.asarray([row.distribution for row in rows], np.float32),
        groups=np.asarray([row.group for row in rows]),
        is_held_out=np.asarray([row.is_held_out for row in rows], bool),
        is_ordered=run.snapshot.scale.is_ordered,
        features=features,
        feature_space=space if features is not None else "",
    )
    return _Inputs(rows, data)


def _rows_with_photos(run: TrainingRun, reporter: RunReporter) -> list[SnapshotRow]:
    """The snapshot's rows whose photo still exists; people may have had theirs deleted since."""
    rows = snapshot_rows(run.snapshot)
    present = set(Photo.objects.ready().filter(project_id=run.project_id).values_list("pk", flat=True))
    left = [row for row in rows if row.photo_id in present]
    if len(left) < len(rows):
        reporter.on_log("warning", f"{len(rows) - len(left)} photos of the training set no longer exist.")
    return left


def _hand_over(run: TrainingRun, mirror: CheckpointMirror, reporter: RunReporter) -> bool:
    """Leave the run to another worker, to which the sweeper sends it; False when it was to be cancelled meanwhile."""
    # The last finished epoch is on disk here; who goes on may be another machine.
    tolerated(mirror.push, reporter, "The last epochs were not copied")
    with transaction.atomic():
        current = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if current.state != RunState.RUNNING or current.attempts != run.attempts:
            return True
        if current.cancel_requested_at is not None:
            return False
        current.state, current.handovers, current.eta_seconds = RunState.LOST, current.handovers + 1, None
        current.save(update_fields=["state", "handovers", "eta_seconds"])
        message = f"{run.worker} was told to stop and hands the run on, with all epochs that it finished."
        RunLogLine.objects.create(run=current, level="warning", message=message)
    return True


def _end_if_ours(run: TrainingRun, state: RunState, error: str) -> bool:
    """End the run without a model, unless it belongs to another attempt by now."""
    with transaction.atomic():
        current = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if current.state != RunState.RUNNING or current.attempts != run.attempts:
            return False
        _end(current, state, error=error)
    return True


def _end(run: TrainingRun, state: RunState, *, error: str = "") -> None:
    run.state, run.error, run.finished_at, run.eta_seconds = state, error, timezone.now(), None
    run.step = ""
    run.save(update_fields=["state", "error", "finished_at", "eta_seconds", "step"])
    level = "error" if state == RunState.FAILED else "warning"
    message = error if error else "The run was cancelled."
    RunLogLine.objects.create(run=run, level=level, message=message)
    training_run_ended(run=run)


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _short_traceback(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).strip().splitlines()
    return "\n".join(["This is a fault of the program:", *lines[-TRACEBACK_LINES:]])


def _package_versions() -> dict[str, str]:
    """Versions on the machine that trains."""
    versions = {}
    for name in RECORDED_PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
