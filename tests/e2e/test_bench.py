"""The review bench by keyboard alone, and through an outage."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from docs.screenshots import session_cookie
from labeling.models import Annotation, Receipt, Suggestion
from tests.e2e.conftest import Person
from tests.e2e.orchard import Orchard, orchard_plant
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def orchard(transactional_db: None) -> Orchard:
    """A project whose queue is filled."""
    return orchard_plant()


@pytest.fixture
def bench(visitor: Callable[..., Person], orchard: Orchard) -> Page:
    """The bench as the expert finds it, with the first photo of the queue on it."""
    page = visitor(session=session_cookie(orchard.project, "expert")).page
    page.goto(f"/p/{orchard.project.slug}/review")
    expect(photo_on(page, orchard.to_review[0])).to_be_visible()
    return page


def photo_on(page: Page, photo_id: int) -> Locator:
    return page.get_by_role("img", name=re.compile(rf"^Photo {photo_id}\b")).first


def answers(orchard: Orchard) -> dict[int, tuple[str, int | None, int | None, str]]:
    """What stands in the database of the queue's photos: photo -> (kind, stage, upper stage, reason)."""
    rows = Annotation.objects.filter(photo__in=orchard.to_review, withdrawn_at=None)
    return {
        photo: (kind, lower, upper, reason)
        for photo, kind, lower, upper, reason in rows.values_list(
            "photo", "kind", "stage__position", "stage_upper__position", "reason"
        )
    }


def test_everything_can_be_decided_by_keyboard(bench: Page, orchard: Orchard) -> None:
    asked = orchard.to_review
    press = bench.keyboard.press
    press("3")
    expect(photo_on(bench, asked[1])).to_be_visible()
    for key in ("u", "4", "5"):
        press(key)
    expect(photo_on(bench, asked[2])).to_be_visible()
    press("x")
    expect(bench.get_by_text("Why can it not be told?")).to_be_visible()
    press("1")
    expect(photo_on(bench, asked[3])).to_be_visible()

    # The fourth hides its suggestion, so there is nothing to confirm.
    press("Enter")
    expect(bench.get_by_role("status").filter(has_text="The suggestion is hidden here")).to_be_visible()
    press("6")
    expect(photo_on(bench, asked[4])).to_be_visible()
    press("z")
    expect(photo_on(bench, asked[3])).to_be_visible()
    press("7")
    expect(photo_on(bench, asked[4])).to_be_visible()
    press("Enter")
    expect(photo_on(bench, asked[5])).to_be_visible()
    expect(bench.get_by_text("All saved")).to_be_visible()

    suggested = Suggestion.objects.get(photo=asked[4]).position
    assert answers(orchard) == {
        asked[0]: ("stage", 2, None, ""),
        asked[1]: ("between", 3, 4, ""),
        asked[2]: ("cannot_tell", None, None, "blurred"),
        asked[3]: ("stage", 6, None, ""),
        asked[4]: ("stage", suggested, None, ""),
    }
    assert Annotation.objects.filter(photo=asked[3]).count() == 2, "what was taken back stays on record"

    press("?")
    expect(bench.get_by_role("dialog")).to_contain_text("Undo")
    press("Escape")
    expect(bench.get_by_role("dialog")).to_have_count(0)


def test_decisions_of_an_outage_arrive_once(bench: Page, orchard: Orchard) -> None:
    asked = orchard.to_review
    bench.wait_for_load_state("networkidle")  # the photos ahead are here
    bench.context.set_offline(True)
    for number in range(5):
        expect(photo_on(bench, asked[number])).to_be_visible()
        bench.keyboard.press(str(number + 1))
    expect(bench.get_by_text("Offline · 5 kept here")).to_be_visible()
    assert answers(orchard) == {}

    bench.context.set_offline(False)
    expect(bench.get_by_text("All saved")).to_be_visible()
    wait_until(lambda: len(answers(orchard)) == 5, what="all five have arrived")
    assert answers(orchard) == {asked[number]: ("stage", number, None, "") for number in range(5)}
    assert Annotation.objects.filter(photo__in=asked).count() == 5
    assert Receipt.objects.filter(photo__in=asked).count() == 5
