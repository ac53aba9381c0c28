"""Work that crosses a process: training and scoring runs, and the frozen data they read."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class RunState(models.TextChoices):
    """QUEUED -> RUNNING -> SUCCEEDED | FAILED | CANCELLED; RUNNING -> LOST -> RUNNING when its worker died."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    LOST = "lost", "Lost"


ACTIVE_STATES = (RunState.QUEUED, RunState.RUNNING, RunState.LOST)


class RunRecord(models.Model):
    """The common columns of a run: state, progress, heartbeat, error."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="%(class)ss")
    state = models.CharField(max_length=9, choices=RunState, default=RunState.QUEUED)
    progress = models.FloatField(default=0.0, help_text="0..1")
    step = models.CharField(max_length=80, blank=True, help_text='What it is doing: "fold 2/5, epoch 7/30"')
    eta_seconds = models.FloatField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    device = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class TrainingSetSnapshot(models.Model):
    """Frozen rows a training reads: photo, group, label distribution, held-out flag. Same content, same snapshot."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="training_set_snapshots")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.PROTECT)
    content_hash = models.CharField(max_length=64)
    manifest_key = models.CharField(max_length=200, help_text="Storage key of the rows")
    n_train = models.PositiveIntegerField()
    n_held_out = models.PositiveIntegerField()
    stage_counts = models.JSONField(help_text="Training rows by stage position")
    label_cutoff_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "content_hash"], name="snapshot_content_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.content_hash[:8]}"


class TrainingRun(RunRecord):
    """One training of the ensemble. At most one active run per project."""

    class Trigger(models.TextChoices):
        BUTTON = "button", "By an admin"
        RULE = "rule", "By rule"
        COMMAND = "command", "From the command line"

    snapshot = models.ForeignKey(TrainingSetSnapshot, on_delete=models.PROTECT, related_name="runs")
    trigger = models.CharField(max_length=7, choices=Trigger)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    config = models.JSONField(default=dict, help_text="Members, epochs, folds, image size, ...")
    seed = models.PositiveIntegerField(default=0)
    code_revision = models.CharField(max_length=64, blank=True)
    packages = models.JSONField(default=dict)
    handovers = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Attempts that a stopping worker handed on: they do not count as deaths"
    )
    curves = models.JSONField(default=list, help_text="[{member, fold, epoch, loss, accuracy, val_loss, val_accuracy}]")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=["queued", "running", "lost"]), name="training_run_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"training {self.pk} {self.state}"

    @property
    def deaths(self) -> int:
        """Attempts, the present one among them, that were not handed on."""
        return self.attempts - self.handovers


class RunLogLine(models.Model):
    """A line of a training's log, for people."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="log_lines")
    created_at = models.DateTimeField(auto_now_add=True)
    level = models.CharField(max_length=7, default="info")
    message = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.message


class ScoringRun(RunRecord):
    """Scoring of a pool: FULL by a model version in chunks, or a REFRESH of the light head over cached features."""

    class Kind(models.TextChoices):
        FULL = "full", "Every photo by a model version"
        REFRESH = "refresh", "Light head re-fit"

    kind = models.CharField(max_length=7, choices=Kind)
    model_version = models.ForeignKey(
        "classifier.ModelVersion", on_delete=models.CASCADE, null=True, blank=True, related_name="scoring_runs"
    )
    n_labels = models.PositiveIntegerField(default=0, help_text="Consensuses the refresh learned from")
    n_scored = models.PositiveIntegerField(default=0)
    head_share = models.FloatField(null=True, blank=True, help_text="Weight of the light head beside the ensemble")
    accuracy = models.FloatField(null=True, blank=True, help_text="On labelled held-out photos, where there are any")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="refresh") | Q(model_version__isnull=False), name="full_scoring_names_its_version"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "kind", "-id"], name="scoring_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"


class ModelVersion(models.Model):
    """A trained ensemble. One PROMOTED per project."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", "Candidate"
        PROMOTED = "promoted", "Promoted"
        REJECTED = "rejected", "Rejected"
        RETIRED = "retired", "Retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="model_versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... within the project")
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="model_version")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.PROTECT)
    state = models.CharField(max_length=9, choices=State, default=State.CANDIDATE)
    state_reason = models.TextField(blank=True)
    artifact_key = models.CharField(max_length=200)
    artifact_sha256 = models.CharField(max_length=64)
    members = models.JSONField(
        help_text="[{name, backbone, weights_hash, n_params, stacking_weight}], and those left out"
    )
    operating_points = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Thresholds of sets and answers; empty for older versions"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)
    promoted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    shadow_since = models.DateTimeField(
        null=True, blank=True, help_text="Photos that came since are scored by it too, unseen, to compare"
    )
    shadow_after = models.BigIntegerField(default=0, db_default=0, help_text="Id of the last photo there was then")

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(shadow_since__isnull=False), name="model_version_one_shadow"
            ),
            models.CheckConstraint(
                condition=Q(shadow_since__isnull=True) | ~Q(state="promoted"), name="model_version_promoted_casts_none"
            ),
            models.UniqueConstraint(fields=["project", "number"], name="model_version_number_unique"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="promoted"), name="model_version_one_promoted"
            ),
            models.CheckConstraint(
                condition=~Q(state="promoted") | Q(promoted_at__isnull=False), name="model_version_promoted_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number} {self.state}"


class Evaluation(models.Model):
    """Metrics of a model version on one set of photos; see ``classifier.core.metrics`` for the keys."""

    class Subset(models.TextChoices):
        HELD_OUT = "held_out", "Held-out photos"
        OUT_OF_FOLD = "out_of_fold", "Training photos, out of fold"

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evaluations")
    subset = models.CharField(max_length=11, choices=Subset)
    n = models.PositiveIntegerField()
    metrics = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["model_version", "subset"], name="evaluation_once_per_subset"),
        ]

    def __str__(self) -> str:
        return f"{self.model_version_id} {self.subset}"


class EvaluationReport(models.Model):
    """All that was measured of a model version when it was made; see ``classifier.core.evaluation_report``."""

    model_version = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="report")
    format = models.PositiveSmallIntegerField(help_text="Of the content")
    content = models.JSONField(help_text="{subsets, specialists, operating_points, receipt}")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"report on {self.model_version_id}"
