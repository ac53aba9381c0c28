"""The demo: a small one, from nothing, without any worker; repeated; and refused where it does not belong."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command

from labeling.models import Annotation, Consensus, KnownLabel, Membership, Photo, Project, ReferencePhoto, User
from labeling.selectors.ground_truth import ground_truth_rows, hidden_stage_positions
from labeling.services.demo import PEOPLE, SECOND_LOOKS, SLUG, SOURCE

SMALL = ("--sites", "1", "--plants", "2", "--every", "7", "--processes", "1")
pytestmark = pytest.mark.django_db


def seed(*more: str) -> str:
    out = io.StringIO()
    call_command("demo_seed", *SMALL, *more, stdout=out)
    return out.getvalue()


def passwords(shown: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+@demo\.example)\s+(\S+)", shown))


@pytest.fixture(autouse=True)
def _demo_mode(settings) -> None:
    settings.IS_DEMO = True


def test_only_a_demo_installation_is_filled(settings) -> None:
    settings.IS_DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        seed()
    assert not Project.objects.exists()
    assert not User.objects.exists()


def test_if_empty_leaves_other_projects_alone() -> None:
    Project.objects.create(slug="other", name="Other")
    assert "left out" in seed("--if-empty")
    assert Project.objects.count() == 1


def test_a_demo_from_nothing_and_once_more() -> None:
    shown = seed()
    project = Project.objects.get(slug=SLUG)
    photos = Photo.objects.filter(project=project)
    assert not photos.exclude(status=Photo.Status.READY).exists()
    assert photos.filter(uploaded_by__email="grower@demo.example").count() == 12
    assert photos.filter(plant__isnull=True).count() == 0

    told = passwords(shown)
    assert set(told) == {email for _, email, _ in PEOPLE}
    for role, email, _ in PEOPLE:
        user = User.objects.get(email=email)
        assert user.check_password(told[email])
        assert told[email] not in user.password
        assert Membership.objects.get(user=user, project=project).role == role

    rows = ground_truth_rows(project_id=project.pk)
    assert {row.stage_position for row in rows} == set(range(7))
    assert all(row.is_gold for row in rows if row.is_held_out)
    pool = photos.in_pool()
    assert pool.count() == len(hidden_stage_positions(photo_ids=list(pool.values_list("pk", flat=True)))) + _phone(pool)
    assert not ReferencePhoto.objects.filter(photo__is_held_out=True).exists()
    assert ReferencePhoto.objects.count() >= 7

    counts = _counts()
    again = seed()
    assert _counts() == counts
    assert not passwords(again)
    assert all(User.objects.get(email=email).check_password(password) for email, password in told.items())
    assert set(passwords(seed("--new-passwords"))) == set(told)
    assert not User.objects.get(email="expert@demo.example").check_password(told["expert@demo.example"])


def test_prior_annotations_err_between_neighbours_only() -> None:
    seed()
    given = Annotation.objects.filter(source=SOURCE).select_related("stage")
    truth = dict(KnownLabel.objects.values_list("photo_id", "stage__position"))
    gaps = [abs(a.stage.position - truth[a.photo_id]) for a in given if a.photo_id in truth]
    assert gaps
    assert max(gaps) <= 1


def test_two_more_have_looked_at_some_so_that_there_is_agreement_to_measure() -> None:
    seed()
    by_source = {
        source: dict(Annotation.objects.filter(source=source).values_list("photo_id", "stage__position"))
        for source in (SOURCE, *SECOND_LOOKS)
    }
    careful, careless = SECOND_LOOKS
    truth = dict(KnownLabel.objects.values_list("photo_id", "stage__position"))
    errors = {
        source: sum(abs(position - truth[photo_id]) for photo_id, position in said.items() if photo_id in truth)
        for source, said in by_source.items()
    }
    assert set(by_source[careful]) == set(by_source[careless]), "both looked at the same photos"
    assert set(by_source[careful]) & set(by_source[SOURCE])
    assert errors[careless] > errors[careful]


def _phone(photos) -> int:
    """Photos of the grower's own page: nobody knows what they show until an expert says."""
    return photos.filter(import_batch__isnull=True).count()


def _counts() -> list[int]:
    return [model.objects.count() for model in (Photo, Annotation, Consensus, KnownLabel, User, ReferencePhoto)]
