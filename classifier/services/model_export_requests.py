"""Exports of model versions, asked for, stopped and expired: what needs no network and no worker."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from classifier import events
from classifier.models import ModelExport, ModelVersion
from labeling.domain.errors import Conflict
from labeling.events import announce
from labeling.models import User

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
    unfinished = Q(state__in=[ModelExport.State.PENDING, ModelExport.State.RUNNING])
    cancelled = {"state": ModelExport.State.CANCELLED, "finished_at": timezone.now()}
    if not ModelExport.objects.filter(unfinished, pk=export.pk).update(**cancelled):
        _expire(ModelExport.objects.filter(pk=export.pk, state=ModelExport.State.DONE))


def model_exports_expire() -> int:
    """Delete the files that have been kept long enough; returns how many."""
    return _expire(ModelExport.objects.filter(state=ModelExport.State.DONE, expires_at__lt=timezone.now()))


def _expire(exports: Any) -> int:
    """Row first: a file without a row is found by nobody, a row without a file would be offered to people."""
    n_expired = 0
    for pk, key in exports.values_list("pk", "result"):
        done = ModelExport.objects.filter(pk=pk, state=ModelExport.State.DONE)
        if done.update(state=ModelExport.State.EXPIRED, result=""):
            default_storage.delete(key)
            n_expired += 1
    return n_expired
