"""The whole loop, driven in browsers against real workers.

An admin makes a project and imports photos; a grower sends one from a phone; the first model trains; an expert reviews
with the keyboard; consensus forms and the queue re-orders itself; the admin trains again and promotes; the grower sees
the answer. Nothing sleeps: each step waits for what a person would see.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from classifier.models import ModelVersion
from labeling.models import Annotation, Consensus, Photo, QueryBatch
from labeling.services.people import first_admin_link_create
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import STAGES
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import PhotoSpec
from tests.e2e.conftest import Person
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

EXPERT = "eva@example.org"
GROWER = "gil@example.org"
PASSWORD = "una frase bastante larga"
REVIEWED = 30
SENT_STAGE = 4
TRAINING_TIMEOUT_MS = 240_000


class Photos:
    """Generated photos, and what each truly shows."""

    def __init__(self) -> None:
        self.stage_of: dict[str, int] = {}

    def render(self, spec: PhotoSpec) -> bytes:
        data = render_jpeg(spec)
        self.stage_of[sha256(data).hexdigest()] = spec.stage
        return data

    def archive(self, path: Path, specs: list[PhotoSpec]) -> Path:
        """A ZIP with a folder per stage and the table of plants, sites and dates."""
        rows = ["path,label,plant,site,taken_at"]
        with zipfile.ZipFile(path, "w") as target:
            for number, spec in enumerate(specs):
                slug = STAGES[spec.stage].slug
                name = f"{slug}/{number:04d}.jpg"
                target.writestr(name, self.render(spec))
                rows.append(f"{name},{slug},{spec.plant.name},{spec.site.name},{spec.taken_at.isoformat()}")
            target.writestr("labels.csv", "\n".join(rows))
        return path

    def key_for(self, photo_id: int) -> str:
        """The digit an expert who knows would press."""
        return str(self.stage_of[Photo.objects.values_list("sha256", flat=True).get(pk=photo_id)] + 1)


def claim(page: Page, link: str, *, name: str | None = None, email: str | None = None) -> None:
    """Follow a one-time link and choose a password."""
    page.goto(link)
    if name and email:
        page.get_by_label("Full name").fill(name)
        page.get_by_label("E-mail").fill(email)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("sign in")).click()
    expect(page).not_to_have_url(re.compile("/welcome/"))


def invite(page: Page, email: str, role: str) -> str:
    """Invite somebody from the people page; the one-time link that the page shows."""
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_label("Role").select_option(role)
    dialog.get_by_role("button", name="Invite").click()
    link = page.locator("code", has_text="/welcome/")
    expect(link).to_be_visible()
    address = link.inner_text()
    page.get_by_role("button", name="Done").last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return address


def import_archive(page: Page, archive: Path, *, use: str, n_photos: int) -> None:
    """Upload a ZIP on the import page and wait until every photo in it is in."""
    page.goto("/p/manzano/import")
    page.locator("input[type=file]").first.set_input_files(archive)
    page.get_by_label("What to do with the labels").select_option(use)
    page.get_by_role("button", name="Import without checking").click()
    row = page.get_by_role("article").filter(has_text=archive.name)
    expect(row).to_contain_text("Done", timeout=90_000)
    expect(row).to_contain_text(f"{n_photos} received")


def shown_photo(page: Page) -> int:
    """Id of the photo on the bench."""
    label = page.get_by_role("img", name=re.compile(r"^Photo \d+")).first.get_attribute("aria-label") or ""
    found = re.match(r"Photo (\d+)", label)
    assert found, f"no photo on the bench: {label!r}"
    return int(found[1])


def review(page: Page, photos: Photos, n: int) -> None:
    """Decide ``n`` photos with the keyboard only, correctly; each time wait for the next photo."""
    for _ in range(n):
        photo_id = shown_photo(page)
        page.keyboard.press(photos.key_for(photo_id))
        expect(page.get_by_role("img", name=re.compile(rf"^Photo {photo_id}\b")).first).not_to_be_visible()


def send_from_phone(page: Page, photo: bytes) -> None:
    """Choose a photo on the growers' page and wait until the server has looked at it."""
    page.goto("/u/manzano")
    page.get_by_label("Choose photos").set_input_files({"name": "campo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.get_by_text("All sent")).to_be_visible()
    looked_at = page.get_by_role("listitem").filter(has_text="Looked at, waiting for an answer")
    expect(looked_at).to_be_visible(timeout=60_000)


def set_up_project(admin: Page) -> tuple[str, str]:
    """The first admin makes a project with seven stages and invites two people; their one-time links."""
    claim(admin, f"/welcome/{first_admin_link_create()}", name="Ana Admin", email="ana@example.org")
    admin.get_by_role("link", name=re.compile("New project")).first.click()
    admin.get_by_label("Name", exact=True).first.fill("Manzano")
    admin.get_by_role("button", name=re.compile("7 stages")).click()
    admin.get_by_role("button", name="Create project").click()
    expect(admin).to_have_url(re.compile(r"/p/manzano$"))
    admin.goto("/p/manzano/people")
    return invite(admin, EXPERT, "expert"), invite(admin, GROWER, "grower")


def await_first_model(admin: Page) -> None:
    """The first training starts by rule, once there are labels enough."""
    admin.goto("/p/manzano/training")
    first = admin.get_by_role("article").filter(has_text="Automatic")
    expect(first).to_be_visible(timeout=60_000)
    expect(first).to_contain_text("Version 1", timeout=TRAINING_TIMEOUT_MS)
    admin.goto("/p/manzano/models")
    expect(admin.get_by_text("In use").first).to_be_visible()


def review_with_the_keyboard(expert: Page, admin: Page, photos: Photos) -> None:
    """Thirty decisions become thirty consensuses, and the queue is replaced while they are made."""
    expert.goto("/p/manzano/review")
    expect(expert.get_by_role("img", name=re.compile(r"^Photo \d+")).first).to_be_visible()
    n_batches, n_consensus = QueryBatch.objects.count(), Consensus.objects.count()
    review(expert, photos, REVIEWED)
    expect(expert.get_by_text("All saved")).to_be_visible()
    assert Annotation.objects.filter(annotator__email=EXPERT).count() == REVIEWED
    assert Consensus.objects.count() == n_consensus + REVIEWED
    admin.goto("/p/manzano/training")
    expect(admin.get_by_text(re.compile(r"photos scored"))).to_be_visible(timeout=60_000)
    wait_until(lambda: QueryBatch.objects.count() > n_batches, what="a refresh replaces the queue")


def review_until_decided(expert: Page, photos: Photos, photo: Photo) -> None:
    while not Consensus.objects.filter(photo=photo).exists():
        review(expert, photos, 1)
        expect(expert.get_by_text("All saved")).to_be_visible()


def train_again_and_promote(admin: Page) -> None:
    """Start a training from the page, see it move, and put its version to use if the gate has not."""
    admin.goto("/p/manzano/training")
    admin.get_by_role("button", name="Train now").click()
    expect(admin).to_have_url(re.compile(r"/training/\d+$"))
    bar = admin.get_by_role("progressbar").first
    expect(bar).to_be_visible(timeout=60_000)
    admin.wait_for_function(
        "(before) => document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') !== before",
        arg=bar.get_attribute("aria-valuenow"),
        timeout=TRAINING_TIMEOUT_MS,
    )
    expect(admin.get_by_text("It gave version 2")).to_be_visible(timeout=TRAINING_TIMEOUT_MS)
    admin.get_by_role("link", name="See the model").click()
    expect(admin.get_by_role("table").first).to_be_visible()
    promote = admin.get_by_role("button", name="Put to use")
    expect(promote.or_(admin.get_by_text("In use")).first).to_be_visible()  # the page knows which of the two it is
    if promote.is_visible():  # on so few photos the gate may find the difference to be chance
        promote.click()
        admin.get_by_label("Reason").fill("Trained on the reviewed photos too")
        admin.get_by_role("button", name="Use version 2").click()
    expect(admin.get_by_text("In use").first).to_be_visible()
    assert ModelVersion.objects.get(state="promoted").number == 2


def test_the_loop_closes(person: Callable[..., Person], tmp_path: Path) -> None:
    photos = Photos()
    labelled = photos.archive(tmp_path / "labelled.zip", balanced_specs(per_stage=24, seed=5))
    waiting = photos.archive(tmp_path / "waiting.zip", balanced_specs(per_stage=9, seed=6))
    field_photo = photos.render(balanced_specs(per_stage=1, seed=77)[SENT_STAGE])
    admin, expert, grower = person().page, person().page, person(phone=True).page

    expert_link, grower_link = set_up_project(admin)
    import_archive(admin, waiting, use="none", n_photos=63)
    claim(grower, grower_link)
    send_from_phone(grower, field_photo)
    # The phone makes the photo smaller before it sends it, so its bytes are not the ones rendered here.
    sent = Photo.objects.get(uploaded_by__email=GROWER)
    photos.stage_of[sent.sha256] = SENT_STAGE

    import_archive(admin, labelled, use="prior", n_photos=168)
    await_first_model(admin)

    claim(expert, expert_link)
    review_with_the_keyboard(expert, admin, photos)
    review_until_decided(expert, photos, sent)
    train_again_and_promote(admin)

    answer = grower.get_by_role("listitem").filter(has_text="Checked by experts")
    expect(answer).to_contain_text(STAGES[SENT_STAGE].name_en, timeout=30_000)
