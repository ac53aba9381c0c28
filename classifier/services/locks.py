"""Advisory locks: who may work on a run or a project, told by PostgreSQL and freed when the holder's process dies."""

from __future__ import annotations

import enum
from contextlib import AbstractContextManager

from labeling.services.locks import session_lock


class LockSpace(enum.IntEnum):
    """First key of a two-key advisory lock, so that run 7 and project 7 are different locks."""

    TRAINING_RUN = 4201
    PROJECT_REFRESH = 4202
    PHOTO_MAP = 4203
    CLASS_REPORT = 4204
    DASHBOARD = 4205


def advisory_lock(space: LockSpace, key: int) -> AbstractContextManager[bool]:
    """Try to take the lock for as long as the block runs; yields whether it was free."""
    return session_lock(int(space), key)
