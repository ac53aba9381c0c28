"""The learning side in the site administration: to look at, not to change; services keep its rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from classifier.models import (
    Evaluation,
    ModelVersion,
    RunLogLine,
    ScoringRun,
    SecondLookRound,
    TrainingRun,
    TrainingSetSnapshot,
)
from labeling.admin import ReadOnly


class LogLines(admin.TabularInline):
    """A run's log."""

    model = RunLogLine
    extra = 0
    can_delete = False
    fields = ("created_at", "level", "message")
    readonly_fields = fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class Evaluations(admin.TabularInline):
    """A version's metrics."""

    model = Evaluation
    extra = 0
    can_delete = False
    fields = ("subset", "n", "metrics")
    readonly_fields = fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(TrainingSetSnapshot)
class TrainingSetSnapshotAdmin(ReadOnly):
    """Frozen training sets."""

    list_display = ("id", "project", "content_hash", "n_train", "n_held_out", "label_cutoff_at")
    list_filter = ("project",)
    list_select_related = ("project",)


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnly):
    """Trainings and their logs."""

    list_display = ("id", "project", "state", "trigger", "step", "attempts", "worker", "created_at", "finished_at")
    list_filter = ("state", "project")
    list_select_related = ("project",)
    inlines = (LogLines,)


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly):
    """Versions and their evaluations."""

    list_display = ("project", "number", "state", "created_at", "promoted_at")
    list_filter = ("state", "project")
    list_select_related = ("project",)
    inlines = (Evaluations,)


@admin.register(ScoringRun)
class ScoringRunAdmin(ReadOnly):
    """Refreshes and scorings."""

    list_display = ("id", "project", "kind", "state", "n_labels", "n_scored", "head_share", "accuracy", "started_at")
    list_filter = ("kind", "state", "project")
    list_select_related = ("project",)


@admin.register(SecondLookRound)
class SecondLookRoundAdmin(ReadOnly):
    """How many labels each training doubted."""

    list_display = ("run", "project", "n_labels", "n_doubted", "noise_rate", "built_at")
    list_filter = ("project",)
    list_select_related = ("project", "run")
