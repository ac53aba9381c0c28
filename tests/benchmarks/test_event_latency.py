from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.event_latency import handler_durations, key_latencies, trace_events


def pair(
    start: int, end: int, *, local: str, kind: str = "KEY_PRESSED", presented: bool = True
) -> list[dict[str, Any]]:
    common = {"cat": "cc,benchmark,input", "id2": {"local": local}, "pid": 7}
    events = [
        {**common, "name": "EventLatency", "ph": "b", "ts": start, "args": {"event_latency": {"event_type": kind}}},
        {**common, "name": "RendererMainProcessing", "ph": "b", "ts": start + 1},
        {**common, "name": "EventLatency", "ph": "e", "ts": end},
    ]
    if presented:
        events.insert(2, {**common, "name": "SwapEndToPresentationCompositorFrame", "ph": "b", "ts": end - 1})
    return events


def test_a_latency_runs_from_the_key_to_its_frame() -> None:
    events = [*pair(1000, 12_000, local="0x1"), *pair(300_000, 320_000, local="0x2")]
    assert list(key_latencies(reversed(events))) == [pytest.approx(0.011), pytest.approx(0.020)]


def test_an_id_may_be_used_again_later() -> None:
    events = [*pair(1000, 5000, local="0x1"), *pair(9000, 12_000, local="0x1", presented=False)]
    assert list(key_latencies(events)) == [pytest.approx(0.004)]


def test_other_events_and_keys_without_a_frame_do_not_count() -> None:
    events = [
        *pair(1000, 5000, local="0x1", kind="KEY_RELEASED"),
        *pair(2000, 6000, local="0x2", presented=False),
        {"name": "EventLatency", "ph": "e", "ts": 9, "cat": "x", "id2": {"local": "0x3"}, "pid": 7},
    ]
    assert list(key_latencies(events)) == []


def test_handlers_are_those_of_the_kind_asked_for() -> None:
    dispatch = lambda kind, ts: {  # noqa: E731
        "name": "EventDispatch", "ph": "X", "ts": ts, "dur": 1500, "args": {"data": {"type": kind}},
    }  # fmt: skip
    trace = json.dumps({"traceEvents": [dispatch("keyup", 5), dispatch("keydown", 1), {"name": "EventDispatch"}]})
    assert list(handler_durations(trace_events(trace.encode()))) == [pytest.approx(0.0015)]
