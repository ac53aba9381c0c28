"""An adjudicator goes through doubtful labels by keyboard, and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from classifier.models import SecondLook
from docs.screenshots import session_cookie
from labeling.models import Adjudication, Consensus
from tests.e2e.conftest import Person
from tests.e2e.orchard import Orchard, orchard_plant
from tests.factories.labeling import MembershipFactory, ProjectFactory
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Arrive = Callable[..., Person]


@pytest.fixture
def orchard(transactional_db: None) -> Orchard:
    return orchard_plant()


@pytest.fixture
def look_at(visitor: Arrive, orchard: Orchard) -> Callable[..., Page]:
    def open_page(**how: object) -> Page:
        page = visitor(session=session_cookie(orchard.project, "adjudicator"), **how).page
        page.goto(f"/p/{orchard.project.slug}/second-look")
        expect(page.get_by_role("heading", name="Why it is doubted")).to_be_visible()
        return page

    return open_page


def open_looks(orchard: Orchard) -> list[SecondLook]:
    return list(SecondLook.objects.filter(project=orchard.project, state="open").order_by("-doubt"))


def test_by_keyboard_alone(look_at: Callable[..., Page], orchard: Orchard) -> None:
    first, second, third, *_ = open_looks(orchard)
    page = look_at()
    rows = page.get_by_role("navigation", name="Doubtful labels").get_by_role("listitem")
    expect(rows).to_have_count(5)

    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("A near-identical photo has another label")).to_be_visible()
    expect(page.get_by_role("img", name="Near-identical photo")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Label confirmed")).to_be_visible()
    expect(rows).to_have_count(4)
    page.keyboard.press("z")
    expect(rows).to_have_count(5)
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.press("x")
    expect(rows).to_have_count(2)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Send back to experts").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Overview").first.click()

    wait_until(
        lambda: SecondLook.objects.filter(project=orchard.project, state="open").count() == 2,
        what="all three are settled",
    )
    states = dict(SecondLook.objects.values_list("pk", "state"))
    assert [states[it.pk] for it in (first, second, third)] == ["confirmed", "sent_back", "dismissed"]
    assert Consensus.objects.get(photo=first.photo).is_adjudicated
    assert Adjudication.objects.get(photo=second.photo).state == "sent_back"


def test_on_a_phone_and_with_filters(look_at: Callable[..., Page], orchard: Orchard) -> None:
    page = look_at(phone=True)
    page.get_by_label("Reason").select_option("votes")
    expect(page.get_by_text("An expert who seldom errs said something else")).to_be_visible()
    assert "reason=votes" in page.url
    page.get_by_role("button", name="Send back to experts").click()
    expect(page.get_by_text("Nothing with these filters")).to_be_visible()
    page.get_by_role("button", name="Remove the filters").click()
    expect(page.get_by_role("heading", name="Why it is doubted")).to_be_visible()
    wait_until(lambda: SecondLook.objects.filter(reason="votes", state="sent_back").exists(), what="it is sent back")


def test_before_the_first_training_it_says_when_it_fills(visitor: Arrive, transactional_db: None) -> None:
    project = ProjectFactory()
    MembershipFactory(project=project, role="adjudicator")
    page = visitor(session=session_cookie(project, "adjudicator")).page
    page.goto(f"/p/{project.slug}/second-look")
    expect(page.get_by_text("It fills by itself after each training")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Go to training")).to_be_visible()
