"""Labelled photos near another one in a feature space: what the expert may compare it with.

The plan, and its bounds. pgvector computes the cosine distance exactly, over the ``CANDIDATES`` labelled photos that
were settled last: read backwards along ``consensus_recent`` up to that limit, one probe of the embedding's unique index
each, and a top-n sort. So the answer is exact for a project of that many labelled photos, and its cost does not grow
beyond, whatever the size of the pool: 10,000 vectors of 256 numbers are 5 MB, some 20 ms on one core. An index of the
vectors (HNSW) would have to hold the whole pool to find the few labelled ones in it, and one for each feature space.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.db import connection

from classifier.models import Embedding
from classifier.selectors.blindness import is_blind_to
from labeling.models import Photo, Project, User
from labeling.selectors.photos import photo_get
from labeling.selectors.queue import photo_ids_held

CANDIDATES = 10_000
"""Labelled photos that are compared, the latest ones."""
_FIRST = 100
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
    """The ``count`` labelled photos nearest to a photo, in the feature space it was embedded in last.

    Photos that the reader is asked about are left out: the stage of one may be known, and asked to measure the reader.

    Returns:
        State "blind" while the photo is asked blind and the reader has not decided: their stages would tell what the
        model thinks. "no_vector": the photo is not embedded yet. "no_model": none of the project's photos is.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_get(project=project, photo_id=photo_id)
    if is_blind_to(photo=photo, reader=reader):
        return FoundNeighbours("blind")
    held = photo_ids_held(project_id=project.pk, annotator_id=reader.pk)
    embedding = Embedding.objects.filter(photo=photo).order_by("-pk").values_list("pk", "backbone").first()
    if embedding is None:
        return FoundNeighbours("no_vector" if _is_embedded(project) else "no_model")
    items = _nearest(project, embedding[0], embedding[1], [photo.pk, *held], count)
    return FoundNeighbours("ready", items)


def _is_embedded(project: Project) -> bool:
    """Whether anything embeds the project's photos: the oldest come first, so a few tell."""
    oldest = list(Photo.objects.ready().filter(project=project).order_by("pk").values_list("pk", flat=True)[:_FIRST])
    return Embedding.objects.filter(photo_id__in=oldest).exists()


def _nearest(project: Project, embedding_id: int, backbone: str, besides: list[int], count: int) -> list[Neighbour]:
    # LATERAL with a limit keeps the probes: PostgreSQL may else read the whole table of vectors for a merge join. A
    # vector of zeros has no direction, and no distance.
    statement = """
        select near.photo_id, g.position, 1 - near.distance
        from (
            select c.photo_id, c.stage_id, d.distance
            from (
                select photo_id, stage_id from labeling_consensus
                where project_id = %(project)s and outcome = 'stage' and photo_id <> all(%(besides)s)
                order by decided_at desc limit %(candidates)s
            ) c
            cross join lateral (
                select e.vector <=> (select vector from classifier_embedding where id = %(embedding)s) as distance
                from classifier_embedding e where e.photo_id = c.photo_id and e.backbone = %(backbone)s limit 1
            ) d
            where d.distance <> 'NaN'
            order by d.distance, c.photo_id limit %(count)s
        ) near
        join labeling_growthstage g on g.id = near.stage_id
        join labeling_stagescale s on s.id = g.scale_id and s.status = 'current'
        order by near.distance, near.photo_id
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "project": project.pk,
                "besides": besides,
                "candidates": CANDIDATES,
                "embedding": embedding_id,
                "backbone": backbone,
                "count": count,
            },
        )
        return [Neighbour(*row) for row in cursor.fetchall()]
