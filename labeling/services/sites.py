"""Sites and plants: made once by name, found ever after."""

from __future__ import annotations

from django.db import transaction

from labeling.domain.errors import DomainError
from labeling.models import Plant, Project, Site

_NAME_LENGTH = 120


@transaction.atomic
def site_get_or_create(*, project: Project, name: str) -> tuple[Site, bool]:
    """The site of this name, and whether it is new. The unique constraint decides between two at once.

    Raises:
        DomainError: ``invalid``, if the name is blank or too long.
    """
    return Site.objects.get_or_create(project=project, name=_checked(name))


@transaction.atomic
def plant_get_or_create(*, site: Site, name: str) -> tuple[Plant, bool]:
    """The plant of this name on a site, and whether it is new.

    Raises:
        DomainError: ``invalid``, if the name is blank or too long.
    """
    return Plant.objects.get_or_create(site=site, name=_checked(name))


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _NAME_LENGTH:
        raise DomainError("invalid", "Give a name.", {"name": [f"A name of 1 to {_NAME_LENGTH} characters is needed."]})
    return name
