"""Small photos whose colour shows their stage, as a collection on disk."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

COLOURS = ((70, 140, 60), (225, 120, 160), (150, 110, 60))


def jpeg(stage: int, seed: int, size: int = 96) -> bytes:
    """A noisy patch of the stage's colour; no two seeds give the same bytes, or pictures alike enough to be grouped."""
    rng = np.random.default_rng([stage, seed])
    blocks = rng.normal(0, 25, (6, 6, 3)).repeat(size // 6, axis=0).repeat(size // 6, axis=1)
    pixels = np.clip(np.asarray(COLOURS[stage]) + blocks, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def collection(folder, *, per_class: int):
    """A folder per class, ``1-bud`` to ``3-fruit``, as a person would sort photos."""
    for stage, name in enumerate(("1-bud", "2-flower", "3-fruit")):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            (folder / name / f"{number:03}.jpg").write_bytes(jpeg(stage, number))
    return folder
