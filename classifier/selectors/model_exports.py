"""Exports of model versions, as those who asked for them see them, and those that need attention."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier.models import ModelExport, ModelVersion
from labeling.domain.errors import Conflict, NotFound
from labeling.models import Photo
from labeling.selectors.exports import LEASE
from labeling.selectors.leases import silent_for

UNSTARTED_AFTER = timedelta(seconds=30)
#: Photos that an export is compared on.
PROBES = 24


def model_exports_of(*, project_id: int, model_version_id: uuid.UUID) -> QuerySet[ModelExport]:
    """The exports of a version of this project, newest first."""
    return ModelExport.objects.filter(model_version_id=model_version_id, model_version__project_id=project_id)


def model_export_get(*, project_id: int, model_version_id: uuid.UUID, model_export_id: int) -> ModelExport:
    """One export of this version.

    Raises:
        NotFound: it is not there, or belongs to another version or project.
    """
    exports = model_exports_of(project_id=project_id, model_version_id=model_version_id)
    export = exports.filter(pk=model_export_id).first()
    if export is None:
        raise NotFound("model_export_not_found", "There is no such export of this model.")
    return export


def model_export_downloadable(*, project_id: int, model_version_id: uuid.UUID, model_export_id: int) -> ModelExport:
    """One export whose file can be had.

    Raises:
        NotFound: "model_export_not_found", or "export_expired" when its file is deleted.
        Conflict: "export_not_ready", it is not done (yet).
    """
    export = model_export_get(project_id=project_id, model_version_id=model_version_id, model_export_id=model_export_id)
    if export.state == ModelExport.State.EXPIRED:
        raise NotFound("export_expired", "The file of this export has been deleted. Export again.")
    if export.state != ModelExport.State.DONE:
        raise Conflict("export_not_ready", "This export has no file.")
    return export


def model_exports_unfinished() -> list[int]:
    """Exports that were never started, or whose worker has been silent for longer than its lease."""
    unstarted = Q(state=ModelExport.State.PENDING, created_at__lt=timezone.now() - UNSTARTED_AFTER)
    silent = Q(state=ModelExport.State.RUNNING) & silent_for(LEASE)
    return list(ModelExport.objects.filter(unstarted | silent).order_by("id").values_list("pk", flat=True))


def probe_sha256s(*, version: ModelVersion) -> list[str]:
    """Photos of the project to compare an export on: spread over the pool by their hash, the same every time."""
    ready = Photo.objects.ready().filter(project_id=version.project_id)
    return list(ready.order_by("sha256").values_list("sha256", flat=True)[:PROBES])


def version_facts(*, version: ModelVersion, licence: str) -> dict[str, Any]:
    """What travels with an exported version: its stages in the order of its answers, and where it comes from."""
    stages = version.scale.stages.order_by("position")
    fields = ("slug", "bbch_first", "bbch_last", "name_en", "name_es", "color")
    return {
        "model": {
            "project": version.project.slug,
            "number": version.number,
            "state": version.state,
            "trained_at": version.created_at.isoformat(),
            "artifact_sha256": version.artifact_sha256,
            "training_set": version.run.snapshot.content_hash,
            "code_revision": version.run.code_revision,
            "scale_version": version.scale.version,
            "is_ordered": version.scale.is_ordered,
            "licence": licence,
        },
        "operating_points": version.operating_points,
        "members": [member for member in version.members if not member["left_out"]],
        "evaluations": [
            {"subset": one.subset, "n": one.n, **_figures(one.metrics)}
            for one in version.evaluations.order_by("subset")
        ],
        "stages": [{"position": stage["position"], **stage} for stage in stages.values("position", *fields)],
    }


def _figures(metrics: dict[str, Any]) -> dict[str, Any]:
    names = ("accuracy", "accuracy_low", "accuracy_high", "macro_f1", "mae", "qwk", "ece", "nll")
    return {name: metrics[name] for name in names}
