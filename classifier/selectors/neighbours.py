"""Labelled photos near another one in a feature space."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from labeling.models import Project, User
from labeling.selectors.photos import photo_get

State = Literal["ready", "blind", "no_vector", "no_model"]
STATES: tuple[State, ...] = ("ready", "blind", "no_vector", "no_model")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled photo and its cosine similarity."""

    photo_id: int
    stage_position: int
    similarity: float


@dataclass(frozen=True, slots=True)
class FoundNeighbours:
    """The nearest first; empty unless ``state`` is "ready"."""

    state: State
    items: list[Neighbour] = field(default_factory=list)


def neighbours_of(*, project: Project, photo_id: int, reader: User, count: int) -> FoundNeighbours:
    """The ``count`` labelled photos nearest to a photo.

    Raises:
        NotFound: "photo_not_found".
    """
    photo_get(project=project, photo_id=photo_id)
    return FoundNeighbours("no_model")
