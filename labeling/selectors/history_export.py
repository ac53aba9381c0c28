"""The history of a project as a file: every annotation, withdrawal and adjudication, read and sent row by row.

PostgreSQL writes the lines (COPY) and this passes them on in blocks, so that a million rows need no more memory than
ten. Annotations come in the order in which they were received, each followed by its withdrawal; adjudications follow.
Both are read along an index that has this order, for a sort would keep the first line back until all are read; joins
are probes from there, which the settings below see to whatever the statistics say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from django.db import connection, transaction

Format = Literal["csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl")
BLOCK = 64 * 1024

_TIME = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_COLUMNS = (
    "event", "at", "recorded_at", "photo_id", "photo", "who", "kind", "stage", "stage_position", "stage_upper",
    "stage_upper_position", "reason", "note", "round", "mode", "is_blind", "lead_time_ms", "shown",
)  # fmt: skip
# What a spreadsheet would run as a formula when the cell begins with it, be it after blanks. These columns hold words
# of people; the rest are numbers, times and our own words.
_WORDS = frozenset({"photo", "who", "stage", "stage_upper", "reason", "note"})
_FORMULA = r"^([[:space:]]*[=+@＝＋－＠-]|[[:cntrl:]])"

_ROWS = f"""
    (
        select v.event, {_TIME.format("v.at")} as at, {_TIME.format("a.created_at")} as recorded_at,
            a.photo_id, p.original_name as photo, coalesce(nullif(u.full_name, ''), u.email, a.source) as who,
            a.kind, s.slug as stage, s.position as stage_position, t.slug as stage_upper,
            t.position as stage_upper_position, a.reason, a.note, a.round, a.mode, a.is_blind,
            case v.event when 'annotation' then a.lead_time_ms end as lead_time_ms,
            case v.event when 'annotation' then a.shown end as shown
        from labeling_annotation a
        join labeling_photo p on p.id = a.photo_id and p.project_id = %(project)s
        left join labeling_user u on u.id = a.annotator_id
        left join labeling_growthstage s on s.id = a.stage_id
        left join labeling_growthstage t on t.id = a.stage_upper_id
        cross join lateral (values ('annotation', a.decided_at), ('withdrawal', a.withdrawn_at)) as v (event, at)
        where v.at is not null
        order by a.id
    ) union all (
        select 'adjudication', {_TIME.format("j.created_at")}, {_TIME.format("j.created_at")},
            j.photo_id, p.original_name, coalesce(nullif(u.full_name, ''), u.email),
            j.outcome, s.slug, s.position, null, null, '', j.note, j.round, '', null, null, j.shown
        from labeling_adjudicationevent j
        join labeling_photo p on p.id = j.photo_id
        join labeling_user u on u.id = j.adjudicator_id
        left join labeling_growthstage s on s.id = j.stage_id
        where j.project_id = %(project)s
        order by j.id
    )
"""  # noqa: S608 - constants


def history_blocks(*, project_id: int, format: Format) -> Iterator[bytes]:
    """The lines of the file, in blocks; the first is sent as soon as there is a row.

    CSV has a header, and words that a spreadsheet would take for a formula are made text by a leading apostrophe. JSONL
    has one object per line, words untouched and ``shown`` as it is stored.
    """
    statement = _csv() if format == "csv" else _jsonl()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select set_config(name, 'off', true) "
            "from unnest(array['enable_hashjoin', 'enable_mergejoin', 'enable_sort']) as name"
        )
        with cursor.copy(statement, {"project": project_id}) as copy:
            yield from _blocks(bytes(line) for line in copy)


def _blocks(lines: Iterator[bytes]) -> Iterator[bytes]:
    yield b"".join(islice(lines, 2))
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _csv() -> str:
    as_text = f"case when {{0}} ~ '{_FORMULA}' then '''' || {{0}} else {{0}} end as {{0}}"
    cells = ", ".join(as_text.format(name) if name in _WORDS else name for name in _COLUMNS)
    cells = cells.replace("is_blind", "is_blind::text as is_blind")
    return f"copy (select {cells} from ({_ROWS}) as row) to stdout (format csv, header)"  # noqa: S608 - constants


def _jsonl() -> str:
    # As CSV with a quote and a delimiter that JSON cannot contain: the plain format would double its backslashes.
    return f"""
        copy (select row_to_json(row) from ({_ROWS}) as row)
        to stdout (format csv, quote e'\\x01', delimiter e'\\x02')
    """  # noqa: S608 - constants
