"""Making and changing projects; what the classifier reads of them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.domain.errors import Conflict, DomainError
from labeling.domain.scale_templates import StageInput
from labeling.models import Adjudication, Consensus, KnownLabel, Membership, Photo, QueueEntry, Role
from labeling.selectors.ground_truth import ground_truth_rows, hidden_stage_positions
from labeling.selectors.pool import pool_rows
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import gold_set
from labeling.services.projects import project_create, project_update
from tests.factories.labeling import PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory, stage_at

pytestmark = pytest.mark.django_db
STAGES = [StageInput("Uno", "One"), StageInput("Dos", "Two"), StageInput("Tres", "Three")]


def decide(photo, expert, position, kind="stage", reason=""):
    made = DecisionInput(
        key=uuid4(), photo_id=photo.pk, kind=kind, stage=position, reason=reason, decided_at=timezone.now()
    )
    (result,) = decisions_submit(project=photo.project, annotator=expert, decisions=[made])
    return result.outcome


class TestCreate:
    def test_a_scale_an_admin_and_a_seed_of_its_own(self):
        user = UserFactory()
        project = project_create(name=" Almendros ", created_by=user, stages=STAGES, batch_size=30)
        scale = project.scales.get()
        assert (project.name, project.slug, project.batch_size) == ("Almendros", "almendros", 30)
        assert (scale.version, scale.status, scale.is_ordered) == (1, "current", True)
        assert list(scale.stages.values_list("slug", "hotkey", "position")) == [
            ("one", "1", 0), ("two", "2", 1), ("three", "3", 2),
        ]  # fmt: skip
        assert Membership.objects.get(project=project).role == Role.ADMIN
        assert project.seed != project_create(name="Otro", created_by=None, stages=STAGES).seed

    def test_names_that_repeat_get_addresses_that_do_not(self):
        slugs = [project_create(name="Perales", created_by=None, stages=STAGES).slug for _ in range(3)]
        assert slugs == ["perales", "perales-2", "perales-3"]
        with pytest.raises(Conflict):
            project_create(name="X", slug="perales", created_by=None, stages=STAGES)

    @pytest.mark.parametrize(
        "settings", [{"labels_wanted": 0}, {"labels_wanted": 10}, {"random_share": -0.1}, {"slug": "a b"}]
    )
    def test_settings_out_of_bounds(self, settings):
        with pytest.raises(DomainError) as error:
            project_create(name="X", created_by=None, stages=STAGES, **settings)
        assert error.value.code == "project_invalid"
        assert list(error.value.fields) == list(settings)


class TestLabelsWanted:
    def test_raising_it_opens_a_slot_more_for_what_is_not_settled(self):
        project = ProjectFactory()
        QueueEntryFactory(photo__project=project)
        settled = PhotoFactory(project=project)
        decide(settled, UserFactory(), 2)
        project_update(project=project, labels_wanted=3)
        assert QueueEntry.objects.get().open_slots == 3
        assert Consensus.objects.filter(photo=settled).exists(), "what is settled stays settled"

    def test_lowering_it_settles_what_has_enough(self):
        project = ProjectFactory(labels_wanted=3)
        enough, begun, untouched = (QueueEntryFactory(photo__project=project).photo for _ in range(3))
        a, b = UserFactory(), UserFactory()
        for expert in (a, b):
            decide(enough, expert, 4)
        decide(begun, a, 1)
        project_update(project=project, labels_wanted=2)
        assert Consensus.objects.get().photo == enough
        assert dict(QueueEntry.objects.values_list("photo_id", "open_slots")) == {begun.pk: 1, untouched.pk: 2}


class TestWhatTheClassifierReads:
    def test_ground_truth_holds_stages_only_in_one_query(self, django_assert_num_queries):
        project = ProjectFactory()
        staged, gold, unusable, undecided = (PhotoFactory(project=project, is_held_out=i == 1) for i in range(4))
        expert = UserFactory()
        decide(staged, expert, 2)
        gold_set(photo_id=gold.pk, stage=stage_at(project, 6))
        decide(unusable, expert, None, kind="unusable", reason="no_plant")
        decide(PhotoFactory(), expert, 1)
        with django_assert_num_queries(1):
            rows = ground_truth_rows(project_id=project.pk)
        assert [(row.photo_id, row.stage_position, row.is_gold, row.is_held_out) for row in rows] == [
            (staged.pk, 2, False, False),
            (gold.pk, 6, True, True),
        ]
        assert rows[0].distribution == (0, 0, 1, 0, 0, 0, 0)
        assert (rows[0].sha256, rows[0].group_key) == (staged.sha256, staged.group_key)
        assert undecided.pk not in {row.photo_id for row in rows}

    def test_the_pool_is_what_may_be_asked(self, django_assert_num_queries):
        project = ProjectFactory(labels_wanted=2)
        free, settled, disputed, sent_back, held_out, held_out_done = (
            PhotoFactory(project=project, is_held_out=i > 3) for i in range(6)
        )
        PhotoFactory(project=project, status="received")
        for photo in (settled, held_out_done):
            gold_set(photo_id=photo.pk, stage=stage_at(project, 0))
        for photo, state in ((disputed, "open"), (sent_back, "sent_back")):
            Adjudication.objects.create(photo=photo, project=project, stage_gap=2, state=state)
        twin = PhotoFactory(project=project, group_key=free.group_key)
        PhotoFactory(project=ProjectFactory())
        with django_assert_num_queries(1):
            pool = pool_rows(project_id=project.pk)
        assert pool.photo_ids.tolist() == [free.pk, sent_back.pk, held_out.pk, twin.pk]
        assert pool.photo_ids.tolist() == list(
            Photo.objects.unsettled().filter(project=project).order_by("pk").values_list("pk", flat=True)
        )
        assert pool.is_held_out.tolist() == [False, False, True, False]
        assert pool.groups[0] == pool.groups[3] != pool.groups[1]

    def test_hidden_stages_are_apart_from_gold(self):
        project = ProjectFactory()
        hidden, gold = PhotoFactory.create_batch(2, project=project)
        KnownLabel.objects.create(photo=hidden, stage=stage_at(project, 3), kind="hidden")
        gold_set(photo_id=gold.pk, stage=stage_at(project, 1))
        assert hidden_stage_positions(photo_ids=[hidden.pk, gold.pk]) == {hidden.pk: 3}
        assert not Consensus.objects.filter(photo=hidden).exists()
