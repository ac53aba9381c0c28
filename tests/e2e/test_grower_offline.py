"""Photos from a phone without a signal: they wait, survive the browser, and arrive once each, whatever the network is.

Each test has a phone of its own: a browser with a profile on disk, so that closing it and starting it again is what it
is on a phone. The service worker is real.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, BrowserType, Page, Route, expect

from docs.screenshots import session_cookie
from labeling.models import Photo, PhotoLocation, Project, Role, Site
from labeling.services.photos import photo_process
from labeling.synthetic.flower import render
from labeling.synthetic.season import balanced_specs
from tests.e2e.conftest import PHONE
from tests.factories.labeling import MembershipFactory, ProjectFactory
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_PHOTOS = 20
UPLOADS = re.compile(r"/api/v1/projects/[^/]+/photos$")
CHECKS = re.compile(r"/api/v1/projects/[^/]+/photos/check$")
PLACE = {"latitude": 41.61834, "longitude": 0.62017}


class Phone:
    """One person's phone; ``page`` is its browser's only tab while the browser runs."""

    def __init__(self, start: Callable[[], BrowserContext], address: str) -> None:
        self._start, self._address = start, address
        self.context: BrowserContext | None = None
        self.uploads: list[str] = []
        self.faults: list[str] = []

    @property
    def page(self) -> Page:
        assert self.context is not None, "the browser is closed"
        return self.context.pages[0]

    def open(self, *, online: bool = True) -> Page:
        """Start the browser and open the page."""
        self.context = self._start()
        self.context.set_default_timeout(30_000)
        self.context.set_offline(not online)
        self.context.on("request", self._saw)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("console", self._heard)
        self.page.goto(self._address)
        return self.page

    def close(self) -> None:
        """Close the browser; what it keeps on disk stays."""
        if self.context is not None:
            self.context.close()
        self.context = None

    def choose(self, files: list[dict[str, Any]]) -> None:
        self.page.get_by_label("Choose photos").set_input_files(files)

    def _saw(self, request: Any) -> None:
        if request.method == "POST" and UPLOADS.search(request.url):
            self.uploads.append(request.url)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture
def project(transactional_db: None) -> Project:
    """A project with a grower in it and nothing else."""
    project: Project = ProjectFactory.create(name="Almendros")
    MembershipFactory(project=project, role=Role.GROWER)
    return project


@pytest.fixture
def phone(
    stack: Stack,
    project: Project,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
) -> Iterator[Phone]:
    """The grower's phone, signed in, on a running server."""
    stack.start("web")
    cookie = session_cookie(project, "grower")
    assert cookie is not None
    folder = tmp_path / "profile"

    def start() -> BrowserContext:
        context = browser_type.launch_persistent_context(
            folder,
            **browser_type_launch_args,
            base_url=stack.url,
            locale="en-GB",
            viewport=PHONE,
            is_mobile=True,
            has_touch=True,
            reduced_motion="reduce",
            service_workers="allow",
            geolocation=PLACE,
            permissions=["geolocation"],
        )
        # Session cookies end with a headless browser; on a phone the one of this site lasts for weeks.
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": stack.url}])
        return context

    made = Phone(start, f"/u/{project.slug}")
    yield made
    made.close()
    assert made.faults == []


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, **options)
    return out.getvalue()


def as_file(number: int, data: bytes, kind: str = "jpeg") -> dict[str, Any]:
    return {"name": f"IMG_{number:04}.{kind}", "mimeType": f"image/{kind}", "buffer": data}


@cache
def pictures(n: int) -> list[Image.Image]:
    specs = balanced_specs(per_stage=-(-n // 7), seed=61)[:n]
    return [render(spec).resize((960, 720)) for spec in specs]


def heic(picture: Image.Image) -> bytes:
    """As a phone writes it: with the time and the place."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:04:18 09:30:05"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (41.0, 37.0, 6.0), "E", (0.0, 37.0, 12.0)
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=60, exif=exif.tobytes())
    return out.getvalue()


@cache
def some_files() -> list[dict[str, Any]]:
    """Twenty photos, the last a HEIC, which this browser cannot decode."""
    made = pictures(N_PHOTOS)
    return [
        *(as_file(number, jpeg(picture)) for number, picture in enumerate(made[:-1])),
        as_file(N_PHOTOS - 1, heic(made[-1]), "heic"),
    ]


def await_service_worker(page: Page) -> None:
    """Wait until the worker is active and holds the page; a worker that fails to install would make ``ready`` hang."""
    page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
    cached = page.evaluate("async () => (await (await caches.open((await caches.keys())[0])).keys()).length")
    assert cached >= 4, "the page, its script, its style, a language"


def unsent(page: Page, n: int) -> None:
    expect(page.locator(f"[data-unsent='{n}']")).to_be_visible(timeout=60_000)


def paused(page: Page) -> bool:
    """Let the browser speak: it is heard only while something is asked of it."""
    page.wait_for_timeout(50)
    return True


def arrived() -> int:
    return Photo.objects.count()


@contextmanager
def every_second_request_fails(phone: Phone) -> Iterator[dict[str, int]]:
    """Of the requests that send, each second answer is lost: the server has done its work, the phone hears a 503."""
    assert phone.context is not None
    seen = {"checks": 0, "uploads": 0, "lost": 0}

    def pass_on(route: Route) -> None:
        kind = "checks" if CHECKS.search(route.request.url) else "uploads"
        seen[kind] += 1
        if (seen["checks"] + seen["uploads"]) % 2:
            route.continue_()
            return
        route.fetch()
        seen["lost"] += 1
        route.fulfill(status=503, body="")

    phone.context.route(UPLOADS, pass_on)
    phone.context.route(CHECKS, pass_on)
    yield seen
    phone.context.unroute(UPLOADS)
    phone.context.unroute(CHECKS)


def test_photos_taken_without_a_signal_survive_the_browser_and_arrive_once_each(phone: Phone, project: Project) -> None:
    page = phone.open()
    expect(page.get_by_role("heading", name="Where")).to_be_visible()
    await_service_worker(page)
    assert phone.context is not None
    phone.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Where")).to_be_visible()
    page.get_by_label("Plot").select_option("other")
    page.get_by_label("Name").fill("La  Solana")
    page.get_by_role("button", name="Add").click()
    phone.choose(some_files())
    unsent(page, N_PHOTOS)
    expect(page.get_by_text("No signal")).to_be_visible()
    expect(page).to_have_title(re.compile(rf"^\({N_PHOTOS}\)"))
    phone.close()
    assert arrived() == 0

    page = phone.open(online=False)
    unsent(page, N_PHOTOS)
    assert phone.context is not None
    phone.context.set_offline(False)
    expect(page.get_by_text("All sent")).to_be_visible(timeout=60_000)
    assert arrived() == N_PHOTOS
    assert len(phone.uploads) <= N_PHOTOS
    assert Photo.objects.values("sha256").distinct().count() == N_PHOTOS
    assert [site.name for site in Site.objects.filter(project=project)] == ["La Solana"]
    assert not Photo.objects.exclude(site__name="La Solana").exists()
    (iphone,) = Photo.objects.filter(original_name__endswith=".heic")
    assert isinstance(iphone.taken_at, datetime)
    assert not PhotoLocation.objects.exists(), "nobody consented"


def test_with_every_second_answer_lost_each_photo_still_arrives_once(phone: Phone) -> None:
    page = phone.open()
    await_service_worker(page)
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.choose(some_files())
    unsent(page, N_PHOTOS)
    with every_second_request_fails(phone) as seen:
        phone.context.set_offline(False)

        # Waiting is what the backoff is for; waking at once is what a phone does whose signal comes and goes.
        def sent() -> bool:
            page.evaluate("() => window.dispatchEvent(new Event('online'))")
            page.wait_for_timeout(150)
            return page.get_by_text("All sent").is_visible()

        wait_until(sent, what="all photos have gone")
    assert seen["lost"] > N_PHOTOS // 2
    assert arrived() == N_PHOTOS
    assert seen["uploads"] == N_PHOTOS, "a photo of which only the answer was lost is not uploaded again"


def test_the_service_worker_sends_when_the_page_is_closed(phone: Phone) -> None:
    page = phone.open()
    await_service_worker(page)
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.choose(some_files()[-3:])
    unsent(page, 3)
    other = phone.context.new_page()
    page.close()
    phone.context.set_offline(False)
    # What the browser itself says to a worker when the signal is back.
    browser = phone.context.new_cdp_session(other)
    found: list[dict[str, Any]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    browser.send("ServiceWorker.enable")
    wait_until(lambda: paused(other) and found, what="the browser names the worker")
    worker = found[0]
    browser.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": worker["scopeURL"].removesuffix("/u/"),
            "registrationId": worker["registrationId"],
            "tag": "antesis-send",
            "lastChance": False,
        },
    )
    wait_until(lambda: paused(other) and arrived() == 3, what="the worker sends all three")


def test_a_duplicate_costs_no_upload(phone: Phone) -> None:
    page = phone.open()
    files = some_files()[-4:]
    phone.choose(files)
    expect(page.get_by_text("All sent")).to_be_visible(timeout=60_000)
    assert len(phone.uploads) == arrived() == 4
    phone.choose([*files, as_file(99, jpeg(pictures(1)[0].rotate(180)))])
    wait_until(lambda: paused(page) and arrived() == 5, what="the new photo arrives")
    expect(page.get_by_text("All sent")).to_be_visible(timeout=60_000)
    assert len(phone.uploads) == 5


def test_huge_and_turned_photos_arrive_upright_and_small(phone: Phone) -> None:
    page = phone.open()
    exif = Image.Exif()
    exif[0x0112] = 6
    huge = pictures(1)[0].resize((8000, 6000), Image.Resampling.BILINEAR)
    phone.choose([as_file(1, jpeg(huge, exif=exif)), as_file(2, b"<html>not a photo</html>")])
    expect(page.get_by_role("alert")).to_contain_text("is not a photo that can be read")
    expect(page.get_by_text("All sent")).to_be_visible(timeout=60_000)
    data = page.evaluate("() => navigator.storage.estimate().then(({ usage }) => usage)")
    assert data < 50_000_000
    assert Photo.objects.get().byte_size < 3_000_000
    photo = photo_process(photo_id=Photo.objects.get().pk)
    assert (photo.status, photo.width, photo.height) == ("ready", 1536, 2048)
