"""What the photos of a map are coloured and filtered by: one byte a photo, and what the bytes mean.

Read from the tables when asked for, never kept: a label given a second ago counts. A column is one scan, packed by the
database (``labeling/selectors/packed.py``); a million photos take about a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from classifier.row_store import Ids
from classifier.selectors.learning import promoted_version
from labeling.models import Project, Role
from labeling.selectors.packed import packed_rows
from labeling.selectors.projects import current_scale

NONE = 255
"""Nothing is known, or nothing that the reader may know."""
NOT_A_STAGE = 254
"""Settled as unusable or as undecidable."""
MOST_GROUPS = 250
"""Sites, cameras or months that have a code of their own; photos of the others have ``NONE``."""
STATES = ("open", "settled", "adjudication", "excluded", "gold")
USES = ("training", "held_out")
FURTHEST = 9
"""The largest difference of stages that has a code of its own."""


@dataclass(frozen=True)
class MapColumn:
    """``codes`` (n,) in the order of the map; ``labels`` name the codes 0, 1, ... where the page cannot."""

    codes: npt.NDArray[np.uint8]
    labels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Asked:
    project: Project
    sees_all: bool


_Coded = tuple[npt.NDArray[Any], list[str]]
"""Rows of (photo_id, code), and labels."""


def column_names(*, role: Role) -> list[str]:
    """The columns that a role may see.

    How far experts differ, what the model gets wrong and which photos measure it are for those who settle: they would
    tell an expert what others and the model think of photos that are still to be asked.
    """
    return [name for name, column in _COLUMNS.items() if role.includes(column[0])]


def map_column(*, project: Project, name: str, role: Role, photo_ids: Ids, masked: frozenset[int]) -> MapColumn:
    """A column of a map, in two or three queries.

    Args:
        project: whose photos.
        name: one of ``column_names(role=role)``.
        role: of the reader.
        photo_ids: (n,) of the map, in its order.
        masked: photos of which the reader may know nothing.
    """
    rows, labels = _COLUMNS[name][1](_Asked(project, role.includes(Role.ADJUDICATOR)))
    order = np.argsort(rows["photo_id"])
    known, values = rows["photo_id"][order].astype(np.int64), rows["code"][order]
    codes = np.full(len(photo_ids), NONE, np.uint8)
    if len(known):
        places = np.minimum(np.searchsorted(known, photo_ids), len(known) - 1)
        is_known = known[places] == photo_ids
        codes[is_known] = values[places[is_known]].astype(np.uint8)
    if masked:
        codes[np.isin(photo_ids, list(masked))] = NONE
    return MapColumn(codes, labels)


def _rows(code: str, source: str, *params: Any) -> npt.NDArray[Any]:
    """Photo ids and codes; ``code`` is SQL of an integer 0..255."""
    return packed_rows(
        kind=[("photo_id", ">i8"), ("code", ">i2")],
        packed=f"int8send(p.id) || int2send(({code})::int2)",
        source=source,
        params=list(params),
    )


def _stage(asked: _Asked) -> _Coded:
    return _rows(
        f"coalesce(g.position, {NOT_A_STAGE})",
        """
        labeling_consensus c join labeling_photo p on p.id = c.photo_id
        left join labeling_growthstage g on g.id = c.stage_id where c.project_id = %s
        """,
        asked.project.pk,
    ), []


def _suggested(asked: _Asked) -> _Coded:
    """An expert is to label held-out photos without knowing what the model thinks of them."""
    hidden = (
        ""
        if asked.sees_all
        else """
        and (not p.is_held_out or exists (select from labeling_consensus c where c.photo_id = p.id))
    """
    )
    return _rows(
        "s.position",
        f"labeling_suggestion s join labeling_photo p on p.id = s.photo_id where s.project_id = %s {hidden}",
        asked.project.pk,
    ), []


def _state(asked: _Asked) -> _Coded:
    gold = "when c.is_gold then 4" if asked.sees_all else ""
    return _rows(
        f"""
        case when c.outcome <> 'stage' then 3 {gold} when c.photo_id is not null then 1
             when a.photo_id is not null then 2 else 0 end
        """,
        """
        labeling_photo p left join labeling_consensus c on c.photo_id = p.id
        left join labeling_adjudication a on a.photo_id = p.id and a.state = 'open'
        where p.project_id = %s and p.status = 'ready'
        """,
        asked.project.pk,
    ), []


def _use(asked: _Asked) -> _Coded:
    return _rows(
        "p.is_held_out::int", "labeling_photo p where p.project_id = %s and p.status = 'ready'", asked.project.pk
    ), []


def _disagreement(asked: _Asked) -> _Coded:
    """By how many stages the standing answers of a photo differ; 0 or 1 where stages have no order."""
    scale = current_scale(project_id=asked.project.pk)
    spread = "max(coalesce(u.position, g.position)) - min(g.position)"
    code = f"least({spread}, {FURTHEST})" if scale.is_ordered else f"least({spread}, 1)"
    return _rows(
        "p.code",
        f"""
        (select a.photo_id as id, {code} as code from labeling_annotation a
         join labeling_photo o on o.id = a.photo_id and o.project_id = %s
         join labeling_growthstage g on g.id = a.stage_id left join labeling_growthstage u on u.id = a.stage_upper_id
         where a.withdrawn_at is null and g.scale_id = %s group by a.photo_id having count(*) > 1) p
        """,  # noqa: S608 - constants
        asked.project.pk,
        scale.pk,
    ), []


def _error(asked: _Asked) -> _Coded:
    """By how many stages the version in use misses what a photo was settled as; 0 or 1 where stages have no order."""
    scale = current_scale(project_id=asked.project.pk)
    version = promoted_version(project_id=asked.project.pk)
    if version is None or version.scale_id != scale.pk:
        return np.empty(0, [("photo_id", ">i8"), ("code", ">i2")]), []
    missed = "abs(array_position(q.probabilities, (select max(x) from unnest(q.probabilities) x)) - 1 - g.position)"
    return _rows(
        f"least({missed}, {FURTHEST if scale.is_ordered else 1})",
        """
        classifier_prediction q join labeling_photo p on p.id = q.photo_id
        join labeling_consensus c on c.photo_id = p.id join labeling_growthstage g on g.id = c.stage_id
        where q.model_version_id = %s and g.scale_id = %s
        """,
        version.pk,
        scale.pk,
    ), []


def _groups(asked: _Asked, key: str, label: str, join: str = "") -> _Coded:
    """Photos by a text: groups in alphabetical order, of which the largest have a code."""
    statement = f"""
        labeling_photo p {join} join (
            select name, (row_number() over (order by name) - 1) as code from (
                select {label} as name, count(*) as n from labeling_photo p {join}
                where p.project_id = %s and p.status = 'ready' and {key} group by 1 order by n desc, 1 limit %s
            ) largest
        ) l on l.name = {label}
        where p.project_id = %s and p.status = 'ready' and {key}
    """  # noqa: S608 - constants
    params = (asked.project.pk, MOST_GROUPS, asked.project.pk)
    rows = _rows("l.code", statement, *params)
    return rows, _labels(statement, params)


def _labels(statement: str, params: tuple[Any, ...]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"select distinct l.code, l.name from {statement} order by 1", params)  # noqa: S608
        return [str(name) for _, name in cursor.fetchall()]


def _site(asked: _Asked) -> _Coded:
    return _groups(asked, "true", "t.name", "join labeling_site t on t.id = p.site_id")


def _camera(asked: _Asked) -> _Coded:
    return _groups(asked, "p.camera <> ''", "p.camera")


def _month(asked: _Asked) -> _Coded:
    return _groups(asked, "p.taken_at is not null", "to_char(p.taken_at at time zone 'UTC', 'YYYY-MM')")


_COLUMNS: Mapping[str, tuple[Role, Callable[[_Asked], _Coded]]] = {
    "stage": (Role.EXPERT, _stage),
    "suggested": (Role.EXPERT, _suggested),
    "state": (Role.EXPERT, _state),
    "site": (Role.EXPERT, _site),
    "camera": (Role.EXPERT, _camera),
    "month": (Role.EXPERT, _month),
    "disagreement": (Role.ADJUDICATOR, _disagreement),
    "error": (Role.ADJUDICATOR, _error),
    "use": (Role.ADJUDICATOR, _use),
}
