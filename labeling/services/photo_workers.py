"""Processes that make photos ready beside an import, one for each core: for commands, which have no workers."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

from django.db import connections

from labeling.models import Photo, Project
from labeling.services.photos import photos_process

CHUNK = 3
"""Photos that share a transaction: enough to share its wait, few enough that no core waits long for the last."""
AHEAD = 8
"""Chunks that may wait for each process; who brings photos in faster waits with them."""


class PhotoWorkers:
    """Takes photos while they come in and makes them ready; see :func:`photo_workers`.

    Processes and not threads: what is not decoding holds the interpreter, a tenth of the work, and would keep more than
    a few cores waiting for each other.
    """

    def __init__(self, project: Project, n_processes: int, on_done: Callable[[list[Photo]], None]) -> None:
        self._project = project
        self._on_done = on_done
        # Forked, so that they start at once with the settings of this process, database and storage included; all of
        # them now, while no connection is open that they would share with it.
        self._pool = ProcessPoolExecutor(n_processes, mp_context=multiprocessing.get_context("fork"))
        connections.close_all()
        self._pool.submit(int).result()
        self._room = threading.Semaphore(n_processes * AHEAD)
        self._waiting: list[int] = []
        self._sent: list[Future[list[Photo]]] = []

    def take(self, photo_id: int) -> None:
        """Have a photo made ready; waits while there are plenty."""
        self._waiting.append(photo_id)
        if len(self._waiting) >= CHUNK:
            self._send()

    def finish(self) -> None:
        """Make ready what was taken, and what was waiting before; returns when all is done.

        Raises:
            Exception: what a process failed with. Its photos stay RECEIVED.
        """
        self._send()
        left = Photo.objects.filter(project=self._project, status=Photo.Status.RECEIVED).order_by("pk")
        self._drain()
        for photo_id in list(left.values_list("pk", flat=True)):
            self.take(photo_id)
        self._send()
        self._drain()

    def close(self) -> None:
        """End the processes; what nobody has begun is left."""
        self._pool.shutdown(cancel_futures=True)

    def _send(self) -> None:
        if not self._waiting:
            return
        chunk, self._waiting = self._waiting, []
        self._room.acquire()
        sent = self._pool.submit(_chunk_process, self._project, chunk)
        sent.add_done_callback(lambda _: self._room.release())
        self._sent.append(sent)
        while self._sent and self._sent[0].done():
            self._on_done(self._sent.pop(0).result())

    def _drain(self) -> None:
        while self._sent:
            self._on_done(self._sent.pop(0).result())


@contextmanager
def photo_workers(
    *, project: Project, n_processes: int, on_done: Callable[[list[Photo]], None]
) -> Iterator[PhotoWorkers]:
    """Processes for as long as the block runs; ``on_done`` hears of each few photos that are ready or rejected.

    Call it outside of a transaction: connections of this process are closed first.
    """
    workers = PhotoWorkers(project, n_processes, on_done)
    try:
        yield workers
        workers.finish()
    finally:
        workers.close()


def _chunk_process(project: Project, photo_ids: list[int]) -> list[Photo]:
    return photos_process(project=project, photo_ids=photo_ids)
