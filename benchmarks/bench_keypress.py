"""From the key to the next photo on screen, by Chromium's own account, beside a bare page on the same machine.

    python -m benchmarks.bench_keypress [--quick]

The web process of the Procfile serves the built bench and generated photos of 1600 px to a headless Chromium without a
GPU. Keys are pressed every 250 to 450 ms; EventLatency tells for each how long it took until the frame with its effect
was presented. A page that does nothing but swap two canvases is measured in turns with it: that is the floor of the
machine. What the listeners of the key take is measured apart, because tracing it costs time. Last, on a line of
20 Mbit/s and 40 ms with a key a second, it is looked at after every key whether the photo is there. Prints a table and
writes ``benchmarks/results/keypress.json``. Needs Chromium on the PATH (or in ``CHROMIUM``) and a built front end.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.event_latency import (
    HANDLER_CATEGORIES,
    LATENCY_CATEGORIES,
    handler_durations,
    key_latencies,
    trace_events,
)
from benchmarks.figures import Figure, Mode, Times, figure_of, machine, text_table, write_results
from benchmarks.photo_project import EXPERT, photo_project, view_kib
from benchmarks.place import SLUG, place_open
from config.env import child_environment

VIEWPORT = {"width": 1440, "height": 900}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
WARM_UP = 3
GAP = (0.25, 0.45)
SLOW_GAP = 1.0
SLOW_LINE = {"offline": False, "latency": 40, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
MEDIAN_GOAL, P95_GOAL, HANDLER_GOAL = 16.7, 25, 5
SEED = 11

# The photo stands on a canvas of its own; where it is not decoded yet its thumbnail does (features/review/stage.ts).
LOOK = """
() => {
    const frame = document.querySelector("[data-part='frame']");
    const photo = [...frame.querySelectorAll("canvas")].find((each) => each.style.visibility === "visible");
    if (!photo) return frame.querySelector("[data-part='underlay']").complete ? "thumbnail" : "blank";
    const small = document.createElement("canvas");
    small.width = small.height = 16;
    const context = small.getContext("2d");
    context.drawImage(photo, 0, 0, 16, 16);
    const { data } = context.getImageData(0, 0, 16, 16);
    const grey = Array.from({ length: 256 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2]);
    return Math.max(...grey) - Math.min(...grey) > 30 ? "photo" : "blank";
}
"""
FLOOR = """
<body style="margin:0;background:#222"><script>
const canvases = [0, 1].map((number) => {
    const canvas = document.createElement("canvas");
    canvas.width = 960; canvas.height = 720;
    canvas.style.cssText = "position:absolute;left:0;top:0;visibility:" + (number ? "hidden" : "visible");
    const context = canvas.getContext("2d");
    context.fillStyle = number ? "#264" : "#862";
    context.fillRect(0, 0, 960, 720);
    document.body.append(canvas);
    return canvas;
});
let shown = 0;
addEventListener("keydown", (event) => {
    event.preventDefault();
    canvases[shown].style.visibility = "hidden";
    shown = 1 - shown;
    canvases[shown].style.visibility = "visible";
});
</script></body>
"""


@dataclass(frozen=True)
class Effort:
    """How many keys; ``rounds`` of bench and floor in turns."""

    rounds: int
    keys: int
    handler_keys: int
    slow_keys: int

    @property
    def photos(self) -> int:
        """Each visit decides what it pressed and holds a window ahead."""
        return self.rounds * (self.keys + WARM_UP) + self.handler_keys + self.slow_keys + 2 * WARM_UP + 20


FULL = Effort(rounds=4, keys=30, handler_keys=60, slow_keys=60)
QUICK = Effort(rounds=2, keys=15, handler_keys=20, slow_keys=15)


@dataclass
class Measured:
    """What was found."""

    bench: Times = field(default_factory=Times)
    floor: Times = field(default_factory=Times)
    handler: Times = field(default_factory=Times)
    slow: Times = field(default_factory=Times)
    pressed: int = 0
    seen_at_once: list[str] = field(default_factory=list)
    seen_on_slow_line: list[str] = field(default_factory=list)


def main() -> None:
    """Fill, serve, press keys, print, write."""
    parser = argparse.ArgumentParser(description="From the key to the next photo on screen.")
    parser.add_argument("--quick", action="store_true", help="the same figures from fewer keys")
    effort = QUICK if parser.parse_args().quick else FULL
    mode: Mode = "quick" if effort is QUICK else "full"
    program = child_environment().get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise SystemExit("no Chromium on the PATH: apt-get install chromium, or set CHROMIUM to one")
    print(f"load average at the start: {os.getloadavg()}", flush=True)
    place = place_open()
    try:
        stack = place.stack("web-photos", photo_project(place, n_photos=effort.photos), 20)
        stack.media_dir = place.folder / "media"
        weight = view_kib()
        from benchmarks.antesis import Antesis

        session = Antesis(stack).expert(0).cookies["sessionid"]
        stack.start("web")
        about = machine(display="headless, no GPU", view_kib=round(weight), expert=EXPERT)
        found, version = measure(program, stack.url, session, effort)
    finally:
        place.close()
    figures = figures_of(found, effort)
    print(text_table(figures))
    print(f"load average at the end: {os.getloadavg()}")
    about |= {"chromium": version, "load_average_at_the_end": [round(load, 2) for load in os.getloadavg()]}
    write_results("keypress", figures, about, mode=mode)


def measure(program: str, url: str, session: str, effort: Effort) -> tuple[Measured, str]:
    """Press keys on the bench and on the bare page in turns, then for the handler, then on a slow line."""
    from playwright.sync_api import sync_playwright

    found, rng = Measured(), random.Random(SEED)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for number in range(effort.rounds):
            with_bench(browser, url, session, lambda page: bench_round(browser, page, effort.keys, rng, found))
            floor_round(browser, effort.keys, rng, found.floor)
            print(f"round {number + 1}: bench {found.bench.summary()}, floor {found.floor.summary()}", flush=True)
        with_bench(browser, url, session, lambda page: handler_round(browser, page, effort.handler_keys, rng, found))
        with_bench(browser, url, session, lambda page: slow_round(browser, page, effort.slow_keys, found))
        version = browser.version
        browser.close()
    return found, version


def with_bench(browser: Any, url: str, session: str, work: Callable[[Any], None]) -> None:
    """Open the bench in a browser profile of its own, wait until photos are ready ahead, and ``work`` on it."""
    context = browser.new_context(base_url=url, viewport=VIEWPORT, service_workers="block")
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    page.goto(f"/p/{SLUG}/review")
    page.wait_for_selector("[data-part='frame'] canvas", state="attached", timeout=30_000)
    page.wait_for_load_state("networkidle")
    time.sleep(1)
    for _ in range(WARM_UP):
        page.keyboard.press("1")
        time.sleep(0.5)
    work(page)
    time.sleep(1)  # what was decided last is sent
    context.close()


def bench_round(browser: Any, page: Any, n: int, rng: random.Random, found: Measured) -> None:
    """Trace ``n`` keys; after each, outside its latency, see that a photo stands there."""
    browser.start_tracing(page=page, categories=list(LATENCY_CATEGORIES))
    for _ in range(n):
        page.keyboard.press(str(rng.randint(1, 7)))
        time.sleep(rng.uniform(*GAP))
        found.seen_at_once.append(page.evaluate(LOOK))
    add(found.bench, key_latencies(trace_events(browser.stop_tracing())))
    found.pressed += n


def floor_round(browser: Any, n: int, rng: random.Random, into: Times) -> None:
    """The same keys on the bare page."""
    page = browser.new_page(viewport=VIEWPORT)
    page.set_content(FLOOR)
    time.sleep(0.5)
    for _ in range(WARM_UP):
        page.keyboard.press("1")
        time.sleep(0.2)
    browser.start_tracing(page=page, categories=list(LATENCY_CATEGORIES))
    for _ in range(n):
        page.keyboard.press(str(rng.randint(1, 7)))
        time.sleep(rng.uniform(*GAP))
    add(into, key_latencies(trace_events(browser.stop_tracing())))
    page.close()


def handler_round(browser: Any, page: Any, n: int, rng: random.Random, found: Measured) -> None:
    """What all listeners of the key take together."""
    browser.start_tracing(page=page, categories=list(HANDLER_CATEGORIES))
    for _ in range(n):
        page.keyboard.press(str(rng.randint(1, 7)))
        time.sleep(rng.uniform(*GAP))
    add(found.handler, handler_durations(trace_events(browser.stop_tracing())))


def slow_round(browser: Any, page: Any, n: int, found: Measured) -> None:
    """A key a second on a slow line, from the moment the line becomes slow; what stands there two frames after it."""
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_LINE)
    page.evaluate(
        f"""() => {{
            const look = {LOOK};
            window.seen = [];
            addEventListener("keydown", () =>
                requestAnimationFrame(() => requestAnimationFrame(() => window.seen.push(look()))));
        }}"""
    )
    browser.start_tracing(page=page, categories=list(LATENCY_CATEGORIES))
    for number in range(n):
        page.keyboard.press(str(number % 7 + 1))
        time.sleep(SLOW_GAP)
    add(found.slow, key_latencies(trace_events(browser.stop_tracing())))
    found.seen_on_slow_line = page.evaluate("() => window.seen")


def add(times: Times, seconds: Any) -> None:
    """Add durations."""
    for each in seconds:
        times.add(each)


def figures_of(found: Measured, effort: Effort) -> dict[str, Figure]:
    """The table. A key without a presented frame of its own is counted, not left out in silence."""
    median, p95 = found.bench.median, found.bench.p95
    n, floor = len(found.bench.samples), found.floor
    in_frame = sum(sample <= MEDIAN_GOAL for sample in found.bench.samples) / n
    slow = found.seen_on_slow_line
    return {
        "keypress_median": Figure(median, "ms", n, goal=MEDIAN_GOAL, limit=floor.median, note="limit: the bare page"),
        "keypress_p95": Figure(p95, "ms", n, goal=P95_GOAL, limit=floor.p95, note="limit: the bare page"),
        "keypress_within_one_frame": Figure(
            in_frame, "share", n, limit=share_within(floor, MEDIAN_GOAL), note="of 16.7 ms"
        ),
        "bare_page": figure_of(floor, note="a page that swaps two canvases"),
        "key_handler": figure_of(found.handler, goal=HANDLER_GOAL, note="all listeners of the key together"),
        "keys_without_a_frame": Figure(found.pressed - n, "count", found.pressed, goal=0),
        "photos_missing": Figure(missing(found.seen_at_once), "count", len(found.seen_at_once), goal=0),
        "slow_line_keypress": figure_of(found.slow, note="20 Mbit/s and 40 ms, a key a second"),
        "slow_line_blank": Figure(slow.count("blank"), "count", len(slow), goal=0, note="neither photo nor thumbnail"),
        "slow_line_not_sharp": Figure(
            missing(slow), "count", len(slow), goal=0, note="no decoded photo after two frames"
        ),
        "slow_line_keys_seen": Figure(effort.slow_keys - len(slow), "count", effort.slow_keys, goal=0),
    }


def missing(seen: Sequence[str]) -> int:
    """How often no decoded photo stood on the stage."""
    return len(seen) - list(seen).count("photo")


def share_within(times: Times, limit: float) -> float:
    """Share of the samples that are at most ``limit`` ms."""
    return sum(sample <= limit for sample in times.samples) / len(times.samples)


if __name__ == "__main__":
    main()
