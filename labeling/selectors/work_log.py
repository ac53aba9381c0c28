"""Decisions of a project as arrays: what its pace is told from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import connection

from labeling.models import Annotation

CHUNK = 20_000
BY_HAND = (Annotation.Mode.SINGLE, Annotation.Mode.GRID, Annotation.Mode.PAIR)
"""What somebody decided on a page of ours; not what was imported or simulated."""

_STATEMENT = """
    select a.annotator_id, extract(epoch from a.decided_at)::float8, a.lead_time_ms / 1000.0::float8,
        a.withdrawn_at is null, a.photo_id,
        case when c.is_gold then null else extract(epoch from c.decided_at)::float8 end
    from labeling_annotation a
    join labeling_photo p on p.id = a.photo_id
    left join labeling_consensus c on c.photo_id = a.photo_id
    where p.project_id = %(project)s and a.annotator_id is not null and a.mode = any(%(modes)s)
      and a.decided_at >= %(since)s
"""


@dataclass(frozen=True)
class WorkLog:
    """Decisions in any order, withdrawn ones too: they took their time. All (n,).

    ``at`` and ``settled_at`` in seconds of the epoch, ``lead`` in seconds; NaN where there is none. A photo whose stage
    was known from outside is not settled by anybody.
    """

    person: npt.NDArray[np.int64]
    at: npt.NDArray[np.float64]
    lead: npt.NDArray[np.float64]
    is_standing: npt.NDArray[np.bool_]
    photo: npt.NDArray[np.int64]
    settled_at: npt.NDArray[np.float64]


def work_log(*, project_id: int, since: datetime) -> WorkLog:
    """Read the decisions of a project since a moment, a chunk of rows at a time."""
    kinds = (np.int64, np.float64, np.float64, np.bool_, np.int64, np.float64)
    parts = [[np.zeros(0, kind)] for kind in kinds]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_STATEMENT, {"project": project_id, "modes": [mode.value for mode in BY_HAND], "since": since})
        while rows := cursor.fetchmany(CHUNK):
            for part, kind, column in zip(parts, kinds, zip(*rows, strict=True), strict=True):
                part.append(np.array([np.nan if it is None else it for it in column], kind))
    return WorkLog(*(np.concatenate(part) for part in parts))
