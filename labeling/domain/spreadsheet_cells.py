"""Text in cells of CSV files, so that no spreadsheet takes it for a formula; and back.

A cell that begins like a formula gets an apostrophe before it, which spreadsheets hide. A cell that begins with an
apostrophe gets one too, so that taking one away always gives back what was there.

References:
    OWASP, "CSV Injection".
"""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_GUARD = "'"
_GUARDED = (_GUARD, *_FORMULA_STARTS)


def neutral(text: str) -> str:
    """``text`` as a cell that is shown and never run."""
    return _GUARD + text if text.startswith(_GUARDED) else text


def restored(cell: str) -> str:
    """What :func:`neutral` made ``cell`` from. Cells that it would not have written come back as they are."""
    return cell[1:] if cell.startswith(_GUARD) and cell[1:].startswith(_GUARDED) else cell
