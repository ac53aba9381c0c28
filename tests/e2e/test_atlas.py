"""An adjudicator chooses examples; experts see them, and the printed page has nothing to press."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from docs.screenshots import session_cookie
from labeling.models import Consensus, ReferencePhoto
from tests.e2e.conftest import Person
from tests.e2e.orchard import orchard_plant

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_an_example_is_chosen_moved_and_printed(visitor: Callable[..., Person]) -> None:
    orchard = orchard_plant()
    slug = orchard.project.slug
    candidates = Consensus.objects.filter(
        project=orchard.project, outcome="stage", annotator_agreement=1, photo__is_held_out=False
    )
    settled = candidates.exclude(stage__references__isnull=False).select_related("stage").first()
    assert settled is not None
    assert settled.stage is not None
    ReferencePhoto.objects.create(
        stage=settled.stage, photo=candidates.exclude(photo=settled.photo).first().photo, position=0
    )

    page = visitor(session=session_cookie(orchard.project, "adjudicator")).page
    page.goto(f"/p/{slug}/atlas")
    stage = page.get_by_role("region", name=settled.stage.name_en, exact=True)
    expect(stage.get_by_role("listitem")).to_have_count(1)
    stage.get_by_role("button", name="Add photos").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name=f"Photo {settled.photo_id}", exact=True).click()
    drawer.get_by_role("button", name="Add 1 photo").click()
    expect(stage.get_by_role("listitem")).to_have_count(2)
    stage.get_by_role("button", name="Move example 2 forward").click()
    expect(stage.get_by_role("button", name="Move example 1 forward")).to_be_disabled()

    stage.get_by_role("button", name="description").click()
    page.get_by_label("Description in English").fill("The tips turn pink.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(stage.get_by_text("The tips turn pink.")).to_be_visible()

    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Add photos").first).to_be_hidden()
    expect(page.get_by_role("navigation").first).to_be_hidden()
    expect(stage.get_by_text("The tips turn pink.")).to_be_visible()

    expert = visitor(session=session_cookie(orchard.project, "expert")).page
    expert.goto(f"/p/{slug}/atlas")
    expect(expert.get_by_text("The tips turn pink.")).to_be_visible()
    expect(expert.get_by_role("button", name="Add photos")).to_have_count(0)
    order = ReferencePhoto.objects.filter(stage=settled.stage).order_by("position").values_list("photo_id", flat=True)
    assert order[0] == settled.photo_id
