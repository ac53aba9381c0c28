"""What date, place and plant say beside the image model, as a refresh leaves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from classifier.models import PlantBounds, SeasonTable
from classifier.selectors.date_evidence import date_evidence_of
from classifier.services import date_evidence
from classifier.services.refresh import project_refresh
from labeling.models import Consensus, QueueEntry
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import PhotoFactory, PlantFactory, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db
SPRING = datetime(2026, 4, 1, 12, tzinfo=UTC)


def refresh(made):
    return project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)


@pytest.fixture
def orchard():
    """30 photos of stages 0, 1, 2, whose dates tell the stage: a month from one to the next."""
    made = world(n_photos=30, held_out_every=0, random_share=1.0, blind_share=0.0)
    site = SiteFactory(project=made.project)
    for i, photo in enumerate(made.photos):
        photo.site, photo.taken_at = site, SPRING + timedelta(days=30 * made.truth[photo.pk] + i % 7)
        photo.save()
    made.site = site
    return made


def season_of(made, photo):
    return date_evidence_of(project=made.project, photo_id=photo.pk, reader=UserFactory()).season


def plant_of(made, photo):
    return date_evidence_of(project=made.project, photo_id=photo.pk, reader=UserFactory()).plant


class TestSeason:
    def test_photos_of_the_day_and_site_tell_the_stage(self, orchard):
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        for photo in orchard.photos[24:]:
            said = season_of(orchard, photo)
            assert said.at_site
            assert said.probabilities.index(max(said.probabilities)) == orchard.truth[photo.pk]
            assert sum(said.probabilities) == pytest.approx(1, abs=1e-3)
            assert 4 <= said.n_photos <= 8

    def test_a_site_with_few_labels_hears_all_sites(self, orchard):
        orchard.label(orchard.photos[:24])
        photo = orchard.photos[28]
        photo.site = SiteFactory(project=orchard.project)
        photo.save()
        refresh(orchard)
        said = season_of(orchard, photo)
        assert not said.at_site
        assert said.probabilities.index(max(said.probabilities)) == orchard.truth[photo.pk]
        assert SeasonTable.objects.count() == 2

    def test_a_site_of_its_own_season_is_told_its_own(self, orchard):
        late = SiteFactory(project=orchard.project)
        for photo in orchard.photos[:12]:
            photo.site, photo.taken_at = late, photo.taken_at + timedelta(days=30)
            photo.save()
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        here = PhotoFactory(project=orchard.project, site=orchard.site, taken_at=SPRING + timedelta(days=32))
        there = PhotoFactory(project=orchard.project, site=late, taken_at=SPRING + timedelta(days=32))
        likeliest = [said.probabilities.index(max(said.probabilities)) for said in (
            season_of(orchard, here), season_of(orchard, there))]  # fmt: skip
        assert likeliest == [1, 0]

    def test_gold_tells_nothing_of_itself(self, orchard):
        orchard.label(orchard.photos[:24])
        gold = PhotoFactory(project=orchard.project, site=orchard.site, taken_at=SPRING + timedelta(days=150))
        orchard.truth[gold.pk] = 0
        orchard.label([gold])
        Consensus.objects.filter(photo=gold).update(is_gold=True)
        refresh(orchard)
        assert season_of(orchard, gold).n_photos == 0

    def test_too_few_dated_labels_say_nothing_and_take_back_what_was_said(self, orchard, monkeypatch):
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        assert SeasonTable.objects.exists()
        monkeypatch.setattr(date_evidence, "FEWEST_DATED_LABELS", 25)
        refresh(orchard)
        assert not SeasonTable.objects.exists()
        assert season_of(orchard, orchard.photos[28]) is None

    def test_the_same_labels_are_not_fitted_again(self, orchard, monkeypatch):
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        before = set(SeasonTable.objects.values_list("pk", flat=True))
        refresh(orchard)
        assert set(SeasonTable.objects.values_list("pk", flat=True)) == before
        orchard.label(orchard.photos[24:26])
        refresh(orchard)
        assert not set(SeasonTable.objects.values_list("pk", flat=True)) & before

    def test_classes_without_an_order_have_no_season(self, orchard):
        orchard.project.scales.update(is_ordered=False)
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        assert not SeasonTable.objects.exists()

    def test_a_photo_without_a_date_and_another_scale(self, orchard):
        orchard.label(orchard.photos[:24])
        refresh(orchard)
        undated = PhotoFactory(project=orchard.project, site=orchard.site, taken_at=None)
        assert season_of(orchard, undated) is None
        SeasonTable.objects.update(scale=world(n_photos=1).project.scales.get())
        assert season_of(orchard, orchard.photos[28]) is None


class TestPlant:
    @pytest.fixture
    def plant(self, orchard):
        """A plant seen at stage 1 before, and at stage 1 after the day of the photo that is asked."""
        made = PlantFactory(site=orchard.site)
        before, asked, after = orchard.photos[25], orchard.photos[26], orchard.photos[28]
        assert [orchard.truth[it.pk] for it in (before, after)] == [1, 1]
        for photo, day in ((before, 30), (asked, 32), (after, 34)):
            photo.plant, photo.taken_at = made, SPRING + timedelta(days=day)
            photo.save()
        orchard.label([*orchard.photos[:24], before, after])
        return before, asked, after

    def test_the_visits_before_and_after_leave_one_stage(self, orchard, plant):
        refresh(orchard)
        said = plant_of(orchard, plant[1])
        assert (said.lower, said.upper, said.n_photos) == (1, 1, 2)

    def test_only_what_is_asked_openly_has_a_row(self, orchard, plant):
        refresh(orchard)
        asked = set(QueueEntry.objects.filter(is_blind=False).values_list("photo_id", flat=True))
        assert set(PlantBounds.objects.values_list("photo_id", flat=True)) == {plant[1].pk} <= asked
        orchard.project.blind_share = 1.0
        orchard.project.save()
        refresh(orchard)
        assert not PlantBounds.objects.exists()

    def test_a_held_out_plant_has_none_and_says_nothing(self, orchard, plant):
        for photo in plant:
            photo.is_held_out = True
            photo.save()
        refresh(orchard)
        assert not PlantBounds.objects.exists()
        assert date_evidence_of(project=orchard.project, photo_id=plant[1].pk, reader=UserFactory()).state == "blind"

    def test_the_stage_of_gold_is_not_told_by_the_others(self, orchard, plant):
        before, asked, after = plant
        Consensus.objects.filter(photo__in=[before, after]).update(is_gold=True)
        refresh(orchard)
        assert plant_of(orchard, asked) is None

    def test_another_season_of_the_plant_says_nothing(self, orchard, plant):
        before, asked, after = plant
        for photo in (before, after):
            photo.taken_at -= timedelta(days=365)
            photo.save()
        refresh(orchard)
        assert plant_of(orchard, asked) is None
