"""Changes of a project's scale: drafts, what became of each stage, and what was before."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class ScaleMigration(models.Model):
    """One step from a version of the scale to the next.

    DRAFT -> APPLIED -> UNDONE; a draft may instead be REPORTED: labels and training stay on the fine scale, figures are
    told on the coarse one too. ``pending`` is what a worker was asked to do with it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        REPORTED = "reported", "Figures are reported on it"
        APPLIED = "applied", "Applied"
        UNDONE = "undone", "Undone"

    class Pending(models.TextChoices):
        NOTHING = "", "Nothing"
        APPLY = "apply", "To be applied"
        UNDO = "undo", "To be undone"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="scale_migrations")
    from_scale = models.ForeignKey("labeling.StageScale", on_delete=models.PROTECT, related_name="migrations_from")
    to_scale = models.OneToOneField("labeling.StageScale", on_delete=models.PROTECT, related_name="migration")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    note = models.TextField(blank=True, help_text="Why, for the experts who see the draft")
    origin = models.JSONField(default=dict, help_text="The proposal it came from: {kind, stages}, or empty")
    pending = models.CharField(max_length=5, choices=Pending, blank=True, default=Pending.NOTHING)
    pending_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    pending_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    n_mapped = models.PositiveIntegerField(default=0, help_text="Photos whose label was carried over")
    n_asked = models.PositiveIntegerField(default=0, help_text="Photos that are asked again")
    last_annotation_id = models.BigIntegerField(null=True, blank=True, help_text="Later ones came after it was applied")
    boundaries_before = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project"], condition=Q(state="draft"), name="scale_migration_one_draft"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="reported"), name="scale_migration_one_reported"
            ),
            models.CheckConstraint(condition=~Q(from_scale=F("to_scale")), name="scale_migration_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "reported"], applied_at__isnull=True, undone_at__isnull=True)
                | Q(state="applied", applied_at__isnull=False, undone_at__isnull=True)
                | Q(state="undone", applied_at__isnull=False, undone_at__isnull=False),
                name="scale_migration_times_match_state",
            ),
            models.CheckConstraint(
                condition=Q(pending="", pending_at__isnull=True)
                | Q(pending="apply", state="draft", pending_at__isnull=False)
                | Q(pending="undo", state="applied", pending_at__isnull=False),
                name="scale_migration_pending_matches_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_scale_id} -> {self.to_scale_id} {self.state}"


class StageLink(models.Model):
    """A stage of the older version and one of the newer that it became, or became a part of.

    A trigger keeps both on the versions of their migration, and refuses changes once it is more than a draft.
    """

    migration = models.ForeignKey(ScaleMigration, on_delete=models.CASCADE, related_name="links")
    from_stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["migration", "from_stage", "to_stage"], name="stage_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage_id} -> {self.to_stage_id}"


class StageImage(models.Model):
    """What a stage of another version is on ``scale``, where that can be told; follows from the links.

    Read wherever an annotation is: annotations keep the stage they named. Without a row the photo must be looked at
    again.
    """

    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, related_name="images")
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scale", "stage"], name="stage_image_once_per_scale"),
            models.CheckConstraint(condition=~Q(stage=F("image")), name="stage_image_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} is {self.image_id}"


class MigratedPhoto(models.Model):
    """How a photo stood before a migration and after it: {consensus, adjudication}, rows as they were, or null.

    Undo puts back what nobody has touched since, and draws the rest anew from the annotations.
    """

    migration = models.ForeignKey(ScaleMigration, on_delete=models.CASCADE, related_name="photos")
    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="+")
    is_asked = models.BooleanField(default=False, help_text="Its label could not be carried over")
    before = models.JSONField(null=True, help_text="Null: it had nothing yet, and got it after the migration")
    after = models.JSONField(null=True)
    n_standing = models.PositiveIntegerField(default=0, help_text="Standing annotations when it was applied")
    is_restored = models.BooleanField(default=False, help_text="Undo put it back as it was")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["migration", "photo"], name="migrated_photo_once"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.migration_id}"
