"""Tokens and webhooks, from the page to the other program and back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from docs.screenshots import session_cookie
from labeling.models import Project
from tests.e2e.conftest import Person, people
from tests.e2e.test_pages import LOOKS, OTHER_LOOKS, Look, arrive_in, checked, settle
from tests.factories.labeling import MembershipFactory, ProjectFactory
from tests.support.hook_server import HookServer, hook_server, status
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(transactional_db: None) -> Project:
    made: Project = ProjectFactory.create(name="Cherry orchard", slug="cherries")
    MembershipFactory(project=made, role="admin", user__full_name="Ana Vidal")
    return made


def status_of(url: str, secret: str) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_token_from_the_page_to_a_script_and_its_end(
    visitor: Callable[..., Person], stack: Stack, project: Project
) -> None:
    session = session_cookie(project, "admin")
    page = visitor(session=session).page
    settle(page, "/account")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Nightly backup")
    dialog.get_by_label("Export labels and photos").check()
    dialog.get_by_role("button", name="Create token").click()
    expect(dialog.get_by_text("ant_")).to_be_visible()
    secret = dialog.locator("code").first.inner_text()
    faults = checked(page, Look("en", "light", phone=False), "token made")
    dialog.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text("never used")).to_be_visible()
    assert status_of(f"{stack.url}/api/v1/projects/cherries/exports/stream", secret) == 200
    assert status_of(f"{stack.url}/api/v1/projects/cherries/members", secret) == 403
    page.reload()
    expect(page.get_by_text(re.compile(r"used (now|\d+ seconds? ago)"))).to_be_visible()
    for look in (*LOOKS, *OTHER_LOOKS):
        other = arrive_in(visitor, look, session)
        settle(other, "/account")
        faults += checked(other, look, "account with a token")
        other.get_by_role("button", name={"es": "Nuevo token", "en": "New token"}[look.language]).click()
        expect(other.get_by_role("dialog")).to_be_visible()
        faults += checked(other, look, "new token")
        other.close()
    page.get_by_role("button", name="Revoke Nightly backup").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("None yet")).to_be_visible()
    assert status_of(f"{stack.url}/api/v1/projects/cherries/exports/stream", secret) == 401
    assert not faults, "\n".join(faults)


@pytest.fixture
def receiver() -> Iterator[HookServer]:
    with hook_server() as running:
        yield running


@pytest.fixture
def hooked(stack: Stack, receiver: HookServer, browser: Browser) -> Iterator[Callable[..., Person]]:
    """People at a server that calls the receiver, with a worker that does the calling."""
    stack.extra_environment |= {"WEBHOOKS": "yes", "WEBHOOK_OWN_HOSTS": receiver.host}
    stack.start("web", "default")
    with people(stack, browser) as arrive:
        yield arrive


def is_signed(receiver: HookServer, secret: str) -> bool:
    taken = receiver.taken[-1]
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode() + taken.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(wanted, taken.headers["webhook-signature"])


def made(page: Page, receiver: HookServer) -> str:
    """Make a webhook on the page and return the secret it shows."""
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Farm system")
    dialog.get_by_label("Address").fill(receiver.url)
    dialog.get_by_label("An export can be downloaded").check()
    dialog.get_by_role("button", name="Create webhook").click()
    shown = page.get_by_role("dialog", name="Secret to check the signature")
    expect(shown.get_by_text("whsec_")).to_be_visible()
    secret = str(shown.locator("code").first.inner_text())
    shown.get_by_role("button", name="I have copied it").click()
    return secret


def test_a_webhook_from_the_page_to_its_receiver(
    hooked: Callable[..., Person], project: Project, receiver: HookServer
) -> None:
    session = session_cookie(project, "admin")
    page = hooked(session=session).page
    settle(page, "/p/cherries/settings")
    page.get_by_role("link", name="Webhooks").click()
    secret = made(page, receiver)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("cell", name="delivered")).to_be_visible()
    assert json.loads(receiver.taken[0].body)["type"] == "test"
    assert is_signed(receiver, secret)
    receiver.answer = lambda handler: status(handler, 503)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("answered 503")).to_be_visible()
    faults = checked(page, Look("en", "light", phone=False), "messages")
    receiver.answer = lambda handler: status(handler, 204)
    page.get_by_role("button", name="Send again: Test").first.click()
    expect(page.get_by_role("cell", name="delivered")).to_have_count(2)
    receiver.answer = lambda handler: status(handler, 503)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("answered 503")).to_be_visible()
    for look in (*LOOKS, *OTHER_LOOKS):
        other = arrive_in(hooked, look, session)
        settle(other, "/p/cherries/webhooks")
        names = {"es": ("Ver los últimos avisos", "Nuevo webhook"), "en": ("Show the latest messages", "New webhook")}
        show, new = names[look.language]
        other.get_by_role("button", name=show).click()
        expect(other.get_by_role("table")).to_be_visible()
        faults += checked(other, look, "webhooks")
        other.get_by_role("button", name=new).click()
        expect(other.get_by_role("dialog")).to_be_visible()
        faults += checked(other, look, "new webhook")
        other.close()
    assert not faults, "\n".join(faults)
