"""How long a refresh takes after a few decisions, in a pool of 100 000 and of a million photos with 5000 labels.

    python -m benchmarks.bench_refresh [--quick]

Each round decides five more photos and refreshes, in this process, as the score worker does: labels, pool, vectors and
the promoted version's probabilities gathered, the light head fitted, every photo scored, a batch composed, the queue
replaced, suggestions stored where they changed. "replaced" is the time from the call to the new queue, "whole" to the
end. "first" is the first refresh on a machine, which reads all vectors and writes all suggestions.

Limits, measured in the same run: for scoring, the bare product of the mapped float16 vectors and the weights; for
reading, a COPY of the same columns to nowhere; for writing, a COPY of as many rows into a table without keys. The
quick form leaves the million out.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time

import numpy as np
from django.db import connection

from benchmarks.figures import Figure, Mode, Times, machine, text_table, write_results
from benchmarks.place import Place, connect, disconnect, place_open

GOALS = {100_000: 5.0, 1_000_000: 30.0}
DECISIONS = 5
N_STAGES = 7
BLOCK = 65_536


def main() -> None:
    """Fill, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long a refresh takes.")
    parser.add_argument("--quick", action="store_true", help="100 000 photos only, fewer rounds")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else 7
    place = place_open()
    about = machine(postgres="embedded, fsync on", vectors="256-d, generated")
    figures: dict[str, Figure] = {}
    try:
        for size in list(GOALS)[: 1 if arguments.quick else None]:
            figures |= measure(place, size, rounds)
    finally:
        place.close()
    print(text_table(figures))
    mode: Mode = "quick" if arguments.quick else "full"
    about |= {"load_average_at_the_end": machine()["load_average"]}
    write_results("refresh", figures, about, mode=mode)


def measure(place: Place, size: int, rounds: int) -> dict[str, Figure]:
    """All figures of one size."""
    from benchmarks.refresh_world import decisions_make, refresh_database

    url = refresh_database(place, size)
    connect(url)
    shutil.rmtree(place.folder / "rows", ignore_errors=True)
    whole, replaced = Times(), Times()
    steps: dict[str, Times] = {}
    first = refreshed()
    for _ in range(rounds):
        decisions_make(DECISIONS, n_photos=size)
        taken = refreshed()
        whole.add(sum(taken.values()))
        replaced.add(sum(taken.values()) - taken["suggest"])
        for step, seconds in taken.items():
            steps.setdefault(step, Times()).add(seconds)
    limits = measured_limits(min(rounds, 3))
    disconnect()
    name = f"{size // 1000}k"
    figures = {
        f"{name}_replaced": in_seconds(replaced, goal=GOALS[size]),
        f"{name}_whole": in_seconds(whole),
        f"{name}_first_replaced": Figure(sum(first.values()) - first["suggest"], "s", 1, note="nothing read before"),
        f"{name}_first_whole": Figure(sum(first.values()), "s", 1, note="all suggestions written"),
    }
    for step, times in steps.items():
        figures[f"{name}_step_{step}"] = in_seconds(times, limit=limits.get(step))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures[f"{name}_memory"] = Figure(peak, "GiB", 1, note="peak of the process, mapped files included")
    return figures


def refreshed() -> dict[str, float]:
    """Seconds by step of one refresh."""
    from benchmarks.refresh_world import FEATURE_SPACE
    from classifier.services.refresh import project_refresh
    from classifier.services.step_times import StepTimes
    from labeling.models import Project

    times = StepTimes()
    run = project_refresh(project_id=Project.objects.get().pk, feature_space=FEATURE_SPACE, times=times)
    assert run is not None
    assert run.n_scored > 0
    return times.seconds


def measured_limits(rounds: int) -> dict[str, float]:
    """Median seconds of the least that the steps need, by step."""
    from classifier.models import ScoringRun
    from labeling.models import Suggestion

    last = ScoringRun.objects.latest("pk")
    n_written = Suggestion.objects.filter(model_version=f"refresh-{last.pk}").count()
    limits = {"gather": Times(), "score": Times(), "suggest": Times()}
    for _ in range(rounds):
        limits["gather"].add(copied_out("copy (select id, group_key, is_held_out from labeling_photo) to '/dev/null'"))
        limits["score"].add(product())
        out = copied_out("copy (select photo_id, position, confidence from labeling_suggestion) to '/dev/null'")
        limits["suggest"].add(out + copied_in(n_written))
    return {step: times.median / 1000 for step, times in limits.items()}


def product() -> float:
    """Seconds of vectors times weights, block by block, from the file where the refresh has left them."""
    from django.conf import settings

    from classifier.row_store import RowStore

    folder = max((settings.VAR_DIR / "rows").glob("*/*"), key=lambda it: (it / "values").stat().st_size)
    values = RowStore(folder, np.float16).read()[1]
    weights = np.random.default_rng(0).standard_normal((values.shape[1], N_STAGES), dtype=np.float32)
    started = time.perf_counter()
    for start in range(0, len(values), BLOCK):
        values[start : start + BLOCK].astype(np.float32) @ weights
    return time.perf_counter() - started


def copied_out(statement: str) -> float:
    """Seconds that the database needs to read and print the rows."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return time.perf_counter() - started


def copied_in(n: int) -> float:
    """Seconds of a COPY of ``n`` suggestions into a table without keys, committed."""
    rows = b"".join(b"%d\t3\t0.75\n" % number for number in range(n))
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bare")
        cursor.execute("create table bare (photo_id bigint, position smallint, confidence float8)")
        started = time.perf_counter()
        with cursor.copy("copy bare from stdin") as copy:
            copy.write(rows)
        taken = time.perf_counter() - started
        cursor.execute("drop table bare")
    return taken


def in_seconds(times: Times, *, goal: float | None = None, limit: float | None = None) -> Figure:
    """A figure of seconds: the 95th percentile, with the median beside it."""
    return Figure(times.p95 / 1000, "s", len(times.samples), goal=goal, median=times.median / 1000, limit=limit)


if __name__ == "__main__":
    main()
