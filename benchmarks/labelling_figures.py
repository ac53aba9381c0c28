"""The figures of ``bench_labelling``: what was measured against the goals, the limits of the machine and the peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.contenders import Export, HandOuts, Labelling
from benchmarks.figures import Figure, Times, figure_of
from benchmarks.labelling_peers import PeerFindings
from benchmarks.labelling_plans import RequestPlans

NEXT_GOALS = {10_000: 20, 100_000: 20, 1_000_000: 30}
SUBMIT_GOAL, GRID_GOAL, HEALTH_GOAL, FLAT_GOAL = 30, 60, 10, 1.5
EXPORT_GOALS = {10_000: 1.0, 100_000: 8.0}
FIRST_BYTE_GOAL = 200


@dataclass
class Measured:
    """Everything that was measured at one size."""

    labelling: Labelling = field(default_factory=Labelling)
    window: Times = field(default_factory=Times)
    grid: Times = field(default_factory=Times)
    photos: Times = field(default_factory=Times)
    health: Times = field(default_factory=Times)
    cpu: Times = field(default_factory=Times)
    export: Export | None = None


def labelling_figures(
    *,
    limits: Mapping[str, Times],
    found: Mapping[int, Measured],
    crowd: HandOuts,
    plans: Sequence[RequestPlans],
    peers: PeerFindings,
) -> dict[str, Figure]:
    """All figures, in the order of the table."""
    return {
        **_of_the_machine(limits),
        **_of_sizes(found, limits, peers),
        **_of_exports(found, peers),
        **_of_the_crowd(crowd, peers),
        **_of_growth(found),
        **_of_plans(plans),
    }


def _of_the_machine(limits: Mapping[str, Times]) -> dict[str, Figure]:
    return {
        "limit_bare_server": figure_of(
            limits["server"], note="a WSGI application that says hello, same server and client"
        ),
        "limit_durable_insert": figure_of(limits["commit"], note="one row inserted and committed by a bare driver"),
    }


def _of_sizes(found: Mapping[int, Measured], limits: Mapping[str, Times], peers: PeerFindings) -> dict[str, Figure]:
    server, durable = limits["server"].p95, limits["server"].p95 + limits["commit"].p95
    figures = {}
    for size, at in found.items():
        name = _name(size)
        goal = NEXT_GOALS.get(size, 30)
        figures[f"next_{name}"] = figure_of(at.labelling.next, goal=goal, limit=server, peer=peers.next(size))
        figures[f"next_window_{name}"] = figure_of(at.window, goal=goal, limit=server, note="12 held, 4 of them new")
        figures[f"submit_{name}"] = figure_of(
            at.labelling.submit, goal=SUBMIT_GOAL, limit=durable, peer=peers.submit(size)
        )
        figures[f"cpu_next_and_submit_{name}"] = Figure(
            at.cpu.median, "ms", len(at.labelling.next.samples), note="CPU of web process and PostgreSQL per photo"
        )
        figures[f"grid_first_page_{name}"] = figure_of(
            at.grid, goal=GRID_GOAL, limit=server, peer=peers.first_page(size), note="60 photos, taken and leased"
        )
        figures[f"photo_list_{name}"] = figure_of(
            at.photos, goal=GRID_GOAL, limit=server, peer=peers.first_page(size), note="60 photos"
        )
        figures[f"health_{name}"] = figure_of(
            at.health, goal=HEALTH_GOAL, limit=server, peer=peers.health(size), note="database and broker asked"
        )
    return figures


def _of_exports(found: Mapping[int, Measured], peers: PeerFindings) -> dict[str, Figure]:
    """A tenth of the photos is annotated: the export of 10 000 annotations is that of 100 000 photos."""
    figures = {}
    for size, at in found.items():
        if at.export is None or size < 100_000:
            continue
        name, export = _name(size // 10), at.export
        figures[f"export_{name}_total"] = Figure(
            export.total, "s", export.n_annotations, goal=EXPORT_GOALS.get(size // 10), peer=peers.export()
        )
        figures[f"export_{name}_first_byte"] = Figure(
            export.first_byte * 1000, "ms", export.n_annotations, goal=FIRST_BYTE_GOAL
        )
    return figures


def _of_the_crowd(crowd: HandOuts, peers: PeerFindings) -> dict[str, Figure]:
    return {
        "duplicate_hand_outs": Figure(
            crowd.duplicates,
            "count",
            crowd.n,
            goal=0,
            peer=peers.duplicates(),
            note="8 experts at once; gold checks not counted",
        ),
        "crowd_next": figure_of(crowd.next, peer=peers.crowd("next"), note="8 experts at once, on all cores"),
        "crowd_submit": figure_of(crowd.submit, peer=peers.crowd("submit"), note="8 experts at once, on all cores"),
    }


def _of_growth(found: Mapping[int, Measured]) -> dict[str, Figure]:
    """The largest size against the smallest, by medians and by 95th percentiles."""
    small, large = found[min(found)], found[max(found)]
    figures = {}
    for what, of in (("next", lambda at: at.labelling.next), ("submit", lambda at: at.labelling.submit)):
        figures[f"{what}_largest_to_smallest_median"] = Figure(
            of(large).median / of(small).median, "ratio", len(of(large).samples), goal=FLAT_GOAL
        )
        figures[f"{what}_largest_to_smallest_p95"] = Figure(
            of(large).p95 / of(small).p95, "ratio", len(of(large).samples), goal=FLAT_GOAL
        )
    return figures


def _of_plans(plans: Sequence[RequestPlans]) -> dict[str, Figure]:
    """What the plans say, which no load on the machine can change: pages touched, tables read whole."""
    small, large = plans[0], plans[-1]
    figures = {}
    for what in large.requests:
        # Filling an empty queue passes over what is settled: once in a batch, and only where no worker refills it.
        is_bounded = what != "next_with_empty_queue"
        many, few = large.pages(what), small.pages(what)
        figures[f"{what}_pages_largest_to_smallest"] = Figure(
            many / few,
            "ratio",
            large.n,
            goal=FLAT_GOAL if is_bounded else None,
            note=f"{many:.0f} and {few:.0f} pages of 8 KiB",
        )
        found = large.faults(what)
        figures[f"{what}_unbounded_statements"] = Figure(
            len(found),
            "count",
            len(large.requests[what][-1]),
            goal=0 if is_bounded else None,
            note="; ".join(found)[:500],
        )
    return figures


def _name(size: int) -> str:
    return f"{size // 1_000_000}m" if size >= 1_000_000 else f"{size // 1000}k"
