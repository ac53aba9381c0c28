"""An expert who is sent to practise: taken to the page, told at once, and let to the bench when the rule is met."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from docs.screenshots import session_cookie
from labeling.models import Annotation, Photo, Practice
from labeling.services.gold import gold_declare
from labeling.services.practice import practice_decide
from labeling.services.projects import project_update
from tests.e2e.conftest import Person
from tests.e2e.orchard import orchard_plant

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_practising_leads_to_the_bench(visitor: Callable[..., Person]) -> None:
    orchard = orchard_plant()
    project = project_update(project=orchard.project, practice_answers=5)
    slug, admin = project.slug, orchard.members["admin"].user
    unsettled = Photo.objects.unsettled().filter(project=project, is_held_out=False, status="ready").order_by("pk")
    for place, photo in enumerate(list(unsettled[:8])):
        gold_declare(project=project, photo_id=photo.pk, stage_position=3 + place % 2, by=admin)
    expert = orchard.members["expert"]
    practice_decide(membership=expert, counts=False, by=admin)
    said_before = Annotation.objects.filter(annotator=expert.user).count()

    page = visitor(session=session_cookie(project, "expert")).page
    page.goto(f"/p/{slug}/review")
    expect(page).to_have_url(re.compile(r"/practice$"))
    expect(page.get_by_role("heading", name="Which stage is it?")).to_be_visible()
    grades = {0: "One stage off", 1: "Right"}
    for turn in range(5):
        known = Practice.objects.get(user=expert.user).asked_photo.consensus.stage.position
        said = known + 1 if turn == 0 else known
        page.keyboard.press(str(said + 1))
        expect(page.get_by_role("heading", name=grades[min(turn, 1)])).to_be_visible()
        expect(page.get_by_role("heading", name="Reference photos")).to_be_visible()
        if turn < 4:
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name="Which stage is it?")).to_be_visible()
    expect(page.get_by_text("Done: your answers count from now on")).to_be_visible()
    page.get_by_role("link", name="Review photos").click()
    expect(page).to_have_url(re.compile(r"/review$"))
    assert Annotation.objects.filter(annotator=expert.user).count() == said_before
