"""A training small enough for a test and long enough to be interrupted."""

from __future__ import annotations

from pathlib import Path

from labeling.models import Photo, Project
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import STAGES
from labeling.synthetic.season import balanced_specs
from tests.factories.labeling import ProjectFactory
from tests.support.stack import Stack

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
