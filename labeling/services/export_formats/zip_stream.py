"""A ZIP that is written while it is sent: held are its directory (1.5 kB per entry) and what has not been taken yet."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

LARGEST_PLAIN = 2**31 - 1
_COPY_BYTES = 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same rows give the same archive, whenever it is made


class ZipStream:
    """Entries go in, ``drain`` gives the bytes they became."""

    def __init__(self) -> None:
        self._sink = _Sink()
        sink: Any = self._sink  # write and flush are all that ``zipfile`` needs of it
        self._zip = zipfile.ZipFile(sink, "w")

    def add(self, name: str, data: bytes, *, is_packed: bool = False) -> None:
        """An entry whose bytes are at hand; ``is_packed`` for text, since photos do not get smaller."""
        self._zip.writestr(_entry(name, is_packed=is_packed), data)

    def add_file(self, name: str, source: BinaryIO, size: int, *, is_packed: bool = False) -> Iterator[bytes]:
        """An entry read from ``source``, from where it stands, drained as it goes."""
        with self._zip.open(_entry(name, is_packed=is_packed), "w", force_zip64=size > LARGEST_PLAIN) as entry:
            while chunk := source.read(_COPY_BYTES):
                entry.write(chunk)
                yield self.drain()
        yield self.drain()

    def drain(self) -> bytes:
        """What was written since the last call."""
        return self._sink.taken()

    def close(self) -> None:
        """Write the directory; ``drain`` once more."""
        self._zip.close()


class _Sink:
    """What ``zipfile`` may write to when it cannot go back."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self._held)
        self._held.clear()
        return data


def _entry(name: str, *, is_packed: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    return entry
