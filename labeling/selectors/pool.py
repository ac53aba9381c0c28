"""The pool: photos that may be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.selectors.packed import packed_rows

_KIND = [("photo_id", ">i8"), ("group", ">i8"), ("is_held_out", "?")]
_PACKED = "int8send(p.id) || int8send(hashtextextended(p.group_key, 0)) || boolsend(p.is_held_out)"
# The same photos as ``Photo.objects.unsettled()``, which a test compares.
_SOURCE = """
    labeling_photo p where p.project_id = %s and p.status = 'ready'
    and not exists (select from labeling_consensus c where c.photo_id = p.id)
    and not exists (select from labeling_adjudication a where a.photo_id = p.id and a.state = 'open')
"""


@dataclass(frozen=True, slots=True)
class PoolRows:
    """What an acquisition needs to know of photos beside their embeddings; all arrays (n,), by ascending photo id.

    ``groups`` are hashes of group keys. Held-out photos are not in the pool proper: they are asked for evaluation only.
    """

    photo_ids: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    is_held_out: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.photo_ids)


def pool_rows(*, project_id: int) -> PoolRows:
    """Ready photos that are not settled or before an adjudicator, held-out ones among them."""
    rows: npt.NDArray[Any] = packed_rows(kind=_KIND, packed=_PACKED, source=_SOURCE, params=[project_id])
    rows = rows[np.argsort(rows["photo_id"], kind="stable")]
    return PoolRows(rows["photo_id"].astype(np.int64), rows["group"].astype(np.int64), rows["is_held_out"].copy())
