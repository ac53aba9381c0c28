"""How a project mixes its query batches."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from classifier.recipe_rules import DEFAULT_CHOSEN, DEFAULT_EVALUATION_SHARE, DEFAULT_HARD_CAP


def default_chosen() -> list[list[Any]]:
    """As stored: pairs, since the order counts and an object would lose it."""
    return [[name, weight] for name, weight in DEFAULT_CHOSEN.items()]


class QueueRecipe(models.Model):
    """A project's mix, as an admin chose it; a project without a row goes by the defaults.

    The random and the blind share are the project's own: they hold without a model, too.
    """

    project = models.OneToOneField(
        "labeling.Project", on_delete=models.CASCADE, primary_key=True, related_name="queue_recipe"
    )
    chosen = models.JSONField(
        default=default_chosen, help_text="[[acquisition function, weight], ...]; the first fills in for the others"
    )
    evaluation_share = models.FloatField(
        default=DEFAULT_EVALUATION_SHARE, help_text="Share of a batch that are held-out photos"
    )
    hard_cap = models.FloatField(default=DEFAULT_HARD_CAP, help_text="Most of a batch that may be hard")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(evaluation_share__range=(0, 1)) & Q(hard_cap__range=(0, 0.5)), name="recipe_shares_in_range"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(f"{name} {weight}" for name, weight in self.chosen)
