"""Photos that are asked until their posterior is sure enough: through the real path of decisions."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import DomainError
from labeling.models import Adjudication, AnnotatorQuality, Consensus, QueueEntry, StageScale, Suggestion
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import consensus_update
from labeling.services.projects import project_update
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueryBatchFactory, QueueEntryFactory, UserFactory
from tests.labeling.quality.worlds import open_slots, world

pytestmark = pytest.mark.django_db


def submit(photo, expert, position, kind="stage", key=None, undoes=None, upper=None):
    made = DecisionInput(
        key=key or uuid4(), photo_id=photo.pk, kind=kind, stage=position, stage_upper=upper, undoes=undoes,
        decided_at=timezone.now(), reason="blurred" if kind == "cannot_tell" else "",
    )  # fmt: skip
    (result,) = decisions_submit(project=photo.project, annotator=expert, decisions=[made])
    assert result.outcome == "applied", result


def rate(project, expert, step, carry=0.1):
    """Hold an expert to step past every boundary with this probability."""
    scale = StageScale.objects.get(project=project)
    AnnotatorQuality.objects.create(
        project=project, scale=scale, annotator=expert, up=[step] * 6, down=[step] * 6, carry=carry,
        accuracy=1 - 2 * step, n_annotations=500, computed_at=timezone.now(),
    )  # fmt: skip


def asked(project, probabilities=(), **fields):
    """A photo in the queue, with what a model says of it."""
    batch = QueryBatchFactory(project=project, model_version="m1" if probabilities else "")
    photo = PhotoFactory(project=project, **fields)
    QueueEntryFactory(photo=photo, batch=batch, probabilities=list(probabilities))
    return photo


@pytest.fixture
def orchard():
    return world(5, labels_wanted=1, labels_max=4, certainty_wanted=0.9, model_vote_cap=0.5)


class TestStop:
    def test_a_good_experts_word_is_enough_and_another_ones_is_not(self, orchard):
        good, poor = orchard.experts[:2]
        rate(orchard.project, good, 0.01)
        rate(orchard.project, poor, 0.2)
        one, other = asked(orchard.project), asked(orchard.project)
        submit(one, good, 3)
        submit(other, poor, 3)
        consensus = Consensus.objects.get()
        assert (consensus.photo, consensus.stage.position, consensus.n_annotations) == (one, 3, 1)
        assert consensus.consensus_quality == pytest.approx(max(consensus.distribution))
        assert consensus.consensus_quality > 0.9
        assert sum(consensus.distribution) == pytest.approx(1)
        assert open_slots(other) == 1, "one more is asked"

    def test_one_more_at_a_time_until_the_most_then_an_adjudicator(self, orchard):
        photo = asked(orchard.project)
        for expert in orchard.experts:
            rate(orchard.project, expert, 0.3, carry=0.5)
        for index, position in enumerate((3, 4, 3)):
            submit(photo, orchard.experts[index], position)
            assert open_slots(photo) == 1
        submit(photo, orchard.experts[3], 4)
        assert Adjudication.objects.get().state == "open"
        assert open_slots(photo) is None

    def test_when_all_experts_have_answered_nobody_is_waited_for(self):
        orchard = world(2, labels_wanted=1, labels_max=4, certainty_wanted=0.99)
        photo = asked(orchard.project)
        for expert, position in zip(orchard.experts, (3, 4), strict=True):
            submit(photo, expert, position)
        assert Adjudication.objects.get().photo == photo

    def test_newcomers_count_as_the_average_expert(self, orchard):
        photo = asked(orchard.project)
        submit(photo, orchard.experts[0], 3)
        assert not Consensus.objects.exists(), "nobody has been estimated: as is expected of experts"
        for expert in orchard.experts[1:]:
            rate(orchard.project, expert, 0.01)
        consensus_update(photo_id=photo.pk)
        assert Consensus.objects.get().photo == photo

    def test_two_between_the_same_two_are_sure_of_both(self, orchard):
        photo = asked(orchard.project)
        submit(photo, orchard.experts[0], 3, kind="between", upper=4)
        submit(photo, orchard.experts[1], 3, kind="between", upper=4)
        consensus = Consensus.objects.get()
        assert consensus.stage.position == 3
        assert consensus.distribution[3] == pytest.approx(consensus.distribution[4], abs=0.01)

    def test_those_who_cannot_tell_are_counted_as_ever(self, orchard):
        photo = asked(orchard.project)
        submit(photo, orchard.experts[0], None, kind="cannot_tell")
        assert Consensus.objects.get().outcome == "undecidable"

    def test_without_an_order_too(self):
        project = ProjectFactory(is_ordered=False, labels_wanted=1, labels_max=3, certainty_wanted=0.9)
        photo, experts = asked(project), UserFactory.create_batch(2)
        submit(photo, experts[0], 3)
        assert not Consensus.objects.exists()
        submit(photo, experts[1], 3)
        assert Consensus.objects.get().consensus_quality > 0.9

    def test_an_undone_answer_takes_the_consensus_with_it(self, orchard):
        rate(orchard.project, orchard.experts[0], 0.01)
        photo, key = asked(orchard.project), uuid4()
        submit(photo, orchard.experts[0], 3, key=key)
        assert Consensus.objects.exists()
        submit(photo, orchard.experts[0], None, kind="undo", undoes=key)
        assert not Consensus.objects.exists()


class TestModelVote:
    SURE_OF_3 = (0.0, 0.0, 0.02, 0.96, 0.02, 0.0, 0.0)

    def test_the_model_tips_the_scale(self, orchard):
        photo = asked(orchard.project, self.SURE_OF_3)
        submit(photo, orchard.experts[0], 3)
        assert Consensus.objects.get().photo == photo

    def test_without_a_weight_it_does_not(self, orchard):
        project_update(project=orchard.project, model_vote_cap=0.0)
        photo = asked(orchard.project, self.SURE_OF_3)
        submit(photo, orchard.experts[0], 3)
        assert not Consensus.objects.exists()

    def test_what_judges_the_model_does_not_listen_to_it(self, orchard):
        photo = asked(orchard.project, self.SURE_OF_3, is_held_out=True)
        submit(photo, orchard.experts[0], 3)
        assert not Consensus.objects.exists()

    def test_it_never_outvotes_two_who_agree(self, orchard):
        project_update(project=orchard.project, model_vote_cap=1.0)
        photo = asked(orchard.project, self.SURE_OF_3)
        submit(photo, orchard.experts[0], 4)
        submit(photo, orchard.experts[1], 4)
        consensus = Consensus.objects.filter(photo=photo).first()
        assert consensus is None or consensus.stage.position == 4


class TestCriticalBoundary:
    def test_a_difference_of_one_across_it_goes_to_an_adjudicator(self):
        project = ProjectFactory(labels_wanted=2, critical_boundaries=[3])
        across, beside = asked(project), asked(project)
        experts = UserFactory.create_batch(2)
        for expert, low, high in zip(experts, (3, 4), (2, 3), strict=True):
            submit(across, expert, low)
            submit(beside, expert, high)
        assert Adjudication.objects.get().photo == across
        assert open_slots(beside) == 1

    @pytest.mark.parametrize("boundaries", [[6], [0, 9]])
    def test_it_must_be_one_of_the_scale(self, boundaries):
        with pytest.raises(DomainError) as error:
            project_update(project=ProjectFactory(), critical_boundaries=boundaries)
        assert list(error.value.fields) == ["critical_boundaries"]

    def test_a_scale_without_an_order_has_none(self):
        with pytest.raises(DomainError):
            project_update(project=ProjectFactory(is_ordered=False), critical_boundaries=[0])

    def test_the_most_is_not_less_than_what_is_wanted(self):
        with pytest.raises(DomainError) as error:
            project_update(project=ProjectFactory(labels_wanted=3), labels_max=2)
        assert list(error.value.fields) == ["labels_max"]


class TestSuggestionsStayInStep:
    """``is_open`` is what the triage grid goes by."""

    def suggestion(self, photo):
        Suggestion.objects.create(photo=photo, project=photo.project, position=1, confidence=0.5, model_version="m1")
        return lambda: Suggestion.objects.get(photo=photo).is_open

    def test_closed_when_settled_open_again_when_withdrawn(self):
        photo, expert, key = asked(ProjectFactory()), UserFactory(), uuid4()
        is_open = self.suggestion(photo)
        submit(photo, expert, 3, key=key)
        assert not is_open()
        submit(photo, expert, None, kind="undo", undoes=key)
        assert is_open()

    def test_closed_in_adjudication_open_again_when_an_answer_is_undone(self):
        photo, key = asked(ProjectFactory(labels_wanted=2)), uuid4()
        is_open = self.suggestion(photo)
        one, other = UserFactory.create_batch(2)
        submit(photo, one, 0)
        assert is_open()
        submit(photo, other, 5, key=key)
        assert not is_open()
        submit(photo, other, None, kind="undo", undoes=key)
        assert is_open()


def test_a_certainty_costs_two_queries_more_per_decision(orchard, django_assert_max_num_queries):
    fixed = ProjectFactory(labels_wanted=2)
    for project in (fixed, orchard.project):
        for expert in orchard.experts[1:]:
            rate(project, expert, 0.2)
    counts = []
    for project in (fixed, orchard.project):
        photo = asked(project)
        with django_assert_max_num_queries(60) as queries:
            submit(photo, orchard.experts[0], 3)
        counts.append(len(queries))
        assert QueueEntry.objects.filter(photo=photo).exists()
    assert counts[1] - counts[0] <= 2
