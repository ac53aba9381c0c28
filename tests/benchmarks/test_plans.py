from __future__ import annotations

from typing import Any

from benchmarks.plans import faults, plan_lines, plan_of


def explained(node_type: str, table: str, *, rows: float, removed: float = 0, loops: int = 1) -> dict[str, Any]:
    scan = {
        "Node Type": node_type, "Relation Name": table, "Actual Rows": rows, "Rows Removed by Filter": removed,
        "Actual Loops": loops, "Shared Hit Blocks": 7, "Shared Read Blocks": 1,
    }  # fmt: skip
    top = {"Node Type": "Limit", "Plans": [scan], "Shared Hit Blocks": 10, "Shared Read Blocks": 2}
    return {"Plan": top, "Planning Time": 0.5, "Execution Time": 1.5}


def test_what_is_read_of_a_plan() -> None:
    plan = plan_of("select 1\n  from x", explained("Index Scan", "labeling_photo", rows=2, removed=1, loops=4))
    assert (plan.statement, plan.milliseconds, plan.buffers, plan.scanned) == ("select 1 from x", 2.0, 12, 12)
    assert faults([plan]) == []
    assert faults([plan], most_rows=11) == ["reads 12 rows: select 1 from x"]
    assert any("on labeling_photo" in line for line in plan_lines(plan))


def test_a_big_table_read_from_end_to_end_is_a_fault_and_a_small_one_is_not() -> None:
    big = plan_of("select 1", explained("Seq Scan", "labeling_consensus", rows=1, removed=100_000))
    small = plan_of("select 1", explained("Seq Scan", "labeling_adjudication", rows=0, removed=19))
    queue = plan_of("select 1", explained("Seq Scan", "labeling_queueentry", rows=2000))
    assert faults([big])[0] == "reads all of labeling_consensus: select 1"
    assert faults([small, queue]) == []
