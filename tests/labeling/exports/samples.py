"""Many rows at little cost, for tests of size and memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from labeling.domain.dataset import DatasetRow, LabelFacts, ModelFacts, PhotoFacts
from tests.labeling.exports.rows import STAGES

KINDS = ("stage", "stage", "between", "cannot_tell", "unusable")


def sample_rows(n: int) -> Iterator[DatasetRow]:
    """``n`` rows, two per photo by different sources, every fifth photo held out, ten plants."""
    for number in range(n):
        photo_id = number // 2 + 1
        kind = KINDS[number % len(KINDS)]
        position = number % (len(STAGES) - 1)
        is_staged = kind in {"stage", "between"}
        photo = PhotoFacts(
            photo_id, hashlib.sha256(str(photo_id).encode()).hexdigest(), f"IMG_{photo_id}.jpg", "Huerto",
            f"P{photo_id % 10}", datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=photo_id % 500), 1600, 1200, "X1",
            photo_id % 5 == 0, f"plant:{photo_id % 10}", None,
        )  # fmt: skip
        label = LabelFacts(
            kind, STAGES[position] if is_staged else None, STAGES[position + 1] if kind == "between" else None,
            f"annotator-{number % 2}", "" if is_staged else "other", "", datetime(2026, 5, 1, tzinfo=UTC), "single",
        )  # fmt: skip
        yield DatasetRow(photo, label, ModelFacts(STAGES[position], 0.75, "v1"))
