"""A sheet of generated photos, one column a stage: ``python -m labeling.synthetic.contact_sheet OUT.jpg``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from .flower import render
from .scale import N_STAGES
from .season import balanced_specs
from .traits import PhotoSpec

CELL = (200, 150)


def contact_sheet(specs: Sequence[PhotoSpec]) -> Image.Image:
    """Photos of ``specs``, in order, ``N_STAGES`` columns a row, each cut to the middle and scaled to ``CELL``."""
    rows = -(-len(specs) // N_STAGES)
    sheet = Image.new("RGB", (CELL[0] * N_STAGES, CELL[1] * rows), "white")
    for number, spec in enumerate(specs):
        row, column = divmod(number, N_STAGES)
        sheet.paste(_cell(render(spec)), (column * CELL[0], row * CELL[1]))
    return sheet


def _cell(photo: Image.Image) -> Image.Image:
    scale = max(CELL[0] / photo.width, CELL[1] / photo.height)
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
    left, top = (photo.width - CELL[0]) // 2, (photo.height - CELL[1]) // 2
    return photo.crop((left, top, left + CELL[0], top + CELL[1]))


def main() -> None:
    """Four photos of every stage of the world 3."""
    per_stage = 4
    specs = balanced_specs(per_stage=per_stage, seed=3)
    by_row = [specs[stage * per_stage + row] for row in range(per_stage) for stage in range(N_STAGES)]
    contact_sheet(by_row).save(Path(sys.argv[1]), quality=82)


if __name__ == "__main__":
    main()
