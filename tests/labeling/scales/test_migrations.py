"""Changing the scale: nothing said is lost, nothing changes silently, and undo puts everything back."""

import pytest
from django.db import IntegrityError, transaction

from labeling.domain.errors import Conflict, DomainError
from labeling.models import (
    Adjudication,
    Annotation,
    Consensus,
    GrowthStage,
    Photo,
    QueueEntry,
    ScaleMigration,
    StageImage,
    StageLink,
    StageScale,
    Suggestion,
)
from labeling.selectors.answers import answers_of
from labeling.selectors.dataset import dataset_rows
from labeling.selectors.ground_truth import ground_truth_rows
from labeling.selectors.pool import open_answers
from labeling.selectors.projects import current_scale, current_stages
from labeling.services.adjudicate import adjudication_settle
from labeling.services.consensus import gold_set
from labeling.services.scale_drafts import scale_draft_discard, scale_draft_report
from labeling.services.scale_migrations import (
    scale_migration_apply,
    scale_migration_carry_out,
    scale_migration_request,
    scale_migration_undo,
)
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory
from tests.labeling.scales.scenes import (
    annotation_rows,
    answer,
    merge_draft,
    queue,
    reorder_draft,
    split_draft,
    stage_of,
    standing,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory(labels_wanted=2, labels_max=2, critical_boundaries=[0, 3, 5])


@pytest.fixture
def experts():
    return UserFactory.create_batch(2)


def answered(project, experts, *positions):
    """A photo with one answer per position: a number, or (lower, upper)."""
    photo = QueueEntryFactory(photo__project=project, open_slots=project.labels_wanted).photo
    for expert, position in zip(experts, positions, strict=False):
        lower, upper = position if isinstance(position, tuple) else (position, None)
        assert answer(photo, expert, lower, upper) == ("applied", "")
    return photo


def apply(migration):
    return scale_migration_apply(migration_id=migration.pk, by=None)


def undo(migration):
    return scale_migration_undo(migration_id=migration.pk, by=None)


class TestMerge:
    def test_labels_are_carried_over_and_what_was_disputed_inside_is_settled(self, project, experts):
        before, below, above = (answered(project, experts, k, k) for k in (2, 3, 6))
        soft = answered(project, experts, 2, (2, 3))
        inside = answered(project, experts, 3, 4)
        between = answered(project, experts, (3, 4), (3, 4))
        assert Adjudication.objects.filter(photo=inside, state="open").exists()
        said = annotation_rows()
        done = apply(merge_draft(project))
        assert [stage_of(it) for it in (before, below, above, soft)] == [2, 3, 5, 2]
        assert (stage_of(inside), stage_of(between)) == (3, 3)
        assert annotation_rows() == said
        assert (done.n_asked, QueueEntry.objects.filter(reason="sent_back").count()) == (0, 0)
        soft_label = Consensus.objects.get(photo=soft)
        assert soft_label.distribution == pytest.approx([0, 0, 0.75, 0.25, 0, 0])
        assert soft_label.consensus_quality == pytest.approx(0.75)
        assert Consensus.objects.get(photo=between).annotator_agreement == 1.0
        project.refresh_from_db()
        assert project.critical_boundaries == [0, 4]  # the merged one is gone, the later one moved along

    def test_counting_is_as_on_the_new_scale(self, project, experts):
        answered(project, experts, 3, 4)
        half = answered(project, experts, 4)
        apply(merge_draft(project))
        assert open_answers(project_id=project.pk) == {half.pk: [(3, 3)]}
        answers = answers_of(project_id=project.pk, scale=current_scale(project_id=project.pk))
        assert answers["lower"].tolist() == answers["upper"].tolist() == [3, 3, 3]
        told = [row.label for row in dataset_rows(project=project, unit="annotation")]
        assert [(it.kind, it.stage.slug) for it in told] == [("stage", "open")] * 3
        assert answer(half, experts[1], 3) == ("applied", "")
        assert stage_of(half) == 3

    def test_a_decision_on_the_older_scale_is_kept_as_it_was_made(self, project, experts):
        half = answered(project, experts, 3)
        older = current_scale(project_id=project.pk)
        migration = merge_draft(project)
        apply(migration)
        assert answer(half, experts[1], 4, scale=older.pk) == ("applied", "")
        latest = Annotation.objects.latest("id")
        assert (latest.stage.scale_id, latest.stage.position) == (older.pk, 4)
        assert stage_of(half) == 3
        assert answer(half, experts[1], 1, scale=10**6) == ("rejected", "scale_changed")

    def test_undo_restores_all_to_the_letter(self, project, experts):
        for positions in ((2, 2), (3, 3), (3, 4), (5, (5, 6)), (4,), (), (1, 3)):
            answered(project, experts, *positions)
        gold = PhotoFactory(project=project)
        gold_set(photo_id=gold.pk, stage=current_stages(project_id=project.pk)[4])
        settled = answered(project, experts, 1, 4)
        adjudication_settle(project=project, photo_id=settled.pk, by=experts[0], outcome="stage", stage_position=4)
        before, entries, said = standing(), queue(), annotation_rows()
        migration = merge_draft(project)
        apply(migration)
        assert standing() != before
        assert (stage_of(gold), stage_of(settled)) == (3, 3)
        undo(migration)
        assert standing() == before
        assert queue() == entries
        assert annotation_rows() == said
        project.refresh_from_db()
        assert project.critical_boundaries == [0, 3, 5]
        assert current_scale(project_id=project.pk).version == 1

    def test_what_was_said_in_between_stays_or_is_asked_again(self, project, experts):
        elsewhere, inside, untouched = (answered(project, experts, k) for k in (6, 3, 4))
        migration = merge_draft(project)
        apply(migration)
        assert answer(elsewhere, experts[1], 5) == ("applied", "")  # the last stage, on the new version
        assert answer(inside, experts[1], 3) == ("applied", "")  # on the old one it could be either
        said = annotation_rows()
        undo(migration)
        assert stage_of(elsewhere) == 6
        assert stage_of(inside) is None
        assert Adjudication.objects.get(photo=inside).round == 2
        assert dict(queue())[inside.pk] == 2
        assert dict(queue())[untouched.pk] == 1
        assert annotation_rows() == said


class TestSplit:
    def test_photos_of_the_stage_are_asked_again_blind_and_first(self, project, experts):
        kept, lost, half = (answered(project, experts, *it) for it in ((5, 5), (4, 4), (4,)))
        said = annotation_rows()
        done = apply(split_draft(project))
        assert (done.n_mapped, done.n_asked) == (1, 2)
        assert stage_of(kept) == 6
        assert stage_of(lost) is None
        entries = QueueEntry.objects.filter(photo__in=[lost, half])
        assert set(entries.values_list("reason", "is_blind", "rank", "open_slots")) == {("sent_back", True, 0, 2)}
        assert annotation_rows() == said
        for expert, position in zip(experts, (4, 4), strict=True):
            assert answer(lost, expert, position) == ("applied", "")
        assert stage_of(lost) == 4

    def test_an_older_decision_that_could_be_either_part_is_refused_and_others_are_taken(self, project, experts):
        half, other = answered(project, experts, 4), answered(project, experts, 6)
        older = current_scale(project_id=project.pk)
        apply(split_draft(project))
        assert answer(half, experts[0], 4, scale=older.pk) == ("rejected", "scale_changed")
        assert answer(half, experts[0], (4), scale=older.pk) == ("rejected", "scale_changed")
        assert answer(other, experts[1], 6, scale=older.pk) == ("applied", "")
        assert stage_of(other) == 7

    def test_gold_of_a_split_stage_is_suspended_and_comes_back(self, project):
        photo = PhotoFactory(project=project)
        gold_set(photo_id=photo.pk, stage=current_stages(project_id=project.pk)[4])
        before = standing()
        migration = split_draft(project)
        apply(migration)
        assert stage_of(photo) is None
        undo(migration)
        assert standing() == before
        assert queue() == []

    def test_undo_restores_all_and_keeps_what_was_learned(self, project, experts):
        lost, answered_anew = answered(project, experts, 4, 4), answered(project, experts, 4, 4)
        before = Consensus.objects.filter(photo=lost).values().get()
        migration = split_draft(project)
        apply(migration)
        for expert in experts:
            assert answer(answered_anew, expert, 5) == ("applied", "")
        undo(migration)
        assert Consensus.objects.filter(photo=lost).values().get() == before
        assert not QueueEntry.objects.filter(photo=lost).exists()
        assert stage_of(answered_anew) == 4
        assert not Adjudication.objects.filter(photo=lost).exists()


class TestReorder:
    def test_positions_follow_their_stages(self, project, experts):
        first, second = answered(project, experts, 0, 0), answered(project, experts, 1, 1)
        spread = answered(project, experts, (0, 1))
        before = standing()
        migration = reorder_draft(project, [1, 2, 0, 3, 4, 5, 6])
        apply(migration)
        assert (stage_of(first), stage_of(second)) == (2, 0)
        assert Consensus.objects.get(photo=first).distribution == [0, 0, 1, 0, 0, 0, 0]
        assert Adjudication.objects.get(photo=spread).state == "sent_back"  # no neighbours any more
        assert {row.stage_position for row in ground_truth_rows(project_id=project.pk)} == {0, 2}
        undo(migration)
        assert standing() == before


class TestRules:
    def test_suggestions_of_before_are_forgotten(self, project):
        entry = QueueEntryFactory(photo__project=project, reason="boundary", boundary=3, probabilities=[1 / 7] * 7)
        Suggestion.objects.create(photo=entry.photo, project=project, position=6, confidence=0.9, model_version="old")
        apply(merge_draft(project))
        entry.refresh_from_db()
        assert (entry.probabilities, entry.boundary, entry.reason) == ([], None, "uncertain")
        assert not Suggestion.objects.exists()

    def test_only_one_draft_and_none_after_another_change(self, project):
        migration = merge_draft(project)
        with pytest.raises(Conflict, match="draft"):
            split_draft(project)
        apply(migration)
        with pytest.raises(Conflict):
            apply(migration)
        later = split_draft(project, n_stages=6)
        apply(later)
        with pytest.raises(Conflict, match="changed meanwhile"):
            undo(migration)
        undo(later)
        undo(migration)
        assert current_scale(project_id=project.pk).version == 1

    def test_discarding_leaves_nothing(self, project):
        migration = merge_draft(project)
        scale_draft_discard(project=project, migration_id=migration.pk)
        assert StageScale.objects.filter(project=project).count() == 1
        assert GrowthStage.objects.filter(scale__project=project).count() == 7

    def test_reporting_coarse_changes_nothing_else(self, project, experts):
        answered(project, experts, 3, 3)
        before = standing()
        scale_draft_report(project=project, migration_id=merge_draft(project).pk)
        assert standing() == before
        assert current_scale(project_id=project.pk).version == 1
        with pytest.raises(DomainError, match="splits"):
            scale_draft_report(project=project, migration_id=split_draft(project).pk)

    def test_a_worker_carries_out_what_was_asked_once(self, project, experts):
        migration = merge_draft(project)
        scale_migration_request(project=project, migration_id=migration.pk, what="apply", by=experts[0])
        with pytest.raises(Conflict, match="asked to do that"):
            scale_migration_request(project=project, migration_id=migration.pk, what="apply", by=experts[0])
        assert scale_migration_carry_out(migration_id=migration.pk).state == "applied"
        assert scale_migration_carry_out(migration_id=migration.pk) is None
        assert ScaleMigration.objects.get().applied_by == experts[0]

    def test_the_database_refuses_what_the_code_must_not_do(self, project):
        migration = apply(merge_draft(project))
        link = StageLink.objects.filter(migration=migration).first()
        foreign = current_stages(project_id=ProjectFactory().pk)[0]
        for broken in (
            lambda: StageLink.objects.filter(pk=link.pk).delete(),
            lambda: StageLink.objects.filter(pk=link.pk).update(to_stage=foreign),
            lambda: StageLink.objects.create(migration=migration, from_stage=foreign, to_stage=foreign),
            lambda: ScaleMigration.objects.filter(pk=migration.pk).delete(),
            lambda: ScaleMigration.objects.filter(pk=migration.pk).update(state="draft", applied_at=None),
            lambda: ScaleMigration.objects.filter(pk=migration.pk).update(applied_at=None),
            lambda: ScaleMigration.objects.filter(pk=migration.pk).update(to_scale=foreign.scale),
            lambda: StageImage.objects.create(scale=foreign.scale, stage=foreign, image=foreign),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                broken()

    def test_photos_that_nobody_spoke_of_are_left_alone(self, project):
        PhotoFactory(project=project)
        PhotoFactory(project=project, status=Photo.Status.RECEIVED)
        migration = apply(merge_draft(project))
        assert migration.photos.count() == 0
