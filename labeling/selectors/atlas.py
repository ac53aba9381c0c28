"""Which photos would make good examples of a stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet, Value

from labeling.domain.errors import NotFound
from labeling.models import Consensus, GrowthStage, Photo, ReferencePhoto

CANDIDATES = 24
PER_GROUP = 2
"""Photos of one plant or burst: an atlas of one tree teaches that tree."""


@dataclass(frozen=True)
class Candidate:
    """A settled photo that nobody contradicts.

    Attributes:
        photo_id: of a photo that is not held out, so that its label may be shown.
        n_annotations: experts who named its stage.
        quality: probability of its stage.
        beside_share: probability of the stage beside it; None where no boundary was asked for.
    """

    photo_id: int
    n_annotations: int
    quality: float
    beside_share: float | None


def reference_candidates(*, project_id: int, stage_id: int, beside_id: int | None = None) -> list[Candidate]:
    """The best examples of a stage that are not in the atlas yet, best first, at most ``CANDIDATES``.

    Of a stage: those that are surest, from the most experts, sharp and well lit first. Of a boundary: those of the
    stage whose second most likely stage is the one beside it, nearest to the boundary first.

    Raises:
        NotFound: a stage is not one of the project's current scale.
    """
    position = _position(project_id, stage_id)
    settled = _settled(project_id, stage_id)
    if beside_id is None:
        is_clear = ExpressionWrapper(Q(photo__advice=[]), output_field=BooleanField())
        rows = settled.annotate(share=Value(None, output_field=FloatField())).order_by(
            is_clear.desc(), "-consensus_quality", "-n_annotations", "photo_id"
        )
    else:
        beside = _position(project_id, beside_id)
        if beside == position:
            raise NotFound("stage_not_found", "A stage is not beside itself.")
        rows = settled.annotate(share=F(f"distribution__{beside}")).order_by("-share", "-n_annotations", "photo_id")
    values = rows.values_list("photo_id", "photo__group_key", "n_annotations", "consensus_quality", "share")
    taken: Counter[str] = Counter()
    chosen: list[Candidate] = []
    for photo_id, group, n_annotations, quality, share in values[: CANDIDATES * 10]:
        taken[group] += 1
        if taken[group] <= PER_GROUP:
            chosen.append(Candidate(photo_id, n_annotations, quality, share))
    return chosen[:CANDIDATES]


def _position(project_id: int, stage_id: int) -> int:
    stage = GrowthStage.objects.filter(pk=stage_id, scale__project_id=project_id, scale__status="current").first()
    if stage is None:
        raise NotFound("stage_not_found", "There is no such stage in the current scale.")
    return stage.position


def _settled(project_id: int, stage_id: int) -> QuerySet[Consensus]:
    """Photos of the stage whose experts agree, or whose dispute somebody settled."""
    in_atlas = ReferencePhoto.objects.filter(photo=OuterRef("photo"), stage_id=stage_id)
    return Consensus.objects.filter(
        ~Exists(in_atlas),
        Q(annotator_agreement=1) | Q(is_adjudicated=True) | Q(is_gold=True),
        project_id=project_id,
        stage_id=stage_id,
        photo__status=Photo.Status.READY,
        photo__is_held_out=False,
    )
