"""Faults while somebody labels: no decision may be lost, none may count twice.

The whole product's web process, a real browser, a real network that goes away. What a test says is on the bench is what
stands in the database in the end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from docs.screenshots import session_cookie
from labeling.models import Annotation, GrowthStage, StageScale
from tests.conftest import present_database_url
from tests.e2e.bench_row import Labeller, Row, row_plant, together
from tests.e2e.conftest import Person
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG_CUT_S = 60
"""Long enough for the sixth attempt to wait its half minute; what is waited for after that is only more of the same."""


@pytest.fixture
def row(transactional_db: None, request: pytest.FixtureRequest) -> Row:
    """Photos to decide; fourteen, unless a test asks for another number."""
    return row_plant(getattr(request, "param", 14))


@pytest.fixture
def arrive(visitor: Callable[..., Person], row: Row) -> Callable[..., Page]:
    """``arrive()`` is a page of the expert's browser, signed in."""

    def page(**options: object) -> Page:
        return visitor(session=session_cookie(row.project, "expert"), **options).page

    return page


def another_tab(context: BrowserContext, row: Row) -> Labeller:
    return Labeller(context.new_page(), row)


@pytest.mark.parametrize("row", [44], indirect=True)
def test_a_network_cut_loses_nothing(arrive: Callable[..., Page], row: Row) -> None:
    """Cut for a minute in an open tab; cut again, the tab closed and another one opened and reloaded meanwhile."""
    bench = Labeller(arrive(), row).open()
    context = bench.page.context
    bench.decide(8)
    bench.expect_saved()

    cut_at = time.monotonic()
    context.set_offline(True)
    in_the_cut = bench.decide(48)
    assert len(in_the_cut) >= 8, "what was fetched ahead can be decided without a network"
    expect(bench.page.get_by_text(f"Offline · {len(in_the_cut)} kept here")).to_be_visible()
    # The page's own timers run all the while, up to the longest pause between two attempts.
    bench.page.wait_for_timeout(1000 * max(0.0, LONG_CUT_S - (time.monotonic() - cut_at)))
    assert len(row.answers()) == 8
    context.set_offline(False)
    bench.expect_saved()
    row.assert_holds(bench.decided)

    expect(bench.photo).to_be_visible()
    context.set_offline(True)
    bench.decide(4)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        bench.page.reload()
    bench.page.close()
    again = another_tab(context, row)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        again.open()
    context.set_offline(False)
    again.open().expect_saved()
    again.decide(40 - len(together([bench])))
    again.expect_saved()
    expected = together([bench, again])
    assert len(expected) == 40
    row.assert_holds(expected)


@contextmanager
def photo_held(photo_id: int) -> Iterator[None]:
    """Hold a photo's row: who wants to decide it waits, with all that was decided before it already written."""
    with psycopg.connect(present_database_url()) as other:
        other.execute("select id from labeling_photo where id = %s for update", [photo_id])
        yield
        other.rollback()


def test_a_server_killed_between_write_and_answer(arrive: Callable[..., Page], row: Row, stack: Stack) -> None:
    bench = Labeller(arrive(), row).open()
    with photo_held(row.photos[3]):
        bench.decide(6)
        wait_until(lambda: len(row.answers()) == 3, what="half of the batch is written")
        stack.kill("web")
    bench.decide(3)
    expect(bench.page.get_by_text(re.compile(r"The server does not answer · \d+ safe here"))).to_be_visible()
    stack.start("web")
    bench.expect_saved()
    row.assert_holds(bench.decided)
    bench.decide(2)
    bench.expect_saved()
    row.assert_holds(bench.decided)


def test_a_session_that_ends_is_renewed_in_place(arrive: Callable[..., Page], row: Row) -> None:
    bench = Labeller(arrive(), row).open()
    bench.decide(2)
    bench.expect_saved()
    Session.objects.all().delete()

    bench.decide(1)
    dialog = bench.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    # Who does not sign in now goes on; nothing is asked again by itself.
    dialog.get_by_role("button", name="Not now").last.click()
    bench.decide(5)
    expect(bench.page.get_by_role("alert")).to_contain_text("Your session has ended: your decisions are safe here.")
    expect(dialog).to_have_count(0)
    assert len(row.answers()) == 2

    bench.page.get_by_role("alert").get_by_role("button", name="Sign in").click()
    bench.sign_in_again()
    bench.expect_saved()
    row.assert_holds(bench.decided)
    assert len(bench.decided) == 8
    bench.decide(2)
    bench.expect_saved()
    row.assert_holds(bench.decided)


def test_answers_lost_three_times(arrive: Callable[..., Page], row: Row) -> None:
    bench = Labeller(arrive(), row).open()
    attempts: list[int] = []

    def lose_the_answer(route: Route) -> None:
        attempts.append(len(route.request.post_data_json["decisions"]))
        if len(attempts) <= 3:
            assert route.fetch().status == 201
            route.abort("connectionreset")
        else:
            route.continue_()

    bench.page.route("**/decisions", lose_the_answer)
    bench.decide(4)
    undone = bench.shown
    bench.decide(1)
    bench.page.keyboard.press("z")
    wait_until(lambda: bench.shown == undone, what="the photo is back")
    bench.decide(1)
    bench.expect_saved()
    assert len(attempts) >= 4
    assert row.answers() == bench.decided
    assert Annotation.objects.filter(photo=undone).count() == 2, "what was taken back stays on record, once"
    assert Annotation.objects.count() == len(bench.decided) + 1


def in_turns(one: Labeller, other: Labeller, *, n: int) -> None:
    """Decide ``n`` photos in each tab, by turns, as one person can: never where a photo decided already is shown."""
    for _ in range(n):
        for here, there in ((one, other), (other, one)):
            (photo,) = here.decide(1)
            wait_until(lambda there=there, photo=photo: there.shown != photo, what="the other tab has heard of it")


def test_two_tabs_of_one_person(arrive: Callable[..., Page], row: Row) -> None:
    first = Labeller(arrive(), row).open()
    second = another_tab(first.page.context, row).open()
    assert first.shown == second.shown == row.photos[0]
    in_turns(first, second, n=4)
    for tab in (first, second):
        tab.expect_saved()
        expect(tab.page.get_by_role("button", name="to look at")).to_have_count(0)
    expected = together([first, second])
    assert set(expected) == set(row.photos[:8]), "photos come in their order, whichever tab asks"
    row.assert_holds(expected)

    # Both go without a network, and both hold decisions when it comes back: one of them sends for both.
    first.page.context.set_offline(True)
    in_turns(first, second, n=2)
    first.page.context.set_offline(False)
    for tab in (first, second):
        tab.expect_saved()
    row.assert_holds(together([first, second]))


def test_two_tabs_that_do_not_hear_of_each_other(arrive: Callable[..., Page], row: Row) -> None:
    """The same photo decided twice: the first answer counts, and the second is shown to its author, not dropped."""
    first = Labeller(arrive(), row)
    first.page.context.add_init_script("delete window.BroadcastChannel")
    first.open()
    second = another_tab(first.page.context, row).open()
    first.decide(1)
    first.expect_saved()
    second.page.keyboard.press("7" if first.decided[row.photos[0]] != 6 else "1")
    badge = second.page.get_by_role("button", name="1 to look at")
    expect(badge).to_be_visible()
    row.assert_holds(first.decided)
    badge.click()
    dialog = second.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The photo had been settled already.")
    dialog.get_by_role("button", name="Understood, go on").click()
    expect(badge).to_have_count(0)


def scale_changed(row: Row, *, n_stages: int) -> StageScale:
    """Put a new version of the scale into use, with its last stages gone."""
    old = StageScale.objects.get(project=row.project, status="current")
    StageScale.objects.filter(pk=old.pk).update(status="retired")
    new = StageScale.objects.create(
        project=row.project, version=old.version + 1, is_ordered=old.is_ordered, status="current"
    )
    for stage in list(old.stages.order_by("position"))[:n_stages]:
        stage.pk, stage.scale = None, new
        stage.save(force_insert=True)
    return new


def test_a_scale_changed_meanwhile_asks_again(arrive: Callable[..., Page], row: Row) -> None:
    bench = Labeller(arrive(), row).open()
    new = scale_changed(row, n_stages=5)
    asked = bench.decide(2)
    dialog = bench.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The stages of this project have changed")
    for photo in asked:
        expect(dialog).to_contain_text(f"Photo {photo}")
    assert row.answers() == {}

    dialog.get_by_role("button", name="Understood, go on").click()
    expect(bench.page.get_by_role("group", name="Stages, in order").get_by_role("button")).to_have_count(5)
    decided: dict[int, int] = {}
    for _ in range(3):
        # The queue was asked for anew: on a busy machine a photo is not there at once.
        photo = wait_until(lambda: bench.shown, what="a photo is shown", every=0.02)
        assert photo is not None
        bench.page.keyboard.press("2")
        decided[photo] = 1
        wait_until(lambda photo=photo: bench.shown != photo, what="the next photo is shown", every=0.02)
    bench.expect_saved()
    assert set(asked) <= set(decided), "what was meant in the former scale is asked again, and soon"
    assert row.answers() == decided
    stages = Annotation.objects.filter(photo__in=decided).values_list("stage", flat=True)
    assert set(stages) == {GrowthStage.objects.get(scale=new, position=1).pk}
