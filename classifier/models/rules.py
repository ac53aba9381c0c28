"""When a project is trained again by itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class TrainingRule(models.Model):
    """A project's rule, as an admin set it; a project without a row goes by the defaults.

    See ``training_rules.RetrainingRule`` for what the fields mean.
    """

    project = models.OneToOneField(
        "labeling.Project", on_delete=models.CASCADE, primary_key=True, related_name="training_rule"
    )
    is_on = models.BooleanField(default=True)
    labels_new = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: a quarter more, 50 at least")
    days_most = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: whatever the time")
    accuracy_drop = models.FloatField(null=True, blank=True, help_text="0..1; empty: drift is not looked at")
    gap_minutes = models.PositiveIntegerField(default=10)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(gap_minutes__range=(10, 44_640))
                & (Q(labels_new__isnull=True) | Q(labels_new__range=(10, 1_000_000)))
                & (Q(days_most__isnull=True) | Q(days_most__range=(1, 365)))
                & (Q(accuracy_drop__isnull=True) | Q(accuracy_drop__range=(0.01, 0.5))),
                name="training_rule_in_range",
            ),
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"
