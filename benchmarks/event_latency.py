"""From a Chromium trace to what people feel: how long from a key to the frame that shows its effect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

LATENCY_CATEGORIES = ("input", "latencyInfo", "cc", "benchmark")
"""What EventLatency needs, and no more: tracing costs time too."""
HANDLER_CATEGORIES = ("devtools.timeline",)


def trace_events(trace: bytes) -> list[dict[str, Any]]:
    """The events of a trace in Chromium's JSON format."""
    found = json.loads(trace)
    return found["traceEvents"] if isinstance(found, dict) else found


def key_latencies(events: Iterable[dict[str, Any]]) -> Iterator[float]:
    """Seconds from each pressed key to the presentation of the frame that followed from it, in order.

    Chromium writes an EventLatency slice per input event, from the event's time to the frame's presentation, as a pair
    of asynchronous begin and end. An event that changed nothing on screen has no such pair, or one that ends early
    without a presentation; neither counts.
    """
    begun: dict[tuple[Any, ...], dict[str, Any]] = {}
    presented: set[tuple[Any, ...]] = set()
    for event in sorted(events, key=lambda each: each.get("ts", 0)):
        phase, name = event.get("ph"), event.get("name")
        if phase not in {"b", "e", "n"}:
            continue
        key = _identity(event)
        if name == "EventLatency" and phase == "b":
            if _event_type(event) == "KEY_PRESSED":
                begun[key] = event
                presented.discard(key)
        elif name == "EventLatency" and phase == "e":
            start = begun.pop(key, None)
            if start is not None and key in presented:
                yield (event["ts"] - start["ts"]) / 1e6
        elif key in begun and "PresentationCompositorFrame" in str(name):
            presented.add(key)


def handler_durations(events: Iterable[dict[str, Any]], kind: str = "keydown") -> Iterator[float]:
    """Seconds that the page's listeners of ``kind`` took, for each event dispatched, all of them together."""
    for event in sorted(events, key=lambda each: each.get("ts", 0)):
        is_dispatch = event.get("name") == "EventDispatch" and event.get("ph") == "X"
        if is_dispatch and event.get("args", {}).get("data", {}).get("type") == kind:
            yield event["dur"] / 1e6


def _identity(event: dict[str, Any]) -> tuple[Any, ...]:
    local = event.get("id2", {}).get("local")
    return (event.get("pid"), event.get("cat"), event.get("id", local))


def _event_type(event: dict[str, Any]) -> str:
    arguments = event.get("args", {})
    found = arguments.get("event_latency") or arguments
    return str(found.get("event_type", found.get("event", "")))
