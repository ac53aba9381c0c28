"""The files that go with exported rows, read a few ahead: a bucket answers slowly, but many at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from labeling import imaging
from labeling.domain.dataset import DatasetRow, PhotoFacts
from labeling.services.export_formats.catalogue import PhotoChoice
from labeling.services.stored_bytes import bytes_read
from labeling.storage_keys import original_key, rendition_key

AHEAD = 8
"""Photos read ahead; of 40 MB at most each."""

PhotoFile = tuple[bytes, str]
_SUFFIXES = {"model": "jpg", "view": "webp"}


def rows_with_photos(
    rows: Iterable[DatasetRow], *, photos: PhotoChoice
) -> Iterator[tuple[DatasetRow, PhotoFile | None]]:
    """Each row with the photo that goes with it; None for all where ``photos`` is "none", and where it is lost.

    A photo with several rows is read once, since they follow each other.
    """
    if photos == "none":
        yield from ((row, None) for row in rows)
        return
    waiting: deque[tuple[DatasetRow, Future[PhotoFile | None]]] = deque()
    with ThreadPoolExecutor(AHEAD) as readers:
        try:
            for row in rows:
                is_same = waiting and waiting[-1][0].photo.photo_id == row.photo.photo_id
                file = waiting[-1][1] if is_same else readers.submit(photo_file, row.photo, photos)
                waiting.append((row, file))
                if len(waiting) >= AHEAD:
                    first, ready = waiting.popleft()
                    yield first, ready.result()
            while waiting:
                first, ready = waiting.popleft()
                yield first, ready.result()
        finally:
            readers.shutdown(cancel_futures=True)


def photo_file(photo: PhotoFacts, photos: PhotoChoice) -> PhotoFile | None:
    """The bytes and the suffix of a photo as it may leave; None if storage does not have it.

    An original leaves without metadata. One that cannot be taken apart leaves as we encoded it.
    """
    try:
        if photos != "original":
            return bytes_read(key=rendition_key(photo.sha256, photos)), _SUFFIXES[photos]
        data = bytes_read(key=original_key(photo.sha256))
    except FileNotFoundError:
        return None
    try:
        return imaging.stripped(data)
    except imaging.ImageRefused:
        return photo_file(photo, "view")
