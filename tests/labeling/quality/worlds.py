"""Projects whose experts err as the tests plant it; annotations are written in bulk, nothing follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from labeling.models import Annotation, Membership, Photo, Project, QueueEntry, Role, User
from labeling.selectors.projects import current_stages
from tests.factories.labeling import FIRST_DAY, PhotoFactory, ProjectFactory, UserFactory

N_STAGES = 7
GOOD = 0.08
"""Probability of a step past either boundary."""


@dataclass
class World:
    """A project, its experts, and photos whose truth the test knows."""

    project: Project
    experts: list[User]
    photos: list[Photo] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def add_photos(self, count: int, **fields: Any) -> list[Photo]:
        added = Photo.objects.bulk_create(PhotoFactory.build_batch(count, project=self.project, **fields))
        self.photos += added
        self.truth += self.rng.integers(0, N_STAGES, count).tolist()
        return added

    def answer(self, expert: User, photo: Photo, *, error: float = GOOD, careless: float = 0.0) -> int:
        """What an expert says who steps past either boundary with probability ``error``, or does not look at all."""
        truth = self.truth[self.photos.index(photo)]
        if self.rng.random() < careless:
            return int(self.rng.integers(0, N_STAGES))
        step = self.rng.choice([-1, 0, 1], p=[error, 1 - 2 * error, error])
        return int(np.clip(truth + step, 0, N_STAGES - 1))

    def say(self, rows: list[tuple[User, Photo, int]], **fields: Any) -> None:
        """Write down who called what photo what."""
        stages = list(current_stages(project_id=self.project.pk))
        first = Annotation.objects.count()
        Annotation.objects.bulk_create(
            Annotation(
                photo=photo, annotator=expert, kind="stage", stage=stages[position],
                decided_at=FIRST_DAY + timedelta(hours=first + index), **{"lead_time_ms": 2000 + index % 500, **fields},
            )
            for index, (expert, photo, position) in enumerate(rows)
        )  # fmt: skip

    def say_all(self, photos: list[Photo], n_labels: int, careless: User | None = None) -> None:
        """Each photo is answered by ``n_labels`` experts drawn at random; one of them may not look at 6 in 10."""
        rows = []
        for photo in photos:
            for index in self.rng.permutation(len(self.experts))[:n_labels]:
                expert = self.experts[index]
                rows.append((expert, photo, self.answer(expert, photo, careless=0.6 if expert == careless else 0.0)))
        self.say(rows)


def world(n_experts: int = 4, **settings: Any) -> World:
    """A project with experts who are members of it."""
    project = ProjectFactory(**settings)
    experts = UserFactory.create_batch(n_experts)
    Membership.objects.bulk_create(Membership(project=project, user=it, role=Role.EXPERT) for it in experts)
    return World(project, experts)


def open_slots(photo: Photo) -> int | None:
    """Annotations that the photo's entry still asks for; None when it is not in the queue."""
    return QueueEntry.objects.filter(photo=photo).values_list("open_slots", flat=True).first()
