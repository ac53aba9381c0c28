"""How the installation is doing, in numbers for a monitoring system: a fixed, small number of questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
import structlog
from django.db import connection

from classifier.selectors.workers import QUEUES, queue_workers, redis_client

logger = structlog.get_logger(__name__)

DECISIONS_MINUTES = 5
DECISIONS_MOST = 5000
"""Latest annotations looked at: a thousand a minute is beyond what any team decides."""


@dataclass
class Gauge:
    """One metric: its samples are (labels, value)."""

    name: str
    help: str
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)


def operations() -> list[Gauge]:
    """Queues, decisions, refreshes, trainings and workers, as they are now."""
    return [
        *_by_project(
            ["antesis_queue_open"],
            ["Entries of the review queue that want an answer"],
            """
            select p.slug, count(e.id) from labeling_project p
            left join labeling_queueentry e on e.project_id = p.id and e.open_slots > 0 and e.reason <> 'gold'
            group by p.slug order by p.slug
            """,
        ),
        *_by_project(
            ["antesis_decisions_per_minute"],
            [f"Annotations a minute, over the last {DECISIONS_MINUTES}"],
            """
            select p.slug, coalesce(c.n, 0)::float8 / %s from labeling_project p left join (
                select f.project_id, count(*) as n from (
                    select photo_id, created_at from labeling_annotation order by id desc limit %s
                ) a join labeling_photo f on f.id = a.photo_id
                where a.created_at > now() - %s * interval '1 minute' group by f.project_id
            ) c on c.project_id = p.id order by p.slug
            """,
            [DECISIONS_MINUTES, DECISIONS_MOST, DECISIONS_MINUTES],
        ),
        *_by_project(
            ["antesis_refresh_seconds", "antesis_refresh_age_seconds"],
            ["Duration of the last finished refresh", "Time since the last finished refresh"],
            """
            select p.slug, extract(epoch from r.finished_at - r.started_at), extract(epoch from now() - r.finished_at)
            from labeling_project p cross join lateral (
                select started_at, finished_at from classifier_scoringrun
                where project_id = p.id and kind = 'refresh' and state = 'succeeded' order by id desc limit 1
            ) r order by p.slug
            """,
        ),
        *_by_project(
            ["antesis_training_active", "antesis_training_epochs", "antesis_training_seconds"],
            [
                "Whether a training is queued, running or lost",
                "Epochs that the latest training has done, over members and folds",
                "Time that the latest training has taken",
            ],
            """
            select p.slug, (r.state in ('queued', 'running', 'lost'))::int, jsonb_array_length(r.curves),
                coalesce(extract(epoch from coalesce(r.finished_at, now()) - r.started_at), 0)
            from labeling_project p cross join lateral (
                select state, curves, started_at, finished_at from classifier_trainingrun
                where project_id = p.id order by id desc limit 1
            ) r order by p.slug
            """,
        ),
        *_workers(),
    ]


def _by_project(
    names: Sequence[str],
    helps: Sequence[str],
    statement: str,
    params: Sequence[Any] = (),
) -> Iterator[Gauge]:
    """Gauges from rows of a project's slug and one column each."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    for column, (name, text) in enumerate(zip(names, helps, strict=True), start=1):
        yield Gauge(name, text, [({"project": row[0]}, float(row[column])) for row in rows])


def _workers() -> Iterator[Gauge]:
    alive = [({"queue": it.queue}, float(len(it.names))) for it in queue_workers()]
    yield Gauge("antesis_workers", "Workers seen in the last 15 seconds", alive)
    try:
        pipeline = redis_client().pipeline(transaction=False)
        for queue in QUEUES:
            pipeline.llen(queue)
        waiting = [({"queue": queue}, float(n)) for queue, n in zip(QUEUES, pipeline.execute(), strict=True)]
    except redis.RedisError as error:
        logger.warning("broker_unreachable", error=str(error))
        waiting = []
    yield Gauge("antesis_tasks_waiting", "Messages that no worker has taken", waiting)
    yield Gauge("antesis_broker_up", "Whether the broker answers", [({}, float(bool(waiting)))])
