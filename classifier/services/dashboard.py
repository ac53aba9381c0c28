"""The figures of a project's dashboard.

``Dashboard.content``::

    {"last_photo_id",
     "sites": [{"site": id or null, <covered>}], those with most photos first,
     "more_sites": <covered> of the rest or null,
     "months", "weeks": [{"day": first day or null, <covered>}], oldest first, photos without a date last,
     "season_start": month,
     "pace": {"weeks": [{"day", <paced>}], "people": [{"person", <paced>}]},
     "plants": {"n", "flagged": [photo ids], "n_flagged", "is_cut"},
     "labels_missing": by which a first training is short}

where <covered> is "labels", "waiting" (by stage), "unknown", "other", "photos" (``selectors/coverage.py``) and <paced>
is "seconds", "decisions", "settled". Names are not kept: sites and people may change theirs. Positions are those of the
scale that the figures were computed on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog
from django.utils import timezone

from classifier.models import Dashboard
from classifier.selectors.learning import label_counts
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.plant_flags import plant_flags
from classifier.training_rules import training_need
from labeling.domain.pace import worked_seconds
from labeling.domain.seasons import season_start
from labeling.models import Photo, Plant
from labeling.selectors.coverage import Coverage, Covered, coverage_of
from labeling.selectors.plant_weeks import plant_photos
from labeling.selectors.projects import current_scale
from labeling.selectors.work_log import WorkLog, work_log

logger = structlog.get_logger(__name__)

MOST_SITES = 60
YEARS = 5
PACE_WEEKS = 12
ERROR_LENGTH = 500
State = Dashboard.State


def dashboard_build(*, project_id: int) -> Dashboard | None:
    """Compute the figures that were asked for; None when none were, or when another worker is at it.

    A worker that dies leaves them RUNNING without a heartbeat, and the next one takes them.
    """
    with advisory_lock(LockSpace.DASHBOARD, project_id) as is_ours:
        dashboard = Dashboard.objects.filter(project_id=project_id).first()
        if not is_ours or dashboard is None or dashboard.state not in {State.WAITING, State.RUNNING}:
            return None
        rows = Dashboard.objects.filter(project_id=project_id)
        rows.update(state=State.RUNNING, heartbeat_at=timezone.now(), progress=0.0)
        try:
            _build(dashboard, lambda share: rows.update(progress=share, heartbeat_at=timezone.now()))
        except Exception as error:
            rows.update(state=State.FAILED, error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH], heartbeat_at=None)
            raise
    return rows.get()


def _build(dashboard: Dashboard, on_progress: Callable[[float], object]) -> None:
    began, project_id = time.monotonic(), dashboard.project_id
    scale = current_scale(project_id=project_id)
    n_stages = len(scale.stages.all())
    latest = (
        Photo.objects.ready()
        .filter(project_id=project_id, is_held_out=False)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    coverage = coverage_of(scale=scale, n_stages=n_stages)
    on_progress(0.4)
    since = _monday(timezone.now().date()) - timedelta(weeks=PACE_WEEKS - 1)
    log = work_log(project_id=project_id, since=datetime(since.year, since.month, since.day, tzinfo=UTC))
    on_progress(0.6)
    flags = plant_flags(
        plant_photos(scale=scale, n_stages=n_stages),
        n_stages=n_stages,
        is_ordered=scale.is_ordered,
        on_progress=lambda share: on_progress(0.7 + 0.3 * share),
    )
    content = {
        "last_photo_id": latest or 0,
        **coverage_content(coverage, n_stages),
        "pace": pace_content(log, first=since),
        "plants": {
            "n": Plant.objects.filter(site__project_id=project_id).count(),
            "flagged": flags.photo_ids,
            "n_flagged": flags.n,
            "is_cut": flags.is_cut,
        },
        "labels_missing": training_need(label_counts(project_id=project_id).by_stage).labels_until_training,
    }
    seconds = time.monotonic() - began
    Dashboard.objects.filter(project_id=project_id).update(
        state=State.READY, progress=1.0, error="", heartbeat_at=None, computed_at=timezone.now(), scale=scale,
        content=content, seconds=seconds,
    )  # fmt: skip
    logger.info("dashboard_built", project=project_id, seconds=round(seconds, 3))


def coverage_content(coverage: Coverage, n_stages: int) -> dict[str, Any]:
    """The part of the content that coverage gives."""
    ranked = sorted(coverage.sites.items(), key=lambda it: (it[0] is None, -it[1].photos, it[0] or 0))
    kept, rest = ranked[:MOST_SITES], ranked[MOST_SITES:]
    more = Covered.empty(n_stages)
    for _, covered in rest:
        more.include(covered)
    by_month = [0] * 12
    for month, covered in coverage.months.items():
        if month is not None:
            by_month[month.month - 1] += covered.photos
    return {
        "sites": [{"site": site, **_covered(covered)} for site, covered in kept],
        "more_sites": _covered(more) if rest else None,
        "months": _in_time(coverage.months),
        "weeks": _in_time(coverage.weeks),
        "season_start": season_start(by_month),
    }


def _in_time(parts: Mapping[date | None, Covered]) -> list[dict[str, Any]]:
    days = sorted(day for day in parts if day is not None)
    kept: list[date | None] = [day for day in days if day.year > days[-1].year - YEARS]
    kept += [None] if None in parts else []
    return [{"day": None if day is None else day.isoformat(), **_covered(parts[day])} for day in kept]


def _covered(covered: Covered) -> dict[str, Any]:
    return {
        "labels": covered.labels,
        "waiting": covered.waiting,
        "unknown": covered.unknown,
        "other": covered.other,
        "photos": covered.photos,
    }


def pace_content(log: WorkLog, *, first: date) -> dict[str, Any]:
    """Time, standing decisions and settled photos by week and by person.

    A photo is settled in the week of its consensus, once; each of those who decided on it had a part in it.
    """
    seconds = worked_seconds(log.person, log.at, log.lead)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
    week = ((log.at - start) // (7 * 86_400)).astype(np.int64)
    counts = log.is_standing & ~np.isnan(log.settled_at)
    settled = np.flatnonzero(counts)[np.unique(log.photo[counts], return_index=True)[1]]
    # A photo may have been settled before its last decision, and before all of this began.
    settled_week = ((log.settled_at[settled] - start) // (7 * 86_400)).astype(np.int64)
    weeks = [
        {
            "day": (first + timedelta(weeks=number)).isoformat(),
            **_paced(seconds, log, week == number),
            "settled": int((settled_week == number).sum()),
        }
        for number in range(PACE_WEEKS)
    ]
    people = []
    for person in np.unique(log.person).tolist():
        mine = log.person == person
        n_settled = len(np.unique(log.photo[mine & counts]))
        people.append({"person": person, **_paced(seconds, log, mine), "settled": n_settled})
    return {"weeks": weeks, "people": sorted(people, key=lambda it: (-it["decisions"], it["person"]))}


def _paced(seconds: npt.NDArray[np.float64], log: WorkLog, rows: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return {"seconds": round(float(seconds[rows].sum()), 1), "decisions": int(log.is_standing[rows].sum())}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
