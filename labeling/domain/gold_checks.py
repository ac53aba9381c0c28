"""Gold checks: photos of known stage among the photos an expert is asked about, to measure the expert.

Planting and handing out are two things. A batch holds enough checks, spread over it. Which place of an expert's own
sequence is a check is drawn for each expert apart: were everybody given every check that is planted, eight experts
would spend eight times the wanted share on them, and two who compared their screens would know them at once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

REACH = 4
"""A check is looked for this many times as far ahead as checks are apart on average."""
FARTHEST = 10_000


def checks_wanted(n_entries: int, *, share: float) -> int:
    """How many checks a batch of ``n_entries`` other photos needs so that ``share`` of the whole are checks."""
    if share <= 0 or n_entries <= 0:
        return 0
    return math.ceil(n_entries * share / (1.0 - share) - 1e-9)


def checks_placed(n_entries: int, draws: Sequence[float]) -> list[int]:
    """Behind which entry (1..``n_entries``) each check stands, rising: one in each of as many equal stretches.

    Each place is as likely as any other, so that a batch that is replaced half-way has given its share; no check stands
    first, since one is handed out only behind another photo.

    Args:
        n_entries: other photos of the batch.
        draws: one number in [0, 1) for each check.
    """
    width = n_entries / max(len(draws), 1)
    return [min(n_entries, int((index + draw) * width) + 1) for index, draw in enumerate(draws)]


def check_reach(*, share: float) -> int:
    """How many ranks ahead a check is looked for."""
    return min(FARTHEST, math.ceil(REACH / share)) if share > 0 else 0


def is_check(*, seed: int, annotator_id: int, turn: int, place: int, share: float) -> bool:
    """Whether a place of an expert's sequence is a check: drawn with probability ``share``, the same when asked again.

    Args:
        seed: of the project.
        annotator_id: whose sequence.
        turn: their latest annotation; it tells apart what would be the same place of another day.
        place: how many photos they hold before it.
        share: of checks wanted.
    """
    digest = hashlib.blake2b(f"{seed}:{annotator_id}:{turn}:{place}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64
