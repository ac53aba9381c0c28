"""The runs of exports of model versions: whichever score worker is free writes them; files are kept for a week.

Rows, attempts and files follow ``labeling.services.exports``: a run begins anew when its worker is killed, and who may
write to the row is decided by its attempt, in the statement that writes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from classifier import artifacts
from classifier.core.contracts import TrainingStopped
from classifier.core.exporting import NotExportable, Parity
from classifier.models import ModelExport, ModelVersion
from classifier.selectors.model_exports import probe_sha256s, version_facts
from classifier.services.model_store import ensemble_load
from classifier.services.photo_arrays import photos_decode
from classifier.services.ports import Runtime
from classifier.services.scoring import EMBEDDING_PIXELS
from labeling.domain.errors import DomainError, NotFound
from labeling.services.export_fencing import KEPT_FOR, export_claim, export_finish
from labeling.services.export_progress import ExportReporter


def model_export_run(*, model_export_id: int, runtime: Runtime) -> ModelExport:
    """Write the file of an export; returns at once if it is over or another worker is at it.

    Raises:
        NotFound: there is no such export.
    """
    export = ModelExport.objects.filter(pk=model_export_id).first()
    if export is None:
        raise NotFound("model_export_not_found", "There is no such export.")
    if export_claim(export, key_of=export_key):
        try:
            _run(export, runtime)
        except TrainingStopped:
            pass
        except NotExportable as reason:
            export_finish(export, state=ModelExport.State.FAILED, error=str(reason))
        except DomainError as error:
            export_finish(export, state=ModelExport.State.FAILED, error=error.message)
        except Exception:
            export_finish(export, state=ModelExport.State.FAILED, error="The export failed unexpectedly. Try again.")
            raise
    export.refresh_from_db()
    return export


def model_export_write(
    *, version: ModelVersion, format_name: str, licence: str, archive: Path, runtime: Runtime, **callbacks: Any
) -> Parity:
    """Write a bundle of a version to a file of this machine.

    Raises:
        NotExportable, ParityFailed: see ``runtime.export_ensemble``.
        TrainingStopped: a callback asked to stop.
        DomainError: the version's file, or a photo to compare on, cannot be read.
    """
    loaded = ensemble_load(model_version=version, runtime=runtime)
    sha256s = probe_sha256s(version=version)
    size = max(loaded.image_size, EMBEDDING_PIXELS)
    probes = np.asarray(photos_decode(sha256s=sha256s, size=size)) if sha256s else None
    facts = version_facts(version=version, licence=licence)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        parity = runtime.export_ensemble(
            loaded.ensemble, bundle, format_name=format_name, facts=facts, probes=probes, **callbacks
        )
        artifacts.pack(bundle, archive)
    return parity


def export_key(model_export_id: int, attempt: int) -> str:
    """Storage key of the file that one attempt writes."""
    return f"model-exports/{int(model_export_id)}-{int(attempt)}"


# --- one run --------------------------------------------------------------------------------------------------------


def _run(export: ModelExport, runtime: Runtime) -> None:
    with ExportReporter(export, total=0) as reporter, tempfile.TemporaryDirectory() as folder:

        def on_step(done: int, total: int) -> None:
            reporter.done, reporter.total = done, total

        archive = Path(folder) / "bundle.zip"
        parity = model_export_write(
            version=export.model_version,
            format_name=export.format,
            licence=export.licence,
            archive=archive,
            runtime=runtime,
            on_step=on_step,
            should_stop=lambda: reporter.is_lost,
        )
        key, size, sha256 = _keep(export, archive), archive.stat().st_size, artifacts.file_sha256(archive)
        steps = reporter.total
    is_ours = export_finish(
        export,
        state=ModelExport.State.DONE,
        result=key,
        size=size,
        sha256=sha256,
        parity=parity.to_dict(),
        done=steps,
        total=steps,
        expires_at=timezone.now() + KEPT_FOR,
    )
    if not is_ours:
        default_storage.delete(key)


def _keep(export: ModelExport, archive: Path) -> str:
    key = export_key(export.pk, export.attempt)
    with archive.open("rb") as file:
        default_storage.save(key, File(file))
    return key
