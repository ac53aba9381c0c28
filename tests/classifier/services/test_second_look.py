"""Which labels are listed after a training, why, and what becomes of the doubts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from classifier.models import Embedding, Prediction, RunState, SecondLook, SecondLookRound
from classifier.selectors.second_look import (
    companions_of,
    open_by_reason,
    open_by_stage,
    round_effects,
    second_looks_open,
)
from classifier.services import second_look
from classifier.services.reconcile import projects_behind
from classifier.services.second_look import second_look_round_build
from classifier.services.second_look_settling import second_look_settle
from classifier.services.snapshots import snapshot_take
from labeling.domain.errors import Conflict, NotFound
from labeling.models import Adjudication, AdjudicationEvent, Annotation, Consensus, Photo, Plant, Site, StageScale
from labeling.services.consensus import gold_set
from tests.classifier.worlds import DIMENSION, world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, TrainingRunFactory
from tests.factories.labeling import FIRST_DAY, ProjectFactory, UserFactory, stage_at
from tests.labeling.queue.scenes import at_once

pytestmark = pytest.mark.django_db
N_STAGES = 4


@pytest.fixture
def made():
    """Labelled photos whose vectors are all unlike: no near-duplicates, no dates, no experts."""
    made = world(n_photos=60, n_stages=N_STAGES, held_out_every=10, with_vectors=False)
    made.label(made.photos)
    return made


def trained(made, wrong=(), *, sure=0.9, **predictions):
    """A run with a version that is sure of the truth; ``predictions`` of photos by ``p<index>`` override that.

    ``wrong`` are indices of photos that are labelled one stage too late first.
    """
    for index in wrong:
        made.label([made.photos[index]], position=(made.truth[made.photos[index].pk] + 1) % N_STAGES)
    snapshot = snapshot_take(project_id=made.project.pk)
    run = TrainingRunFactory(
        project=made.project, snapshot=snapshot, state=RunState.SUCCEEDED, finished_at=timezone.now()
    )
    number = 1 + made.project.model_versions.count()
    version = ModelVersionFactory(project=made.project, run=run, scale=snapshot.scale, number=number)
    rest = (1 - sure) / (N_STAGES - 1)
    Prediction.objects.bulk_create(
        Prediction(
            photo=photo, model_version=version,
            probabilities=predictions.get(
                f"p{index}", np.where(np.arange(N_STAGES) == made.truth[photo.pk], sure, rest).tolist()
            ),
        )
        for index, photo in enumerate(made.photos)
    )  # fmt: skip
    return run


def build(run):
    return second_look_round_build(run_id=run.pk, feature_space=FEATURE_SPACE)


def listed(made, **only):
    return list(second_looks_open(project_id=made.project.pk, **only).order_by("-doubt", "id"))


def embed(made, **vectors):
    """Unlike vectors for all photos but those named ``p<index>``."""
    rng = np.random.default_rng(1)
    Embedding.objects.bulk_create(
        Embedding(photo=photo, backbone=FEATURE_SPACE, vector=vectors.get(f"p{i}", rng.normal(size=DIMENSION)))
        for i, photo in enumerate(made.photos)
    )


class TestListing:
    def test_the_wrong_labels_are_listed_with_the_stage_that_was_meant(self, made):
        run = trained(made, wrong=(3, 17, 20), p3=[0, 0, 0.02, 0.98])

        built = build(run)

        looks = listed(made)
        assert looks[0].photo_id == made.photos[3].pk
        assert {look.photo_id for look in looks} == {made.photos[i].pk for i in (3, 17, 20)}
        for look in looks:
            assert look.suggested.position == made.truth[look.photo_id]
            assert look.label.position == (made.truth[look.photo_id] + 1) % N_STAGES
            assert (look.reason, look.evidence["against"], look.evidence["is_flagged"]) == ("model", ["model"], True)
            assert len(look.evidence["probabilities"]) == N_STAGES
        assert (built.n_labels, built.n_doubted) == (60, 3)
        assert built.noise_rate == pytest.approx(3 / 60, abs=0.02)

    def test_held_out_labels_are_looked_through_too(self, made):
        build(trained(made, wrong=(10,)))
        assert [look.photo.is_held_out for look in listed(made)] == [True]

    def test_photos_outside_the_training_set_are_not(self, made):
        late = made.photos.pop()
        Consensus.objects.filter(photo=late).delete()
        run = trained(made)
        made.label([late], position=(made.truth[late.pk] + 1) % N_STAGES)
        Prediction.objects.create(photo=late, model_version=run.model_version, probabilities=[0.25] * N_STAGES)

        assert build(run).n_labels == 59
        assert listed(made) == []

    def test_no_more_than_are_worth_looking_at(self, made, monkeypatch):
        monkeypatch.setattr(second_look, "LISTED_LEAST", 2)
        build(trained(made, wrong=range(0, 60, 3)))
        assert len(listed(made)) == second_look.listed_most(60) == 12

    def test_nothing_labelled_is_a_round_without_doubts(self):
        made = world(n_photos=4, n_stages=N_STAGES, with_vectors=False)
        assert build(trained(made)).n_labels == 0


class TestReasons:
    def test_a_near_duplicate_with_another_label(self, made):
        embed(made, p4=np.eye(DIMENSION)[0], p8=np.eye(DIMENSION)[0])
        # Photos 4 and 8 both show stage 0. The model cannot tell about 4, which is labelled 1.
        run = trained(made, wrong=(4,), p4=[0.49, 0.5, 0.005, 0.005])

        build(run)

        (look,) = listed(made)
        assert (look.reason, look.evidence["against"]) == ("duplicates", ["duplicates"])
        assert look.evidence["duplicates"] == [{"photo_id": made.photos[8].pk, "similarity": 1.0}]
        companions = companions_of([look])
        assert companions[made.photos[8].pk].stage_position == 0

    def test_a_plant_that_went_back(self, made):
        site = Site.objects.create(project=made.project, name="north")
        plant = Plant.objects.create(site=site, name="7")
        # One plant, a visit a week: 0 0 0 [1: labelled 2] 1 1 1
        visits = [0, 4, 8, 1, 5, 9, 13]
        for day, index in enumerate(visits):
            Photo.objects.filter(pk=made.photos[index].pk).update(
                plant=plant, site=site, taken_at=FIRST_DAY + timedelta(days=2 * day)
            )
        run = trained(made, wrong=(1,), p1=[0.01, 0.48, 0.5, 0.01])

        build(run)

        (look,) = listed(made)
        assert (look.photo_id, look.reason, look.suggested.position) == (made.photos[1].pk, "timeline", 1)
        assert look.evidence["visits"] == [made.photos[i].pk for i in (4, 8, 5, 9)]
        assert len(look.evidence["timeline"]) == N_STAGES

    def test_no_timeline_over_classes_without_an_order(self, made):
        StageScale.objects.filter(project=made.project).update(is_ordered=False)
        site = Site.objects.create(project=made.project, name="north")
        plant = Plant.objects.create(site=site, name="7")
        Photo.objects.filter(project=made.project).update(plant=plant, site=site, taken_at=FIRST_DAY)
        build(trained(made, wrong=(1,)))
        assert {source for look in listed(made) for source in look.evidence["against"]} == {"model"}

    def test_an_outvoted_expert(self, made):
        photo = made.photos[1]
        experts = UserFactory.create_batch(3)
        for expert, position in zip(experts, (2, 2, 1), strict=True):
            Annotation.objects.create(
                photo=photo, annotator=expert, kind="stage", stage=stage_at(made.project, position),
                decided_at=FIRST_DAY,
            )  # fmt: skip
        made.label([photo], position=2)
        run = trained(made, p1=[0.01, 0.49, 0.5, 0.0])

        build(run)

        (look,) = listed(made)
        assert (look.reason, look.suggested.position, look.evidence["against"]) == ("votes", 1, ["votes"])
        Consensus.objects.filter(photo=photo).update(is_adjudicated=True)
        build(run)
        assert listed(made) == [], "an adjudicator has heard the dissenter already"

    def test_everybody_agreeing_is_no_evidence_for_the_label(self, made):
        photo = made.photos[1]
        for expert in UserFactory.create_batch(5):
            Annotation.objects.create(
                photo=photo, annotator=expert, kind="stage", stage=stage_at(made.project, 2), decided_at=FIRST_DAY
            )
        build(trained(made, wrong=(1,)))
        assert [look.reason for look in listed(made)] == ["model"]


class TestRepeats:
    def test_a_repeat_replaces_what_is_open_and_nothing_else(self, made):
        run = trained(made, wrong=(3, 17, 20))
        build(run)
        first, second, _ = listed(made)
        second_look_settle(project=made.project, look_id=first.pk, by=UserFactory(), outcome="dismiss")
        Prediction.objects.filter(photo_id=second.photo_id).delete()

        built = build(run)

        assert SecondLookRound.objects.count() == 1
        assert SecondLook.objects.get(pk=first.pk).state == "dismissed"
        assert {look.photo_id for look in listed(made)} == {made.photos[i].pk for i in (3, 17, 20)} - {
            first.photo_id, second.photo_id,
        }  # fmt: skip
        assert built.n_doubted == 2

    def test_the_next_round_replaces_what_nobody_has_looked_at(self, made):
        build(trained(made, wrong=(3, 17)))
        before = {look.photo_id: look.pk for look in listed(made)}
        truth = made.truth[made.photos[17].pk]
        later = trained(made, wrong=(20,), p17=np.eye(N_STAGES)[(truth + 1) % N_STAGES].tolist())
        build(later)
        after = {look.photo_id: look.pk for look in listed(made)}
        assert set(after) == {made.photos[3].pk, made.photos[20].pk}, "17 is doubted no more"
        assert after[made.photos[3].pk] == before[made.photos[3].pk], "somebody may have it on their screen"
        assert {look.round_id for look in listed(made)} == {later.pk}
        assert SecondLook.objects.count() == 2

    @pytest.mark.parametrize("outcome", ["confirm", "dismiss"])
    def test_what_was_looked_at_comes_back_only_with_another_label(self, made, outcome):
        build(trained(made, wrong=(3,)))
        (look,) = listed(made)
        second_look_settle(project=made.project, look_id=look.pk, by=UserFactory(), outcome=outcome)

        build(trained(made))
        assert listed(made) == []

        made.label([made.photos[3]], position=(made.truth[look.photo_id] + 2) % N_STAGES)
        build(trained(made))
        assert [it.photo_id for it in listed(made)] == [look.photo_id]

    def test_a_late_message_of_an_older_run_changes_nothing(self, made):
        older = trained(made, wrong=(3,))
        build(trained(made))
        assert build(older) is None
        assert SecondLookRound.objects.count() == 1

    def test_a_run_without_a_model_or_of_other_stages_has_no_round(self, made):
        assert build(TrainingRunFactory(project=made.project, state="failed")) is None
        run = trained(made)
        StageScale.objects.filter(project=made.project).update(status=StageScale.Status.RETIRED)
        assert build(run) is None
        assert second_look_round_build(run_id=0, feature_space=FEATURE_SPACE) is None


class TestSettling:
    @pytest.fixture
    def look(self, made):
        build(trained(made, wrong=(3,)))
        return listed(made)[0]

    def settle(self, look, outcome, **fields):
        by = UserFactory()
        return by, second_look_settle(project=look.project, look_id=look.pk, by=by, outcome=outcome, **fields)

    def test_confirmed(self, look):
        by, settled = self.settle(look, "confirm")
        assert (settled.state, settled.settled_by) == ("confirmed", by)
        assert Consensus.objects.get(photo=look.photo).is_adjudicated

    def test_sent_back(self, look):
        self.settle(look, "send_back", note="see the petals")
        assert not Consensus.objects.filter(photo=look.photo).exists()
        assert Adjudication.objects.get().note == "see the petals"
        assert look.photo.adjudication_events.get().shown["second_look"]["run"] == look.round_id

    def test_dismissed_leaves_the_label_alone(self, look):
        before = Consensus.objects.get(photo=look.photo)
        self.settle(look, "dismiss")
        assert Consensus.objects.get(photo=look.photo).decided_at == before.decided_at
        assert not Consensus.objects.get(photo=look.photo).is_adjudicated

    def test_only_once(self, look):
        self.settle(look, "dismiss")
        with pytest.raises(Conflict) as refusal:
            self.settle(look, "confirm")
        assert refusal.value.code == "second_look_settled"

    def test_not_in_another_project(self, look):
        with pytest.raises(NotFound):
            second_look_settle(project=ProjectFactory(), look_id=look.pk, by=UserFactory(), outcome="dismiss")

    def test_what_changed_meanwhile_stays_open_and_leaves_the_list(self, made, look):
        made.label([made.photos[3]])
        with pytest.raises(Conflict) as refusal:
            self.settle(look, "confirm")
        assert refusal.value.code == "label_changed"
        look.refresh_from_db()
        assert look.state == "open"
        assert listed(made) == []

    def test_gold_can_be_confirmed_but_not_sent_back(self, made):
        gold_set(photo_id=made.photos[5].pk, stage=stage_at(made.project, 3))
        build(trained(made))
        (look,) = listed(made)
        with pytest.raises(Conflict) as refusal:
            self.settle(look, "send_back")
        assert refusal.value.code == "photo_is_gold"
        self.settle(look, "confirm")
        assert listed(made) == []


class TestReads:
    def test_counts_and_filters_by_reason_and_stage(self, made):
        build(trained(made, wrong=(3, 17, 20)))
        labels = sorted((made.truth[made.photos[i].pk] + 1) % N_STAGES for i in (3, 17, 20))
        assert open_by_reason(project_id=made.project.pk) == {"model": 3}
        assert open_by_stage(project_id=made.project.pk) == {it: labels.count(it) for it in labels}
        assert len(listed(made, stage_position=labels[0])) == labels.count(labels[0])
        assert listed(made, reason="season") == []

    def test_the_effect_of_a_round(self, made):
        indices = (3, 17, 20, 33, 41, 52)
        run = trained(made, wrong=indices)
        build(run)
        looks = {look.photo_id: look for look in listed(made)}
        outcomes = ("confirm", "dismiss", "send_back", "send_back", "send_back", "send_back")
        for index, outcome in zip(indices, outcomes, strict=True):
            look = looks[made.photos[index].pk]
            second_look_settle(project=made.project, look_id=look.pk, by=UserFactory(), outcome=outcome)
        made.label([made.photos[20]])
        made.label([made.photos[33]], position=looks[made.photos[33].pk].label.position)
        Consensus.objects.create(
            photo=made.photos[41], project=made.project, outcome="unusable", consensus_quality=1,
            annotator_agreement=1, n_annotations=1, decided_at=timezone.now(),
        )  # fmt: skip

        (effect,) = round_effects(project_id=made.project.pk)

        assert (effect.run_id, effect.version_number, effect.n_doubted) == (run.pk, 1, 6)
        found = (effect.confirmed, effect.changed, effect.unchanged, effect.waiting, effect.dismissed)
        assert found == (1, 2, 1, 1, 1)

    def test_a_photo_that_is_gone_explains_nothing(self, made):
        look = SecondLook(project=made.project, evidence={"duplicates": [{"photo_id": 0, "similarity": 1}]})
        assert companions_of([look]) == {}


class TestSafetyNet:
    def test_a_run_whose_message_was_lost_is_found_until_it_has_a_round(self, made):
        run = trained(made, wrong=(3,))
        assert projects_behind(feature_space=FEATURE_SPACE).to_look_through == [], "its message may be on its way"
        run.finished_at -= timedelta(minutes=5)
        run.save()
        assert projects_behind(feature_space=FEATURE_SPACE).to_look_through == [run.pk]
        build(run)
        assert projects_behind(feature_space=FEATURE_SPACE).to_look_through == []


@pytest.mark.django_db(transaction=True)
def test_two_adjudicators_at_once_and_a_new_round_meanwhile():
    made = world(n_photos=60, n_stages=N_STAGES, held_out_every=10, with_vectors=False)
    made.label(made.photos)
    run = trained(made, wrong=(3, 17))
    build(run)
    look, _ = listed(made)
    people = UserFactory.create_batch(2)

    def settle(by, outcome):
        try:
            second_look_settle(project=made.project, look_id=look.pk, by=by, outcome=outcome)
        except Conflict as refusal:
            return refusal.code
        return outcome

    answers = at_once(
        lambda: settle(people[0], "confirm"), lambda: settle(people[1], "send_back"), lambda: build(run) and "built"
    )

    done = [it for it in answers if it in ("confirm", "send_back")]
    assert len(done) == 1
    assert set(answers) == {"second_look_settled", "built", *done}
    assert AdjudicationEvent.objects.count() == 1
    assert SecondLook.objects.get(photo=look.photo).pk == look.pk
    assert len(listed(made)) == 1
