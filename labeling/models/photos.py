"""Photos, where and when they were taken, and how they came in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Site(models.Model):
    """A field or orchard; holds plants."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=40, default="UTC")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "name"], name="site_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Plant(models.Model):
    """One plant (or plot) photographed again and again: the unit that splits must not cut."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="plants")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site", "name"], name="plant_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One import of many photos: a folder, a ZIP, a CSV, or a browser upload."""

    class LabelUse(models.TextChoices):
        NONE = "none", "No labels"
        GOLD = "gold", "Gold: known to be right"
        PRIOR = "prior", "Prior annotations by a named source"
        HIDDEN = "hidden", "Hidden: for simulation only"

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200)
    label_use = models.CharField(max_length=6, choices=LabelUse, default=LabelUse.NONE)
    label_source = models.CharField(max_length=80, blank=True, help_text="Who gave the prior annotations")
    form = models.CharField(max_length=20, default="auto", help_text="What the source is said to be; auto: found out")
    is_dry_run = models.BooleanField(default=False, help_text="Tells what would come in and writes nothing")
    archive = models.CharField(max_length=200, blank=True, help_text="Storage key of an uploaded archive")
    created_by = models.ForeignKey("labeling.User", on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    total = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(label_use="prior") | ~Q(label_source=""), name="import_prior_labels_name_their_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRefusal(models.Model):
    """A row of an import that did not come in, and why; row 0 for what came one by one, or was found in the pixels."""

    import_batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="refusals")
    row = models.PositiveIntegerField()
    name = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=40)
    message = models.TextField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["import_batch", "id"], name="import_refusal_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Composable questions about photos."""

    def ready(self) -> PhotoQuerySet:
        return self.filter(status=Photo.Status.READY)

    def in_pool(self) -> PhotoQuerySet:
        """Ready, not held out, without a consensus and not in adjudication: what may be queried."""
        return self.unsettled().filter(is_held_out=False)

    def unsettled(self) -> PhotoQuerySet:
        """Ready, without a consensus and not before an adjudicator: what an expert may still decide."""
        return self.ready().filter(
            ~models.Exists(apps.get_model("labeling", "Consensus").objects.filter(photo=models.OuterRef("pk"))),
            ~models.Exists(
                apps.get_model("labeling", "Adjudication").objects.filter(photo=models.OuterRef("pk"), state="open")
            ),
        )

    def held_out(self) -> PhotoQuerySet:
        return self.ready().filter(is_held_out=True)

    def awaiting_consensus(self) -> PhotoQuerySet:
        return self.ready().filter(consensus__isnull=True)


class Photo(models.Model):
    """A photo, known by the hash of its bytes.

    Bytes live in storage under ``originals/<sha[:2]>/<sha>``, renditions under
    ``renditions/<sha[:2]>/<sha>/<name>.webp``. Names given by people are for display and are never used as paths.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        READY = "ready", "Ready"
        REJECTED = "rejected", "Rejected"

    class Rejection(models.TextChoices):
        NOT_AN_IMAGE = "not_an_image", "Not an image"
        UNSUPPORTED = "unsupported", "Unsupported image format"
        TRUNCATED = "truncated", "File is cut short"
        TOO_LARGE = "too_large", "Too many pixels or bytes"
        TOO_SMALL = "too_small", "Too few pixels"
        EMPTY = "empty", "Empty file"
        TOO_BLURRED = "too_blurred", "Nothing in it is sharp"
        TOO_DARK = "too_dark", "Too dark to see anything"
        TOO_BRIGHT = "too_bright", "Burnt out"
        NO_DETAIL = "no_detail", "Shows nothing: a wall, a finger, the sky"

    class Advice(models.TextChoices):
        """What would make the sender's next photo better; this one is used."""

        BLURRED = "blurred", "Soft"
        DARK = "dark", "Dark"
        BRIGHT = "bright", "Partly burnt out"
        FAR = "far", "What it shows is small"
        SMALL = "small", "Few pixels"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    rejection = models.CharField(max_length=12, choices=Rejection, blank=True)
    original_name = models.CharField(max_length=255, blank=True, help_text="As the sender called it; display only")
    client_id = models.UUIDField(default=uuid.uuid4, help_text="Given by the sender, so that a repeat is recognised")
    uploaded_by = models.ForeignKey(
        "labeling.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    import_batch = models.ForeignKey(
        ImportBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos")
    plant = models.ForeignKey(Plant, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos")
    taken_at = models.DateTimeField(null=True, blank=True, help_text="From the sender or EXIF, in the site's zone")
    camera = models.CharField(max_length=80, blank=True)
    byte_size = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(default=0, help_text="Pixels, upright")
    height = models.PositiveIntegerField(default=0)
    # Measured at ingest (imaging/quality.py); null in photos that came before it was, or that could not be read.
    blur = models.FloatField(null=True, blank=True, help_text="Width of the sharpest edges, 1/256 of the short side")
    light = models.FloatField(null=True, blank=True, help_text="Grey level of the lit part, 0 to 1")
    burnt = models.FloatField(null=True, blank=True, help_text="Share that is white")
    detail = models.FloatField(null=True, blank=True, help_text="Share that shows anything")
    advice = ArrayField(
        models.CharField(max_length=8, choices=Advice),
        default=list,
        db_default=[],
        blank=True,
        help_text="For its sender: how to take a better one",
    )
    phash = models.BigIntegerField(null=True, blank=True, help_text="64-bit DCT hash, two's complement")
    group_key = models.CharField(
        max_length=80, blank=True, help_text="Plant, burst or near-duplicate group: never split"
    )
    is_held_out = models.BooleanField(default=False, help_text="Evaluation only: never in the pool, never trained on")
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "sha256"], name="photo_once_per_project"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="photo_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(status="rejected") & ~Q(rejection="") | ~Q(status="rejected") & Q(rejection=""),
                name="photo_rejected_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(width__gt=0) & Q(height__gt=0) & ~Q(group_key="")),
                name="photo_ready_is_measured",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "id"], condition=Q(status="ready", is_held_out=False), name="photo_pool"),
            models.Index(fields=["project", "group_key"], name="photo_group"),
            models.Index(fields=["project", "uploaded_by", "-id"], name="photo_mine"),
            models.Index(fields=["project", "taken_at"], condition=Q(taken_at__isnull=False), name="photo_taken"),
            models.Index(fields=["plant", "taken_at"], condition=Q(plant__isnull=False), name="photo_of_plant"),
            models.Index(fields=["received_at"], condition=Q(status="received"), name="photo_unprocessed"),
        ]

    def __str__(self) -> str:
        return f"Photo {self.pk}"

    @property
    def has_picture(self) -> bool:
        """Whether there are renditions to show: of ready photos, and of those that were read and found too bad."""
        return self.status == Photo.Status.READY or (self.status == Photo.Status.REJECTED and self.width > 0)


class PhotoLocation(models.Model):
    """Where a photo was taken. Apart from the photo, because only its sender and consent decide who sees it."""

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, primary_key=True, related_name="location")
    latitude = models.FloatField()
    longitude = models.FloatField()
    consent_version = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)), name="location_on_earth"
            ),
        ]

    def __str__(self) -> str:
        return f"Location of {self.photo_id}"


class KnownLabel(models.Model):
    """A stage known from outside: gold (right by decree) or hidden (a simulated expert's knowledge)."""

    class Kind(models.TextChoices):
        GOLD = "gold", "Gold"
        HIDDEN = "hidden", "Hidden"

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, primary_key=True, related_name="known_label")
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT)
    kind = models.CharField(max_length=6, choices=Kind)

    def __str__(self) -> str:
        return f"{self.kind} {self.photo_id}"
