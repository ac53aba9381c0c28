"""What a webhook is told and when it is told again: messages, signatures, the plan of attempts.

Signatures follow Standard Webhooks (https://www.standardwebhooks.com): ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature: v1,<base64>`` over "id.timestamp.body", HMAC-SHA256 with the bytes behind ``whsec_``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

MARK = "whsec_"
TEST_EVENT = "test"
DELAYS = tuple(
    timedelta(**it)
    for it in (
        {"seconds": 30}, {"minutes": 2}, {"minutes": 10}, {"minutes": 30}, {"hours": 2}, {"hours": 6}, {"hours": 15},
    )
)  # fmt: skip
"""Waits between attempts; after the last attempt a message is given up."""
MOST_ATTEMPTS = len(DELAYS) + 1
FAILS_FOR = timedelta(hours=24)
FAILS_OFTEN = 10
"""A webhook that has failed for so long and so often is switched off."""


def secret_of(*, server_key: str, salt: str) -> str:
    """The signing secret, as its receiver keeps it: derived, so that the table alone signs nothing."""
    key = hmac.new(server_key.encode(), f"antesis webhook {salt}".encode(), hashlib.sha256).digest()
    return MARK + base64.b64encode(key).decode()


def body_of(payload: Mapping[str, Any]) -> bytes:
    """A message as bytes; the same in every attempt."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signature(*, secret: str, message: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64>`` of a message."""
    key = base64.b64decode(secret.removeprefix(MARK))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers_of(*, message_id: UUID, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a message, signed with each of ``secrets``: two while a receiver changes over."""
    message = f"msg_{message_id.hex}"
    signatures = [signature(secret=secret, message=message, timestamp=timestamp, body=body) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "Antesis-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def retry_delay(attempts: int, *, spread: float) -> timedelta | None:
    """How long to wait after so many attempts; None: give up. ``spread`` in [0, 1) makes it up to a fifth longer."""
    if attempts > len(DELAYS):
        return None
    return DELAYS[attempts - 1] * (1 + spread / 5)


def is_hopeless(*, failing_for: timedelta, n_failures: int) -> bool:
    """Whether a webhook has failed for so long, and so often, that it is to be switched off."""
    return failing_for >= FAILS_FOR and n_failures >= FAILS_OFTEN
