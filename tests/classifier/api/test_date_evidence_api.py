"""What date, place and plant say, as the browser meets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from classifier.models import PlantBounds, SeasonTable
from labeling.models import QueueEntry, Reservation
from labeling.selectors.projects import current_scale
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, SiteFactory
from tests.labeling.queue.scenes import decide, stage_decision

pytestmark = pytest.mark.django_db
DAY = 132


def table(project, site=None, share=0.6):
    """Around one day stage 2 has ``share``; on every other day stage 0 has all."""
    year = [[1.0, 0.0, 0.0] for _ in range(366)]
    year[DAY] = [0.0, 1 - share, share]
    support = [41.7 if day == DAY else 0.0 for day in range(366)]
    return SeasonTable.objects.create(
        project=project, scale=current_scale(project_id=project.pk), site=site, n_labels=50, bandwidth=4, borrowing=5,
        probabilities=[it for day in year for it in day], support=support,
        fingerprint="f" * 64,
    )  # fmt: skip


@pytest.fixture
def project():
    return ProjectFactory(n_stages=3)


@pytest.fixture
def photo(project):
    taken_at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=DAY - 1)
    return PhotoFactory(project=project, site=SiteFactory(project=project), taken_at=taken_at)


@pytest.fixture
def expert(project, member_client):
    return member_client(project, "expert")


def ask(client, photo, project=None):
    return client.get(f"/api/v1/projects/{(project or photo.project).slug}/photos/{photo.pk}/date-evidence")


def test_the_sites_own_table_before_that_of_all(project, photo, expert):
    assert ask(expert, photo).json() == {"state": "ready", "season": None, "plant": None}
    table(project)
    season = ask(expert, photo).json()["season"]
    assert season == {"probabilities": [0.0, 0.4, 0.6], "n_photos": 41, "at_site": False}
    table(project, site=SiteFactory(project=project), share=0.1)
    assert ask(expert, photo).json()["season"] == season
    table(project, site=photo.site, share=0.9)
    assert ask(expert, photo).json()["season"] == {
        "probabilities": pytest.approx([0.0, 0.1, 0.9]), "n_photos": 41, "at_site": True
    }  # fmt: skip


def test_what_the_plant_leaves(project, photo, expert):
    PlantBounds.objects.create(
        photo=photo, project=project, scale=current_scale(project_id=project.pk), lower=1, upper=2, n_photos=3
    )
    assert ask(expert, photo).json()["plant"] == {"lower": 1, "upper": 2, "n_photos": 3}


class TestBlind:
    NOTHING = {"state": "blind", "season": None, "plant": None}  # noqa: RUF012 - never changed

    def test_until_the_reader_has_decided(self, project, photo, expert):
        project.labels_wanted = 2
        project.save()
        table(project)
        entry = QueueEntryFactory(photo=photo, is_blind=True)
        Reservation.objects.create(entry=entry, annotator=expert.user, expires_at=timezone.now() + timedelta(minutes=5))
        assert ask(expert, photo).json() == self.NOTHING
        decide(project, expert.user, stage_decision(photo.pk, 2))
        assert QueueEntry.objects.filter(photo=photo, is_blind=True).exists()
        assert ask(expert, photo).json()["season"]

    def test_a_held_out_photo_always(self, project, photo, expert):
        table(project)
        photo.is_held_out = True
        photo.save()
        assert ask(expert, photo).json() == self.NOTHING


def test_a_foreign_photo_is_not_there(project, expert):
    assert ask(expert, PhotoFactory(), project=project).status_code == 404


def test_costs_the_same_with_everything(project, photo, expert, django_assert_num_queries):
    for made in (lambda: None, lambda: table(project), lambda: table(project, site=photo.site)):
        made()
        # Session, user, membership, photo, blind, evidence.
        with django_assert_num_queries(6):
            ask(expert, photo)
