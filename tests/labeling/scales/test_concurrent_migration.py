"""A scale that is changed under the hands of experts who label."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.models import Annotation, Consensus, QueueEntry, StageImage, StageScale
from labeling.selectors.projects import current_scale
from labeling.services.annotate import decisions_submit
from labeling.services.scale_migrations import scale_migration_apply, scale_migration_undo
from tests.factories.labeling import ProjectFactory, QueueEntryFactory, UserFactory
from tests.labeling.scales.scenes import merge_draft, split_draft

pytestmark = pytest.mark.django_db(transaction=True)
N_EXPERTS, PER_EXPERT = 3, 14


def label(project, expert, photos, said, stop):
    """Answer photo by photo on the scale one knows; it is looked at anew only when an answer is refused."""
    try:
        scale = current_scale(project_id=project.pk)
        for number, photo in enumerate(photos):
            for _ in range(5):
                stages = list(scale.stages.all())
                position = number % len(stages)
                decision = DecisionInput(
                    key=uuid4(), photo_id=photo.pk, kind="stage", stage=position, decided_at=timezone.now(),
                    scale=scale.pk,
                )  # fmt: skip
                (result,) = decisions_submit(project=project, annotator=expert, decisions=[decision])
                if result.outcome == "applied":
                    said[photo.pk, expert.pk] = stages[position].pk
                    break
                assert result.code == "scale_changed", result
                scale = current_scale(project_id=project.pk)
        return expert.pk
    finally:
        stop.set()
        connections.close_all()


def test_no_answer_is_lost_or_changed_while_stages_are_merged_split_and_put_back():
    project = ProjectFactory(labels_wanted=1)
    photos = [entry.photo for entry in QueueEntryFactory.create_batch(N_EXPERTS * PER_EXPERT, photo__project=project)]
    experts, said, stop = UserFactory.create_batch(N_EXPERTS), {}, Event()
    with ThreadPoolExecutor(N_EXPERTS) as pool:
        shares = [photos[k::N_EXPERTS] for k in range(N_EXPERTS)]
        working = [pool.submit(label, project, *it, said, stop) for it in zip(experts, shares, strict=True)]
        n_changes = 0
        while not stop.is_set() and n_changes < 4:  # merge, undo, split, undo, ...
            drafted = merge_draft(project) if n_changes % 2 == 0 else split_draft(project)
            scale_migration_apply(migration_id=drafted.pk, by=None)
            scale_migration_undo(migration_id=drafted.pk, by=None)
            n_changes += 1
        assert sorted(it.result() for it in working) == sorted(it.pk for it in experts)
    assert n_changes > 0
    stored = {(it.photo_id, it.annotator_id): it.stage_id for it in Annotation.objects.filter(withdrawn_at=None)}
    assert {key: stored[key] for key in said} == said
    assert len(stored) == Annotation.objects.count()
    check_that_labels_follow_from_answers(project, stored)


def check_that_labels_follow_from_answers(project, stored):
    """Every photo is held to show what its answer is on the scale in use, or is asked again."""
    scale = StageScale.objects.get(project=project, status="current")
    images = dict(StageImage.objects.filter(scale=scale).values_list("stage_id", "image_id"))
    own = set(scale.stages.values_list("pk", flat=True))
    labels = dict(Consensus.objects.values_list("photo_id", "stage_id"))
    asked = set(QueueEntry.objects.filter(open_slots__gt=0).values_list("photo_id", flat=True))
    assert set(labels.values()) <= own
    for (photo_id, _), stage_id in stored.items():
        meant = stage_id if stage_id in own else images.get(stage_id)
        assert labels.get(photo_id) == meant if photo_id in labels else photo_id in asked, (photo_id, stage_id, meant)
