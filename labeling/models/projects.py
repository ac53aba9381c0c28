"""Projects, their versioned scales and the growth stages in them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

SHARE = (MinValueValidator(0), MaxValueValidator(1))


class Project(models.Model):
    """One crop (or subject), one current scale, one pool of photos."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seed = models.PositiveIntegerField(default=0, help_text="Seeds the held-out draw, the splits and the random share")

    labels_wanted = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(9)], help_text="Annotations wanted per photo"
    )
    labels_max = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(15)],
        help_text="Most annotations asked before an adjudicator is; empty: one more than wanted",
    )
    certainty_wanted = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.5), MaxValueValidator(0.999)],
        help_text="A photo is asked until its stage is this probable; empty: a fixed number of annotations",
    )
    model_vote_cap = models.FloatField(
        default=0.5,
        validators=SHARE,
        help_text="Weight of the model's opinion beside an average expert's, 0 (none) to 1 (as much)",
    )
    critical_boundaries = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        help_text="b: experts who differ across the boundary of positions b and b + 1 need an adjudicator",
    )
    gold_share = models.FloatField(
        default=0.05,
        validators=[MinValueValidator(0), MaxValueValidator(0.5)],
        help_text="Share of a batch that are photos of known stage, to measure experts",
    )
    batch_size = models.PositiveIntegerField(
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="Entries of one query batch",
    )
    random_share = models.FloatField(
        default=0.10, validators=SHARE, help_text="Share of a batch drawn at random: the unbiased estimate"
    )
    blind_share = models.FloatField(
        default=0.10, validators=SHARE, help_text="Share of a batch whose suggestion is hidden"
    )
    held_out_share = models.FloatField(
        default=0.20,
        validators=[MinValueValidator(0), MaxValueValidator(0.5)],
        help_text="Share of groups kept for evaluation only",
    )
    refresh_every = models.PositiveIntegerField(default=5, help_text="New consensuses that trigger a refresh")
    practice_for_new = models.BooleanField(default=False, help_text="New experts practise on known photos first")
    practice_answers = models.PositiveSmallIntegerField(
        default=20,
        validators=[MinValueValidator(5), MaxValueValidator(200)],
        help_text="Answers of practice that are looked at",
    )
    practice_share = models.FloatField(
        default=0.8,
        validators=[MinValueValidator(0.5), MaxValueValidator(1)],
        help_text="Share of them that must name the known stage; the experts' own agreement where that is less",
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(labels_wanted__range=(1, 9)), name="project_labels_wanted_range"),
            models.CheckConstraint(
                condition=Q(labels_max__isnull=True) | Q(labels_max__range=(F("labels_wanted"), 15)),
                name="project_labels_max_range",
            ),
            models.CheckConstraint(
                condition=Q(certainty_wanted__isnull=True) | Q(certainty_wanted__range=(0.5, 0.999)),
                name="project_certainty_range",
            ),
            models.CheckConstraint(
                condition=Q(model_vote_cap__range=(0, 1)) & Q(gold_share__range=(0, 0.5)),
                name="project_vote_and_gold_are_shares",
            ),
            models.CheckConstraint(condition=Q(batch_size__range=(1, 10_000)), name="project_batch_size_range"),
            models.CheckConstraint(
                condition=Q(random_share__range=(0, 1)) & Q(blind_share__range=(0, 1)), name="project_shares_are_shares"
            ),
            models.CheckConstraint(condition=Q(held_out_share__range=(0, 0.5)), name="project_held_out_share_range"),
            models.CheckConstraint(
                condition=Q(practice_answers__range=(5, 200)) & Q(practice_share__range=(0.5, 1)),
                name="project_practice_ranges",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StageScale(models.Model):
    """A version of a project's stages. Never edited once CURRENT: a change is a new version."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        CURRENT = "current", "Current"
        RETIRED = "retired", "Retired"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="scales")
    version = models.PositiveIntegerField()
    is_ordered = models.BooleanField(default=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "version"], name="scale_version_unique"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="current"), name="scale_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.project} v{self.version}"


class GrowthStage(models.Model):
    """One stage of a scale; ``position`` is its place in the order, from 0."""

    scale = models.ForeignKey(StageScale, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60, help_text="Folder and file name of the class in imports and exports")
    name_es = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    description_es = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    bbch_first = models.CharField(max_length=3, blank=True, help_text='First BBCH code, a string: "09" is not 9')
    bbch_last = models.CharField(max_length=3, blank=True)
    color = models.CharField(max_length=7, validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    hotkey = models.CharField(max_length=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["scale", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scale", "position"], name="stage_position_unique"),
            models.UniqueConstraint(fields=["scale", "slug"], name="stage_slug_unique"),
            models.UniqueConstraint(fields=["scale", "hotkey"], name="stage_hotkey_unique"),
            models.CheckConstraint(
                condition=Q(bbch_first="", bbch_last="") | Q(bbch_first__lte=F("bbch_last")), name="stage_bbch_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position + 1} {self.name_en}"


class ReferencePhoto(models.Model):
    """A photo shown on the bench as an example of a stage, or of the stage where it meets the one ``beside`` it."""

    stage = models.ForeignKey(GrowthStage, on_delete=models.CASCADE, related_name="references")
    beside = models.ForeignKey(GrowthStage, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="reference_for")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["stage", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stage", "photo"], name="reference_photo_once_per_stage"),
            models.CheckConstraint(condition=~Q(beside=F("stage")), name="reference_beside_another_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.photo_id}"
