"""How long an expert waits for the server, at 10 000, 100 000 and 1 000 000 photos, beside Label Studio and doccano.

    python -m benchmarks.bench_labelling [--quick] [--no-peers] [--sizes 10000,100000,1000000]

The web process of the Procfile answers over HTTP on durable PostgreSQL and Redis; nobody else uses it, and no worker
runs. The sizes are measured in turns, a block of each after the other, so that what else the machine does meets them
alike. Prints a table and writes ``benchmarks/results/labelling.json``, and the plans of every statement of "next" and
"submit" to ``labelling_plans.txt`` beside it. Peers are measured where ``python -m benchmarks.peers`` installed them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.client import Client
from benchmarks.contenders import WARM_UP, hand_outs, label, repeat
from benchmarks.figures import RESULTS, Figure, Mode, Times, machine, text_table, write_results
from benchmarks.labelling_figures import Measured, labelling_figures
from benchmarks.labelling_peers import PeerFindings, peers_measure
from benchmarks.labelling_plans import RequestPlans, request_plans
from benchmarks.limits import bare_server, durable_insert
from benchmarks.place import Place, place_open
from tests.support.stack import Stack

SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    labelled: int
    pages: int
    healths: int
    rounds: int
    experts: int
    each: int
    fills: int
    peer_sizes: tuple[int, ...]
    peer_labelled: int
    peer_each: int
    peer_seconds: float


FULL = Effort(300, 140, 500, 6, 8, 1000, 5, (10_000, 100_000), 120, 1000, 90)
QUICK = Effort(60, 28, 100, 2, 8, 60, 2, (2_000,), 30, 30, 30)


def main() -> None:
    """Fill, start, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long an expert waits for the server.")
    parser.add_argument("--quick", action="store_true", help="the same figures from fewer measurements")
    parser.add_argument("--no-peers", action="store_true", help="leave Label Studio and doccano out")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of photos")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    effort = QUICK if arguments.quick else FULL
    print(f"load average at the start: {os.getloadavg()}", flush=True)
    place = place_open()
    try:
        figures, about, plans = measure(place, sizes, effort, with_peers=not arguments.no_peers)
    finally:
        place.close()
    print(text_table(figures))
    print(f"load average at the end: {os.getloadavg()}")
    mode: Mode = "quick" if arguments.quick else "full"
    write_results("labelling", figures, about, mode=mode)
    name = "labelling_plans.txt" if mode == "full" else "labelling_plans.quick.txt"
    (RESULTS / name).write_text("\n\n".join(plan.text() for plan in plans) + "\n")


def measure(
    place: Place, sizes: list[int], effort: Effort, *, with_peers: bool
) -> tuple[dict[str, Figure], dict[str, Any], list[RequestPlans]]:
    """All figures, what they were measured on, and the plans at each size."""
    about = machine(web="granian, 1 worker, 4 threads", postgres="embedded, fsync on")
    limits = {"server": bare_server(effort.healths), "commit": durable_insert(place, effort.labelled)}
    say("limits", limits)
    with contenders(place, sizes) as ours:
        found = {size: Measured() for size in sizes}
        for number in range(effort.rounds):
            for size in sizes:
                one_round(ours[size], found[size], effort)
            say(f"round {number + 1} of {effort.rounds}", {size: found[size].labelling.next for size in sizes})
        for size in sizes:
            export = found[size].export = ours[size].export()
            print(f"export of {export.n_annotations} annotations: {export.total:.2f} s", flush=True)
        crowd_size = sizes[len(sizes) // 2]
        crowd = hand_outs(
            ours[crowd_size],
            n_experts=effort.experts,
            each=effort.each,
            meant_for_all=ours[crowd_size].gold_photos(),
        )
        say(f"{crowd.n} photos handed to {effort.experts} experts", {"next": crowd.next, "submit": crowd.submit})
    plans = [request_plans(place, size, fills=effort.fills) for size in sizes]
    peers = peers_measure(place, effort) if with_peers else PeerFindings.none("left out by --no-peers")
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    figures = labelling_figures(limits=limits, found=found, crowd=crowd, plans=plans, peers=peers)
    return figures, about | {"peers": peers.about}, plans


@contextmanager
def contenders(place: Place, sizes: list[int]) -> Iterator[dict[int, Any]]:
    """A web process on a filled database per size, all running."""
    from benchmarks.antesis import Antesis
    from benchmarks.rows import rows_database

    started = {}
    for number, size in enumerate(sizes):
        stack = place.stack(f"web-{size}", rows_database(place, size), 10 + number)
        stack.start("web")
        started[size] = Antesis(stack)
    try:
        yield started
    finally:
        for contender in started.values():
            contender.stack.stop_all()


def one_round(ours: Any, into: Measured, effort: Effort) -> None:
    """One block of every measurement at one size."""
    client: Client = ours.expert(0)
    with cpu_spent(ours.stack, into.cpu, effort.labelled // effort.rounds + WARM_UP):
        label(ours, client, effort.labelled // effort.rounds, into.labelling)
    into.window.samples += windows(ours, effort.labelled // effort.rounds).samples
    into.grid.samples += repeat(ours.first_page, client, effort.pages // effort.rounds).samples
    ours.leave_grid(client)
    into.photos.samples += repeat(ours.photo_list, client, effort.pages // effort.rounds).samples
    into.health.samples += repeat(ours.health, client, effort.healths // effort.rounds).samples
    client.close()


@contextmanager
def cpu_spent(stack: Stack, into: Times, n: int) -> Iterator[None]:
    """Add what each of ``n`` photos cost the web process and PostgreSQL in CPU: other work does not move it much."""

    def spent() -> dict[int, float]:
        server = psutil.Process(int((stack.folder.parent / "postgres" / "postmaster.pid").read_text().split()[0]))
        by_process = {}
        for process in [*stack.tree("web"), *server.children(recursive=True)]:
            with suppress(psutil.Error):
                by_process[process.pid] = sum(process.cpu_times()[:2])
        return by_process

    before = spent()
    yield
    # Some end meanwhile (a connection, a vacuum): what they spent is lost, not negative.
    total = sum(seconds - before.get(pid, 0.0) for pid, seconds in spent().items())
    into.samples.append(total / n * 1000)


def windows(ours: Any, n: int) -> Times:
    """Next, as the bench asks for it: twelve photos held, four of them decided since the last time."""
    times = Times()
    ours.window, client = 12, ours.expert(1)
    for number in range(-1, n):
        reply, tasks = ours.next(client)
        if number >= 0:
            times.add(reply.total)
        for task in tasks[:4]:
            ours.submit(client, task)
    ours.window = 1
    client.close()
    return times


def say(what: str, times: dict[Any, Times]) -> None:
    """A line on how it goes: median and 95th percentile of each."""
    parts = [f"{name} {at.median:.1f}/{at.p95:.1f} ms" for name, at in times.items()]
    print(f"{what}: {', '.join(parts)}; load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
