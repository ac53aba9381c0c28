"""Writes of recipes. Apart from what mixes by them, which needs packages that a web process lacks."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from classifier.models import QueueRecipe
from classifier.recipe_rules import recipe_faults
from classifier.services.refresh_requests import refresh_request
from labeling.domain.errors import DomainError
from labeling.models import Project
from labeling.selectors.projects import current_scale


@transaction.atomic
def recipe_set(
    *, project: Project, chosen: Mapping[str, float], evaluation_share: float, hard_cap: float
) -> QueueRecipe:
    """Mix the project's batches by another recipe from now on; the queue is made anew by it.

    Args:
        project: whose.
        chosen: acquisition functions and their weights, the main one first.
        evaluation_share: share of a batch that are held-out photos.
        hard_cap: most of a batch that may be hard.

    Raises:
        DomainError: "recipe_invalid".
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    faults = recipe_faults(
        chosen=chosen,
        evaluation_share=evaluation_share,
        hard_cap=hard_cap,
        random_share=project.random_share,
        is_ordered=current_scale(project_id=project.pk).is_ordered,
    )
    if faults:
        raise DomainError("recipe_invalid", "A batch cannot be mixed like this.", faults)
    recipe, _ = QueueRecipe.objects.update_or_create(
        project=project,
        defaults={
            "chosen": [[name, weight] for name, weight in chosen.items()],
            "evaluation_share": evaluation_share,
            "hard_cap": hard_cap,
        },
    )
    refresh_request(project=project)
    return recipe
