"""An adjudicator lassoes photos on the map and relabels them; an expert gets by without the picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from classifier.models import PhotoMap
from classifier.services.map_store import map_points
from docs.screenshots import session_cookie
from labeling.models import Adjudication, Annotation, Consensus
from tests.e2e.conftest import Person
from tests.e2e.orchard import Orchard, orchard_plant
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Arrive = Callable[..., Person]


@pytest.fixture
def orchard(transactional_db: None) -> Orchard:
    return orchard_plant()


def open_map(visitor: Arrive, orchard: Orchard, role: str, query: str = "", **how: object) -> Page:
    page = visitor(session=session_cookie(orchard.project, role), **how).page
    page.goto(f"/p/{orchard.project.slug}/map{query}")
    expect(page.locator("canvas[data-drawn]")).to_be_visible()
    expect(page.get_by_role("region", name="Legend").get_by_role("button")).not_to_have_count(1)
    return page


def lasso_the_left(page: Page) -> None:
    """Draw around the left half of the map."""
    box = page.locator("canvas[data-drawn]").bounding_box()
    assert box is not None
    middle, top, bottom = box["x"] + box["width"] / 2, box["y"] + 4, box["y"] + box["height"] - 4
    page.mouse.move(middle, top)
    page.keyboard.down("Shift")
    page.mouse.down()
    for x, y in [(box["x"] + 4, top), (box["x"] + 4, bottom), (middle, bottom), (middle, top + 2)]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")


def drawn_points(page: Page) -> int:
    """Pixels of the picture that are not empty."""
    return page.locator("canvas").first.evaluate(
        """(canvas) => { const gl = canvas.getContext('webgl2');
           const pixels = new Uint8Array(canvas.width * canvas.height * 4);
           gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
           let n = 0; for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 0) n += 1; return n; }"""
    )


def test_lasso_and_relabel(visitor: Arrive, orchard: Orchard) -> None:
    page = open_map(visitor, orchard, "adjudicator")
    wait_until(lambda: drawn_points(page) > 500, what="points are drawn")
    lasso_the_left(page)
    panel = page.get_by_role("complementary", name="Selection")
    expect(panel.get_by_role("heading", name="8 photos selected")).to_be_visible()
    expect(panel.get_by_role("list", name="Selected photos").locator("img")).to_have_count(8)
    panel.get_by_role("list", name="Selected photos").get_by_role("button").first.click()
    expect(panel.get_by_role("heading", name="7 photos selected")).to_be_visible()

    panel.get_by_label("Stage", exact=True).select_option("5")
    panel.get_by_role("button", name="Label", exact=True).click()
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_role("heading", name="7 photos selected")).to_be_visible()
    assert not Consensus.objects.filter(is_adjudicated=True, stage__position=5).exists()
    panel.get_by_role("button", name="Label", exact=True).click()
    panel.get_by_role("button", name="Send now").click()
    expect(panel.get_by_text("7 photos done")).to_be_visible()

    stored = map_points(photo_map=PhotoMap.objects.get())
    first, *others = stored.photo_ids[stored.points[:, 0] < 32_000].tolist()
    after = Consensus.objects.filter(photo__in=others)
    assert [it.stage.position for it in after if it.stage] == [5] * 7
    assert Adjudication.objects.get(photo=first).state == "open", "it was taken out of the selection"
    legend = page.get_by_role("region", name="Legend")
    expect(legend.get_by_role("button", name="Petal fall")).to_contain_text("7")

    page.get_by_label("Colour by").select_option("state")
    legend.get_by_role("button", name="Undecided").click()
    expect(page.get_by_text("13 of 21 photos")).to_be_visible()
    assert {"color=state", "state=open"} <= set(page.url.split("?")[1].split("&"))
    page.reload()
    expect(page.get_by_text("13 of 21 photos")).to_be_visible()


def test_without_the_picture_and_by_keyboard(visitor: Arrive, orchard: Orchard) -> None:
    page = visitor(session=session_cookie(orchard.project, "expert")).page
    page.add_init_script(
        "const old = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : old.call(this, kind, ...rest); };"
    )
    page.goto(f"/p/{orchard.project.slug}/map?color=state&state=open")
    expect(page.get_by_role("alert")).to_contain_text("cannot draw the map")
    panel = page.get_by_role("complementary", name="Selection")
    expect(panel.get_by_role("button", name="Select all shown")).to_be_enabled()
    panel.get_by_role("button", name="Select all shown").press("Enter")
    expect(panel.get_by_role("button", name="Exclude")).to_have_count(0)
    panel.get_by_role("button", name="Confirm", exact=True).press("Enter")
    panel.get_by_role("button", name="Send now").press("Enter")
    expect(panel.get_by_text("photos done")).to_be_visible()
    given = Annotation.objects.filter(mode="grid")
    n = given.count()
    assert n > 5
    assert not given.filter(is_blind=True).exists(), "what is asked blind is not on an expert's map"
    panel.get_by_role("button", name="Undo").press("Enter")
    wait_until(lambda: given.filter(withdrawn_at__isnull=True).count() == 0, what="all answers are taken back")
