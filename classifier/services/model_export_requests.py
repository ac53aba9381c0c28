"""Exports of model versions, asked for, stopped and expired: what needs no network and no worker."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from classifier import events
from classifier.models import ModelExport, ModelVersion
from labeling.domain.errors import Conflict
from labeling.events import announce
from labeling.models import User
from labeling.services.export_fencing import export_cancelled, files_drop

EXPORTABLE = (ModelVersion.State.PROMOTED, ModelVersion.State.RETIRED)


@transaction.atomic
def model_export_request(
    *, version: ModelVersion, format_name: str, licence: str = "", created_by: User | None = None
) -> tuple[ModelExport, bool]:
    """Ask for an export, and whether it is a new one: the same that is still to be done is not made twice.

    Raises:
        Conflict: ``model_not_promoted``: the version has never been in use.
    """
    version = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)  # two clicks, one after the other
    if version.state not in EXPORTABLE:
        raise Conflict("model_not_promoted", "Only a version that is, or has been, in use is exported.")
    wanted = {"model_version": version, "format": format_name, "licence": licence.strip()[:120]}
    unfinished = Q(state__in=[ModelExport.State.PENDING, ModelExport.State.RUNNING])
    export = ModelExport.objects.filter(unfinished, **wanted).first()
    if export is not None:
        return export, False
    export = ModelExport.objects.create(created_by=created_by, **wanted)
    announce(events.model_export_requested, model_export_id=export.pk)
    return export, True


def model_export_cancel(*, export: ModelExport) -> None:
    """Stop an export that is not done, or delete the file of one that is. Safe to repeat."""
    export_cancelled(export)


def model_exports_expire() -> int:
    """Delete the files that have been kept long enough; returns how many."""
    return files_drop(ModelExport.objects.filter(expires_at__lt=timezone.now()))
