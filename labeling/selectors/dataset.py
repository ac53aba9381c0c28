"""What a project knows, as rows of an export: read in pages by photo, so that memory and transactions stay small.

A page is read by one statement and a half: the photos, then their annotations. Pages are not of one moment: what is
decided while an export runs may be in it or not. Counts, hash and card come from the rows themselves, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from labeling.domain.dataset import (
    DatasetHeader,
    DatasetRow,
    LabelFacts,
    ModelFacts,
    PhotoFacts,
    Stage,
    Unit,
    coarsened,
)
from labeling.models import Annotation, Consensus, GrowthStage, ImportBatch, Photo, Project, StageScale
from labeling.selectors.projects import current_scale

FIRST_PAGE = 200
"""Small, so that a client that waits sees the first rows soon."""
PAGE = 2_000
PLACE_CONSENT = 1
"""Lowest version of the grower's consent under which a coarsened place may leave."""
_PHOTO = (
    "id", "sha256", "original_name", "site__name", "plant__name", "taken_at", "width", "height", "camera",
    "is_held_out", "group_key", "site__timezone", "suggestion__position", "suggestion__confidence",
    "suggestion__model_version", "location__latitude", "location__longitude", "location__consent_version",
)  # fmt: skip
_N_PHOTO = len(_PHOTO)
_CONSENSUS = (
    "outcome", "stage_id", "distribution", "consensus_quality", "annotator_agreement", "n_annotations", "is_gold",
    "is_adjudicated", "decided_at",
)  # fmt: skip
_ANNOTATION = (
    "photo_id", "kind", "stage_id", "stage_upper_id", "annotator_id", "annotator__full_name", "source", "reason",
    "note", "decided_at", "mode", "is_blind", "lead_time_ms",
)  # fmt: skip


def dataset_header(
    *, project: Project, unit: Unit, exported_at: datetime, licence: str, has_places: bool, has_names: bool
) -> DatasetHeader:
    """What holds for all rows of an export of ``project``.

    Raises:
        NotFound: the project has no current scale.
    """
    scale = current_scale(project_id=project.pk)
    imports = ImportBatch.objects.filter(project=project).order_by("id").values_list("name", "label_source")
    return DatasetHeader(
        project=project.name,
        slug=project.slug,
        description=project.description,
        unit=unit,
        exported_at=exported_at,
        licence=licence,
        scale_version=scale.version,
        is_ordered=scale.is_ordered,
        stages=tuple(_stage(stage) for stage in scale.stages.all()),
        policy=_policy(project),
        imports=tuple(dict.fromkeys(imports)),
        has_places=has_places,
        has_names=has_names,
        revision=settings.CODE_REVISION,
    )


def dataset_size(*, project: Project, unit: Unit) -> int:
    """About how many rows an export has; some photos may be settled meanwhile."""
    if unit == "consensus":
        return _settled(project).count()
    return _annotations(project).count()


def dataset_rows(
    *, project: Project, unit: Unit, has_places: bool = False, has_names: bool = False
) -> Iterator[DatasetRow]:
    """All rows, by photo; of an annotation, those that stand, in the round that counts, on the current scale.

    Args:
        project: whose.
        unit: one row per photo that has a consensus, or per annotation.
        has_places: with places, where their sender consented; coarsened.
        has_names: annotators by name instead of by number.
    """
    stages = {stage.pk: _stage(stage) for stage in _current_stages(project)}
    facts = _Facts(stages, has_places=has_places, has_names=has_names)
    pages = _consensus_pages if unit == "consensus" else _annotation_pages
    last, size = 0, FIRST_PAGE
    while page := pages(project, last, size, facts):
        yield from page
        last, size = page[-1].photo.photo_id, PAGE


class _Facts:
    """Turns values of the database into those of a row."""

    def __init__(self, stages: dict[int, Stage], *, has_places: bool, has_names: bool) -> None:
        self.stages = stages
        self._by_position = {stage.position: stage for stage in stages.values()}
        self._has_places = has_places
        self._has_names = has_names
        self._zones: dict[str | None, ZoneInfo | None] = {None: None, "UTC": None}

    def photo(self, v: Any) -> PhotoFacts:
        """From the values of ``_PHOTO``."""
        place = None
        if self._has_places and v[15] is not None and v[17] >= PLACE_CONSENT:
            place = coarsened(v[15], v[16])
        taken_at = self._local(v[5], v[11])
        return PhotoFacts(
            v[0], v[1], v[2], v[3] or "", v[4] or "", taken_at, v[6], v[7], v[8], v[9], v[10], place
        )  # fmt: skip

    def model(self, v: Any) -> ModelFacts | None:
        """What a model suggested, if that stage is still in the scale."""
        stage = self._by_position.get(v[12])
        return ModelFacts(stage, v[13], v[14]) if stage else None

    def source(self, annotator_id: int | None, full_name: str | None, source: str) -> str:
        """A name that tells annotators apart; of people a number, or the name if it may be told."""
        if annotator_id is None:
            return source
        return f"{full_name} ({annotator_id})" if self._has_names and full_name else f"annotator-{annotator_id}"

    def _local(self, moment: datetime | None, zone: str | None) -> datetime | None:
        if zone not in self._zones:
            try:
                self._zones[zone] = ZoneInfo(zone or "UTC")
            except (KeyError, ValueError):
                self._zones[zone] = None
        known = self._zones[zone]
        return moment.astimezone(known) if moment and known else moment


def _consensus_pages(project: Project, after: int, size: int, facts: _Facts) -> list[DatasetRow]:
    names = [f"photo__{name}" for name in _PHOTO]
    rows = _settled(project).filter(photo_id__gt=after).order_by("photo_id").values_list(*names, *_CONSENSUS)[:size]
    return [DatasetRow(facts.photo(v), _consensus(v[_N_PHOTO:], facts), facts.model(v)) for v in rows]


def _consensus(v: Any, facts: _Facts) -> LabelFacts:
    stage = facts.stages.get(v[1])
    return LabelFacts(
        kind=v[0], stage=stage, stage_upper=None, source="", reason="", note="", decided_at=v[8],
        distribution=tuple(v[2]), quality=v[3], agreement=v[4], n_annotations=v[5], is_gold=v[6], is_adjudicated=v[7],
    )  # fmt: skip


def _annotation_pages(project: Project, after: int, size: int, facts: _Facts) -> list[DatasetRow]:
    counted = _annotations(project).filter(photo=OuterRef("pk"))
    page = Photo.objects.ready().filter(Exists(counted), project=project, pk__gt=after).order_by("pk")
    photos = {v[0]: (facts.photo(v), facts.model(v)) for v in page.values_list(*_PHOTO)[:size]}
    rows = _annotations(project).filter(photo__in=photos).order_by("photo_id", "id").values_list(*_ANNOTATION)
    return [DatasetRow(photos[v[0]][0], _annotation(v, facts), photos[v[0]][1]) for v in rows]


def _annotation(v: Any, facts: _Facts) -> LabelFacts:
    return LabelFacts(
        kind=v[1], stage=facts.stages.get(v[2]), stage_upper=facts.stages.get(v[3]),
        source=facts.source(v[4], v[5], v[6]), reason=v[7], note=v[8], decided_at=v[9], mode=v[10], is_blind=v[11],
        lead_time_ms=v[12],
    )  # fmt: skip


def _settled(project: Project) -> QuerySet[Consensus]:
    of_scale = Q(stage__isnull=True) | Q(stage__scale__status=StageScale.Status.CURRENT)
    return Consensus.objects.filter(of_scale, project=project, photo__status=Photo.Status.READY)


def _annotations(project: Project) -> QuerySet[Annotation]:
    of_scale = Q(stage__isnull=True) | Q(stage__scale__status=StageScale.Status.CURRENT)
    return (
        Annotation.objects.standing()
        .filter(of_scale, photo__project=project, photo__status=Photo.Status.READY)
        .annotate(asked_round=Coalesce(F("photo__adjudication__round"), 1))
        .filter(round=F("asked_round"))
    )


def _current_stages(project: Project) -> QuerySet[GrowthStage]:
    return GrowthStage.objects.filter(scale__project=project, scale__status=StageScale.Status.CURRENT)


def _stage(stage: GrowthStage) -> Stage:
    names = (stage.name_es, stage.name_en)
    return Stage(stage.position, stage.slug, *names, stage.bbch_first, stage.bbch_last)


def _policy(project: Project) -> tuple[tuple[str, str], ...]:
    certainty = "no" if project.certainty_wanted is None else f"{project.certainty_wanted:g}"
    most = project.labels_wanted + 1 if project.labels_max is None else project.labels_max
    return (
        ("Annotations wanted per photo", str(project.labels_wanted)),
        ("Most annotations before an adjudicator decides", str(most)),
        ("Asked until the stage is this probable", certainty),
        ("Weight of the model beside an expert, at most", f"{project.model_vote_cap:g}"),
        (
            "Boundaries where any difference goes to an adjudicator",
            ", ".join(map(str, project.critical_boundaries)) or "none",
        ),
        ("Share of photos held out for evaluation", f"{project.held_out_share:g}"),
        ("Seed of the held-out draw", str(project.seed)),
    )
