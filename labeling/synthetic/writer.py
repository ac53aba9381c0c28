"""Draw many photos, on every core, into memory or into a folder per class with a table of what they are."""

from __future__ import annotations

import csv
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path

from .flower import render_jpeg
from .scale import STAGES
from .traits import PhotoSpec

LABELS_FILE = "labels.csv"
LABEL_COLUMNS = ("path", "label", "plant", "site", "taken_at")


def rendered(specs: Sequence[PhotoSpec], *, processes: int = 1) -> Iterator[bytes]:
    """JPEG bytes of ``specs``, in order, as they are ready. The same bytes whatever the number of processes."""
    if processes <= 1 or len(specs) < 2:
        yield from map(render_jpeg, specs)
        return
    # Spawned, not forked: the caller may hold database connections and threads.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(render_jpeg, specs, chunksize=8)


def write_photos(specs: Sequence[PhotoSpec], folder: Path, *, processes: int = 1) -> Path:
    """Write ``folder/<stage slug>/<name>.jpg`` for every spec, and ``labels.csv`` beside them.

    The table is written last and by renaming, so a folder with a table is complete.

    Returns:
        Path of the table, whose columns are :data:`LABEL_COLUMNS`; paths in it are relative to ``folder``.
    """
    for stage in STAGES:
        (folder / stage.slug).mkdir(parents=True, exist_ok=True)
    part = folder / f"{LABELS_FILE}.part"
    with part.open("w", newline="", encoding="utf-8") as handle:
        table = csv.writer(handle)
        table.writerow(LABEL_COLUMNS)
        for spec, data in zip(specs, rendered(specs, processes=processes), strict=True):
            slug = STAGES[spec.stage].slug
            (folder / slug / spec.name).write_bytes(data)
            table.writerow([f"{slug}/{spec.name}", slug, spec.plant.name, spec.site.name, spec.taken_at.isoformat()])
    return part.rename(folder / LABELS_FILE)
