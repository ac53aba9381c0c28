"""Writes of suggestions: the latest stage that a model proposes for each photo."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from labeling.selectors.packed import packed_rows
from labeling.services.scale_use import scale_in_use_held

CHUNK = 20_000
"""Rows of one transaction. A decision on one of them waits for its end, a fifth of a second."""
SAME_CONFIDENCE = 0.01
"""A refresh moves the confidence of every photo a little; less than this is shown by nobody and not written."""

_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
_SENT = np.dtype(
    [
        ("n_fields", ">i2"), ("photo_length", ">i4"), ("photo_id", ">i8"), ("position_length", ">i4"),
        ("position", ">i2"), ("confidence_length", ">i4"), ("confidence", ">f8"),
    ]
)  # fmt: skip
_STORED = [("photo_id", ">i8"), ("position", ">i2"), ("confidence", ">f8")]


def suggestions_record(
    *,
    project_id: int,
    model_version: str,
    photo_ids: npt.ArrayLike,
    positions: npt.ArrayLike,
    confidences: npt.ArrayLike,
    scale_id: int | None = None,
) -> int:
    """Store the latest suggestion of each photo; returns how many rows were written.

    Photos that are gone, or of another project, are left out. Rows are written in order of photo, so that two
    writers cannot deadlock.

    Args:
        project_id: whose photos.
        model_version: opaque id of what suggests.
        photo_ids: (n,), each once.
        positions: (n,) of the stages.
        confidences: (n,) within 0..1.
        scale_id: the version of the scale that positions speak of.

    Raises:
        Conflict: "scale_changed", another version is in use by now.
    """
    ids = np.asarray(photo_ids, np.int64)
    order = np.argsort(ids, kind="stable")
    ids, places = ids[order], np.asarray(positions, np.int64)[order]
    certain = np.asarray(confidences, np.float64)[order]
    chunks = [slice(start, start + CHUNK) for start in range(0, len(ids), CHUNK)]
    return sum(_write(project_id, model_version, ids[rows], places[rows], certain[rows], scale_id) for rows in chunks)


def suggestions_update(
    *,
    project_id: int,
    model_version: str,
    photo_ids: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    confidences: npt.NDArray[np.float64],
    scale_id: int | None = None,
) -> int:
    """``suggestions_record`` of those that say something else than before; returns how many rows were written.

    Another stage, or a confidence that moved by ``SAME_CONFIDENCE``, counted from what is stored: many small moves add
    up. A suggestion that is left alone keeps the name of the model that made it.
    """
    known = _stored(project_id)
    places = np.searchsorted(known["photo_id"], photo_ids)
    is_new = np.ones(len(photo_ids), bool)
    inside = np.flatnonzero(places < len(known))
    before = known[places[inside]]
    is_new[inside] = (
        (before["photo_id"] != photo_ids[inside])
        | (before["position"] != positions[inside])
        | (np.abs(before["confidence"] - confidences[inside]) >= SAME_CONFIDENCE)
    )
    return suggestions_record(
        project_id=project_id,
        model_version=model_version,
        photo_ids=photo_ids[is_new],
        positions=positions[is_new],
        confidences=confidences[is_new],
        scale_id=scale_id,
    )


def _stored(project_id: int) -> npt.NDArray[Any]:
    rows = packed_rows(
        kind=_STORED,
        packed="int8send(s.photo_id) || int2send(s.position) || float8send(s.confidence)",
        source="labeling_suggestion s where s.project_id = %s",
        params=[project_id],
    )
    return rows[np.argsort(rows["photo_id"], kind="stable")]


def _write(
    project_id: int,
    model_version: str,
    photo_ids: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    confidences: npt.NDArray[np.float64],
    scale_id: int | None,
) -> int:
    rows = np.empty(len(photo_ids), _SENT)
    rows["n_fields"], rows["photo_length"], rows["position_length"], rows["confidence_length"] = 3, 8, 2, 8
    rows["photo_id"], rows["position"], rows["confidence"] = photo_ids, positions, confidences
    with transaction.atomic(), connection.cursor() as cursor:
        scale_in_use_held(project_id=project_id, scale_id=scale_id)
        cursor.execute("drop table if exists pg_temp.suggested")
        cursor.execute(
            "create temporary table suggested (photo_id bigint, position smallint, confidence float8) on commit drop"
        )
        with cursor.copy("copy pg_temp.suggested from stdin (format binary)") as copy:
            copy.write(_COPY_HEADER + rows.tobytes() + _COPY_END)
        cursor.execute(
            """
            insert into labeling_suggestion (photo_id, project_id, position, confidence, model_version, is_open)
            select p.id, p.project_id, s.position, s.confidence, %(version)s,
                not exists (select from labeling_consensus c where c.photo_id = p.id)
                and not exists (select from labeling_adjudication j where j.photo_id = p.id and j.state = 'open')
            from pg_temp.suggested s join labeling_photo p on p.id = s.photo_id and p.project_id = %(project)s
            order by p.id
            on conflict (photo_id) do update set position = excluded.position, confidence = excluded.confidence,
                model_version = excluded.model_version
            """,
            {"version": model_version, "project": project_id},
        )
        return cursor.rowcount
