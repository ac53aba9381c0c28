"""Text in cells of CSV files, so that no spreadsheet takes it for a formula; and back.

A cell that begins like a formula, be it after blanks, or with a control character gets an apostrophe before it, which
spreadsheets hide. A cell that begins with an apostrophe gets one too, so that taking one away always gives back what
was there.

References:
    OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

_GUARD = "'"
_GUARDED = re.compile(r"'|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\x00-\x1f\x7f]")


def neutral(text: str) -> str:
    """``text`` as a cell that is shown and never run."""
    return _GUARD + text if _GUARDED.match(text) else text


def restored(cell: str) -> str:
    """What :func:`neutral` made ``cell`` from. Cells that it would not have written come back as they are."""
    return cell[1:] if cell.startswith(_GUARD) and _GUARDED.match(cell, 1) else cell
