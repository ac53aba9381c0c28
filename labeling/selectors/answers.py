"""All answers of a project as arrays: what the estimate of its annotators reads. A million of them fit in 100 MB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from labeling.models import StageScale
from labeling.selectors.annotator_quality import Author

CHUNK = 20_000
NONE = -1
"""Stands for no stage, no suggestion, no lead time."""

_STATEMENT = """
    select a.id, a.photo_id, a.annotator_id, a.source, coalesce(least(s.position, u.position), -1),
        coalesce(greatest(s.position, u.position), -1),
        extract(epoch from date_trunc('week', a.decided_at, 'UTC'))::bigint / 86400,
        coalesce(a.lead_time_ms, -1), a.is_blind,
        a.annotator_id is not null and a.mode in ('single', 'pair') and not p.is_held_out and k.photo_id is null
            and coalesce(a.shown ->> 'reason' in ('boundary', 'uncertain', 'random'), false),
        case when si.id is null then coalesce((a.shown ->> 'position')::int, -1) else -1 end,
        hashtextextended(coalesce(nullif(p.group_key, ''), p.id::text), 0),
        case when k.kind = 'gold' then ks.position end, case when c.is_adjudicated then cs.position end
    from labeling_annotation a
    join labeling_photo p on p.id = a.photo_id
    left join labeling_adjudication j on j.photo_id = p.id
    left join labeling_stageimage si on si.stage_id = a.stage_id and si.scale_id = %(scale)s
    left join labeling_stageimage ui on ui.stage_id = a.stage_upper_id and ui.scale_id = %(scale)s
    left join labeling_growthstage s on s.id = coalesce(si.image_id, a.stage_id) and s.scale_id = %(scale)s
    left join labeling_growthstage u on u.id = coalesce(ui.image_id, a.stage_upper_id) and u.scale_id = %(scale)s
    left join labeling_knownlabel k on k.photo_id = p.id and k.kind = 'gold'
    left join labeling_stageimage ki on ki.stage_id = k.stage_id and ki.scale_id = %(scale)s
    left join labeling_growthstage ks on ks.id = coalesce(ki.image_id, k.stage_id) and ks.scale_id = %(scale)s
    left join labeling_consensus c on c.photo_id = p.id and c.is_adjudicated
    left join labeling_growthstage cs on cs.id = c.stage_id and cs.scale_id = %(scale)s
    where p.project_id = %(project)s and a.withdrawn_at is null and a.round = coalesce(j.round, 1)
      and (a.stage_id is null or s.id is not null)
      and (a.stage_upper_id is null or abs(u.position - s.position) <= 1)
    order by a.id
"""
_TYPES = (
    ("annotation", np.int64), ("photo", np.int64), ("author", np.int32), ("lower", np.int8), ("upper", np.int8),
    ("week", np.int32), ("lead_ms", np.int32), ("is_blind", np.bool_), ("is_comparable", np.bool_),
    ("suggested", np.int16), ("group", np.int64), ("gold", np.int8), ("adjudicated", np.int8),
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """The standing annotations of the photos' current rounds, oldest first; every array is (M,).

    Stages of other versions of the scale count as what they are on this one; answers of which that cannot be told are
    left out.

    - ``author`` is a row of ``authors``; ``lower`` and ``upper`` are -1 where no stage is named.
    - ``gold`` and ``adjudicated`` are the stage of the photo where it is known that way, else -1.
    - ``week`` is the Monday of the answer, in days since 1970-01-01; ``group`` tells the photo's group.
    - ``suggested`` is what the model liked best, seen or not, else -1. ``is_comparable``: whether it was seen was drawn
      at random. That is so of what an acquisition chose and was asked one photo at a time; not of the evaluation set,
      of gold, of the triage grid, of arrivals and of what came back.
    """

    authors: list[Author]
    columns: dict[str, npt.NDArray[Any]]

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["annotation"])


def answers_of(*, project_id: int, scale: StageScale, on_chunk: Callable[[], None] = lambda: None) -> Answers:
    """Read all answers of a project on a scale, through a cursor on the server's side: a chunk of rows at a time.

    ``on_chunk`` is called after each; outside of a transaction, what it writes is committed at once.
    """
    authors: dict[Author, int] = {}
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name, _ in _TYPES}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_STATEMENT, {"project": project_id, "scale": scale.pk})
        while rows := cursor.fetchmany(CHUNK):
            columns = list(zip(*rows, strict=True))
            author = [authors.setdefault(it, len(authors)) for it in zip(columns[2], columns[3], strict=True)]
            for (name, kind), column in zip(_TYPES, [*columns[:2], author, *columns[4:]], strict=True):
                if name in {"gold", "adjudicated"}:
                    column = [NONE if it is None else it for it in column]
                parts[name].append(np.array(column, kind))
            on_chunk()
    return Answers(
        list(authors),
        {name: np.concatenate(parts[name]) if parts[name] else np.zeros(0, kind) for name, kind in _TYPES},
    )
