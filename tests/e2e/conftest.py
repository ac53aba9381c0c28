"""What every browser test needs: people in browsers of their own, and an eye on the console."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.stack import Stack

# Playwright's synchronous interface keeps an event loop in this thread; Django would refuse the database for it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Person:
    """One person's browser. ``faults`` collects what a good page never says."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Collect console errors (Content-Security-Policy reports are among them) and uncaught exceptions."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url} uncaught: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser itself reports an answer of 4xx on its console; what the page makes of it is tested elsewhere.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{self.page.url} {message.text}")


@contextmanager
def people(app: Stack, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Let people arrive at ``app``, each in a browser of their own; at the end no fault may have been heard.

    ``session`` is the value of a session cookie: who has one is signed in.
    """
    contexts: list[BrowserContext] = []
    arrived: list[Person] = []

    def arrive(
        *,
        phone: bool = False,
        locale: str = "en-GB",
        colour_scheme: str = "light",
        session: str | None = None,
        service_workers: str = "block",
    ) -> Person:
        context = browser.new_context(
            base_url=app.url,
            locale=locale,
            color_scheme=colour_scheme,
            # A page amid a transition is neither what people read nor what a check of contrast should measure.
            reduced_motion="reduce",
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            service_workers=service_workers,
        )
        context.set_default_timeout(20_000)
        if session is not None:
            context.add_cookies([{"name": "sessionid", "value": session, "url": app.url}])
        contexts.append(context)
        someone = Person(context.new_page())
        someone.watch()
        arrived.append(someone)
        return someone

    try:
        yield arrive
    finally:
        for context in contexts:
            context.close()
    assert [fault for someone in arrived for fault in someone.faults] == []


@pytest.fixture
def person(live_app: Stack, browser: Browser) -> Iterator[Callable[..., Person]]:
    """``person(phone=True)`` is somebody with an own browser, in English, on ``live_app``; no fault may be heard."""
    with people(live_app, browser) as arrive:
        yield arrive


@pytest.fixture
def visitor(stack: Stack, browser: Browser) -> Iterator[Callable[..., Person]]:
    """As ``person``, but nothing runs beside the pages: for tests that make their own rows."""
    stack.start("web")
    with people(stack, browser) as arrive:
        yield arrive
