"""The estimate of a project's annotators: what it writes, what comes of it, that it is safe to repeat and to kill."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, connections, transaction
from django.utils import timezone

from labeling import tasks
from labeling.domain.scale_templates import StageInput
from labeling.models import (
    Adjudication,
    AdjudicationEvent,
    AgreementReport,
    Annotation,
    AnnotatorQuality,
    Consensus,
    KnownLabel,
    QueueEntry,
    StageScale,
)
from labeling.selectors.agreement import reports_waiting
from labeling.selectors.answers import answers_of
from labeling.services import annotator_quality
from labeling.services.adjudicate import adjudication_settle
from labeling.services.agreement_report import agreement_request, reports_advance
from labeling.services.annotator_quality import annotators_estimate
from labeling.services.consensus import consensus_update, gold_set
from labeling.services.locks import Lock, session_lock
from labeling.services.projects import project_create
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, UserFactory, stage_at
from tests.labeling.quality.worlds import open_slots, world

pytestmark = pytest.mark.django_db


def estimate(project):
    agreement_request(project_id=project.pk)
    assert annotators_estimate(project_id=project.pk)
    return AgreementReport.objects.get(project=project)


def quality(expert):
    return AnnotatorQuality.objects.get(annotator=expert)


class TestWhatIsWritten:
    def test_everybodys_error_model_and_the_report(self):
        orchard = world(4)
        orchard.say_all(orchard.add_photos(120), 3, careless=orchard.experts[3])
        report = estimate(orchard.project)
        assert (report.n_annotations, report.requested_at, report.error) == (360, None, "")
        assert AnnotatorQuality.objects.count() == 4
        careless, good = quality(orchard.experts[3]), quality(orchard.experts[0])
        assert careless.accuracy < 0.6 < 0.75 < good.accuracy
        assert len(good.up) == len(good.down) == 6
        flags = {row["annotator_id"]: row["flags"] for row in report.content["annotators"]}
        assert flags == {it.pk: ["careless"] if it == orchard.experts[3] else [] for it in orchard.experts}
        assert report.content["n_photos_overlap"] == 120
        assert report.content["overall"]["alpha"]["n"] == 120

    def test_again_it_says_the_same(self):
        orchard = world(3)
        orchard.say_all(orchard.add_photos(40), 2)
        first = estimate(orchard.project).content
        rows = list(AnnotatorQuality.objects.order_by("annotator").values_list("annotator", "up", "down", "carry"))
        assert estimate(orchard.project).content == first
        assert (
            list(AnnotatorQuality.objects.order_by("annotator").values_list("annotator", "up", "down", "carry")) == rows
        )

    def test_sources_are_annotators_too(self):
        orchard = world(2)
        photos = orchard.add_photos(10)
        orchard.say_all(photos, 2)
        AnnotationFactory(photo=photos[0], annotator=None, source="Old survey")
        rows = estimate(orchard.project).content["annotators"]
        assert [(row["annotator_id"], row["source"]) for row in rows if row["source"]] == [(None, "Old survey")]

    def test_gold_measures(self):
        orchard = world(2)
        photos = orchard.add_photos(40)
        for photo, truth in zip(photos, orchard.truth, strict=True):
            gold_set(photo_id=photo.pk, stage=stage_at(orchard.project, truth))
        good, poor = orchard.experts
        orchard.say([(good, photo, truth) for photo, truth in zip(photos, orchard.truth, strict=True)])
        orchard.say([(poor, photo, (truth + 3) % 7) for photo, truth in zip(photos, orchard.truth, strict=True)])
        rows = {row["annotator_id"]: row for row in estimate(orchard.project).content["annotators"]}
        assert rows[good.pk]["gold_accuracy"]["value"] == 1.0
        assert rows[good.pk]["gold_accuracy"]["low"] < 0.95, "40 photos do not prove infallibility"
        assert rows[poor.pk]["gold_accuracy"]["value"] == 0.0
        assert rows[poor.pk]["n_gold"] == quality(poor).n_gold == 40
        assert quality(good).accuracy > 0.85 > 0.5 > quality(poor).accuracy

    def test_two_experts_alone_have_no_accuracy_of_their_own(self):
        orchard = world(2)
        orchard.say_all(orchard.add_photos(40), 2)
        content = estimate(orchard.project).content
        assert [row["accuracy"] for row in content["annotators"]] == [None, None]
        assert content["overall"]["exact"]["value"] > 0

    def test_a_project_without_annotations(self):
        project = ProjectFactory()
        report = estimate(project)
        assert (report.n_annotations, report.content["annotators"]) == (0, [])

    def test_a_scale_without_an_order(self):
        orchard = world(3, is_ordered=False)
        orchard.say_all(orchard.add_photos(60), 3)
        content = estimate(orchard.project).content
        assert (content["overall"]["qwk"], content["boundaries"]) == (None, [])
        assert quality(orchard.experts[0]).up == []
        assert quality(orchard.experts[0]).accuracy > 0.7

    def test_only_what_counts_is_read(self):
        """Not what was withdrawn, not earlier rounds, not other scales, not other projects; refusals name no stage."""
        orchard = world(2)
        one, sent_back, old = orchard.add_photos(3)
        orchard.say([(orchard.experts[0], one, 3), (orchard.experts[0], sent_back, 0), (orchard.experts[1], one, 2)])
        Annotation.objects.filter(annotator=orchard.experts[1]).update(withdrawn_at=timezone.now())
        Adjudication.objects.create(photo=sent_back, project=orchard.project, state="sent_back", round=2, stage_gap=3)
        orchard.say([(orchard.experts[1], sent_back, 5)], round=2)
        Annotation.objects.create(
            photo=old, annotator=orchard.experts[0], kind="cannot_tell", reason="blurred", decided_at=timezone.now()
        )
        AnnotationFactory()
        scale = StageScale.objects.get(project=orchard.project)
        found = answers_of(project_id=orchard.project.pk, scale=scale)
        assert found["lower"].tolist() == [3, 5, -1]
        other = StageScale.objects.create(project=orchard.project, version=2, status="draft")
        assert answers_of(project_id=orchard.project.pk, scale=other)["lower"].tolist() == [-1]

    def test_reading_and_looking_again_cost_no_query_per_photo(self, django_assert_num_queries):
        counts = []
        for n_photos in (10, 40):
            orchard = world(3, certainty_wanted=0.5, labels_wanted=2)
            photos = orchard.add_photos(n_photos)
            orchard.say([(it, photo, orchard.truth[0]) for photo in photos for it in orchard.experts])
            for photo in photos:
                consensus_update(photo_id=photo.pk)
            estimate(orchard.project)
            agreement_request(project_id=orchard.project.pk)
            with connection.execute_wrapper(counted := Counted()):
                annotators_estimate(project_id=orchard.project.pk)
            counts.append(counted.n)
        assert counts[0] == counts[1]


class Counted:
    """Counts the statements that pass through it."""

    n = 0

    def __call__(self, execute, sql, params, many, context):
        self.n += 1
        return execute(sql, params, many, context)


class TestLookingAgain:
    @pytest.fixture
    def found_out(self):
        """Settled on the word of one, who turns out not to look: 40 photos, beside 150 that tell who is who."""
        orchard = world(4, labels_wanted=1, labels_max=3, certainty_wanted=0.75, model_vote_cap=0.0)
        careless = orchard.experts[3]
        theirs = orchard.add_photos(40)
        orchard.say([(careless, photo, orchard.answer(careless, photo, careless=0.6)) for photo in theirs])
        good = orchard.add_photos(40)
        orchard.say([(orchard.experts[0], photo, orchard.answer(orchard.experts[0], photo)) for photo in good])
        for photo in theirs + good:
            consensus_update(photo_id=photo.pk)
        assert Consensus.objects.count() == 80
        orchard.say_all(orchard.add_photos(150), 3, careless=careless)
        return orchard, theirs, good

    def test_the_photos_of_a_careless_expert_come_back_and_those_of_others_do_not(self, found_out):
        orchard, theirs, good = found_out
        estimate(orchard.project)
        assert not Consensus.objects.filter(photo__in=theirs).exists()
        assert Consensus.objects.filter(photo__in=good).count() == 40
        entries = QueueEntry.objects.filter(photo__in=theirs)
        assert entries.count() == 40
        assert all(entry.is_blind and entry.open_slots == 1 for entry in entries), "the model has learned the old stage"

    def test_gold_and_what_an_adjudicator_settled_stay(self, found_out):
        orchard, theirs, _ = found_out
        gold_set(photo_id=theirs[0].pk, stage=stage_at(orchard.project, 2))
        Consensus.objects.filter(photo=theirs[1]).update(is_adjudicated=True)
        estimate(orchard.project)
        assert set(Consensus.objects.filter(photo__in=theirs).values_list("photo", flat=True)) == {
            theirs[0].pk, theirs[1].pk,
        }  # fmt: skip

    def test_without_a_wanted_certainty_nothing_settled_moves(self, found_out):
        orchard, theirs, _ = found_out
        orchard.project.certainty_wanted = None
        orchard.project.save()
        estimate(orchard.project)
        assert Consensus.objects.filter(photo__in=theirs).count() == 40

    def test_a_certainty_that_moved_a_little_is_left_alone(self, found_out):
        orchard, _, _ = found_out
        estimate(orchard.project)
        before = dict(Consensus.objects.values_list("photo", "decided_at"))
        estimate(orchard.project)
        assert dict(Consensus.objects.values_list("photo", "decided_at")) == before

    def test_a_new_minimum_reopens_nothing_that_is_sure(self, found_out):
        orchard, _, good = found_out
        estimate(orchard.project)
        orchard.project.labels_wanted = 2
        orchard.project.save()
        estimate(orchard.project)
        assert Consensus.objects.filter(photo__in=good).count() == 40

    def test_a_policy_reaches_what_is_answered_in_part(self):
        orchard = world(3, labels_wanted=2, labels_max=3)
        (photo,) = orchard.add_photos(1)
        orchard.say([(orchard.experts[0], photo, 3), (orchard.experts[1], photo, 4)])
        consensus_update(photo_id=photo.pk)
        assert open_slots(photo) == 1
        orchard.project.critical_boundaries = [3]
        orchard.project.save()
        estimate(orchard.project)
        assert Adjudication.objects.get().photo == photo


class TestRequests:
    def test_without_one_nothing_is_done(self):
        orchard = world(2)
        orchard.say_all(orchard.add_photos(5), 2)
        assert not annotators_estimate(project_id=orchard.project.pk)
        assert not AnnotatorQuality.objects.exists()

    def test_a_second_delivery_finds_nothing_to_do(self):
        project = ProjectFactory()
        first = estimate(project)
        assert not annotators_estimate(project_id=project.pk)
        assert AgreementReport.objects.get(project=project).computed_at == first.computed_at

    def test_a_request_that_comes_meanwhile_is_kept(self, monkeypatch):
        project = ProjectFactory()
        agreement_request(project_id=project.pk)
        real = annotator_quality.consensuses_reexamine

        def asked_meanwhile(**kwargs):
            agreement_request(project_id=project.pk)
            return real(**kwargs)

        monkeypatch.setattr(annotator_quality, "consensuses_reexamine", asked_meanwhile)
        annotators_estimate(project_id=project.pk)
        assert reports_waiting() == [project.pk]

    def test_a_failure_is_told_and_leaves_what_was_there(self, monkeypatch):
        orchard = world(2)
        orchard.say_all(orchard.add_photos(5), 2)
        before = estimate(orchard.project)
        agreement_request(project_id=orchard.project.pk)

        def broken(*args, **kwargs):
            raise RuntimeError("no memory left")

        monkeypatch.setattr(annotator_quality, "fit_annotators", broken)
        with pytest.raises(RuntimeError):
            annotators_estimate(project_id=orchard.project.pk)
        after = AgreementReport.objects.get()
        assert (after.error, after.requested_at) == ("RuntimeError: no memory left", None)
        assert after.content == before.content
        monkeypatch.undo()
        assert estimate(orchard.project).error == ""

    def test_what_a_dead_worker_left_waits_and_what_a_live_one_does_not(self):
        projects = [ProjectFactory() for _ in range(3)]
        for project in projects:
            agreement_request(project_id=project.pk)
        now = timezone.now()
        AgreementReport.objects.filter(project=projects[0]).update(heartbeat_at=now)
        AgreementReport.objects.filter(project=projects[1]).update(heartbeat_at=now - timedelta(minutes=5))
        assert reports_waiting() == [projects[1].pk, projects[2].pk]

    def test_what_kills_its_worker_is_given_up(self, monkeypatch):
        project = ProjectFactory()
        agreement_request(project_id=project.pk)

        def killed(**kwargs):
            raise SystemExit

        monkeypatch.setattr(tasks, "annotators_estimate", killed)
        for _ in range(tasks.ATTEMPTS):
            with pytest.raises(SystemExit):
                tasks.estimate_annotators(project.pk)
        tasks.estimate_annotators(project.pk)
        report = AgreementReport.objects.get()
        assert report.requested_at is None
        assert "ended 5 times" in report.error


class TestWhenItIsDue:
    def test_new_annotations_ask_for_it_once_there_are_enough(self):
        orchard = world(2)
        assert reports_advance() == []
        orchard.say_all(orchard.add_photos(2), 2)
        assert reports_advance() == [orchard.project.pk], "there has been no report yet"
        estimate(orchard.project)
        assert reports_advance() == []
        orchard.say_all(orchard.add_photos(10), 2)
        assert reports_advance() == [], "20 more can wait a while"
        orchard.say_all(orchard.add_photos(15), 2)
        assert reports_advance() == [orchard.project.pk]

    def test_a_few_wait_until_it_is_quiet(self):
        orchard = world(2)
        orchard.say_all(orchard.add_photos(2), 2)
        estimate(orchard.project)
        orchard.say_all(orchard.add_photos(1), 1)
        assert reports_advance() == []
        AgreementReport.objects.update(computed_at=timezone.now() - timedelta(minutes=11))
        assert reports_advance() == [orchard.project.pk]

    def test_marks_stay_close_behind(self, monkeypatch):
        monkeypatch.setattr("labeling.services.agreement_report.MARK_LAG", 0)
        idle, busy = ProjectFactory(), world(2)
        busy.say_all(busy.add_photos(3), 2)
        reports_advance()
        report = AgreementReport.objects.get(project=idle)
        assert report.content["last_annotation_id"] == Annotation.objects.latest("pk").pk
        assert AgreementReport.objects.get(project=busy.project).content == {}


@pytest.mark.django_db(transaction=True)
class TestConcurrency:
    def test_two_workers_never_estimate_the_same_project_at_once(self, monkeypatch):
        orchard = world(3)
        orchard.say_all(orchard.add_photos(20), 2)
        agreement_request(project_id=orchard.project.pk)
        inside, go_on = threading.Event(), threading.Event()
        real = annotator_quality.fit_annotators

        def slow(*args, **kwargs):
            inside.set()
            assert go_on.wait(20)
            return real(*args, **kwargs)

        monkeypatch.setattr(annotator_quality, "fit_annotators", slow)
        outcomes = []

        def work():
            outcomes.append(annotators_estimate(project_id=orchard.project.pk))
            connections.close_all()

        first = threading.Thread(target=work)
        first.start()
        assert inside.wait(20)
        assert AgreementReport.objects.get().heartbeat_at is not None, "seen by others while it runs"
        assert reports_waiting() == []
        work()
        go_on.set()
        first.join()
        assert outcomes == [False, True]
        assert AnnotatorQuality.objects.count() == 3

    def test_beat_asks_and_enqueues_once(self, monkeypatch):
        orchard = world(2)
        orchard.say_all(orchard.add_photos(3), 2)
        sent = []
        monkeypatch.setattr(tasks.estimate_annotators, "apply_async", lambda args, **_: sent.append(args[0]))
        for _ in range(3):
            tasks.reconcile_annotators()
        assert sent == [orchard.project.pk]
        assert AgreementReport.objects.get().requested_at is not None

    def test_the_lock_ends_with_whoever_held_it(self):
        with session_lock(Lock.ESTIMATE, 1) as is_ours:
            assert is_ours
            with session_lock(Lock.ESTIMATE, 1) as is_theirs:
                assert not is_theirs
        with session_lock(Lock.ESTIMATE, 1) as is_ours:
            assert is_ours


class TestAdjudicationEvents:
    def settle(self, outcome, **fields):
        orchard = world(2, labels_wanted=2)
        (photo,) = orchard.add_photos(1)
        orchard.say([(orchard.experts[0], photo, 1), (orchard.experts[1], photo, 5)])
        consensus_update(photo_id=photo.pk)
        judge = UserFactory()
        adjudication_settle(project=orchard.project, photo_id=photo.pk, by=judge, outcome=outcome, **fields)
        return AdjudicationEvent.objects.get(), judge

    def test_what_was_decided_by_whom_on_what_grounds(self):
        event, judge = self.settle("stage", stage_position=5, note=" petals gone ")
        assert (event.adjudicator, event.outcome, event.stage.position) == (judge, "stage", 5)
        assert (event.note, event.round) == ("petals gone", 1)
        assert [it["position"] for it in event.shown["opinions"]] == [1, 5]

    def test_sending_back_is_an_event_of_the_round_that_ends(self):
        event, _ = self.settle("send_back")
        assert (event.outcome, event.round, event.stage) == ("send_back", 1, None)
        assert Adjudication.objects.get().round == 2

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_the_database_refuses_to_change_history(self, change):
        event, _ = self.settle("unusable")
        events = AdjudicationEvent.objects.filter(pk=event.pk)
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            events.update(note="never said") if change == "update" else events.delete()
        assert events.get().note == ""


def test_an_estimate_reads_the_scale_that_is_current_now():
    """A gold stage of a retired scale tells nothing of the current one."""
    stages = [StageInput("Uno", "One"), StageInput("Dos", "Two")]
    project = project_create(name="Viejo", created_by=None, stages=stages)
    photo = PhotoFactory(project=project)
    old = stage_at(project, 1)
    KnownLabel.objects.create(photo=photo, stage=old, kind="gold")
    AnnotationFactory(photo=photo, position=1)
    StageScale.objects.filter(project=project).update(status="retired")
    scale = StageScale.objects.create(project=project, version=2, status="current")
    found = answers_of(project_id=project.pk, scale=scale)
    assert len(found) == 0
