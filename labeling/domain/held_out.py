"""Which groups of photos are kept for evaluation: drawn once, by a hash, before anybody looks at them.

The draw is a pure function, so it needs no table, cannot depend on the order in which photos arrive, and puts all
photos of a group (plant, burst, near-duplicates) on the same side. Raising the share later only adds groups.
"""

from __future__ import annotations

import hashlib

_RANGE = 2**64


def is_held_out(*, seed: int, group_key: str, share: float) -> bool:
    """Whether the group ``group_key`` of the project with this ``seed`` is held out, with probability ``share``.

    Raises:
        ValueError: if ``share`` is not within 0..1 or the group has no key.
    """
    if not 0 <= share <= 1:
        raise ValueError("share must lie within 0 and 1")
    if not group_key:
        raise ValueError("a photo without a group cannot be drawn")
    digest = hashlib.sha256(f"held-out:{seed}:{group_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * _RANGE
