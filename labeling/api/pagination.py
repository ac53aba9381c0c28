"""Paging of lists that can grow."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.response import Response


class CursorPages(CursorPagination):
    """Pages ``{results, next}``; ``next`` is what to send as ``?cursor=``, null on the last page. Nothing is counted.

    A view subclasses it to name its ``ordering``, which must be backed by an index.
    """

    page_size = 60
    ordering: str | tuple[str, ...] = "-id"

    def encode_cursor(self, cursor: Cursor) -> str:
        """The bare cursor; DRF would answer an absolute address, wrong behind a proxy."""
        tokens: dict[str, str] = {}
        if cursor.offset:
            tokens["o"] = str(cursor.offset)
        if cursor.reverse:
            tokens["r"] = "1"
        if cursor.position is not None:
            tokens["p"] = str(cursor.position)
        return b64encode(urlencode(tokens, doseq=True).encode("ascii")).decode("ascii")

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.get_next_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "nullable": True, "description": "Send as ?cursor= for the next page"},
            },
        }
