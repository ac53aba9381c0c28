"""Files to save: resumable by HTTP Range, never shown in the page, never sniffed.

References:
    RFC 9110, sections 13 (conditional requests) and 14 (range requests).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.request import Request

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

Stored = Callable[[int, int], Iterator[bytes]]


class RangeUnsatisfiable(Exception):  # answered, not raised to the client
    """The range lies outside the file."""


def range_asked(header: str, size: int) -> tuple[int, int] | None:
    """``(start, stop)`` that a Range header asks for; None where the whole is to be sent.

    A header that is not understood is ignored, as are several ranges at once: the whole file is a right answer to both.

    Raises:
        RangeUnsatisfiable: the range begins behind the end.
    """
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or not (match[1] or match[2]) or len(header) > 100:
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        if length == 0:
            raise RangeUnsatisfiable
        return size - length, size
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    if start >= size:
        raise RangeUnsatisfiable
    return start, min(int(match[2]) + 1, size) if match[2] else size


def stored_file(
    request: Request, *, read: Stored, size: int, sha256: str, name: str, content_type: str
) -> HttpResponseBase:
    """A file from storage, whole (200) or in part (206).

    Args:
        request: with Range and If-Range, if the client resumes.
        read: gives the bytes from start to stop.
        size: of the whole.
        sha256: of the whole; its entity tag, so that a client never joins parts of two files.
        name: to save it under.
        content_type: of the whole.
    """
    etag = f'"{sha256}"'
    condition = request.headers.get("If-Range", etag)
    asked = request.headers.get("Range", "") if condition == etag else ""
    try:
        part = range_asked(asked, size)
    except RangeUnsatisfiable:
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    start, stop = part or (0, size)
    response = attachment(read(start, stop), name=name, content_type=content_type)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Content-Length"] = str(stop - start)
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def attachment(pieces: Iterable[bytes], *, name: str, content_type: str) -> StreamingHttpResponse:
    """Bytes to be saved as ``name``, sent as they come."""
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"  # noqa: FBT003
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-transform"
    return response
