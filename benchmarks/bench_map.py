"""The map in a browser: first paint, frames while it moves, a lasso; and the laying out of vectors.

    python -m benchmarks.bench_map [--quick] [--no-layout]

The web process of the Procfile serves rows of ``rows.py`` and a map of as many points to a headless Chromium whose GPU
is SwiftShader: software, on the same cores as everything else. So frames here are what a machine without any GPU gives;
what the page itself computes for a frame is reported apart, since that does not depend on the GPU. A bare page that
clears a canvas of the same size in every frame is the floor. What is said of FiftyOne at these sizes is quoted in
docs/performance.md; it is not run here. Prints a table and writes
``benchmarks/results/map.json``. Needs Chromium on the PATH (or in ``CHROMIUM``) and a built front end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.bench_keypress import FLAGS, VIEWPORT
from benchmarks.figures import Figure, Mode, Times, figure_of, machine, text_table, write_results
from benchmarks.place import SLUG, Place, connect, disconnect, place_open
from config.env import child_environment

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
FIRST_PAINT_GOAL = 2.0
FRAME_GOAL = 16.7
N_CLUSTERS = 40
SEED = 3
DIMENSION = 256

# When the first points, and when all of them, stand on the canvas: reading one pixel back waits for what is drawn.
WATCH = """
window.seen = {};
const settled = (canvas) => { const gl = canvas.getContext('webgl2');
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); return performance.now(); };
const look = () => {
    const overlay = document.querySelector('canvas[data-painted]');
    if (overlay) window.seen.first ??= settled(overlay.previousElementSibling);
    if (overlay?.matches('[data-finished]') && document.querySelector('[aria-label="Legend"] li')) {
        window.seen.all ??= settled(overlay.previousElementSibling);
    }
    if (!window.seen.all) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
# Drags the map for a number of frames, one step in each, and tells how long each frame took.
DRAG = """(frames) => new Promise((resolve) => {
    const overlay = document.querySelector('canvas[data-drawn]');
    const { left, top, width, height } = overlay.getBoundingClientRect();
    const at = (step) => ({ clientX: left + width / 2 + 120 * Math.sin(step / 9),
        clientY: top + height / 2 + 80 * Math.cos(step / 7), pointerId: 1, button: 0, bubbles: true });
    overlay.setPointerCapture = () => undefined;
    overlay.dispatchEvent(new PointerEvent('pointerdown', at(0)));
    const times = [];
    let before = performance.now();
    const step = (now) => {
        times.push(now - before);
        before = now;
        if (times.length > frames) {
            overlay.dispatchEvent(new PointerEvent('pointerup', at(times.length)));
            resolve(times.slice(1));
            return;
        }
        overlay.dispatchEvent(new PointerEvent('pointermove', at(times.length)));
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""
# Draws a line around the middle of the map, and tells how long it took until the page said how many are selected.
LASSO = """() => new Promise((resolve) => {
    const overlay = document.querySelector('canvas[data-drawn]');
    const { left, top, width, height } = overlay.getBoundingClientRect();
    overlay.setPointerCapture = () => undefined;
    const at = (turn) => ({ clientX: left + width / 2 + 0.22 * width * Math.cos(turn),
        clientY: top + height / 2 + 0.22 * height * Math.sin(turn), pointerId: 1, button: 0, shiftKey: true });
    overlay.dispatchEvent(new PointerEvent('pointerdown', at(0)));
    for (let turn = 0; turn < 6.2; turn += 0.05) overlay.dispatchEvent(new PointerEvent('pointermove', at(turn)));
    const begun = performance.now();
    overlay.dispatchEvent(new PointerEvent('pointerup', at(6.2)));
    const wait = () => document.querySelector('aside table')
        ? resolve([performance.now() - begun, document.querySelector('aside h2').textContent])
        : requestAnimationFrame(wait);
    wait();
})"""
FLOOR = """
<body style="margin:0"><canvas width="870" height="795"></canvas><script>
const gl = document.querySelector('canvas').getContext('webgl2', { preserveDrawingBuffer: true });
window.run = (frames) => new Promise((resolve) => {
    const times = [];
    let before = performance.now();
    const step = (now) => {
        times.push(now - before);
        before = now;
        if (times.length > frames) { resolve(times.slice(1)); return; }
        gl.clearColor(Math.random(), 0, 0, 1);
        gl.clear(gl.COLOR_BUFFER_BIT);
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
});
</script></body>
"""


@dataclass(frozen=True)
class Effort:
    """Which sizes, how often each is opened, and for how many frames it is moved."""

    sizes: tuple[str, ...]
    loads: int
    frames: int


FULL = Effort(("10k", "100k", "1m"), loads=5, frames=120)
QUICK = Effort(("10k", "100k"), loads=2, frames=60)


@dataclass
class Measured:
    """What was found at one size."""

    first_paint: Times = field(default_factory=Times)
    whole: Times = field(default_factory=Times)
    frames: Times = field(default_factory=Times)
    lasso: Times = field(default_factory=Times)
    script_ms: list[float] = field(default_factory=list)
    n_selected: int = 0
    kib: float = 0.0


def main() -> None:
    """Fill, serve, look, print, write."""
    parser = argparse.ArgumentParser(description="The map in a browser, and the laying out of vectors.")
    parser.add_argument("--quick", action="store_true", help="without the million points, and fewer loads")
    parser.add_argument("--no-layout", action="store_true", help="leave the laying out of vectors out")
    arguments = parser.parse_args()
    effort: Effort = QUICK if arguments.quick else FULL
    mode: Mode = "quick" if arguments.quick else "full"
    program = child_environment().get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise SystemExit("no Chromium on the PATH: apt-get install chromium, or set CHROMIUM to one")
    print(f"load average at the start: {os.getloadavg()}", flush=True)
    about = machine(display="headless, SwiftShader: a GPU of software on the same cores")
    place = place_open()
    figures: dict[str, Figure] = {}
    try:
        for number, size in enumerate(effort.sizes):
            found, floor, version = measure(place, program, size, 30 + number, effort)
            figures |= figures_of(size, found, floor)
            about["chromium"] = version
            print(text_table(figures), flush=True)
    finally:
        place.close()
    if not arguments.no_layout:
        figures |= layout_figures(effort.sizes)
    print(text_table(figures))
    print(f"load average at the end: {os.getloadavg()}")
    about |= {"load_average_at_the_end": [round(load, 2) for load in os.getloadavg()]}
    write_results("map", figures, about, mode=mode)


def measure(place: Place, program: str, size: str, number: int, effort: Effort) -> tuple[Measured, Times, str]:
    """Everything of one size: the page opened anew again and again, and moved, and points lassoed, each time."""
    from playwright.sync_api import sync_playwright

    from benchmarks.antesis import Antesis
    from benchmarks.rows import rows_database

    stack = place.stack(f"web-map-{size}", rows_database(place, SIZES[size]), number)
    stack.media_dir = place.folder / "media"
    map_make(stack, SIZES[size])
    session = Antesis(stack).signed_in("adjudicator").cookies["sessionid"]
    stack.start("web")
    found, floor = Measured(), Times()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for _ in range(effort.loads):
            with opened(browser, stack.url, session) as page:
                look(page, effort.frames, found)
            floor_round(browser, effort.frames, floor)
        version = browser.version
        browser.close()
    stack.stop("web")
    return found, floor, version


def map_make(stack: Any, n_photos: int) -> None:
    """A map of the ready photos: clusters of different sizes, one for each plant's season more or less."""
    from django.utils import timezone

    from classifier.core.projection import quantised
    from classifier.models import PhotoMap
    from classifier.services.map_store import MapPoints, map_points_keep
    from labeling.models import Photo, Project

    connect(stack.database_url)
    ids = np.fromiter(Photo.objects.ready().values_list("pk", flat=True).iterator(), np.int64)
    rng = np.random.default_rng(SEED)
    centres, widths = rng.uniform(-30, 30, (N_CLUSTERS, 2)), rng.uniform(0.6, 4, N_CLUSTERS)
    of = (ids * 7 // n_photos + 7 * (ids % 5)) % N_CLUSTERS
    points = quantised((centres[of] + rng.normal(size=(len(ids), 2)) * widths[of, None]).astype(np.float32))
    order = rng.permutation(len(ids))
    made = PhotoMap(
        project=Project.objects.get(slug=SLUG), state="succeeded", n_points=len(ids), n_fitted=len(ids),
        finished_at=timezone.now(), last_embedding=2**60,
    )  # fmt: skip
    made.artifact_key = map_points_keep(photo_map=made, made=MapPoints(ids[order], points[order]))
    made.save()
    disconnect()


@contextmanager
def opened(browser: Any, url: str, session: str) -> Iterator[Any]:
    """The map in a browser profile of its own, with nothing in its cache."""
    context = browser.new_context(base_url=url, viewport=VIEWPORT, service_workers="block", locale="en-GB")
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    page.set_default_timeout(120_000)
    page.goto(f"/p/{SLUG}/map")
    page.wait_for_function("() => window.seen.all")
    yield page
    context.close()


def look(page: Any, frames: int, found: Measured) -> None:
    """What one visit tells."""
    seen = page.evaluate("() => window.seen")
    found.first_paint.add(seen["first"] / 1000)
    found.whole.add(seen["all"] / 1000)
    found.kib = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((it) => it.name.includes('/map/'))"
        ".reduce((sum, it) => sum + it.transferSize, 0) / 1024"
    )
    time.sleep(1)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.evaluate(DRAG, frames // 4)  # how many points fit into a frame is learned
    before = script_seconds(devtools)
    for duration in page.evaluate(DRAG, frames):
        found.frames.add(duration / 1000)
    found.script_ms.append((script_seconds(devtools) - before) * 1000 / frames)
    time.sleep(1)
    page.wait_for_selector("canvas[data-finished]")
    milliseconds, heading = page.evaluate(LASSO)
    found.n_selected = int("".join(filter(str.isdigit, heading)))
    found.lasso.add(milliseconds / 1000)


def script_seconds(devtools: Any) -> float:
    """What the page's own code has taken so far."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(it["value"] for it in metrics if it["name"] == "ScriptDuration"))


def floor_round(browser: Any, frames: int, into: Times) -> None:
    """Frames of the bare page."""
    page = browser.new_page(viewport=VIEWPORT)
    page.set_content(FLOOR)
    for duration in page.evaluate("(frames) => window.run(frames)", frames):
        into.add(duration / 1000)
    page.close()


def figures_of(size: str, found: Measured, floor: Times) -> dict[str, Figure]:
    """Rows of one size."""
    script = found.script_ms
    return {
        f"first_paint_{size}": Figure(
            found.first_paint.p95 / 1000, "s", len(found.first_paint.samples), goal=FIRST_PAINT_GOAL,
            median=found.first_paint.median / 1000, note="empty cache; from the address to the first points",
        ),
        f"whole_picture_{size}": Figure(
            found.whole.p95 / 1000, "s", len(found.whole.samples), median=found.whole.median / 1000,
            note=f"every point, coloured; {found.kib:,.0f} KiB of numbers",
        ),
        f"frame_{size}": figure_of(
            found.frames, goal=FRAME_GOAL, limit=floor.p95, note="while it is dragged; limit: a bare page that clears",
        ),
        f"frame_script_{size}": Figure(
            max(script), "ms", len(script), median=sorted(script)[len(script) // 2],
            note="the page's own code in a frame, whatever the GPU",
        ),
        f"lasso_{size}": figure_of(found.lasso, note=f"until {found.n_selected:,} photos are counted in the panel"),
    }  # fmt: skip


def layout_figures(sizes: Sequence[str]) -> dict[str, Figure]:
    """How long vectors take to be laid out, and how well neighbours are kept."""
    from classifier.core.projection import lay_out, map_quality

    figures = {}
    for size in sizes:
        X = vectors(SIZES[size])
        begun = time.monotonic()
        layout = lay_out(X, seed=SEED)
        seconds = time.monotonic() - begun
        quality = map_quality(X, layout.points, seed=SEED)
        figures[f"layout_{size}"] = Figure(
            seconds, "s", 1,
            note=f"trustworthiness {quality.trustworthiness:.3f}, recall of neighbours {quality.recall:.2f}",
        )  # fmt: skip
        print(text_table(figures), flush=True)
    return figures


def vectors(n: int) -> np.ndarray:
    """Clusters of eight dimensions each, and noise in all ``DIMENSION``; float16 as in the database."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(N_CLUSTERS, DIMENSION))
    spreads = rng.normal(size=(N_CLUSTERS, 8, DIMENSION)) * 0.5
    of = rng.integers(0, N_CLUSTERS, n)
    made = np.empty((n, DIMENSION), np.float16)
    for begin in range(0, n, 50_000):
        rows = of[begin : begin + 50_000]
        inside = np.einsum("ij,ijk->ik", rng.normal(size=(len(rows), 8)), spreads[rows])
        made[begin : begin + 50_000] = centres[rows] + inside + 0.3 * rng.normal(size=(len(rows), DIMENSION))
    return made


if __name__ == "__main__":
    main()
