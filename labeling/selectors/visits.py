"""Where and when labelled photos were taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labeling.models import Consensus


@dataclass(frozen=True, slots=True)
class Visit:
    """Place and time of a photo, as far as they are known."""

    site_id: int | None
    plant_id: int | None
    taken_at: datetime | None


def visits_of_labelled(*, project_id: int) -> dict[int, Visit]:
    """Every photo of the project that is held to show a stage; one query."""
    rows = Consensus.objects.filter(project_id=project_id, outcome=Consensus.Outcome.STAGE).values_list(
        "photo_id", "photo__site_id", "photo__plant_id", "photo__taken_at"
    )
    return {photo_id: Visit(site, plant, taken_at) for photo_id, site, plant, taken_at in rows.iterator()}
