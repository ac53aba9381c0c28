"""The report on the classes, and what models do when the stages change."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from classifier.core.contracts import TrainedEnsemble
from classifier.models import ClassReport, Embedding, Evaluation, ModelVersion, Prediction, RunState, TrainingRun
from classifier.selectors.class_reports import classes_of
from classifier.services import class_report as report_module
from classifier.services.class_report import class_report_build
from classifier.services.class_report_requests import class_report_request, class_reports_waiting
from classifier.services.scale_following import scale_follow, stages_are_untrained
from classifier.services.snapshots import snapshot_rows, snapshot_take
from classifier.services.training import training_start_if_due
from classifier.services.version_storing import _decide
from labeling.models import Annotation, Consensus
from labeling.services.scale_migrations import scale_migration_apply, scale_migration_undo
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, TrainingRunFactory
from tests.factories.labeling import UserFactory, stage_at
from tests.labeling.scales.scenes import merge_draft, split_draft

pytestmark = pytest.mark.django_db
N_STAGES = 4


@pytest.fixture
def made():
    """112 labelled photos with vectors that tell stages 0, 1 and 2|3 apart, but not 2 from 3; two experts each."""
    made = world(n_photos=112, n_stages=N_STAGES, held_out_every=5, with_vectors=False)
    rng = np.random.default_rng(0)
    experts = UserFactory.create_batch(2)
    centres = np.eye(3, 6) * 6
    vectors, said = [], []
    for photo in made.photos:
        truth = made.truth[photo.pk]
        vectors.append(Embedding(photo=photo, backbone=FEATURE_SPACE, vector=(
            centres[min(truth, 2)] + rng.normal(size=6)).tolist()))  # fmt: skip
        votes = rng.integers(2, 4, 2) if truth >= 2 else [truth, truth]
        said += [
            Annotation(
                photo=photo, annotator=expert, kind="stage", stage=stage_at(made.project, int(vote)),
                decided_at=timezone.now(),
            )
            for expert, vote in zip(experts, votes, strict=True)
        ]  # fmt: skip
        made.label([photo], position=int(votes[0]))
    Embedding.objects.bulk_create(vectors)
    Annotation.objects.bulk_create(said)
    return made


def trained(made, *, state="promoted", accuracy=0.9):
    """A run and its version, with predictions that are right for ``accuracy`` of the photos."""
    snapshot = snapshot_take(project_id=made.project.pk)
    run = TrainingRunFactory(
        project=made.project,
        snapshot=snapshot,
        state=RunState.SUCCEEDED,
        finished_at=timezone.now() - timedelta(days=1),
    )
    n_stages = snapshot.scale.stages.count()
    version = ModelVersionFactory(
        project=made.project, run=run, scale=snapshot.scale, state=state, number=1 + made.project.model_versions.count()
    )
    labels = dict(Consensus.objects.values_list("photo_id", "stage__position"))
    rng = np.random.default_rng(1)
    named = {it.pk: labels[it.pk] if rng.random() < accuracy else (labels[it.pk] + 1) % n_stages for it in made.photos}
    Prediction.objects.bulk_create(
        Prediction(photo=it, model_version=version, probabilities=np.eye(n_stages)[named[it.pk]].tolist())
        for it in made.photos
    )
    confusion = np.zeros((n_stages, n_stages), int)
    for it in made.photos:
        confusion[labels[it.pk], named[it.pk]] += 1
    Evaluation.objects.create(
        model_version=version, subset="held_out", n=len(made.photos), metrics={"confusion": confusion.tolist()}
    )
    return version


def build(made):
    class_report_request(project_id=made.project.pk)
    return class_report_build(project_id=made.project.pk, feature_space=FEATURE_SPACE)


class TestReport:
    def test_what_nobody_tells_apart_is_proposed_for_merging(self, made):
        version = trained(made)
        report = build(made)
        (proposal,) = report.content["proposals"]
        assert (proposal["kind"], proposal["stages"]) == ("merge", [2, 3])
        assert proposal["effect"]["accuracy_after"] >= proposal["effect"]["accuracy_before"]
        assert {len(side) for side in proposal["sides"]} == {12}
        pairs = {(it["first"], it["second"]): it for it in report.content["pairs"]}
        assert pairs[0, 1]["auc"]["low"] > 0.9
        assert pairs[2, 3]["agreement"]["value"] < 0.7
        assert (report.model_version, report.content["n_twice"]) == (version, 112)

    def test_without_a_model_no_effect_is_told(self, made):
        report = build(made)
        assert [it["effect"] for it in report.content["proposals"]] == [None]
        assert (report.content["partitions"], report.content["accuracy"]) == ([], None)

    def test_without_labels_there_is_a_report_that_says_nothing(self):
        empty = world(n_photos=4, n_stages=N_STAGES, with_vectors=False)
        report = build(empty)
        assert (report.state, report.content["n_labelled"]) == ("ready", 0)
        assert all(it["auc"] is None for it in report.content["pairs"])

    def test_a_failure_is_told_and_the_former_figures_stay(self, made, monkeypatch):
        before = build(made)

        def broken(**_):
            raise RuntimeError("no vectors")

        monkeypatch.setattr(report_module, "class_evidence", broken)
        with pytest.raises(RuntimeError):
            build(made)
        after = ClassReport.objects.get()
        assert (after.state, after.error, after.content) == ("failed", "RuntimeError: no vectors", before.content)

    def test_one_that_waits_is_found_until_it_is_done(self, made):
        class_report_request(project_id=made.project.pk)
        assert class_reports_waiting() == [made.project.pk]
        ClassReport.objects.update(state="running", heartbeat_at=timezone.now() - timedelta(minutes=10))
        assert class_reports_waiting() == [made.project.pk]
        class_report_build(project_id=made.project.pk, feature_space=FEATURE_SPACE)
        assert class_reports_waiting() == []
        assert class_report_build(project_id=made.project.pk, feature_space=FEATURE_SPACE) is None

    def test_the_database_wants_a_complete_report(self, made):
        class_report_request(project_id=made.project.pk)
        for broken in ({"state": "ready"}, {"state": "failed"}, {"progress": 2.0}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ClassReport.objects.update(**broken)


class TestStagesChange:
    def test_figures_are_told_on_both_versions_by_the_same_predictions(self, made):
        version = trained(made, accuracy=0.8)
        draft = merge_draft(made.project, first=2, n_stages=N_STAGES)
        (figures,) = classes_of(project_id=made.project.pk).mapped
        assert (figures.migration_id, figures.version_number) == (draft.pk, version.number)
        labels = dict(Consensus.objects.values_list("photo_id", "stage__position"))
        named = {it.photo_id: int(np.argmax(it.probabilities)) for it in Prediction.objects.all()}
        merged = np.mean([min(labels[it], 2) == min(named[it], 2) for it in labels])
        assert figures.accuracy_after == pytest.approx(merged)
        assert figures.accuracy_after > figures.accuracy_before
        scale_migration_apply(migration_id=draft.pk, by=None)
        assert classes_of(project_id=made.project.pk).mapped == [figures]  # comparable before and after
        split_draft(made.project, stage=0, n_stages=N_STAGES - 1)
        assert len(classes_of(project_id=made.project.pk).mapped) == 1  # on a finer scale nothing can be told

    def test_a_training_under_way_ends_without_harm_and_the_next_begins_by_itself(self, made):
        before = trained(made)
        under_way = TrainingRunFactory(
            project=made.project, snapshot=snapshot_take(project_id=made.project.pk), state=RunState.RUNNING
        )
        labels = Consensus.objects.count()
        draft = merge_draft(made.project, first=2, n_stages=N_STAGES)
        scale_migration_apply(migration_id=draft.pk, by=None)
        assert Consensus.objects.count() == labels
        assert training_start_if_due(project_id=made.project.pk) is None  # one at a time
        TrainingRun.objects.filter(pk=under_way.pk).update(state=RunState.SUCCEEDED, finished_at=timezone.now())
        run = training_start_if_due(project_id=made.project.pk)
        assert run is not None
        assert run.snapshot.scale_id == draft.to_scale_id
        assert (run.snapshot.n_train + run.snapshot.n_held_out, len(run.snapshot.stage_counts)) == (112, 3)
        assert run.log_lines.get().message == "Started by rule: the stages have changed."
        before.refresh_from_db()
        assert before.state == "promoted"

    def test_the_gate_compares_with_the_version_of_before_by_its_mapped_predictions(self, made):
        trained(made, accuracy=0.6)
        draft = merge_draft(made.project, first=2, n_stages=N_STAGES)
        scale_migration_apply(migration_id=draft.pk, by=None)
        run = TrainingRunFactory(project=made.project, snapshot=snapshot_take(project_id=made.project.pk))
        rows = snapshot_rows(run.snapshot)
        for is_right in (True, False):
            decision = _decide(run, rows, ensemble_of(rows, is_right=is_right))
            assert decision.promote is is_right, decision.reason

    def test_undo_promotes_again_what_was_promoted_before(self, made):
        first = trained(made)
        draft = merge_draft(made.project, first=2, n_stages=N_STAGES)
        scale_migration_apply(migration_id=draft.pk, by=None)
        assert stages_are_untrained(project_id=made.project.pk)
        assert scale_follow(project_id=made.project.pk) is None
        ModelVersion.objects.filter(pk=first.pk).update(state="retired")
        second = trained(made)
        assert not stages_are_untrained(project_id=made.project.pk)
        scale_migration_undo(migration_id=draft.pk, by=None)
        assert scale_follow(project_id=made.project.pk) == first
        second.refresh_from_db()
        assert second.state == "retired"
        assert scale_follow(project_id=made.project.pk) is None


def ensemble_of(rows, *, is_right):
    """What a training would give, with probabilities that name the right stage or the next."""
    train = [place for place, row in enumerate(rows) if not row.is_held_out]
    held_out = [place for place, row in enumerate(rows) if row.is_held_out]
    n_stages = len(rows[0].distribution)

    def probas(places):
        return np.eye(n_stages)[[(rows[it].stage + (not is_right)) % n_stages for it in places]]

    return TrainedEnsemble(
        ensemble=None,
        members=[],
        stacking_weights={},
        temperature=1.0,
        train_rows=np.array(train),
        held_out_rows=np.array(held_out),
        out_of_fold_probabilities=probas(train),
        held_out_probabilities=probas(held_out),
        evaluations={},
        device="",
        seconds=0.0,
    )
