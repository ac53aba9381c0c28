"""Reads of the dashboard: the kept figures, what is known now, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from classifier.core.next_steps import SITE_COUNTS, Boundary, Ceiling, Facts, Gap, Step, next_steps
from classifier.models import Dashboard, EvaluationReport, ModelVersion
from classifier.selectors.learning import active_run, promoted_version
from labeling.domain.errors import NotFound
from labeling.domain.seasons import season_bounds
from labeling.models import Adjudication, AgreementReport, Project, Site, User
from labeling.selectors.plant_weeks import PlantWeek, plant_weeks
from labeling.selectors.projects import current_scale
from labeling.selectors.queue import photo_ids_held

NOTHING: dict[str, Any] = {"labels": [], "waiting": [], "unknown": 0, "other": 0, "photos": 0}
EMPTY: dict[str, Any] = {
    "sites": [], "more_sites": None, "months": [], "weeks": [], "season_start": 1,
    "pace": {"weeks": [], "people": []}, "plants": {"n": 0, "flagged": [], "n_flagged": 0, "is_cut": False},
    "labels_missing": 0,
}  # fmt: skip


@dataclass(frozen=True)
class ModelFigures:
    """The promoted version by its evaluation report: a figure is {value, low, high}, or None where it is not known.

    ``single`` is accuracy against single experts' answers, ``experts`` how often two experts agree: the ceiling that
    ``single`` has; ``consensus`` is accuracy against what experts agreed on.
    """

    version: ModelVersion
    subset: str
    n: int
    consensus: dict[str, float]
    single: dict[str, float] | None
    experts: dict[str, float] | None
    n_pairs: int


@dataclass(frozen=True)
class DashboardShown:
    """The page: ``state`` is "none" before the first figures; ``is_of_now`` is false for those of other stages."""

    dashboard: Dashboard | None
    is_of_now: bool
    agreement: dict[str, Any]
    model: ModelFigures | None
    has_model: bool
    adjudications_open: int
    steps: list[Step]
    sites: dict[int, str]
    people: dict[int, str]

    @property
    def content(self) -> dict[str, Any]:
        """The kept figures; those of another scale are not shown, their positions mean other stages."""
        return {**EMPTY, **self.dashboard.content} if self.dashboard is not None and self.is_of_now else EMPTY


def dashboard_of(*, project: Project) -> DashboardShown:
    """All that the page shows but plants: a fixed number of small questions, whatever the project's size."""
    dashboard = Dashboard.objects.select_related("scale").filter(project=project).first()
    is_of_now = dashboard is not None and dashboard.scale is not None and dashboard.scale.status == "current"
    version = promoted_version(project_id=project.pk)
    shown = DashboardShown(
        dashboard,
        is_of_now,
        agreement=_agreement(project),
        model=None if version is None else _model_figures(version),
        has_model=version is not None,
        adjudications_open=Adjudication.objects.filter(project=project, state=Adjudication.State.OPEN).count(),
        steps=[],
        sites={},
        people={},
    )
    content = shown.content
    sites = [it["site"] for it in content["sites"] if it["site"] is not None]
    people = [it["person"] for it in content["pace"]["people"]]
    named = replace(
        shown,
        sites=dict(Site.objects.filter(project=project, pk__in=sites).values_list("pk", "name")),
        people={it.pk: str(it) for it in User.objects.filter(pk__in=people)},
    )
    if dashboard is None or dashboard.computed_at is None or not is_of_now:
        return named
    is_training = active_run(project_id=project.pk) is not None
    return replace(named, steps=next_steps(_facts(named, is_training=is_training)))


def _agreement(project: Project) -> dict[str, Any]:
    """What the agreement page says of the project as a whole, on the stages in use."""
    report = AgreementReport.objects.filter(project=project, scale__status="current").first()
    content = {} if report is None else report.content
    return {
        "overall": content.get("overall"),
        "boundaries": content.get("boundaries", []),
        "n_photos": int(content.get("n_photos_overlap", 0)),
        "computed_at": None if report is None else report.computed_at,
    }


def _model_figures(version: ModelVersion) -> ModelFigures | None:
    report = EvaluationReport.objects.filter(model_version=version).first()
    subsets = {} if report is None else report.content.get("subsets", {})
    for name in ("held_out", "out_of_fold"):
        if name in subsets:
            found = subsets[name]
            single = next((it for it in found["labels"]["against"] if it["labels"] == "single_expert"), None)
            experts = found["labels"]["experts"]
            return ModelFigures(
                version, name, found["n"], found["figures"]["accuracy"], single and single["accuracy"],
                experts["agreement"], experts["n_pairs"],
            )  # fmt: skip
    return None


def _facts(shown: DashboardShown, *, is_training: bool) -> Facts:
    content = shown.content
    parts = [*content["sites"], *([content["more_sites"]] if content["more_sites"] else [])]
    model = shown.model
    ceiling = None
    if model is not None and model.single is not None and model.experts is not None:
        ceiling = Ceiling(model.single["value"], model.single["high"], model.experts["value"], model.n_pairs)
    undated = next((it for it in content["months"] if it["day"] is None), NOTHING)
    unsited = next((it for it in content["sites"] if it["site"] is None), NOTHING)
    return Facts(
        n_photos=sum(it["photos"] for it in parts),
        n_waiting=sum(sum(it["waiting"]) + it["unknown"] for it in parts),
        n_adjudications=shown.adjudications_open,
        has_model=shown.has_model,
        is_training=is_training,
        n_missing=content["labels_missing"],
        gaps=_gaps(parts),
        boundaries=[
            Boundary(it["boundary"], it["agreement"]["value"], it["agreement"]["n"])
            for it in shown.agreement["boundaries"]
            if it["agreement"] is not None
        ],
        ceiling=ceiling,
        n_overlap=shown.agreement["n_photos"],
        n_impossible=content["plants"]["n_flagged"],
        n_no_site=unsited["photos"],
        n_no_date=undated["photos"],
    )


def _gaps(parts: list[dict[str, Any]]) -> list[Gap]:
    """Labels of every stage over all sites, and at each named site that has photos enough."""
    n_stages = len(parts[0]["labels"]) if parts else 0
    gaps = [
        Gap(stage, None, sum(it["labels"][stage] for it in parts), sum(it["waiting"][stage] for it in parts))
        for stage in range(n_stages)
    ]
    for it in parts:
        if it.get("site") is not None and it["photos"] >= SITE_COUNTS:
            gaps += [Gap(stage, it["site"], it["labels"][stage], it["waiting"][stage]) for stage in range(n_stages)]
    return gaps


@dataclass(frozen=True)
class PlantSeason:
    """Which plants are asked for: those with photos in a season; ``flagged`` are photos at odds with their plant's."""

    first: datetime
    end: datetime
    flagged: list[int]


def plant_season(*, project: Project, year: int) -> PlantSeason:
    """The season that began in ``year``, by the project's own start of the season.

    Raises:
        NotFound: "season_not_found", no calendar has it.
    """
    dashboard = Dashboard.objects.filter(project=project, scale__status="current").first()
    content = {**EMPTY, **(dashboard.content if dashboard is not None else {})}
    try:
        first, end = season_bounds(year, content["season_start"])
    except ValueError as error:
        raise NotFound("season_not_found", "There is no such season.") from error
    return PlantSeason(
        datetime.combine(first, time.min, UTC), datetime.combine(end, time.min, UTC), content["plants"]["flagged"]
    )


def weeks_of_plants(
    *, project: Project, plant_ids: list[int], season: PlantSeason, reader_id: int
) -> dict[int, list[PlantWeek]]:
    """The weeks of each plant; the stage of a photo that the reader holds stays untold, they are asked about it."""
    scale = current_scale(project_id=project.pk)
    found = plant_weeks(
        scale=scale, n_stages=len(scale.stages.all()), plant_ids=plant_ids, first=season.first, end=season.end,
        flagged=season.flagged,
    )  # fmt: skip
    held = photo_ids_held(project_id=project.pk, annotator_id=reader_id)
    by_plant: dict[int, list[PlantWeek]] = {plant_id: [] for plant_id in plant_ids}
    for week in found:
        untold = week.photo_id in held
        shown = replace(week, position=None, is_label=False, is_flagged=False) if untold else week
        by_plant[week.plant_id].append(shown)
    return by_plant
