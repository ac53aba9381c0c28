"""Life of a training run outside its worker: asked for, cancelled, given up, started by rule.

States: QUEUED -> RUNNING -> SUCCEEDED | FAILED | CANCELLED, and RUNNING -> LOST -> RUNNING when its worker died.
``attempts`` is the fencing token: it rises each time a worker takes the run, and that worker writes only while the row
still carries its number. A worker that was wrongly taken for dead thus cannot write over its successor.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import metadata
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from classifier import events
from classifier.core.contracts import TrainingConfig
from classifier.models import (
    ACTIVE_STATES,
    ModelVersion,
    RunLogLine,
    RunState,
    TrainingRule,
    TrainingRun,
    TrainingSetSnapshot,
)
from classifier.selectors.learning import (
    held_out_accuracy,
    label_counts,
    labels_since,
    promoted_version,
    random_share_hits,
    retraining_rule,
)
from classifier.services.run_facts import training_run_ended
from classifier.services.scale_following import stages_are_untrained
from classifier.services.snapshots import snapshot_take
from classifier.training_rules import (
    RetrainingRule,
    SinceTraining,
    first_training_is_due,
    gap_has_passed,
    retraining_reason,
    training_need,
)
from labeling.domain.errors import Conflict, DomainError
from labeling.events import announce
from labeling.models import Project, StageScale, User

HEARTBEAT_LIMIT = timedelta(seconds=20)
MAX_ATTEMPTS = 3
QUEUED_LIMIT = timedelta(seconds=60)
"""A QUEUED run older than this may have lost its message; sending it again is harmless."""
RECORDED_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "numpy", "scipy", "scikit-learn", "pillow")


@dataclass
class SweepResult:
    """What a sweep found; ids of runs."""

    lost: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    @property
    def to_enqueue(self) -> list[int]:
        return [*self.lost, *self.waiting]


def training_run_start(
    *,
    project: Project,
    trigger: TrainingRun.Trigger,
    requested_by: User | None = None,
    epochs: int | None = None,
    members: Sequence[str] = (),
    config: dict[str, Any] | None = None,
    force: bool = False,
) -> TrainingRun:
    """Freeze the labels and queue a training of them.

    Args:
        project: whose labels.
        trigger: what asked for it.
        requested_by: the person who did, if one did.
        epochs: most epochs of a network; the default of the training configuration when None.
        members: names of the members to train; all when empty.
        config: further overrides of the training configuration.
        force: train again on labels that were trained on before.

    Raises:
        DomainError: ``too_few_labels``, ``config_invalid``, or ``nothing_new`` when the last finished training read
            the same snapshot.
        Conflict: ``run_active`` when the project has a queued, running or lost run.
    """
    if TrainingRun.objects.filter(project=project, state__in=ACTIVE_STATES).exists():
        raise _run_active()
    snapshot = snapshot_take(project_id=project.pk)
    need = training_need(snapshot.stage_counts)
    if not need.can_train:
        raise DomainError(need.blocked_code, need.blocked_message)
    if not force and _is_trained_on(snapshot):
        raise DomainError("nothing_new", "No label has changed since the last training.")
    chosen = _config(project, {**(config or {}), "epochs": epochs, "members": list(members)})
    try:
        with transaction.atomic():
            run = TrainingRun.objects.create(
                project=project,
                snapshot=snapshot,
                trigger=trigger,
                requested_by=requested_by,
                config=chosen,
                seed=project.seed,
                code_revision=settings.CODE_REVISION,
                packages=_package_versions(),
            )
            announce(events.training_run_requested, training_run_id=run.pk)
    except IntegrityError as error:  # the partial unique index decides between two that start at once
        if "training_run_one_active" not in str(error):
            raise
        raise _run_active() from error
    return run


def training_run_cancel(*, run: TrainingRun) -> TrainingRun:
    """Ask a run to stop. One that no worker holds is over at once; a running one stops within seconds.

    Raises:
        Conflict: ``run_finished``.
    """
    now = timezone.now()
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if run.state not in ACTIVE_STATES:
            raise Conflict("run_finished", "This training is over already.")
        run.cancel_requested_at = run.cancel_requested_at or now
        if run.state != RunState.RUNNING:
            run.state, run.finished_at, run.step = RunState.CANCELLED, now, ""
            training_run_ended(run=run)
        run.save(update_fields=["cancel_requested_at", "state", "finished_at", "step"])
    return run


def training_runs_sweep() -> SweepResult:
    """Find runs whose worker died, and give up those that died too often.

    A silent RUNNING run becomes LOST, FAILED after ``MAX_ATTEMPTS``, or CANCELLED when that had been asked for.
    Returns also the runs whose message may be gone, for the caller to send again.
    """
    now = timezone.now()
    result = SweepResult()
    # By the database's clock, as heartbeats are: those of machines differ. One from the future was written before that
    # clock was set back, and a living worker replaces it within a second.
    silent = (
        Q(heartbeat_at__lt=Now() - HEARTBEAT_LIMIT)
        | Q(heartbeat_at__gt=Now() + HEARTBEAT_LIMIT)
        | Q(heartbeat_at__isnull=True)
    )
    with transaction.atomic():
        runs = TrainingRun.objects.select_for_update(skip_locked=True).filter(silent, state=RunState.RUNNING)
        for run in runs:
            _sweep_silent(run, result)
        stale = TrainingRun.objects.filter(
            Q(state=RunState.QUEUED, created_at__lt=now - QUEUED_LIMIT) | Q(state=RunState.LOST)
        ).exclude(pk__in=result.lost)
        result.waiting += list(stale.values_list("pk", flat=True))
    return result


def training_start_if_due(*, project_id: int) -> TrainingRun | None:
    """Start a training by rule when the labels call for one; None when they do not, or when one may not start now."""
    project = Project.objects.get(pk=project_id)
    rule = retraining_rule(project_id=project_id)
    last = TrainingRun.objects.filter(project=project).order_by("-id").first()
    is_busy = last is not None and last.state in ACTIVE_STATES
    ended_at = (last.finished_at or last.created_at) if last is not None else None
    if is_busy:
        return None
    # Whoever applied a change of the stages asked for a training of them, also where the rule is off, and soon: but one
    # that failed is not begun again and again.
    is_changed = stages_are_untrained(project_id=project_id)
    waits = not gap_has_passed(ended_at, timezone.now(), rule.gap_minutes)
    if waits and not (is_changed and last is not None and _is_of_earlier_stages(last)):
        return None
    if not (rule.is_on or is_changed):
        return None
    reason = "the stages have changed" if is_changed else _reason_to_train(project_id, rule)
    if not reason:
        return None
    try:
        run = training_run_start(project=project, trigger=TrainingRun.Trigger.RULE)
    except DomainError as error:
        if error.code in {"run_active", "nothing_new", "too_few_labels"}:
            return None  # someone was quicker, or the labels moved between the count and the snapshot
        raise
    RunLogLine.objects.create(run=run, message=f"Started by rule: {reason}.")
    return run


def training_rule_set(*, project: Project, **values: Any) -> TrainingRule:
    """Change when the project is trained again by itself; ``values`` are fields of ``TrainingRule``."""
    rule, _ = TrainingRule.objects.update_or_create(project=project, defaults=values)
    return rule


def _reason_to_train(project_id: int, rule: RetrainingRule) -> str:
    trained = (
        ModelVersion.objects.filter(
            project_id=project_id, state__in=[ModelVersion.State.PROMOTED, ModelVersion.State.REJECTED]
        )
        .select_related("run__snapshot")
        .order_by("-number")
        .first()
    )
    if trained is None:
        counts = label_counts(project_id=project_id)
        return f"{counts.training} labels" if first_training_is_due(counts.by_stage) else ""
    cutoff = trained.run.snapshot.label_cutoff_at
    promoted = promoted_version(project_id=project_id)
    right, n, accuracy = 0, 0, None
    if rule.accuracy_drop is not None and promoted is not None:
        # Since the last training, not since the promotion: a drift that it could not mend must show anew.
        right, n = random_share_hits(project_id=project_id, since=cutoff)
        accuracy = held_out_accuracy(model_version=promoted)
    return retraining_reason(
        rule,
        SinceTraining(
            labels=labels_since(project_id=project_id, cutoff=cutoff),
            labels_trained_on=trained.run.snapshot.n_train,
            age=timezone.now() - cutoff,
            random_right=right,
            random_n=n,
            accuracy=accuracy,
        ),
    )


def _sweep_silent(run: TrainingRun, result: SweepResult) -> None:
    fields = ["state", "finished_at", "error", "step", "eta_seconds"]
    run.eta_seconds = None
    if run.cancel_requested_at is not None:
        run.state, run.finished_at, run.step = RunState.CANCELLED, timezone.now(), ""
        message, level = "The worker stopped answering; the run was to be cancelled anyway.", "warning"
        result.cancelled.append(run.pk)
    elif run.deaths >= MAX_ATTEMPTS:
        run.state, run.finished_at, run.step = RunState.FAILED, timezone.now(), ""
        run.error = f"Its worker died {run.deaths} times; the last one was {run.worker or 'unknown'}."
        message, level = run.error, "error"
        result.failed.append(run.pk)
    else:
        run.state = RunState.LOST
        message, level = f"Worker {run.worker or 'unknown'} stopped answering; another will resume the run.", "warning"
        result.lost.append(run.pk)
    run.save(update_fields=fields)
    RunLogLine.objects.create(run=run, level=level, message=message)
    if run.state != RunState.LOST:
        training_run_ended(run=run)


def _is_of_earlier_stages(run: TrainingRun) -> bool:
    return run.snapshot.scale.status != StageScale.Status.CURRENT


def _is_trained_on(snapshot: TrainingSetSnapshot) -> bool:
    last = TrainingRun.objects.filter(project_id=snapshot.project_id, state=RunState.SUCCEEDED).order_by("-id").first()
    return last is not None and last.snapshot_id == snapshot.pk


def _run_active() -> Conflict:
    return Conflict("run_active", "A training of this project is queued or running already.")


def _config(project: Project, given: Mapping[str, Any]) -> dict[str, Any]:
    """The complete configuration, as stored with the run; what is None or empty keeps its default."""
    overrides = {name: value for name, value in given.items() if value not in (None, [], "")}
    try:
        config = TrainingConfig.from_dict({"seed": project.seed, **overrides}).to_dict()
    except ValueError as error:
        raise DomainError("config_invalid", f"These training settings cannot be used: {error}.") from error
    del config["weights_dir"]  # a path of the machine that trains, which is not known yet
    return config


def _package_versions() -> dict[str, str]:
    """Versions installed here; the worker adds its own when it takes the run, since it may be another machine."""
    versions = {"python": platform.python_version()}
    for name in RECORDED_PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # the web image has no machine-learning packages
            continue
    return versions
