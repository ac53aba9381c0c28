"""A project, a grower in it, and what happens to photos."""

from __future__ import annotations

import pytest
from django.utils import timezone

from labeling.models import Consensus, Suggestion
from tests.factories.labeling import ProjectFactory, stage_at


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}/my-photos{path}"


def settle(photo, position, outcome="stage", quality=0.95, distribution=(), at=None):
    return Consensus.objects.create(
        photo=photo, project=photo.project, outcome=outcome,
        stage=None if position is None else stage_at(photo.project, position), distribution=list(distribution),
        consensus_quality=quality, annotator_agreement=1.0, n_annotations=1, decided_at=at or timezone.now(),
    )  # fmt: skip


def suggest(photo, position, confidence=0.7):
    return Suggestion.objects.create(
        photo=photo, project=photo.project, position=position, confidence=confidence, model_version="1"
    )


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def grower(project, member_client):
    return member_client(project, "grower")
