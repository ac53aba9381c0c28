"""Why a file is not taken as a photo."""

from __future__ import annotations

from typing import Literal

RefusalCode = Literal["not_an_image", "unsupported", "truncated", "too_large", "too_small", "empty"]

MESSAGES: dict[RefusalCode, str] = {
    "not_an_image": "This file is not a photo.",
    "unsupported": "This kind of image is not taken. Send JPEG, PNG, WebP or HEIC.",
    "truncated": "The file is cut short or damaged. Send it again.",
    "too_large": "The photo has too many pixels or bytes.",
    "too_small": "The photo has too few pixels.",
    "empty": "The file is empty.",
}


class ImageRefused(Exception):  # a fact about the file, not a fault of ours
    """These bytes are not a photo we take. ``code`` is stable; ``str()`` tells the sender what to do."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(MESSAGES[code])
        self.code = code
