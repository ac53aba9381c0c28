"""Large JSON files read item by item: a list of a hundred thousand tasks need not be in memory to be gone through.

Only the two shapes that are needed: a list at the top, or an object at the top with lists in it. Everything below an
item is read by the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

CHUNK = 1 << 16
MAX_ITEM = 1 << 24
"""Characters of one item; what is longer is no photo's annotation."""
_SPACE = " \t\r\n"
_OF_NUMBERS = "0123456789.eE+-"


class JsonUnreadable(ValueError):
    """It is no JSON, ends too early, nests too deeply, or an item is too long."""


def list_items(stream: TextIO) -> Iterator[Any]:
    """The items of a JSON list.

    Raises:
        JsonUnreadable: as it is met; the items before it have been yielded.
    """
    reader = _Reader(stream)
    reader.expect("[")
    yield from reader.items()
    reader.expect_end()


def object_entries(stream: TextIO, *, lists: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Key and value of each entry of a JSON object; those named in ``lists`` come item by item, under their key.

    Raises:
        JsonUnreadable: as it is met, also when an entry of ``lists`` is no list.
    """
    reader = _Reader(stream)
    reader.expect("{")
    if reader.peek() == "}":
        reader.expect("}")
    else:
        while True:
            key = reader.value()
            if not isinstance(key, str):
                raise JsonUnreadable("a key is no text")
            reader.expect(":")
            if key in lists:
                reader.expect("[")
                yield from ((key, item) for item in reader.items())
            else:
                yield key, reader.value()
            if reader.expect(",}") == "}":
                break
    reader.expect_end()


class _Reader:
    """A window on the text: what has been read and not used."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._is_over = False
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._fill():
                return ""

    def expect(self, characters: str) -> str:
        """Take one of ``characters``."""
        found = self.peek()
        if not found or found not in characters:
            raise JsonUnreadable(f"{found or 'the end'!r} where one of {characters!r} should be")
        self._at += 1
        return found

    def expect_end(self) -> None:
        if self.peek():
            raise JsonUnreadable("something follows the end")

    def items(self) -> Iterator[Any]:
        """The items of a list whose bracket was taken, and its end."""
        if self.peek() == "]":
            self.expect("]")
            return
        while True:
            yield self.value()
            if self.expect(",]") == "]":
                return

    def value(self) -> Any:
        """Read one value, asking for more text until it is whole."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise JsonUnreadable("it nests too deeply") from None
            except ValueError as error:
                if self._can_grow():
                    continue
                raise JsonUnreadable(str(error)) from None
            # A number at the edge of the window may go on behind it: "1." and "1e" are cut, and read as 1.
            is_whole = end < len(self._text) and self._text[end] not in _OF_NUMBERS
            if is_whole or not self._can_grow():
                self._at = end
                return value

    def _can_grow(self) -> bool:
        if len(self._text) - self._at > MAX_ITEM:
            raise JsonUnreadable("an item is too long")
        return self._fill()

    def _fill(self) -> bool:
        """Read on, twice as much as is held, so that a long item is decoded a few times and not once per chunk."""
        if self._is_over:
            return False
        rest = self._text[self._at :]
        try:
            more = self._stream.read(max(CHUNK, len(rest)))
        except UnicodeDecodeError:
            raise JsonUnreadable("it is not UTF-8") from None
        self._is_over = not more
        self._text, self._at = rest + more, 0
        return not self._is_over


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
