"""A long row of small photos to decide, and an expert who decides them by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from labeling.domain.scale_templates import TEMPLATES
from labeling.models import Annotation, Photo, Project, Receipt, Role, User
from labeling.services.people import member_add
from labeling.services.photos import photo_process, photo_receive
from labeling.services.projects import project_create
from labeling.services.queue import EntryProposal, queue_replace
from labeling.synthetic.scale import TEMPLATE_KEY
from tests.factories.labeling import UserFactory
from tests.support.waiting import wait_until

PASSWORD = "una frase bastante larga"
N_STAGES = 7
SIDE = (320, 240)


@dataclass(frozen=True)
class Row:
    """A project whose whole queue is ``photos``, in the order in which they are asked."""

    project: Project
    expert: User
    photos: list[int]

    def answers(self) -> dict[int, int]:
        """What stands in the database: photo -> position of its stage."""
        standing = Annotation.objects.filter(photo__project=self.project, withdrawn_at=None)
        return dict(standing.values_list("photo", "stage__position"))

    def assert_holds(self, expected: dict[int, int]) -> None:
        """Every decision has arrived, once: one annotation and one receipt each, and nothing else."""
        wait_until(lambda: len(self.answers()) >= len(expected), what="all decisions have arrived")
        assert self.answers() == expected
        assert Annotation.objects.filter(photo__project=self.project).count() == len(expected)
        applied = Receipt.objects.filter(annotator=self.expert, outcome="applied")
        assert applied.count() == len(expected), "a decision was applied twice under two keys"


def row_plant(n: int) -> Row:
    """Make the project; about 40 ms a photo."""
    template = next(t for t in TEMPLATES if t.key == TEMPLATE_KEY)
    project = project_create(name="Hilera larga", created_by=None, stages=template.stages)
    user = UserFactory(email="experta@example.org", full_name="Elena Olmos")
    # As the program hashes; the tests' own quick way is one that no program accepts.
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    user.save(update_fields=["password"])
    member_add(project=project, email=user.email, full_name=user.full_name, role=Role.EXPERT)
    rng = np.random.default_rng(5)
    photos = [_photo(project, number, rng) for number in range(n)]
    entries = [
        EntryProposal(
            photo.pk,
            1.0 - number / (2 * n),
            "uncertain",
            probabilities=tuple(map(float, rng.dirichlet(np.full(N_STAGES, 0.6)))),
        )
        for number, photo in enumerate(photos)
    ]
    queue_replace(project_id=project.pk, source="full", model_version="1", entries=entries)
    return Row(project, user, [photo.pk for photo in photos])


def _photo(project: Project, number: int, rng: np.random.Generator) -> Photo:
    coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)).resize(SIDE, Image.Resampling.BICUBIC)
    fine = Image.fromarray(rng.integers(0, 255, (SIDE[1], SIDE[0], 3), dtype=np.uint8))
    data = BytesIO()
    Image.blend(coarse, fine, 0.3).save(data, "JPEG", quality=80)  # without fine detail it would be refused as blurred
    data.seek(0)
    received = photo_receive(project=project, stream=data, original_name=f"IMG_{number:04}.jpg")
    photo = photo_process(photo_id=received.photo.pk)
    assert photo.status == Photo.Status.READY, photo.rejection
    return photo


def position_for(photo_id: int) -> int:
    """What the expert says of a photo: told from its number, so that a mix-up shows in the database."""
    return photo_id % N_STAGES


@dataclass
class Labeller:
    """The bench in one tab, and what was decided there."""

    page: Page
    row: Row
    decided: dict[int, int] = field(default_factory=dict)

    def open(self) -> Labeller:
        self.page.goto(f"/p/{self.row.project.slug}/review")
        expect(self.photo).to_be_visible()
        return self

    @property
    def photo(self) -> Locator:
        """The photo on screen."""
        return self.page.get_by_role("img", name=re.compile(r"^Photo \d+")).first

    @property
    def shown(self) -> int | None:
        """Number of the photo on screen; None when there is none."""
        # In one go: the photo may change between two questions to the page.
        label = self.page.evaluate("() => document.querySelector('[role=img]')?.getAttribute('aria-label') ?? ''")
        found = re.match(r"Photo (\d+)", label)
        return int(found[1]) if found else None

    def decide(self, n: int = 1) -> list[int]:
        """Decide ``n`` photos, or as many as there are at hand; the photos decided."""
        done = []
        for _ in range(n):
            photo_id = self.shown
            if photo_id is None:
                break
            self.page.keyboard.press(str(position_for(photo_id) + 1))
            self.decided[photo_id] = position_for(photo_id)
            done.append(photo_id)
            wait_until(lambda photo_id=photo_id: self.shown != photo_id, what="the next photo is shown", every=0.02)
        return done

    def expect_saved(self, timeout_s: float = 60) -> None:
        expect(self.page.get_by_text("All saved")).to_be_visible(timeout=timeout_s * 1000)

    def sign_in_again(self) -> None:
        """Give the password in the dialog above the bench."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        dialog.get_by_role("button", name="Sign in").click()
        expect(dialog).to_have_count(0)


def together(labellers: Iterable[Labeller]) -> dict[int, int]:
    """What several tabs decided."""
    return {photo: position for labeller in labellers for photo, position in labeller.decided.items()}
