"""What a benchmark reports: times as median and 95th percentile, figures with goals, the file they are kept in."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

RESULTS = Path(__file__).parent / "results"
Mode = Literal["full", "quick"]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` of them do not exceed (nearest rank): one that was measured.

    Raises:
        ValueError: no values, or a share outside (0, 1].
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    return sorted(values)[math.ceil(share * len(values)) - 1]


@dataclass
class Times:
    """Durations of one thing done again and again, in ms."""

    samples: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        self.samples.append(seconds * 1000)

    @property
    def median(self) -> float:
        return percentile(self.samples, 0.5)

    @property
    def p95(self) -> float:
        return percentile(self.samples, 0.95)

    def summary(self) -> dict[str, float | int]:
        """As peers and limits are kept: median, p95, n."""
        return {"median": round(self.median, 3), "p95": round(self.p95, 3), "n": len(self.samples)}


@dataclass(frozen=True)
class Figure:
    """One row: what was measured, beside peers and the limit of this machine, against its goal.

    Attributes:
        value: the number the goal speaks of; for times the 95th percentile unless ``note`` says otherwise.
        unit: "ms", "s", "count", "ratio", ...
        goal: at most this much, at least with ``is_floor``; None for a figure without a goal.
        n: how many measurements it comes from.
        median: for times.
        peer: name -> {"median", "p95", "n"}, {"value", "n"} or {"absent": why}, of the same run.
        limit: what the machine gives at best, measured in the same run, in the same unit.
        note: what a reader has to know.
    """

    value: float
    unit: str
    n: int
    goal: float | None = None
    median: float | None = None
    peer: Mapping[str, Mapping[str, Any]] | None = None
    limit: float | None = None
    note: str = ""
    is_floor: bool = False

    @property
    def holds(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_floor else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        rounded = {"value": round(self.value, 3), "unit": self.unit}
        if self.median is not None:
            rounded |= {"median": round(self.median, 3), "p95": round(self.value, 3)}
        limit = None if self.limit is None else round(self.limit, 3)
        rounded |= {"peer": self.peer, "limit": limit, "goal": self.goal, "holds": self.holds, "n": self.n}
        return rounded | ({"note": self.note} if self.note else {})


def figure_of(times: Times, **more: Any) -> Figure:
    """The figure of a time: its 95th percentile, with the median beside it."""
    return Figure(value=times.p95, unit="ms", n=len(times.samples), median=times.median, **more)


def machine(**more: Any) -> dict[str, Any]:
    """What the figures were measured on, with the load at this moment: 1, 5 and 15 minutes."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        **more,
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def write_results(
    name: str,
    figures: Mapping[str, Figure],
    about: Mapping[str, Any],
    *,
    mode: Mode,
    extra: Mapping[str, Any] | None = None,
    folder: Path = RESULTS,
) -> Path:
    """Write ``results/<name>.json``; a quick run goes to ``results/<name>.quick.json`` and replaces no full one."""
    folder.mkdir(exist_ok=True)
    path = folder / (f"{name}.json" if mode == "full" else f"{name}.quick.json")
    content = {"machine": dict(about), "figures": {key: figure.as_json() for key, figure in figures.items()}}
    path.write_text(json.dumps({**content, **(extra or {})}, indent=2) + "\n")
    return path


def text_table(figures: Mapping[str, Figure]) -> str:
    """Figures as lines for a terminal: name, value with median, goal, whether it holds, limit, peers."""
    rows = [("figure", "value", "median", "goal", "holds", "limit", "peers", "n")]
    for name, figure in figures.items():
        rows.append(
            (
                name,
                f"{_number(figure.value)} {figure.unit}",
                _number(figure.median),
                _number(figure.goal),
                {True: "yes", False: "NO", None: ""}[figure.holds],
                _number(figure.limit),
                "; ".join(f"{peer} {peer_text(found)}" for peer, found in (figure.peer or {}).items()),
                str(figure.n),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def peer_text(found: Mapping[str, Any]) -> str:
    """One peer's cell: its 95th percentile or value, or why there is none."""
    if "absent" in found:
        return "absent"
    return _number(found.get("p95", found.get("value")))


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value == int(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
