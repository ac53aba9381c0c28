"""Small projects whose photos have known stages and vectors that show them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone

from classifier.models import Embedding
from labeling.models import Consensus, Photo, Project
from labeling.selectors.projects import current_stages
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import PhotoFactory, ProjectFactory

DIMENSION = 8


@dataclass
class World:
    """A project, its photos in order, and the position each truly shows."""

    project: Project
    photos: list[Photo] = field(default_factory=list)
    truth: dict[int, int] = field(default_factory=dict)

    def label(self, photos, *, position=None):
        """Give photos a consensus, by default the truth."""
        stages = {stage.position: stage for stage in current_stages(project_id=self.project.pk)}
        for photo in photos:
            place = self.truth[photo.pk] if position is None else position
            distribution = [0.0] * len(stages)
            distribution[place] = 1.0
            Consensus.objects.update_or_create(
                photo=photo,
                defaults={
                    "project": self.project, "outcome": "stage", "stage": stages[place], "distribution": distribution,
                    "consensus_quality": 1.0, "annotator_agreement": 1.0, "n_annotations": 1,
                    "decided_at": timezone.now(),
                },
            )  # fmt: skip


def world(*, n_photos=60, n_stages=3, held_out_every=5, with_vectors=True, noise=0.15, **project):
    """Photos cycle through the stages; each stage has a direction of its own in the feature space."""
    rng = np.random.default_rng(3)
    made = World(ProjectFactory(n_stages=n_stages, **{"batch_size": 20, **project}))
    centres = rng.normal(size=(n_stages, DIMENSION))
    embeddings = []
    for i in range(n_photos):
        photo = PhotoFactory(project=made.project, is_held_out=held_out_every > 0 and i % held_out_every == 0)
        made.photos.append(photo)
        made.truth[photo.pk] = i % n_stages
        vector = centres[i % n_stages] + rng.normal(scale=noise, size=DIMENSION)
        embeddings.append(Embedding(photo=photo, backbone=FEATURE_SPACE, vector=vector.tolist()))
    if with_vectors:
        Embedding.objects.bulk_create(embeddings)
    return made
