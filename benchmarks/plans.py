"""How PostgreSQL carries out each statement of a request: EXPLAIN (ANALYZE, BUFFERS) of the very statements, in order.

A request is made in this process, through all of Django's middleware and views. Before each of its statements runs, it
is explained in a savepoint that is rolled back, so its plan is that of the moment and its effect is there once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

BIG_TABLES = (
    "labeling_photo",
    "labeling_suggestion",
    "labeling_consensus",
    "labeling_annotation",
    "labeling_receipt",
    "labeling_plant",
    "labeling_adjudication",
)
"""Tables that grow with the photos or the decisions. The queue is as long as its batch, whatever the pool."""
FEW_ROWS = 200
"""A table of so few rows fits a page or two, where reading it all is the right plan."""
_EXPLAINABLE = re.compile(r"\s*(select|insert|update|delete|with)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """One statement as it was carried out.

    Attributes:
        statement: with placeholders, on one line.
        milliseconds: by the server's clock, planning included.
        buffers: pages of 8 KiB that it touched.
        scanned: rows read from big tables.
        sequential: big tables that were read from end to end, and are longer than a few pages.
        tree: PostgreSQL's own JSON.
    """

    statement: str
    milliseconds: float
    buffers: int
    scanned: int
    sequential: tuple[str, ...]
    tree: dict[str, Any]


def plan_of(statement: str, explained: dict[str, Any]) -> Plan:
    """Read what EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) answered."""
    top = explained["Plan"]
    scans = [node for node in nodes(top) if node.get("Relation Name") in BIG_TABLES]
    return Plan(
        statement=" ".join(statement.split()),
        milliseconds=explained["Planning Time"] + explained["Execution Time"],
        buffers=top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0),
        scanned=sum(_rows_read(node) for node in scans if not node["Node Type"].startswith("ModifyTable")),
        sequential=tuple(
            sorted(
                {
                    node["Relation Name"]
                    for node in scans
                    if node["Node Type"] == "Seq Scan" and _rows_read(node) > FEW_ROWS
                }
            )
        ),
        tree=top,
    )


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def _rows_read(node: dict[str, Any]) -> int:
    per_loop = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    return round(per_loop * node.get("Actual Loops", 1))


@contextmanager
def explained() -> Iterator[list[Plan]]:
    """Collect the plans of all statements that Django's connection runs meanwhile."""
    from django.db import connection

    plans: list[Plan] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not many and _EXPLAINABLE.match(sql) and "pg_advisory" not in sql:
            with connection.connection.cursor() as cursor:
                in_transaction = connection.in_atomic_block
                cursor.execute("savepoint explained" if in_transaction else "begin")
                cursor.execute(f"explain (analyze, buffers, format json) {sql}", params)
                row = cursor.fetchone()
                cursor.execute("rollback to savepoint explained" if in_transaction else "rollback")
            found = row[0] if isinstance(row[0], list) else json.loads(row[0])
            plans.append(plan_of(sql, found[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield plans


def plan_lines(plan: Plan) -> Iterator[str]:
    """A plan as text: the statement, then one line per node."""
    yield f"{plan.statement}"
    yield f"  {plan.milliseconds:.2f} ms, {plan.buffers} pages, {plan.scanned} rows of big tables"
    yield from _tree_lines(plan.tree, 1)


def _tree_lines(node: dict[str, Any], depth: int) -> Iterator[str]:
    what = [node["Node Type"], *(f"on {node['Relation Name']}" for _ in [0] if "Relation Name" in node)]
    if "Index Name" in node:
        what.append(f"by {node['Index Name']}")
    removed = node.get("Rows Removed by Filter", 0)
    found = f"rows={node.get('Actual Rows', 0):g} loops={node.get('Actual Loops', 0):g}"
    found += f" removed={removed:g}" if removed else ""
    pages = node.get("Shared Hit Blocks", 0) + node.get("Shared Read Blocks", 0)
    yield f"{'  ' * depth}-> {' '.join(what)} ({found} pages={pages})"
    for child in node.get("Plans", ()):
        yield from _tree_lines(child, depth + 1)


def faults(plans: Sequence[Plan], *, most_rows: int = FEW_ROWS) -> list[str]:
    """What speaks against plans that must not grow with the project: whole tables read, or too many rows."""
    found = [f"reads all of {', '.join(p.sequential)}: {p.statement[:120]}" for p in plans if p.sequential]
    found += [f"reads {p.scanned} rows: {p.statement[:120]}" for p in plans if p.scanned > most_rows]
    return found
