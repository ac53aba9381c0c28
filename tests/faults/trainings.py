"""Trainings small enough for a test: one long enough to be interrupted by hand, one as short as can be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from django.conf import settings

from classifier.models import ModelVersion, RunState, TrainingRun
from labeling.models import Photo, Project
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import STAGES
from labeling.synthetic.season import balanced_specs
from tests.conftest import present_database_url
from tests.factories.labeling import ProjectFactory
from tests.support.stack import Stack
from tests.support.waiting import wait_until

PER_STAGE = 6  # few enough that no training starts by itself, enough that one may be started
SMALL_AND_LONG = {
    "members": ["scratch_cnn"],
    "image_size": 32,
    "batch_size": 8,
    "folds": 2,
    "epochs": 80,
    "patience": 80,
    "bootstrap": 20,
}
SHORT = {**SMALL_AND_LONG, "epochs": 6, "patience": 6, "min_steps": 1}


def labelled_project(stack: Stack, folder: Path) -> Project:
    """Generated photos in a folder per stage, imported with their labels as gold and made ready."""
    project = Project.objects.get(pk=ProjectFactory(slug="orchard", held_out_share=0.0).pk)
    for number, spec in enumerate(balanced_specs(per_stage=PER_STAGE, seed=5)):
        target = folder / STAGES[spec.stage].slug / f"{number:03}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(render_jpeg(spec))
    stack.manage("import_photos", str(folder), "--project", project.slug, "--labels", "gold", "--process")
    assert Photo.objects.ready().filter(project=project).count() == PER_STAGE * len(STAGES)
    return project


def present(run: TrainingRun) -> TrainingRun:
    """The run as its row is now."""
    run.refresh_from_db()
    return run


def waits_for(table: str) -> bool:
    """Whether somebody waits for a lock on ``table``: a worker that came to a halt there, however fast it is."""
    with psycopg.connect(present_database_url()) as other:
        found = other.execute(
            "select exists(select from pg_locks where not granted and relation = %s::regclass)", [table]
        ).fetchone()
    assert found is not None
    return bool(found[0])


def assert_ended_once(stack: Stack, run: TrainingRun) -> None:
    """The run ended well and once: one version, of a whole file; nothing half-done, here or in storage."""
    media = Path(settings.MEDIA_DIR)
    wait_until(lambda: present(run).finished_at, what=f"the run is over\n{stack.log('train')}", patience=300)
    assert (run.state, run.error) == (RunState.SUCCEEDED, "")
    version = ModelVersion.objects.get(run=run)
    verdicts = [line.message for line in run.log_lines.all() if line.message.startswith("Version ")]
    assert len(verdicts) == 1, verdicts
    assert ModelVersion.objects.filter(project=run.project, state=ModelVersion.State.PROMOTED).count() == 1
    assert version.state in (ModelVersion.State.PROMOTED, ModelVersion.State.REJECTED), verdicts
    assert hashlib.sha256((media / version.artifact_key).read_bytes()).hexdigest() == version.artifact_sha256
    wait_until(lambda: not (stack.folder / "work" / "runs" / str(run.pk)).exists(), what="its work folder is gone")
    for path in (media / "models").rglob("*.zip"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem, "half a model is in storage"
    assert not [path for path in (media / "checkpoints" / str(run.pk)).rglob("*") if path.is_file()]
