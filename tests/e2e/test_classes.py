"""An expert reads what is drafted, and an admin drafts, applies and undoes a change of the stages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from docs.screenshots import session_cookie
from labeling.models import ScaleMigration
from labeling.services.scale_drafts import scale_draft_discard
from labeling.services.scale_migrations import scale_migration_carry_out
from tests.e2e.conftest import Person
from tests.e2e.orchard import orchard_plant
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_proposal_becomes_a_draft_is_applied_and_undone(
    visitor: Callable[..., Person], transactional_db: None
) -> None:
    project = orchard_plant().project
    scale_draft_discard(project=project, migration_id=ScaleMigration.objects.get().pk)
    admin = visitor(session=session_cookie(project, "admin")).page
    admin.goto(f"/p/{project.slug}/classes")
    admin.get_by_role("button", name="Draft this change").first.click()
    admin.get_by_label("Name in English").fill("Buds")
    admin.get_by_label("Why, for the experts").fill("They look alike.")
    admin.get_by_role("button", name="Save the draft").click()
    expect(admin.get_by_role("heading", name="A change of the stages is drafted")).to_be_visible()

    expert = visitor(session=session_cookie(project, "expert"), phone=True).page
    expert.goto(f"/p/{project.slug}/classes")
    expect(expert.get_by_text("They look alike.")).to_be_visible()
    expect(expert.get_by_text("Buds")).to_be_visible()
    expect(expert.get_by_role("button", name="Apply to all photos")).to_have_count(0)

    carried_out = carry_out("apply", admin.get_by_role("button", name="Apply to all photos").click, admin)
    expect(admin.get_by_text("Version 1 to 2")).to_be_visible()
    assert carried_out.to_scale.stages.get(position=0).name_en == "Buds"
    assert carry_out("undo", admin.get_by_role("button", name="Undo this change").click, admin).state == "undone"
    expect(admin.get_by_text("undone", exact=False).first).to_be_visible()


def carry_out(what: str, click: Callable[[], None], page: Page) -> ScaleMigration:
    """Click, confirm, and be the worker."""
    click()
    page.get_by_role("button", name={"apply": "Change the stages", "undo": "Go back"}[what]).click()
    wait_until(lambda: ScaleMigration.objects.filter(pending=what).exists(), what="it is asked for")
    migration = scale_migration_carry_out(migration_id=ScaleMigration.objects.get(pending=what).pk)
    assert migration is not None
    return migration
