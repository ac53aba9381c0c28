"""A bucket of an S3-compatible store, by django-storages, with what our callers need beside."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

PIECE_BYTES = 256 * 1024


class BucketStorage(S3Storage):
    """Like :class:`config.folder_storage.FolderStorage`: a key holds a whole object or none, saving replaces it."""

    def read_range(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Bytes ``start`` to ``stop`` (not included) of an object, in pieces. Asked for at once, or not found.

        ``open`` would first copy the whole object to this machine.
        """
        if stop <= start:
            return iter(())
        try:
            answer = self.bucket.Object(self._normalize_name(name)).get(Range=f"bytes={start}-{stop - 1}")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(name) from error
            raise
        pieces: Iterator[bytes] = answer["Body"].iter_chunks(PIECE_BYTES)
        return pieces
