"""The figures of the dashboard: what they count, when they are computed, what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classifier import tasks
from classifier.models import Dashboard
from classifier.selectors.dashboards import dashboard_of, plant_season, weeks_of_plants
from classifier.services import dashboard as dashboard_module
from classifier.services.dashboard import PACE_WEEKS, dashboard_build, pace_content
from classifier.services.dashboard_requests import dashboard_request, dashboards_due, dashboards_waiting
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.plant_flags import plant_flags
from labeling.models import Adjudication, AgreementReport, Photo, QueueEntry, Suggestion
from labeling.selectors.plant_weeks import PlantPhotos, plants_photographed
from labeling.selectors.projects import current_scale
from labeling.selectors.work_log import WorkLog
from labeling.services.queue import reservations_take
from tests.classifier.worlds import world
from tests.factories.classifier import EvaluationReportFactory, ModelVersionFactory
from tests.factories.labeling import (
    AnnotationFactory,
    MembershipFactory,
    PhotoFactory,
    PlantFactory,
    QueueEntryFactory,
    SiteFactory,
)

pytestmark = pytest.mark.django_db
SPRING = datetime(2026, 4, 6, 12, tzinfo=UTC)  # a Monday


def suggest(made, photo, position, confidence=0.9):
    Suggestion.objects.create(
        photo=photo, project=made.project, position=position, confidence=confidence, model_version="v"
    )


@pytest.fixture
def made():
    """Twelve photos at two sites: six settled, three suggested, one unusable, two of which nothing is known."""
    made = world(n_photos=12, n_stages=3, held_out_every=6, with_vectors=False)
    north, south = (SiteFactory(project=made.project, name=name) for name in ("North", "South"))
    for number, photo in enumerate(made.photos):
        photo.site = (north, south, None)[number // 5]
        photo.taken_at = None if number == 11 else SPRING + timedelta(days=7 * (number % 2) + 24 * (number > 7))
        photo.save()
    made.label(made.photos[:6])
    for photo in made.photos[6:9]:
        suggest(made, photo, 2)
    made.label([made.photos[9]])
    consensus = made.photos[9].consensus
    consensus.outcome, consensus.stage = "unusable", None
    consensus.save()
    made.north, made.south = north, south
    return made


def computed(made):
    dashboard_request(project_id=made.project.pk)
    return dashboard_build(project_id=made.project.pk)


def test_photos_are_counted_by_stage_site_and_time(made):
    content = computed(made).content
    sites = {it["site"]: it for it in content["sites"]}
    assert sites[made.north.pk] == {
        "site": made.north.pk, "labels": [2, 2, 1], "waiting": [0, 0, 0], "unknown": 0, "other": 0, "photos": 5,
    }  # fmt: skip
    assert sites[made.south.pk]["labels"] == [0, 0, 1]
    assert sites[made.south.pk]["waiting"] == [0, 0, 3]
    assert (sites[made.south.pk]["other"], sites[None]["unknown"]) == (1, 2)
    weeks = {it["day"]: it["photos"] for it in content["weeks"]}
    assert weeks == {"2026-04-06": 4, "2026-04-13": 4, "2026-04-27": 2, "2026-05-04": 1, None: 1}
    months = [(it["day"], it["photos"]) for it in content["months"]]
    assert months == [("2026-04-01", 10), ("2026-05-01", 1), (None, 1)]
    assert sum(it["photos"] for it in content["months"]) == sum(weeks.values()) == 12


def test_sites_beyond_the_most_are_told_together(made, monkeypatch):
    monkeypatch.setattr(dashboard_module, "MOST_SITES", 1)
    content = computed(made).content
    assert len(content["sites"]) == 1
    assert content["more_sites"]["photos"] == 12 - content["sites"][0]["photos"]


def test_each_number_is_what_its_list_of_photos_shows(made, signed_in):
    content = computed(made).content
    client = signed_in(MembershipFactory(project=made.project, role="adjudicator").user)

    def listed(**filters):
        answer = client.get(f"/api/v1/projects/{made.project.slug}/photos", {"status": "ready", **filters})
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"])

    slugs = [stage.slug for stage in current_scale(project_id=made.project.pk).stages.all()]
    for row in content["sites"]:
        where = {"no_site": True} if row["site"] is None else {"site": row["site"]}
        assert listed(**where) == row["photos"]
        for position, slug in enumerate(slugs):
            assert listed(stage=slug, **where) == row["labels"][position]
            assert listed(suggested=position, is_waiting=True, **where) == row["waiting"][position]
    for row in content["weeks"]:
        last = row["day"] and (datetime.fromisoformat(row["day"]) + timedelta(days=6)).date().isoformat()
        when = {"taken_from": row["day"], "taken_to": last} if row["day"] else {"no_date": True}
        assert listed(**when) == row["photos"]


def test_the_last_day_of_all_has_no_day_after_it(made, signed_in):
    client = signed_in(MembershipFactory(project=made.project, role="expert").user)
    answer = client.get(f"/api/v1/projects/{made.project.slug}/photos", {"taken_to": "9999-12-31"})
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 12


def test_an_empty_project_has_figures_and_wants_photos():
    made = world(n_photos=0, n_stages=3)
    dashboard = computed(made)
    assert dashboard.state == "ready"
    assert (dashboard.content["sites"], dashboard.content["weeks"]) == ([], [])
    assert [step.code for step in dashboard_of(project=made.project).steps] == ["photos"]


def test_figures_are_asked_for_once_and_computed_once(made, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "enqueue_once", lambda task, *args, **_: sent.append((task.name, *args)))
    with django_capture_on_commit_callbacks(execute=True):
        first = dashboard_request(project_id=made.project.pk)
        again = dashboard_request(project_id=made.project.pk)
    assert first.requested_at == again.requested_at
    assert sent[0] == ("classifier.score.dashboard_build", made.project.pk)
    assert dashboards_waiting() == [made.project.pk]
    assert dashboard_build(project_id=made.project.pk).state == "ready"
    assert dashboards_waiting() == []
    assert dashboard_build(project_id=made.project.pk) is None, "nothing was asked for"


@pytest.mark.django_db(transaction=True)
def test_another_worker_is_left_alone(made):
    dashboard_request(project_id=made.project.pk)
    from concurrent.futures import ThreadPoolExecutor

    def elsewhere():
        try:
            return dashboard_build(project_id=made.project.pk)
        finally:
            connection.close()

    with advisory_lock(LockSpace.DASHBOARD, made.project.pk), ThreadPoolExecutor() as pool:
        assert pool.submit(elsewhere).result() is None


def test_a_failure_is_told_and_keeps_the_figures(made, monkeypatch):
    computed(made)
    monkeypatch.setattr(dashboard_module, "coverage_of", lambda **_: 1 / 0)
    dashboard_request(project_id=made.project.pk)
    with pytest.raises(ZeroDivisionError):
        dashboard_build(project_id=made.project.pk)
    dashboard = Dashboard.objects.get()
    assert (dashboard.state, dashboard.error) == ("failed", "ZeroDivisionError: division by zero")
    assert dashboard.content["sites"]


def test_a_silent_worker_is_taken_for_dead(made):
    dashboard_request(project_id=made.project.pk)
    rows = Dashboard.objects.all()
    rows.update(state="running", heartbeat_at=timezone.now())
    assert dashboards_waiting() == []
    rows.update(heartbeat_at=timezone.now() - timedelta(minutes=6))
    assert dashboards_waiting() == [made.project.pk]


def ago(**change):
    """The figures as old as said, and nothing new since."""
    moment = timezone.now() - timedelta(**change)
    Dashboard.objects.update(requested_at=moment, computed_at=moment)


def test_new_figures_are_due_when_something_came_and_time_has_passed(made):
    assert dashboards_due() == [made.project.pk], "there are none"
    computed(made)
    made.photos[0].consensus.__class__.objects.update(decided_at=timezone.now() - timedelta(days=3))
    ago(minutes=20)
    assert dashboards_due() == []
    photo = PhotoFactory(project=made.project)
    assert dashboards_due() == [made.project.pk]
    ago(minutes=10)
    assert dashboards_due() == [], "a moment ago"
    ago(minutes=20)
    Dashboard.objects.update(seconds=120)
    assert dashboards_due() == [], "it takes long"
    ago(minutes=41)
    assert dashboards_due() == [made.project.pk]
    photo.delete()
    assert dashboards_due() == []
    Adjudication.objects.create(photo=made.photos[10], project=made.project, stage_gap=2)
    assert dashboards_due() == [made.project.pk]
    Adjudication.objects.all().delete()
    made.label([made.photos[10]])
    assert dashboards_due() == [made.project.pk]


def test_figures_are_due_each_day_whatever_came(made):
    computed(made)
    made.photos[0].consensus.__class__.objects.update(decided_at=timezone.now() - timedelta(days=3))
    ago(hours=23)
    assert dashboards_due() == []
    ago(hours=25)
    assert dashboards_due() == [made.project.pk]


def test_beat_asks_and_sends(made, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "enqueue_once", lambda task, *args, **_: sent.append((task.name, *args)))
    tasks.dashboards_reconcile()
    assert ("classifier.score.dashboard_build", made.project.pk) in sent
    tasks.dashboard_build(made.project.pk)
    assert Dashboard.objects.get().state == "ready"


def test_figures_of_other_stages_are_not_shown(made):
    computed(made)
    Dashboard.objects.get().scale.__class__.objects.filter(project=made.project).update(status="retired")
    shown = dashboard_of(project=made.project)
    assert not shown.is_of_now
    assert (shown.content["sites"], shown.steps) == ([], [])


def log_of(rows, settled):
    person, at, lead, standing, photo = (np.array(column) for column in zip(*rows, strict=True))
    return WorkLog(
        person, at.astype(float), lead.astype(float), standing.astype(bool), photo,
        np.array([settled.get(it, np.nan) for it in photo.tolist()]),
    )  # fmt: skip


def test_pace_counts_standing_decisions_all_time_and_each_settled_photo_once():
    first = SPRING.date()
    start = SPRING.replace(hour=0).timestamp()
    log = log_of(
        [
            (1, start + 10, 5, True, 100),
            (1, start + 20, 5, False, 101),  # taken back: its time was spent
            (2, start + 700, 30, True, 100),
            (2, start + 7 * 86_400 + 5, 9, True, 102),
        ],
        settled={100: start + 700, 102: start + 30 * 86_400},
    )
    pace = pace_content(log, first=first)
    assert len(pace["weeks"]) == PACE_WEEKS
    assert pace["weeks"][0] == {"day": "2026-04-06", "seconds": 45.0, "decisions": 2, "settled": 1}
    assert pace["weeks"][1] == {"day": "2026-04-13", "seconds": 9.0, "decisions": 1, "settled": 0}
    assert pace["weeks"][4]["settled"] == 1
    assert pace["people"] == [
        {"person": 2, "seconds": 39.0, "decisions": 2, "settled": 2},
        {"person": 1, "seconds": 15.0, "decisions": 1, "settled": 1},
    ]


def test_the_work_of_people_is_read_and_that_of_imports_is_not(made):
    expert = MembershipFactory(project=made.project).user
    now = timezone.now()
    AnnotationFactory(photo=made.photos[0], annotator=expert, decided_at=now, lead_time_ms=4000)
    AnnotationFactory(photo=made.photos[1], annotator=expert, decided_at=now, lead_time_ms=4000, mode="simulated")
    AnnotationFactory(photo=made.photos[2], annotator=None, source="paper", decided_at=now, mode="import")
    AnnotationFactory(photo=made.photos[3], annotator=expert, decided_at=now - timedelta(weeks=20), lead_time_ms=4000)
    AnnotationFactory(annotator=expert, decided_at=now, lead_time_ms=4000)  # of another project
    [person] = computed(made).content["pace"]["people"]
    assert person == {"person": expert.pk, "seconds": 4.0, "decisions": 1, "settled": 1}


def plant_of(made, positions, *, labels=(), site=None):
    """A plant with a photo a week; those in ``labels`` settled, the others suggested."""
    plant = PlantFactory(site=site or SiteFactory(project=made.project))
    photos = []
    for number, position in enumerate(positions):
        photo = PhotoFactory(
            project=made.project, plant=plant, site=plant.site, taken_at=SPRING + timedelta(weeks=number)
        )
        if number in labels:
            made.label([photo], position=position)
        else:
            suggest(made, photo, position, 0.95)
        photos.append(photo)
    return plant, photos


def test_a_photo_that_goes_back_is_flagged_and_shown_in_its_week():
    made = world(n_photos=0, n_stages=4)
    good, _ = plant_of(made, [0, 1, 2, 3], labels=[0, 3])
    bad, photos = plant_of(made, [0, 3, 1, 1, 2], labels=[2, 3])
    dashboard = computed(made)
    assert dashboard.content["plants"] == {"n": 2, "flagged": [photos[1].pk], "n_flagged": 1, "is_cut": False}
    season = plant_season(project=made.project, year=2026)
    reader = MembershipFactory(project=made.project, role="adjudicator").user
    weeks = weeks_of_plants(project=made.project, plant_ids=[good.pk, bad.pk], season=season, reader_id=reader.pk)
    assert [it.position for it in weeks[good.pk]] == [0, 1, 2, 3]
    assert [it.is_label for it in weeks[good.pk]] == [True, False, False, True]
    assert [it.is_flagged for it in weeks[bad.pk]] == [False, True, False, False, False]
    only = plants_photographed(project=made.project, first=season.first, end=season.end, flagged=season.flagged)
    assert list(only) == [bad]
    later = plant_season(project=made.project, year=2027)
    assert not plants_photographed(project=made.project, first=later.first, end=later.end).exists()
    assert "impossible" in [step.code for step in dashboard_of(project=made.project).steps]


def test_a_plant_may_begin_anew_in_the_next_season():
    days = np.array([0.0, 7.0, 365.0])
    photos = PlantPhotos(
        np.arange(3), np.ones(3, int), days, np.array([1, 2, 0]), np.full(3, 0.99), np.ones(3, bool)
    )  # fmt: skip
    assert plant_flags(photos, n_stages=3, is_ordered=True).photo_ids == []
    within = PlantPhotos(photos.photo, photos.plant, days / 30, photos.position, photos.confidence, photos.is_label)
    assert plant_flags(within, n_stages=3, is_ordered=True).n > 0
    assert plant_flags(within, n_stages=3, is_ordered=False).n == 0, "nothing falls without an order"


def test_the_stage_of_a_photo_that_the_reader_holds_stays_untold():
    made = world(n_photos=0, n_stages=4)
    plant, photos = plant_of(made, [0, 1])
    reader = MembershipFactory(project=made.project, role="adjudicator").user
    QueueEntryFactory(photo=photos[1], batch__project=made.project, reason=QueueEntry.Reason.RANDOM)
    assert reservations_take(project=made.project, annotator=reader, count=1)
    season = plant_season(project=made.project, year=2026)
    weeks = weeks_of_plants(project=made.project, plant_ids=[plant.pk], season=season, reader_id=reader.pk)
    assert [it.position for it in weeks[plant.pk]] == [0, None]


URL = "/api/v1/projects/{slug}/dashboard"


def test_the_page_costs_the_same_whatever_the_project_holds(made, signed_in, django_assert_max_num_queries):
    plant_of(made, [0, 2, 1], site=made.north)
    version = ModelVersionFactory(
        project=made.project, scale=current_scale(project_id=made.project.pk), state="promoted"
    )
    EvaluationReportFactory(model_version=version)
    AgreementReport.objects.create(
        project=made.project, scale=version.scale, computed_at=timezone.now(),
        content={"overall": {"exact": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 40}, "within_one": None,
                             "qwk": None, "alpha": None},
                 "boundaries": [{"boundary": 0, "agreement": {"value": 0.5, "low": 0.3, "high": 0.7, "n": 40}}],
                 "n_photos_overlap": 40},
    )  # fmt: skip
    computed(made)
    client = signed_in(MembershipFactory(project=made.project, role="adjudicator").user)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = client.get(URL.format(slug=made.project.slug)).json()
    assert {it["name"] for it in page["sites"]} == {"North", "South", ""}
    assert page["agreement"]["exact"]["value"] == 0.8
    assert page["model"]["number"] == version.number
    assert page["model"]["consensus"]["low"] <= page["model"]["consensus"]["value"]
    assert page["steps"][0] == {
        "code": "guideline", "n": 40, "stage": 0, "site": None, "site_name": "", "n_labels": None, "share": 0.5,
        "other_share": None,
    }  # fmt: skip
    with CaptureQueriesContext(connection) as plants_few:
        answer = client.get(f"{URL.format(slug=made.project.slug)}/plants", {"season": 2026}).json()
    assert [len(it["weeks"]) for it in answer["results"]] == [3]
    for _ in range(5):
        plant_of(made, [0, 2, 1])
    computed(made)
    with django_assert_max_num_queries(len(few)):
        assert len(client.get(URL.format(slug=made.project.slug)).json()["sites"]) == 8
    with django_assert_max_num_queries(len(plants_few)):
        answer = client.get(f"{URL.format(slug=made.project.slug)}/plants", {"season": 2026}).json()
    assert len(answer["results"]) == 6
    assert len(few) <= 16
    assert len(plants_few) <= 12


def test_an_admin_asks_for_new_figures(made, signed_in):
    client = signed_in(MembershipFactory(project=made.project, role="admin").user)
    assert client.get(URL.format(slug=made.project.slug)).json()["state"] == "none"
    assert client.post(URL.format(slug=made.project.slug)).status_code == 202
    assert client.get(URL.format(slug=made.project.slug)).json()["state"] == "waiting"


@pytest.mark.parametrize("season", ["", "x", 0, 9999])
def test_a_season_that_cannot_be_is_refused(made, signed_in, season):
    client = signed_in(MembershipFactory(project=made.project, role="admin").user)
    assert client.get(f"{URL.format(slug=made.project.slug)}/plants", {"season": season}).status_code == 400


def test_photos_that_are_not_ready_count_nowhere(made):
    PhotoFactory(project=made.project, status=Photo.Status.RECEIVED, group_key="")
    assert sum(it["photos"] for it in computed(made).content["sites"]) == 12
