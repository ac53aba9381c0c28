"""Sites and their plants, as one project sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from labeling.domain.errors import NotFound
from labeling.models import Plant, Project, Site


def sites_with_plants(*, project: Project) -> QuerySet[Site]:
    """All sites of a project, plants prefetched: two queries."""
    return Site.objects.filter(project=project).prefetch_related("plants")


def site_get(*, project: Project, site_id: int) -> Site:
    """A site of this project.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    site = Site.objects.filter(project=project, pk=site_id).first()
    if site is None:
        raise NotFound("site_not_found", "There is no such site in this project.")
    return site


def plant_get(*, project: Project, plant_id: int) -> Plant:
    """A plant of this project, with its site.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    plant = Plant.objects.filter(site__project=project, pk=plant_id).select_related("site").first()
    if plant is None:
        raise NotFound("plant_not_found", "There is no such plant in this project.")
    return plant
