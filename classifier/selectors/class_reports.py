"""Reads of the report on the classes, and of figures told on other versions of the scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.core.mapped_figures import figures_mapped
from classifier.models import ClassReport, Evaluation, ModelVersion
from classifier.selectors.learning import label_counts, promoted_version
from labeling.models import GrowthStage, ScaleMigration, StageLink

EMPTY: dict[str, Any] = {
    "n_labelled": 0, "n_used": 0, "n_twice": 0, "accuracy": None, "pairs": [], "stages": [], "proposals": [],
    "partitions": [],
}  # fmt: skip


@dataclass(frozen=True)
class MappedFigures:
    """What a version says on the stages of a change, by its predictions mapped; of photos it had not seen."""

    migration_id: int
    version_number: int
    subset: str
    n: int
    accuracy_before: float
    accuracy_after: float
    bits_before: float
    bits_after: float


@dataclass(frozen=True)
class ClassesShown:
    """The page: ``state`` is "none" before the first report; ``by_stage`` are all labels in scale order."""

    report: ClassReport | None
    is_of_now: bool
    by_stage: list[int]
    has_model: bool
    mapped: list[MappedFigures]

    @property
    def content(self) -> dict[str, Any]:
        """The report's content; that of another scale is not shown, its positions mean other stages."""
        return {**EMPTY, **self.report.content} if self.report is not None and self.is_of_now else EMPTY


def classes_of(*, project_id: int) -> ClassesShown:
    """All that the page of the classes shows."""
    report = ClassReport.objects.select_related("scale", "model_version").filter(project_id=project_id).first()
    counts = label_counts(project_id=project_id)
    version = promoted_version(project_id=project_id)
    return ClassesShown(
        report,
        report is not None and report.scale is not None and report.scale.status == "current",
        counts.by_stage,
        version is not None,
        [] if version is None else _mapped(version),
    )


def _mapped(version: ModelVersion) -> list[MappedFigures]:
    """Figures on the stages of every change that begins at the version's own, where none of them is split."""
    evaluations = {it.subset: it for it in Evaluation.objects.filter(model_version=version)}
    evaluation = evaluations.get(Evaluation.Subset.HELD_OUT) or evaluations.get(Evaluation.Subset.OUT_OF_FOLD)
    n_stages = GrowthStage.objects.filter(scale_id=version.scale_id).count()
    confusion = np.asarray(evaluation.metrics.get("confusion", []), float) if evaluation else np.zeros(0)
    if evaluation is None or confusion.shape != (n_stages, n_stages):
        return []
    found = []
    for migration in ScaleMigration.objects.filter(from_scale_id=version.scale_id).order_by("-id"):
        parts: dict[int, list[int]] = {}
        links = list(StageLink.objects.filter(migration=migration).select_related("from_stage", "to_stage"))
        if len({link.from_stage_id for link in links}) < len(links):
            continue
        for link in links:
            parts.setdefault(link.to_stage.position, []).append(link.from_stage.position)
        figures = figures_mapped(confusion, tuple(tuple(sorted(parts[it])) for it in sorted(parts)))
        found.append(
            MappedFigures(
                migration.pk, version.number, evaluation.subset, evaluation.n, figures.accuracy_before,
                figures.accuracy_after, figures.bits_before, figures.bits_after,
            )
        )  # fmt: skip
    return found
