"""What every browser test needs: people in browsers of their own, and an eye on the console."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser itself reports an answer of 4xx on its console; what the page makes of it is tested elsewhere.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture
def person(live_app: Stack, browser: Browser) -> Iterator[Callable[..., Person]]:
    """``person(phone=True)`` is somebody with an own browser, in English, on ``live_app``; no fault may be heard."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def arrive(*, phone: bool = False, locale: str = "en-GB", service_workers: str = "block") -> Person:
        context = browser.new_context(
            base_url=live_app.url,
            locale=locale,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            service_workers=service_workers,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        someone = Person(context.new_page())
        someone.watch()
        people.append(someone)
        return someone

    yield arrive
    for context in contexts:
        context.close()
    assert [fault for someone in people for fault in someone.faults] == []
