"""Comparing on the bench: reference photos, A/B questions, what lies around a photo; by keyboard, and for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from docs.screenshots import session_cookie
from labeling.models import Annotation, GrowthStage, StageScale
from tests.e2e.conftest import Person
from tests.e2e.orchard import Orchard, orchard_plant
from tests.e2e.test_pages import AXE, Look, arrive_in, checked, settle
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LOOKS = tuple(
    Look(*look) for look in (("es", "light", False), ("en", "dark", False), ("es", "dark", True), ("en", "light", True))
)


@pytest.fixture
def orchard(transactional_db: None) -> Orchard:
    """A project whose queue begins with a photo between two stages; the fourth hides its suggestion."""
    return orchard_plant()


@pytest.fixture
def bench(visitor: Callable[..., Person], orchard: Orchard) -> Page:
    page = visitor(session=session_cookie(orchard.project, "expert")).page
    page.goto(f"/p/{orchard.project.slug}/review")
    expect(page.get_by_role("img", name=re.compile(rf"^Photo {orchard.to_review[0]}\b")).first).to_be_visible()
    return page


def stages_of(orchard: Orchard) -> list[str]:
    scale = StageScale.objects.get(project=orchard.project, status="current")
    return list(GrowthStage.objects.filter(scale=scale).order_by("position").values_list("name_en", flat=True))


def test_a_question_with_two_sides_is_answered_in_one_key(bench: Page, orchard: Orchard) -> None:
    names = stages_of(orchard)
    asked = bench.get_by_role("group", name="Which does it look more like?")
    left = asked.get_by_role("button", name=re.compile(r"^More like .* \(left\)$"))
    said = re.fullmatch(r"More like (.*) \(left\)", left.get_attribute("aria-label") or "")
    assert said is not None
    assert said[1] in names[2:4], "the sides are the two stages of the boundary"
    bench.keyboard.press(",")
    expect(bench.get_by_text("All saved")).to_be_visible()
    answers = Annotation.objects.filter(photo=orchard.to_review[0])
    wait_until(answers.exists, what="the answer has arrived")
    answer = answers.get()
    assert (answer.stage.name_en, answer.mode) == (said[1], "pair")
    assert answer.shown["pair"]["left"] == answer.stage.position


def test_who_wants_no_such_question_is_not_asked(bench: Page, orchard: Orchard) -> None:
    bench.keyboard.press("?")
    bench.get_by_role("switch", name="A/B questions").click()
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_have_count(0)
    asked = bench.get_by_role("group", name="Which does it look more like?")
    expect(asked).to_have_count(0)
    bench.keyboard.press(",")
    expect(bench.get_by_role("status").filter(has_text="not asked between two stages")).to_be_visible()
    bench.reload()
    expect(bench.get_by_role("heading", name="To compare")).to_be_visible()
    expect(asked).to_have_count(0)


def test_reference_photos_open_move_and_are_remembered(bench: Page, orchard: Orchard) -> None:
    names = stages_of(orchard)
    pane = bench.get_by_role("region", name="Reference photos")
    bench.keyboard.press("s")  # past the photo with a question
    bench.keyboard.press("r")
    expect(pane).to_be_visible()
    for _ in range(len(names)):
        bench.keyboard.press("[")
    expect(pane).to_contain_text(names[0])
    expect(pane).not_to_contain_text(names[4])
    for _ in range(len(names)):
        bench.keyboard.press(">")
    expect(pane).to_contain_text(names[-1])
    bench.reload()
    expect(pane).to_be_visible()
    bench.keyboard.press("r")
    expect(pane).to_have_count(0)


def test_a_hidden_suggestion_stays_hidden_in_all_that_is_compared(bench: Page, orchard: Orchard) -> None:
    names = stages_of(orchard)
    for _ in range(3):
        bench.keyboard.press("s")
    expect(bench.get_by_role("img", name=re.compile(rf"^Photo {orchard.to_review[3]}\b")).first).to_be_visible()
    expect(bench.get_by_text("Hidden for this photo: your eye first.")).to_be_visible()
    expect(bench.get_by_text("Hidden until you have decided: your eye first.")).to_be_visible()
    expect(bench.get_by_role("group", name="Which does it look more like?")).to_have_count(0)
    bench.keyboard.press("r")
    # Nothing was named yet: the middle of the scale, whatever the model thinks.
    middle = bench.get_by_role("region", name="Reference photos").locator("[data-centre]")
    expect(middle).to_contain_text(names[len(names) // 2])


def test_a_key_can_be_changed_but_not_to_one_that_is_taken(bench: Page) -> None:
    def change(action: str, key: str) -> None:
        bench.get_by_role("button", name=f"Change the key of “{action}”").click()
        bench.keyboard.press(key)

    bench.keyboard.press("?")
    dialog = bench.get_by_role("dialog")
    change("Photos alike", "3")
    expect(dialog.get_by_role("alert")).to_contain_text("chooses the stage")
    change("Photos alike", "s")
    expect(dialog.get_by_role("alert")).to_contain_text("already belongs to “Skip”")
    change("Photos alike", "k")
    expect(dialog.get_by_role("alert")).to_be_empty()
    bench.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    section = bench.get_by_role("button", name=re.compile("^Settled photos that look alike"))
    expect(section).to_have_attribute("aria-expanded", "true")
    bench.keyboard.press("n")
    bench.keyboard.press("k")
    expect(section).to_have_attribute("aria-expanded", "false")


def test_single_keys_can_all_be_switched_off(bench: Page, orchard: Orchard) -> None:
    bench.keyboard.press("?")
    bench.get_by_role("switch", name="Use single keys").click()
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_have_count(0)
    for key in (",", "r", "n", "h", "g", "[", "3"):
        bench.keyboard.press(key)
    expect(bench.get_by_role("region", name="Reference photos")).to_have_count(0)
    assert bench.url.endswith("/review")
    # Buttons do the same, by keyboard too.
    larger = bench.get_by_role("button", name=re.compile(r"^More like .* \(right\)$"))
    larger.focus()
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("img", name=re.compile(rf"^Photo {orchard.to_review[1]}\b")).first).to_be_visible()


def test_every_state_is_accessible_and_fits(visitor: Callable[..., Person], orchard: Orchard) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in frontend/")
    session = session_cookie(orchard.project, "expert")
    faults: list[str] = []
    for look in LOOKS:
        page = arrive_in(visitor, look, session)
        settle(page, f"/p/{orchard.project.slug}/review")
        faults += checked(page, look, "question with two sides")
        page.keyboard.press("r")
        expect(page.locator("[data-references]")).to_be_visible()
        faults += checked(page, look, "large question")
        page.keyboard.press("]")
        expect(page.locator("[data-centre]")).to_be_visible()
        faults += checked(page, look, "reference photos")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        faults += checked(page, look, "keys")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        # Beside the large references the panel opens over the page.
        page.keyboard.press("h")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_load_state("networkidle")
        faults += checked(page, look, "history")
    assert not faults, "\n".join(faults)
