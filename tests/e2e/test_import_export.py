"""Photos in and labels out through the pages: a check first, the import, the same again, an export and its file."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from docs.screenshots import session_cookie
from labeling.domain.scale_templates import TEMPLATES
from labeling.models import Annotation, Consensus, ExportJob, Photo, Project
from labeling.services.people import member_add
from labeling.services.projects import project_create
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import STAGES, TEMPLATE_KEY
from labeling.synthetic.season import balanced_specs
from tests.e2e.conftest import people
from tests.e2e.test_pages import Look, checked
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DESK, PHONE = Look("en", "light", phone=False), Look("es", "dark", phone=True)
HTML = b"<!doctype html><title>Not a photo</title>"


@pytest.fixture
def project(transactional_db: None) -> Project:
    template = next(t for t in TEMPLATES if t.key == TEMPLATE_KEY)
    made = project_create(name="Manzano", slug="manzano", created_by=None, stages=template.stages)
    member_add(project=made, email="ana@example.org", full_name="Ana Admin", role="admin")
    return made


@pytest.fixture
def admin(project: Project, stack: Stack, browser: Browser) -> Iterator[Callable[[Look], Page]]:
    """The admin's page in a look; a real worker does what the page asks for."""
    stack.start("web", "default")
    with people(stack, browser) as arrive:

        def come(look: Look) -> Page:
            return arrive(
                phone=look.phone,
                locale={"es": "es-ES", "en": "en-GB"}[look.language],
                colour_scheme=look.colour_scheme,
                session=session_cookie(project, "admin"),
            ).page

        yield come


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    return [render_jpeg(spec) for spec in balanced_specs(per_stage=1, seed=21)]


def archive(path: Path, photos: list[bytes]) -> Path:
    """Three photos in folders of their stages, one in a folder that is none, and a page that is called a photo."""
    with zipfile.ZipFile(path, "w") as target:
        for number in range(3):
            target.writestr(f"{STAGES[number].slug}/{number}.jpg", photos[number])
        target.writestr("mystery/3.jpg", photos[3])
        target.writestr(f"{STAGES[0].slug}/page.jpg", HTML)
    return path


def stat(page: Page, label: str) -> Locator:
    return page.locator("dl > div", has=page.get_by_text(label, exact=True)).locator("dd").first


def shown(page: Page, **figures: int) -> None:
    names = {"would": "Would come in", "came": "Came in", "here": "Here already", "refused": "Refused"}
    for name, value in figures.items():
        expect(stat(page, names[name])).to_have_text(str(value), timeout=30_000)


def check_archive(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_label("What to do with the labels").select_option("prior")
    page.get_by_label("Source").fill("Season 2025")
    page.get_by_role("button", name="Check before importing").click()


def test_an_archive_is_checked_imported_and_recognised(
    admin: Callable[[Look], Page], photos: list[bytes], tmp_path: Path
) -> None:
    page, path = admin(DESK), archive(tmp_path / "season.zip", photos)
    page.goto("/p/manzano/import")
    check_archive(page, path)
    expect(page.get_by_text("Checked: nothing has been stored yet")).to_be_visible(timeout=30_000)
    shown(page, would=3, here=0, refused=2)
    report = page.get_by_role("table")
    expect(report.get_by_role("row", name="mystery/3.jpg")).to_contain_text("«mystery»: The scale has no such stage.")
    expect(report.get_by_role("row", name="page.jpg")).to_contain_text("Not a photo.")
    assert not Photo.objects.exists()
    assert checked(page, DESK, "checked") == []
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the report").click()
    assert len(saved.value.path().read_text(encoding="utf-8-sig").splitlines()) == 3

    page.get_by_role("button", name="Import 3").click()
    shown(page, came=3, here=0, refused=2)
    page.reload()
    shown(page, came=3)  # the address says which import is looked at
    assert set(Annotation.objects.values_list("source", flat=True)) == {"Season 2025"}

    page.get_by_role("button", name="Import something else").click()
    check_archive(page, path)
    page.get_by_role("button", name="Import 3").click()
    shown(page, came=0, here=3, refused=2)
    assert (Photo.objects.count(), Annotation.objects.count()) == (3, 3)


def test_photos_of_this_computer_are_checked_before_they_are_sent(
    admin: Callable[[Look], Page], photos: list[bytes], tmp_path: Path
) -> None:
    page = admin(DESK)
    for number, slug in enumerate((STAGES[1].slug, STAGES[2].slug, "elsewhere")):
        folder = tmp_path / "season" / slug
        folder.mkdir(parents=True)
        (folder / "a.jpg").write_bytes(photos[number])
    (tmp_path / "season" / STAGES[1].slug / "b.jpg").write_bytes(HTML)
    page.goto("/p/manzano/import")
    page.get_by_role("radio", name="Folder per stage").check()
    page.locator("input[type=file]").set_input_files(tmp_path / "season")
    shown(page, would=2, here=0, refused=2)
    expect(page.get_by_text("no stage is called so")).to_be_visible()
    assert checked(page, DESK, "folders checked") == []
    assert not Photo.objects.exists()
    page.get_by_role("button", name="Import 2").click()
    expect(page.get_by_text("2 of 2")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="See the outcome").click()
    shown(page, came=2)
    stages = Annotation.objects.order_by("stage__position").values_list("stage__slug", flat=True)
    assert list(stages) == [STAGES[1].slug, STAGES[2].slug]

    page.get_by_role("button", name="Import something else").click()
    page.get_by_role("radio", name="Single photos").check()
    page.locator("input[type=file]").set_input_files(
        [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photos[n]} for n in (0, 2, 4)]
    )
    shown(page, would=2, here=1, refused=0)  # photo 2 lay in a folder that is no stage, and was never sent
    page.get_by_role("button", name="Import 2").click()
    expect(page.get_by_text("2 of 2")).to_be_visible(timeout=30_000)
    assert Photo.objects.count() == 4


def drop(page: Page, name: str, text: str) -> None:
    """Let a file fall onto the page's drop zone, as from a file manager."""
    handle = page.evaluate_handle(
        """([name, text]) => {
            const data = new DataTransfer();
            data.items.add(new File([text], name));
            return data;
        }""",
        [name, text],
    )
    page.locator("label:has(input[type=file])").dispatch_event("drop", {"dataTransfer": handle})


def test_a_dropped_table_on_a_phone_in_spanish(
    admin: Callable[[Look], Page], project: Project, photos: list[bytes]
) -> None:
    page = admin(PHONE)
    page.goto("/p/manzano/import")
    page.get_by_role("radio", name="Archivo ZIP").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Tabla CSV o Parquet")).to_be_checked()
    drop(page, "labels.csv", f"sha256,label\n{hashlib.sha256(photos[0]).hexdigest()},{STAGES[0].slug}\n")
    page.get_by_role("button", name="Comprobar antes de importar").click()
    expect(page.get_by_text("Así no entraría nada")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("table")).to_contain_text("La foto no está en el archivo ni en el proyecto.")
    assert checked(page, PHONE, "nothing would come in") == []
    page.get_by_role("button", name="Importar otra cosa").click()
    page.get_by_role("radio", name="COCO").check()
    drop(page, "coco.json", '{"images": [{"id": 1')
    page.get_by_role("button", name="Importar sin comprobar").click()
    expect(page.get_by_role("alert")).to_contain_text("El JSON está cortado o mal escrito.", timeout=30_000)
    assert checked(page, PHONE, "broken file") == []


def bring_in(page: Page, photos: list[bytes], tmp_path: Path) -> None:
    """Three photos with their stages, as the admin brings them in, until a consensus stands on each."""
    page.goto("/p/manzano/import")
    check_archive(page, archive(tmp_path / "season.zip", photos))
    page.get_by_role("button", name="Import 3").click(timeout=30_000)
    shown(page, came=3)
    wait_until(lambda: Consensus.objects.count() == 3, what="the labels settle once the photos are prepared")


def test_labels_are_exported_downloaded_and_deleted(
    admin: Callable[[Look], Page], photos: list[bytes], tmp_path: Path
) -> None:
    page = admin(DESK)
    bring_in(page, photos, tmp_path)
    page.goto("/p/manzano/export")
    expect(page.get_by_text("Nothing has been exported yet")).to_be_visible()
    assert checked(page, DESK, "no exports") == []
    page.get_by_role("radio", name="JSON Lines").check()
    page.get_by_label("Licence").fill("CC0")
    page.get_by_role("button", name="Export", exact=True).click()
    row = page.get_by_role("article").first
    expect(row).to_contain_text("Ready", timeout=30_000)
    expect(row).to_contain_text("3 rows")
    with page.expect_download() as saved:
        row.get_by_role("link", name="Download").click()
    rows = [json.loads(line) for line in saved.value.path().read_text().splitlines()]
    assert sorted(it["stage"] for it in rows) == sorted(stage.slug for stage in STAGES[:3])
    resumed = page.request.get(
        row.get_by_role("link", name="Download").get_attribute("href"), headers={"Range": "bytes=9-"}
    )
    assert (resumed.status, resumed.body()) == (206, saved.value.path().read_bytes()[9:])

    row.get_by_role("button", name="Card").click()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text("Rows: 3")
    expect(card).to_contain_text("Licence: CC0")
    assert checked(page, DESK, "card") == []
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Delete the JSON Lines file").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the file").click()
    expect(row).to_contain_text("Expired")
    assert ExportJob.objects.get().result == ""
    with page.expect_download() as history:
        page.get_by_role("link", name="Download as CSV").click()
    assert len(history.value.path().read_text(encoding="utf-8-sig").splitlines()) == 4


def test_what_was_exported_comes_back(admin: Callable[[Look], Page], photos: list[bytes], tmp_path: Path) -> None:
    """An export with its photos, checked as an import of the same project: nothing is refused or contradicts."""
    page = admin(PHONE)
    desk = admin(DESK)
    bring_in(desk, photos, tmp_path)
    page.goto("/p/manzano/export")
    page.get_by_role("radio", name="Carpeta por estadio").check()
    page.get_by_label("Fotos").select_option("original")
    page.get_by_role("button", name="Exportar", exact=True).click()
    row = page.get_by_role("article").first
    expect(row).to_contain_text("Lista", timeout=30_000)
    with page.expect_download() as saved:
        row.get_by_role("link", name="Descargar").click()
    saved.value.save_as(tmp_path / "exported.zip")
    desk.goto("/p/manzano/import")
    desk.get_by_role("radio", name="Hugging Face").check()
    desk.locator("input[type=file]").set_input_files(tmp_path / "exported.zip")
    desk.get_by_role("button", name="Check before importing").click()
    expect(desk.get_by_text("Checked: nothing has been stored yet")).to_be_visible(timeout=30_000)
    shown(desk, refused=0)
