"""Storage that is away and disks that are full: a training waits for them, since its hours are worth more."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BucketConnectionError

from classifier.core.contracts import TrainingStopped
from classifier.services.run_reporting import RunReporter
from labeling.domain.errors import DomainError

T = TypeVar("T")

logger = structlog.get_logger(__name__)

PATIENCE_SECONDS = 1800.0
RETRY_SECONDS = 10.0
GLANCE_SECONDS = 0.5
"""Between two looks at whether the run was cancelled or its worker told to stop."""
_PASSING = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.ESTALE,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ETIMEDOUT,
}


def is_passing(error: BaseException) -> bool:
    """Whether the same work may well succeed later: a full disk, a network or a store that does not answer."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status == 429 or status >= 500
    if isinstance(error, BucketConnectionError | HTTPClientError | ConnectionError | TimeoutError):
        return True
    return isinstance(error, OSError) and error.errno in _PASSING


def waited_out(work: Callable[[], T], reporter: RunReporter) -> T:
    """Do ``work``, again and again while storage is away or full; the run's page says what it waits for.

    Args:
        work: safe to repeat; what it wrote halfway it has cleaned up.
        reporter: keeps the heartbeat meanwhile.

    Raises:
        TrainingStopped: the run was cancelled, taken away, or its worker is to stop.
        DomainError: ``storage_unavailable`` after ``PATIENCE_SECONDS``.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except Exception as error:
            if not is_passing(error):
                raise
            if time.monotonic() > deadline:
                raise DomainError("storage_unavailable", f"Storage did not come back: {_said(error)}.") from error
            logger.warning("training_waits_for_storage", error=str(error))
            reporter.note_step(f"waiting for storage: {_said(error)}")
            reporter.on_log("warning", f"{_said(error)}; the work is tried again every {RETRY_SECONDS:.0f} s.")
        _pause(reporter)


def tolerated(work: Callable[[], None], reporter: RunReporter, what: str) -> None:
    """Do ``work`` that can also be left undone: while storage is away, only a line in the log says so."""
    try:
        work()
    except Exception as error:
        if not is_passing(error):
            raise
        logger.warning("training_goes_on_without_storage", error=str(error))
        reporter.on_log("warning", f"{what}: {_said(error)}.")


def _said(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.rstrip(".")


def _pause(reporter: RunReporter) -> None:
    until = time.monotonic() + RETRY_SECONDS
    while time.monotonic() < until:
        if reporter.should_stop():
            raise TrainingStopped
        time.sleep(GLANCE_SECONDS)
