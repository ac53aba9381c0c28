"""Rows of fixed width read in bulk: the database packs them into one value, NumPy reads it in place.

A million rows so take as long as the scan; one message or Python object a row would take several times that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection


def packed_rows(*, kind: npt.DTypeLike, packed: str, source: str, params: Sequence[Any]) -> npt.NDArray[Any]:
    """Read every row of ``source``, in no particular order.

    One value holds half a gigabyte at most, so wide rows are asked for in portions.

    Args:
        kind: how a row looks, as a NumPy type of the width that ``packed`` gives; numbers are big-endian.
        packed: SQL: an expression of type bytea, e.g. ``int8send(p.id) || boolsend(p.is_held_out)``. Never null.
        source: SQL: what follows FROM.
        params: of ``source``.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"select string_agg({packed}, ''::bytea) from {source}", params)  # noqa: S608 - constants
        (data,) = cursor.fetchone()
    return np.frombuffer(data or b"", kind)
