"""Model files: packed into storage under their hash, unpacked where photos are scored, kept loaded in the process."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.core.files import File
from django.core.files.storage import default_storage

from classifier import artifacts
from classifier.core.contracts import Predictor
from classifier.models import ModelVersion
from classifier.services.photo_arrays import work_folder
from classifier.services.ports import Runtime
from labeling.domain.errors import DomainError

logger = structlog.get_logger(__name__)

KIND = "ensemble"


@dataclass(frozen=True)
class StoredArtifact:
    """Where a model file lies, and the hash of its bytes."""

    key: str
    sha256: str


@dataclass(frozen=True)
class LoadedEnsemble:
    """A version ready to predict; its images are squares of ``image_size`` pixels."""

    version_id: uuid.UUID
    ensemble: Predictor
    image_size: int


_loaded: list[LoadedEnsemble] = []
"""The version this process used last, if any: consecutive chunks are of one version, and a network fills memory."""


def ensemble_save(ensemble: Predictor, folder: Path) -> StoredArtifact:
    """Write an ensemble into ``folder``, pack it and store it; what is in storage under its hash already is kept."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ensemble.save(folder)
    archive = folder.with_suffix(".zip")
    try:
        sha256 = artifacts.pack(folder, archive)
        key = f"models/{sha256[:2]}/{sha256}.zip"
        if not default_storage.exists(key) or default_storage.size(key) != archive.stat().st_size:
            with archive.open("rb") as stream:
                default_storage.save(key, File(stream))
    finally:
        archive.unlink(missing_ok=True)
    return StoredArtifact(key, sha256)


def ensemble_load(*, model_version: ModelVersion, runtime: Runtime) -> LoadedEnsemble:
    """The version's ensemble, from this process, this machine, or storage; in that order.

    Raises:
        DomainError: ``model_unusable``: train again (another format) or restore the file (damaged).
    """
    if _loaded and _loaded[0].version_id == model_version.pk:
        return _loaded[0]
    _loaded.clear()
    folder = work_folder("models") / model_version.artifact_sha256
    try:
        if not _is_sound(folder):
            _fetch(model_version, folder)
        ensemble = runtime.load_ensemble(folder)
    except artifacts.Incompatible as error:
        raise DomainError("model_unusable", f"{model_version} must be trained again: {error}.") from error
    except artifacts.Corrupt as error:
        raise DomainError("model_unusable", f"The file of {model_version} is damaged: {error}.") from error
    loaded = LoadedEnsemble(model_version.pk, ensemble, int(model_version.run.config["image_size"]))
    _loaded.append(loaded)
    return loaded


def _is_sound(folder: Path) -> bool:
    """Whether the machine has the model; what was damaged here is fetched again."""
    if not folder.exists():
        return False
    try:
        artifacts.read_manifest(folder, kind=KIND)
    except artifacts.Corrupt as error:
        logger.warning("model_copy_damaged", folder=folder.name, error=str(error))
        return False
    return True


def _fetch(model_version: ModelVersion, folder: Path) -> None:
    archive = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}.zip")
    try:
        with default_storage.open(model_version.artifact_key) as source, archive.open("wb") as sink:
            shutil.copyfileobj(source, sink)
        artifacts.unpack(archive, folder, sha256=model_version.artifact_sha256, kind=KIND)
    except FileNotFoundError as error:
        raise DomainError("model_unusable", f"The file of {model_version} is missing from storage.") from error
    finally:
        archive.unlink(missing_ok=True)
