"""Every page of every role, as a browser and an accessibility checker see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from docs.screenshots import session_cookie, shots
from labeling.models import AgreementReport
from tests.e2e.conftest import PHONE, Person
from tests.e2e.orchard import Orchard, orchard_plant

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ROLES = ("admin", "adjudicator", "expert", "grower")


@dataclass(frozen=True)
class Look:
    """How somebody looks at the pages."""

    language: str
    colour_scheme: str
    phone: bool


LOOKS = (Look("es", "light", phone=False), Look("en", "dark", phone=True))
OTHER_LOOKS = (Look("en", "dark", phone=False), Look("es", "light", phone=True))
"""For some pages only: the words that are long and the colours that are many."""
SEEN_IN_ALL_LOOKS = {
    "review",
    "grid",
    "adjudicate",
    "second-look",
    "map",
    "classes",
    "agreement",
    "model",
    "report",
    "run",
    "grower",
    "overview",
    "dashboard",
    "import",
    "export",
}


def pages_of(orchard: Orchard) -> Iterator[tuple[str, str | None, str]]:
    """(name, role, path) of every page, and of those that look different to others."""
    slug = orchard.project.slug
    for shot in shots(slug, orchard.run.pk, str(orchard.version.pk)):
        yield shot.name, shot.role, shot.path
    for role in ("admin", "adjudicator", "expert"):
        yield "classes", role, f"/p/{slug}/classes"
    yield "welcome", None, f"/welcome/{orchard.welcome_token}"
    yield "stale link", None, "/welcome/no-such-token"
    yield "model without a report", "expert", f"/p/{slug}/models/{orchard.candidate.pk}/report"
    yield "overview", "expert", f"/p/{slug}"
    yield "photos", "expert", f"/p/{slug}/photos"
    yield "map", "expert", f"/p/{slug}/map?color=suggested"
    yield "agreement", "expert", f"/p/{slug}/agreement"
    yield "asked again", "expert", f"/p/{slug}/retest"
    yield "grid of a boundary", "expert", f"/p/{slug}/grid?boundary=2"
    yield "growers' door", "grower", "/u"
    yield "growers' sign-in", None, "/u"
    yield "refused", "grower", f"/p/{slug}/settings"


def settle(page: Page, path: str) -> None:
    """Open a page and wait until it has all it asks for."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)


def faults_of(page: Page, *, language: str, phone: bool) -> list[str]:
    """What is wrong with the page as it stands, one line each."""
    found = []
    for violation in page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations", AXE_TAGS
    ):
        for node in violation["nodes"]:
            why = node["failureSummary"].splitlines()[1].strip()
            found.append(f"{violation['id']}: {node['target']} {why} {node['html'][:160]}")
    # Not against innerWidth: a phone zooms out on a page that is too wide, and innerWidth grows with it.
    wide = page.evaluate(
        "() => Math.max(...[document.scrollingElement, document.querySelector('main')].map((e) => e?.scrollWidth ?? 0))"
    )
    if phone and wide > PHONE["width"]:
        found.append(f"{wide} px wide on a screen of {PHONE['width']}")
    said = page.evaluate("() => document.documentElement.lang")
    if said != language:
        found.append(f"says to be in {said!r}")
    return found


def checked(page: Page, look: Look, where: str) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [f"{where} ({look}): {fault}" for fault in faults_of(page, language=look.language, phone=look.phone)]


Arrive = Callable[..., Person]


def arrive_in(visitor: Arrive, look: Look, session: str | None) -> Page:
    return visitor(
        phone=look.phone,
        locale={"es": "es-ES", "en": "en-GB"}[look.language],
        colour_scheme=look.colour_scheme,
        session=session,
    ).page


@pytest.fixture
def orchard(transactional_db: None) -> Orchard:
    """A project with something on every page."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in frontend/")
    return orchard_plant()


@pytest.fixture
def sessions(orchard: Orchard) -> dict[str | None, str | None]:
    """A session cookie per role; nobody has none."""
    return {None: None, **{role: session_cookie(orchard.project, role) for role in ROLES}}


def test_every_page_is_accessible_and_fits(
    visitor: Arrive, orchard: Orchard, sessions: dict[str | None, str | None]
) -> None:
    faults = []
    for look in (*LOOKS, *OTHER_LOOKS):
        pages = {role: arrive_in(visitor, look, session) for role, session in sessions.items()}
        left = set(SEEN_IN_ALL_LOOKS)
        for name, role, path in pages_of(orchard):
            if look in OTHER_LOOKS:  # once: what differs by role was seen in the first looks
                if name not in left:
                    continue
                left.remove(name)
            settle(pages[role], path)
            faults += checked(pages[role], look, f"{name} of {role}")
    assert not faults, "\n".join(faults)


def dialogs(orchard: Orchard) -> Iterator[tuple[str, str, str, str]]:
    """(role, path, selector of what opens it, what it is) of dialogs and drawers."""
    base = f"/p/{orchard.project.slug}"
    yield "admin", f"{base}/people", "main header button", "invitation"
    yield "admin", f"{base}/models/{orchard.candidate.pk}", "main header button", "promotion"
    yield "admin", f"{base}/photos", "main button:has(img)", "photo"
    yield "adjudicator", f"{base}/adjudicate", "aside button:has(img)", "reference photo"
    yield "adjudicator", f"{base}/export", "main article button >> text=/^(Card|Ficha)$/", "dataset card"
    yield "adjudicator", f"{base}/export", "main article button[aria-label^=Stop], [aria-label^=Parar]", "stop"
    yield "grower", f"/u/{orchard.project.slug}", "main li button", "photo of mine"


def test_dialogs_are_accessible_and_obey_the_policy(
    visitor: Arrive, orchard: Orchard, sessions: dict[str | None, str | None]
) -> None:
    faults = []
    for look in LOOKS:
        for role, path, opener, name in dialogs(orchard):
            page = arrive_in(visitor, look, sessions[role])
            settle(page, path)
            page.locator(opener).first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            page.wait_for_load_state("networkidle")
            faults += checked(page, look, name)
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
    assert not faults, "\n".join(faults)


def press(*keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return act


def mark_tiles(page: Page) -> None:
    """One tile corrected, one taken out, the magnifier open: as the grid looks in the middle of the work."""
    expect(page.get_by_role("option").first).to_be_visible()
    press("Space", "2", "Space")(page)
    page.keyboard.down("Alt")


def choose(value: str) -> Callable[[Page], None]:
    return lambda page: page.locator(f"input[type=radio][value={value}]").check()


def leave_unsaved(page: Page) -> None:
    page.get_by_role("switch").first.click()
    page.locator("nav a:visible").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def states(orchard: Orchard) -> Iterator[tuple[str, str, str, Callable[[Page], None]]]:
    """(name, role, path, what is done there) of pages that look different after something was done."""
    base = f"/p/{orchard.project.slug}"
    yield "grid with marks", "expert", f"{base}/grid", mark_tiles
    yield "keys of the grid", "expert", f"{base}/grid", press("?")
    yield "grid without photos", "expert", f"{base}/grid?stage=0", press()
    yield "case settled", "adjudicator", f"{base}/adjudicate", press("x")
    yield "case without a note", "adjudicator", f"{base}/adjudicate", press("s")
    yield "doubt settled", "adjudicator", f"{base}/second-look", press("ArrowRight", "Enter")
    yield "doubt about a plant", "adjudicator", f"{base}/second-look?reason=timeline", press()
    yield "doubt by a near-duplicate", "adjudicator", f"{base}/second-look?reason=duplicates", press()
    yield "keys of the second look", "adjudicator", f"{base}/second-look", press("?")
    yield "no doubt of this kind", "adjudicator", f"{base}/second-look?reason=season&stage=0", press()
    yield "settings at fault", "admin", f"{base}/settings", lambda page: page.locator("input").nth(1).fill("77")
    yield "settings left unsaved", "admin", f"{base}/settings", leave_unsaved
    for name, pk in orchard.imports.items():
        yield f"import {name}", "admin", f"{base}/import?import={pk}", press()
    for kind in ("files", "table"):
        yield f"import of {kind}", "admin", f"{base}/import", choose(kind)
    yield "export of folders", "adjudicator", f"{base}/export", choose("image_folder")
    yield "gold photo", "adjudicator", f"{base}/photos?photo={orchard.to_review[0]}", press()


def test_pages_in_the_middle_of_work_are_accessible(
    visitor: Arrive, orchard: Orchard, sessions: dict[str | None, str | None]
) -> None:
    faults = []
    for look in LOOKS:
        for name, role, path, act in states(orchard):
            page = arrive_in(visitor, look, sessions[role])
            settle(page, path)
            act(page)
            page.wait_for_load_state("networkidle")
            faults += checked(page, look, name)
            page.close(run_before_unload=False)
    assert not faults, "\n".join(faults)


def report_is(orchard: Orchard, **fields: Any) -> None:
    AgreementReport.objects.filter(project=orchard.project).update(**fields)


def test_every_state_of_the_agreement_page_is_accessible(
    visitor: Arrive, orchard: Orchard, sessions: dict[str | None, str | None]
) -> None:
    nothing: dict[str, Any] = {"content": {}, "computed_at": None}
    seen: dict[str, dict[str, Any]] = {
        "failed": {"error": "OperationalError: the server closed the connection"},
        "being computed": {"error": "", "requested_at": timezone.now(), "progress": 0.4},
        "computed for the first time": {**nothing},
        "failed the first time": {**nothing, "requested_at": None, "error": "MemoryError"},
        "nothing": {**nothing, "error": ""},
    }
    faults = []
    for name, fields in seen.items():
        report_is(orchard, **fields)
        for look in LOOKS:
            page = arrive_in(visitor, look, sessions["adjudicator"])
            settle(page, f"/p/{orchard.project.slug}/agreement")
            faults += checked(page, look, f"agreement: {name}")
            page.close()
    assert not faults, "\n".join(faults)


def test_the_icon_of_every_page_is_there(visitor: Arrive, orchard: Orchard) -> None:
    page = visitor().page
    for path in ("/login", "/u"):
        page.goto(path)
        href = page.locator("link[rel=icon]").get_attribute("href")
        assert href is not None
        assert page.request.get(href).headers["content-type"].startswith("image/svg+xml"), path
