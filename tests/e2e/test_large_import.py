"""A large archive on a bad line: it breaks off, the page is reloaded, the same file goes on; then it is cancelled."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from docs.screenshots import session_cookie
from labeling.domain.scale_templates import TEMPLATES
from labeling.models import ArchiveUpload, ImportBatch
from labeling.services.people import member_add
from labeling.services.projects import project_create
from labeling.synthetic.scale import TEMPLATE_KEY
from tests.e2e.test_pages import Arrive, Look, arrive_in, checked

pytestmark = [pytest.mark.e2e, pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DESK = Look("en", "light", phone=False)
SIZE = 20 * 2**20
"""Two chunks of eight megabytes and a part of one."""


class Line:
    """The connection of a page, narrow enough to be cut in time; remembers the chunks that went over it whole."""

    def __init__(self, page: Page) -> None:
        self.arrived: list[int] = []
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        page.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        if chunk := re.search(r"/chunks/(\d+)$", request.url):
            self.arrived.append(int(chunk[1]))

    def set(self, *, up: bool, bytes_per_second: int = -1) -> None:
        throughput = {"downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self._session.send("Network.emulateNetworkConditions", {"offline": not up, "latency": 0, **throughput})


@pytest.fixture
def admin(transactional_db: None, visitor: Arrive) -> Page:
    template = next(t for t in TEMPLATES if t.key == TEMPLATE_KEY)
    project = project_create(name="Manzano", slug="manzano", created_by=None, stages=template.stages)
    member_add(project=project, email="ana@example.org", full_name="Ana Admin", role="admin")
    return arrive_in(visitor, DESK, session_cookie(project, "admin"))


def test_an_archive_goes_on_where_it_broke_off_and_can_be_cancelled(admin: Page, tmp_path: Path) -> None:
    page, line = admin, Line(admin)
    path = tmp_path / "season.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.jpg", os.urandom(SIZE))
    page.on("dialog", lambda dialog: dialog.accept())  # leaving the page while it sends
    page.goto("/p/manzano/import")
    line.set(up=True, bytes_per_second=4 * 2**20)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import without checking").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Sent (4[0-9]|[5-9][0-9])"), timeout=60_000)
    line.set(up=False)
    expect(page.get_by_text("No connection: goes on by itself")).to_be_visible()
    assert checked(page, DESK, "waiting for a connection") == []
    line.set(up=True, bytes_per_second=2**20)
    page.reload()
    expect(page.get_by_text("season.zip was left half sent")).to_be_visible()
    assert ArchiveUpload.objects.get().n_chunks in {1, 2}
    assert checked(page, DESK, "half sent") == []

    line.set(up=True)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import without checking").click()
    cancel = page.get_by_role("button", name="Cancel the import")
    expect(cancel).to_be_visible(timeout=60_000)
    assert line.arrived == [0, 1, 2], "each chunk went up once"
    assert not ArchiveUpload.objects.exists()

    cancel.click()  # no worker runs: it waits
    page.get_by_role("dialog").get_by_role("button", name="Cancel the import").click()
    expect(page.get_by_text("Import cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert ImportBatch.objects.get().state == "cancelled"
    assert checked(page, DESK, "cancelled") == []
