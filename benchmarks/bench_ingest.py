"""How fast photos come in, beside what decoding and resizing alone reach on all cores of the same machine.

    python -m benchmarks.bench_ingest [--quick]

Photos of 12 megapixels, as phones take them, each with bytes of its own. In turns, on all cores each time:

- limit: decode and make the four renditions, with nothing around it (no hash, no storage, no database);
- thumbnail: decode at reduced size and make one thumbnail, the least that any tool with pictures does;
- ours: import from a folder, then process, as ``import_photos --process`` does: hash, original and renditions flushed
  to disk, rows, groups, measures of quality;
- pyvips, where ``benchmarks.peers`` installed it: the same four renditions by libvips.

Prints a table and writes ``benchmarks/results/ingest.json``. Times are milliseconds of wall clock per photo; beside
them what the processors spent, ours with PostgreSQL's share: that says more on a machine that others use meanwhile.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from benchmarks.figures import Figure, Mode, Times, figure_of, machine, text_table, write_results
from benchmarks.peers import PeerAbsent, installed
from benchmarks.place import Place, connect, place_open
from config.env import set_defaults

WIDTH, HEIGHT = 4000, 3000
N_PICTURES = 6
MOST_TIMES_THE_LIMIT = 1.25
"""80 % of the rate."""

VIPS = """
import os, sys, multiprocessing, time
os.environ["VIPS_CONCURRENCY"] = "1"
import pyvips

def made(path):
    data = open(path, "rb").read()
    full = pyvips.Image.thumbnail_buffer(data, 4096, height=4096, size="down")
    full.write_to_buffer(".jpg", Q=88)
    view = pyvips.Image.thumbnail_buffer(data, 1600, height=1600, size="down").copy_memory()
    view.write_to_buffer(".webp", Q=82, effort=1)
    view.thumbnail_image(320, height=320, size="down").write_to_buffer(".webp", Q=75, effort=1)
    view.resize(256 / min(view.width, view.height)).write_to_buffer(".jpg", Q=90)

if __name__ == "__main__":
    paths = sys.stdin.read().split()
    with multiprocessing.Pool(int(sys.argv[1])) as pool:
        pool.map(made, paths[: int(sys.argv[1])])
        started = time.perf_counter()
        pool.map(made, paths, 1)
        print(time.perf_counter() - started)
"""


def main() -> None:
    """Make photos, measure in turns, print, write."""
    parser = argparse.ArgumentParser(description="How fast photos come in.")
    parser.add_argument("--quick", action="store_true", help="fewer photos and rounds")
    arguments = parser.parse_args()
    n_photos, n_rounds = (16, 2) if arguments.quick else (60, 3)
    with tempfile.TemporaryDirectory() as folder:
        # Empty: what storage has already is not written again, and would cost nothing.
        set_defaults(MEDIA_DIR=str(Path(folder) / "media"))
        place = place_open()
        try:
            times, absent = measure(place, Path(folder), n_photos, n_rounds)
        finally:
            place.close()
    figures = compared(times, absent)
    print(text_table(figures))
    mode: Mode = "quick" if arguments.quick else "full"
    about = machine(photos=f"{n_photos} of {WIDTH} x {HEIGHT}, rounds {n_rounds}", postgres="embedded, fsync on")
    write_results("ingest", figures, about, mode=mode)


def measure(place: Place, folder: Path, n_photos: int, n_rounds: int) -> tuple[dict[str, Times], str]:
    """Times per photo by what was done, and why there is none of pyvips ("" if there is)."""
    times = {name: Times() for name in ("thumbnail", "limit", "ours", "receive", "pyvips", "limit_cpu", "ours_cpu")}
    absent = ""
    cores = os.cpu_count() or 1
    for number in range(n_rounds):
        paths = photos_written(folder / str(number), n_photos, seed=number)
        # Ended before ours begins, which forks: a process should not, while it has threads.
        with ProcessPoolExecutor(cores) as pool:
            for name, work in (("thumbnail", thumbnailed), ("limit", rendered)):
                seconds, cpu = on_all_cores(pool, work, paths)
                times[name].add(seconds / n_photos)
                if name == "limit":
                    times["limit_cpu"].add(cpu / n_photos)
        try:
            times["pyvips"].add(by_vips(paths, cores) / n_photos)
        except PeerAbsent as reason:
            absent = str(reason)
        for name, seconds in imported(place, folder / str(number), number, n_photos, cores).items():
            times[name].add(seconds / n_photos)
        print({name: round(it.samples[-1], 1) for name, it in times.items() if it.samples}, flush=True)
    return times, absent


def compared(times: dict[str, Times], absent: str) -> dict[str, Figure]:
    """Our time beside the limit's; the ratio is of medians, since other work on the machine meets both alike."""
    limit, ours = times["limit"], times["ours"]
    vips: dict[str, Any] = {"absent": absent} if absent else times["pyvips"].summary()
    rounds = len(ours.samples)

    def over(one: str, other: str, goal: float | None = None, note: str = "of medians") -> Figure:
        return Figure(times[one].median / times[other].median, "ratio", rounds, goal=goal, note=note)

    return {
        "ingest": figure_of(ours, limit=limit.median),
        "ingest_over_limit": over("ours", "limit", MOST_TIMES_THE_LIMIT, "of medians; all renditions"),
        "ingest_cpu_over_limit": over("ours_cpu", "limit_cpu", note="of medians; seconds of the processors"),
        "ingest_over_thumbnail": over("ours", "thumbnail"),
        "receive_alone": figure_of(times["receive"]),
        "decode_and_renditions": figure_of(limit, peer={"pyvips": vips}),
        "decode_and_thumbnail": figure_of(times["thumbnail"]),
    }


def photos_written(folder: Path, n: int, *, seed: int) -> list[Path]:
    """``n`` JPEG files, a few pictures over and over; bytes behind the picture tell them apart."""
    folder.mkdir()
    pictures = [picture(seed * N_PICTURES + k) for k in range(min(n, N_PICTURES))]
    paths = [folder / f"{number:04}.jpg" for number in range(n)]
    for number, path in enumerate(paths):
        path.write_bytes(pictures[number % len(pictures)] + f"{seed} {number}".encode())
    return paths


def picture(seed: int) -> bytes:
    """Smooth shapes with a camera's grain: about 3 MB."""
    drawn = np.random.default_rng(seed)
    coarse = Image.fromarray(drawn.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = drawn.integers(-9, 10, (HEIGHT, WIDTH, 1), dtype=np.int16)
    out = io.BytesIO()
    Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()


def on_all_cores(pool: ProcessPoolExecutor, work: Callable[[Path], int], paths: Sequence[Path]) -> tuple[float, float]:
    """Seconds of wall clock, and of the processors; what is imported lazily is imported before."""
    list(pool.map(work, paths[: os.cpu_count() or 1]))
    workers = [psutil.Process(pid) for pid in pool._processes]
    before, started = spent(workers), time.perf_counter()
    list(pool.map(work, paths))
    return time.perf_counter() - started, spent(workers) - before


def spent(processes: Sequence[psutil.Process]) -> float:
    """Seconds that the processors gave to processes and to what they started, ended or not."""
    whole = {each for process in processes for each in (process, *process.children(recursive=True))}
    return sum(sum(each.cpu_times()[:4]) for each in whole)


def postgres_of(place: Place) -> psutil.Process:
    """The server's first process, which counts what ended ones spent."""
    lines = (place.folder / "postgres" / "postmaster.pid").read_text().splitlines()
    return psutil.Process(int(lines[0]))


def thumbnailed(path: Path) -> int:
    """Decode at reduced size, make one thumbnail."""
    with Image.open(path) as opened:
        opened.draft("RGB", (320, 320))
        opened.thumbnail((320, 320))
        out = io.BytesIO()
        opened.save(out, "WEBP", quality=75, method=1)
    return len(out.getvalue())


def rendered(path: Path) -> int:
    """Decode and make all that we keep, by our own code, without anything around it."""
    from labeling import imaging

    return sum(map(len, imaging.renditions(imaging.read_upright(path.read_bytes()).image).files.values()))


def by_vips(paths: Sequence[Path], cores: int) -> float:
    """Seconds that libvips needs for the same renditions.

    Raises:
        PeerAbsent: it is not installed, or failed.
    """
    done = subprocess.run(
        [str(installed("pyvips")), "-c", VIPS, str(cores)], input="\n".join(map(str, paths)), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise PeerAbsent(f"pyvips failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)


def imported(place: Place, folder: Path, number: int, n_photos: int, cores: int) -> dict[str, float]:
    """Seconds until all photos are received, until all are ready, and of the processors."""
    from django.core.management import call_command

    from labeling.domain.scale_templates import TEMPLATES
    from labeling.models import ImportBatch, Photo
    from labeling.services.projects import project_create

    connect(place.fresh("ingest", "ingest", nothing))
    stages = next(template.stages for template in TEMPLATES if template.key == "blossom_7")
    project_create(name="Ingest", slug="ingest", created_by=None, stages=stages)
    command = ["import_photos", str(folder), "--project", "ingest", "--process", "--processes", str(cores)]
    processes = [psutil.Process(), postgres_of(place)]
    before, started = spent(processes), time.perf_counter()
    call_command(*command, stderr=io.StringIO())
    whole, cpu = time.perf_counter() - started, spent(processes) - before
    batch = ImportBatch.objects.get()
    assert batch.finished_at is not None
    n_ready = Photo.objects.ready().count()
    if n_ready != n_photos:
        raise AssertionError(f"round {number}: {n_ready} photos of {n_photos} are ready")
    received = (batch.finished_at - batch.created_at).total_seconds()
    return {"receive": received, "ours": whole, "ours_cpu": cpu}


def nothing() -> None:
    """An empty database."""


if __name__ == "__main__":
    main()
