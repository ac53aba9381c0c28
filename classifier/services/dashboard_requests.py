"""Asking for a dashboard's figures, by a person or by rule; what computes them is imported by ml workers only."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from classifier.events import dashboard_requested
from classifier.models import Dashboard
from labeling.events import announce
from labeling.models import Project

HEARTBEAT_LOST_AFTER = timedelta(minutes=5)
REFRESH_AFTER = timedelta(minutes=15)
"""Figures are computed anew after this long, where something has come since ..."""
REST = 20
"""... and after this many times what the last computation took: at most a twentieth of a worker's time."""
DAILY = timedelta(days=1)
"""Other changes (a withdrawn answer, a moved boundary, photos taken back) show after this long at most."""
State = Dashboard.State

# Probes of indexes, one project after the other: the latest photo, consensus and disagreement.
_CHANGED = """
    select d.project_id from classifier_dashboard d
    where d.state in ('ready', 'failed')
      and coalesce(d.computed_at, d.requested_at)
          + greatest(%(after)s::interval, %(rest)s * d.seconds * interval '1 second') < statement_timestamp()
      and d.requested_at + %(after)s::interval < statement_timestamp()
      and (
        coalesce(d.computed_at, d.requested_at) + %(daily)s::interval < statement_timestamp()
        or not exists (select from labeling_stagescale s where s.id = d.scale_id and s.status = 'current')
        or coalesce((d.content ->> 'last_photo_id')::bigint, 0) < (
            select max(p.id) from labeling_photo p
            where p.project_id = d.project_id and p.status = 'ready' and not p.is_held_out)
        or exists (select from labeling_consensus c where c.project_id = d.project_id and c.decided_at > d.requested_at)
        or exists (select from labeling_adjudication j
            where j.project_id = d.project_id and j.state = 'open' and j.opened_at > d.requested_at))
"""


def dashboard_request(*, project_id: int) -> Dashboard:
    """Ask for new figures; those that are waited for or being computed are left to their end."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project_id)
        dashboard = Dashboard.objects.filter(project_id=project_id).first()
        if dashboard is None or dashboard.state in {State.READY, State.FAILED}:
            dashboard = dashboard or Dashboard(project_id=project_id)
            dashboard.state, dashboard.requested_at = State.WAITING, timezone.now()
            dashboard.progress, dashboard.error, dashboard.heartbeat_at = 0.0, "", None
            dashboard.save()
        announce(dashboard_requested, project_id=project_id)
    return dashboard


def dashboards_due() -> list[int]:
    """Projects that have no figures yet, or old ones that something has come since."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"after": str(REFRESH_AFTER), "rest": REST, "daily": f"{DAILY.days} days"})
        changed = [row[0] for row in cursor.fetchall()]
    new = Project.objects.filter(dashboard__isnull=True, photos__isnull=False).distinct()
    return [*changed, *new.values_list("pk", flat=True)]


def dashboards_waiting() -> list[int]:
    """Projects whose figures were asked for and that no live worker computes."""
    lost = timezone.now() - HEARTBEAT_LOST_AFTER
    asked = Dashboard.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return list(asked.exclude(heartbeat_at__gt=lost).order_by("requested_at").values_list("project_id", flat=True))
