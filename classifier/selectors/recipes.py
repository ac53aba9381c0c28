"""Reads of recipes."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.models import QueueRecipe
from classifier.recipe_rules import DEFAULT_CHOSEN, OFFERED, ORDERED_ONLY
from labeling.models import Project
from labeling.selectors.projects import current_scale


@dataclass(frozen=True)
class RecipeInUse:
    """What a project's batches are mixed by, and what could be chosen instead.

    ``chosen`` leaves out what the present scale cannot use; it is never empty.
    """

    chosen: dict[str, float]
    evaluation_share: float
    hard_cap: float
    offered: list[str]

    @property
    def parts(self) -> list[dict[str, str | float]]:
        """``chosen`` in order, name and weight by name."""
        return [{"name": name, "weight": weight} for name, weight in self.chosen.items()]


def recipe_in_use(*, project: Project) -> RecipeInUse:
    """The project's recipe, or the default one, as far as its settings and scale allow."""
    stored = QueueRecipe.objects.filter(project=project).first() or QueueRecipe(project=project)
    is_ordered = current_scale(project_id=project.pk).is_ordered
    offered = [name for name in OFFERED if is_ordered or name not in ORDERED_ONLY]
    chosen = {name: float(weight) for name, weight in stored.chosen if name in offered}
    return RecipeInUse(
        chosen=chosen or dict(DEFAULT_CHOSEN),
        # The random share may have been raised since.
        evaluation_share=min(stored.evaluation_share, 1.0 - project.random_share),
        hard_cap=stored.hard_cap,
        offered=offered,
    )
