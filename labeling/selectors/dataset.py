"""What a project knows, as rows of an export: read in pages by photo, so that memory and transactions stay small.

Pages are not of one moment: what is decided while an export runs may be in it or not. Counts, hash and card come from
the rows themselves, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

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
from labeling.models import (
    Adjudication,
    Annotation,
    Consensus,
    GrowthStage,
    ImportBatch,
    Photo,
    PhotoLocation,
    Project,
    StageScale,
    Suggestion,
)
from labeling.selectors.projects import current_scale
from labeling.selectors.scales import positions_now

FIRST_PAGE = 200
"""Small, so that a client that waits sees the first rows soon."""
PAGE = 2_000
PLACE_CONSENT = 1
"""Lowest version of the grower's consent under which a coarsened place may leave."""
_PHOTO = (
    "id", "sha256", "original_name", "site__name", "plant__name", "taken_at", "width", "height", "camera",
    "is_held_out", "group_key", "site__timezone",
)  # fmt: skip
_CONSENSUS = (
    "photo_id", "outcome", "stage_id", "distribution", "consensus_quality", "annotator_agreement", "n_annotations",
    "is_gold", "is_adjudicated", "decided_at",
)  # fmt: skip
_ANNOTATION = (
    "photo_id", "kind", "stage_id", "stage_upper_id", "annotator_id", "annotator__full_name", "source", "reason",
    "note", "decided_at", "mode", "is_blind", "lead_time_ms", "round",
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
    """About how many rows an export has; what is of an earlier round or scale counts here and is left out there."""
    if unit == "consensus":
        return Consensus.objects.filter(project=project).count()
    return Annotation.objects.standing().filter(photo__project=project).count()


def dataset_rows(
    *, project: Project, unit: Unit, has_places: bool = False, has_names: bool = False
) -> Iterator[DatasetRow]:
    """All rows, by photo; of annotations those that stand, in the round that counts, on the current scale.

    Annotations of other versions of the scale are told as what they are on the current one, where that can be told.

    Args:
        project: whose.
        unit: one row per photo that has a consensus, or per annotation.
        has_places: with places, where their sender consented; coarsened.
        has_names: annotators by name instead of by number.
    """
    stages = {stage.pk: _stage(stage) for stage in _current_stages(project)}
    if unit == "annotation":
        at = {stage.position: stage for stage in stages.values()}
        stages = {stage_id: at[position] for stage_id, position in positions_now(project_id=project.pk).items()}
    pages = _consensus_pages(project, stages) if unit == "consensus" else _annotation_pages(project, stages, has_names)
    for labels in pages:
        photos = _Photos(project, list(labels), stages, has_places=has_places)
        for photo_id, facts, model in photos.in_order():
            for label in labels[photo_id]:
                yield DatasetRow(facts, label, model)


Labels = dict[int, list[LabelFacts]]
"""By photo, in order of photo."""

# Pages are cut on one table by its own key, and the rest is looked up by the ids of the page. Joined in one statement,
# the planner starts a merge at the beginning of the tables for each page: the last page then costs as much as all.


def _consensus_pages(project: Project, stages: dict[int, Stage]) -> Iterator[Labels]:
    last, size = 0, FIRST_PAGE
    while True:
        settled = Consensus.objects.filter(project=project, photo_id__gt=last).order_by("photo_id")
        page = list(settled.values_list(*_CONSENSUS)[:size])
        if not page:
            return
        last, size = page[-1][0], PAGE
        yield {v[0]: [_consensus(v, stages)] for v in page if v[2] is None or v[2] in stages}


def _annotation_pages(project: Project, stages: dict[int, Stage], has_names: bool) -> Iterator[Labels]:  # noqa: FBT001
    last, size = 0, FIRST_PAGE
    while True:
        # Both sides of the join begin behind the last page: a condition on one is not carried over to the other.
        given = Annotation.objects.standing().filter(photo=OuterRef("pk"), photo_id__gt=last)
        annotated = Photo.objects.filter(Exists(given), project=project, pk__gt=last).order_by("pk")
        photo_ids = list(annotated.values_list("pk", flat=True)[:size])
        if not photo_ids:
            return
        last, size = photo_ids[-1], PAGE
        yield _annotations_of(photo_ids, stages, has_names=has_names)


def _annotations_of(photo_ids: Sequence[int], stages: dict[int, Stage], *, has_names: bool) -> Labels:
    rounds = dict(Adjudication.objects.filter(photo_id__in=_among(photo_ids)).values_list("photo_id", "round"))
    given = Annotation.objects.standing().filter(photo_id__in=_among(photo_ids)).order_by("photo_id", "id")
    labels: Labels = {}
    for v in given.values_list(*_ANNOTATION):
        named = sorted({stages[it].position if it in stages else -2 for it in v[2:4] if it is not None})
        is_of_scale = not named or (named[0] >= 0 and named[-1] - named[0] <= 1)
        if is_of_scale and v[13] == rounds.get(v[0], 1):
            labels.setdefault(v[0], []).append(_annotation(v, stages, has_names=has_names))
    return labels


def _consensus(v: Any, stages: dict[int, Stage]) -> LabelFacts:
    return LabelFacts(
        kind=v[1], stage=stages.get(v[2]), stage_upper=None, source="", reason="", note="", decided_at=v[9],
        distribution=tuple(v[3]), quality=v[4], agreement=v[5], n_annotations=v[6], is_gold=v[7], is_adjudicated=v[8],
    )  # fmt: skip


def _annotation(v: Any, stages: dict[int, Stage], *, has_names: bool) -> LabelFacts:
    named = sorted({stages[it] for it in v[2:4] if it is not None}, key=lambda stage: stage.position)
    return LabelFacts(
        kind="stage" if v[1] == "between" and len(named) == 1 else v[1],
        stage=named[0] if named else None, stage_upper=named[1] if len(named) > 1 else None,
        source=v[6] if v[4] is None else _person(v[4], v[5], has_names=has_names), reason=v[7], note=v[8],
        decided_at=v[9], mode=v[10], is_blind=v[11], lead_time_ms=v[12],
    )  # fmt: skip


def _person(annotator_id: int, full_name: str, *, has_names: bool) -> str:
    """What tells annotators apart: a number, or the name if it may be told."""
    return f"{full_name} ({annotator_id})" if has_names and full_name else f"annotator-{annotator_id}"


class _Photos:
    """Photos of one page, with what models said of them and where they were taken."""

    def __init__(
        self, project: Project, photo_ids: Sequence[int], stages: dict[int, Stage], *, has_places: bool
    ) -> None:
        rows = Photo.objects.ready().filter(project=project, pk__in=_among(photo_ids)).order_by("pk")
        self._rows = rows.values_list(*_PHOTO)
        suggestions = Suggestion.objects.filter(photo_id__in=_among(photo_ids))
        self._suggestions = {
            v[0]: v for v in suggestions.values_list("photo_id", "position", "confidence", "model_version")
        }
        self._by_position = {stage.position: stage for stage in stages.values()}
        self._places = _places(photo_ids) if has_places else {}

    def in_order(self) -> Iterator[tuple[int, PhotoFacts, ModelFacts | None]]:
        """Id, facts and suggestion of each photo that is ready."""
        for v in self._rows:
            taken_at = _local(v[5], v[11])
            yield v[0], PhotoFacts(
                v[0], v[1], v[2], v[3] or "", v[4] or "", taken_at, v[6], v[7], v[8], v[9], v[10],
                self._places.get(v[0]),
            ), self._model(v[0])  # fmt: skip

    def _model(self, photo_id: int) -> ModelFacts | None:
        said = self._suggestions.get(photo_id)
        stage = self._by_position.get(said[1]) if said else None
        return ModelFacts(stage, said[2], said[3]) if said and stage else None


def _among(ids: Sequence[int]) -> RawSQL:
    """For ``in``: one parameter, where Django would write (and the driver read) thousands."""
    return RawSQL("select unnest(%s::bigint[])", [list(ids)])


def _places(photo_ids: Sequence[int]) -> dict[int, tuple[float, float]]:
    consented = PhotoLocation.objects.filter(photo_id__in=_among(photo_ids), consent_version__gte=PLACE_CONSENT)
    rows = consented.values_list("photo_id", "latitude", "longitude")
    return {photo_id: coarsened(latitude, longitude) for photo_id, latitude, longitude in rows}


def _local(moment: datetime | None, zone: str | None) -> datetime | None:
    known = _zone(zone) if zone and zone != "UTC" else None
    return moment.astimezone(known) if moment and known else moment


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        return None


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
