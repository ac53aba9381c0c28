"""The whole corpus of bad files by every way in: each gets its outcome, none that is refused reaches the queue."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labeling import imaging
from labeling.models import Photo, QueueEntry
from labeling.selectors.imports import import_report
from labeling.services.imports import import_run_archive, import_start
from labeling.services.photos import photo_process
from labeling.services.queue import suggestions_record
from tests.factories.labeling import ProjectFactory
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

MEMORY_LIMIT_MB = 1024
REFUSED = [case for case in corpus.CASES if case.outcome != "ready"]


@pytest.mark.parametrize("case", corpus.CASES, ids=lambda case: case.name.encode("ascii", "replace").decode())
def test_read(case):
    """The outcome is that of the bytes, whatever the file is called."""
    try:
        outcome = "ready" if imaging.read_upright(case.data()) else ""
    except imaging.ImageRefused as refusal:
        outcome = refusal.code
    assert outcome == case.outcome


@pytest.mark.django_db
@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_hostile_archive(is_dry_run):
    data, outcomes = corpus.hostile_archive()
    project = ProjectFactory()
    batch = import_start(project=project, name="Hostile", archive=io.BytesIO(data), is_dry_run=is_dry_run)
    batch = import_run_archive(import_batch_id=batch.pk)
    for photo_id in Photo.objects.values_list("pk", flat=True):
        photo_process(photo_id=photo_id)
    found = {row.name: row.code for row in import_report(batch=batch)}
    assert batch.state == "done"
    assert found == {name: outcome for name, outcome in outcomes.items() if outcome != "ready"}
    n_ready = 0 if is_dry_run else sum(outcome == "ready" for outcome in outcomes.values())
    assert Photo.objects.ready().count() == n_ready


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_sent_by_a_grower(case, member_client):
    """What is refused is never ready, and so never asked."""
    project = ProjectFactory()
    sent = SimpleUploadedFile(case.name, case.data(), "image/jpeg")
    answer = member_client(project, "grower").post(
        f"/api/v1/projects/{project.slug}/photos", {"file": sent}, format="multipart"
    )
    if answer.status_code == 201:
        photo = photo_process(photo_id=answer.json()["id"])
        assert (photo.status, photo.rejection) == ("rejected", case.outcome)
        suggestions_record(
            project_id=project.pk, model_version="v", photo_ids=[photo.pk], positions=[0], confidences=[1.0]
        )
    assert not Photo.objects.unsettled().filter(project=project).exists()
    assert not QueueEntry.objects.filter(project=project).exists()


@pytest.mark.django_db
def test_ten_thousand_entries():
    """Many files that are no photos cost little and are all told."""
    batch = import_start(
        project=ProjectFactory(), name="Many", archive=zipped(*[(f"{n}.jpg", b"not a photo") for n in range(10_000)])
    )
    batch = import_run_archive(import_batch_id=batch.pk)
    assert (batch.state, batch.total, batch.refused, import_report(batch=batch).count()) == ("done", *[10_000] * 3)


@pytest.mark.slow
def test_memory_stays_bounded():
    """The corpus is read in a process of its own, whose peak the kernel tells."""
    code = (
        "import json, re\n"
        "from labeling import imaging\n"
        "from tests.labeling.imaging import corpus\n"
        "from labeling.services.import_formats.detection import source_of_upload\n"
        "import io\n"
        "made = [case.data() for case in corpus.CASES]\n"
        "archive = corpus.hostile_archive()[0]\n"
        # Not by getrusage: what it tells of a process includes its parent's, from before the program was loaded.
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "before = peak()\n"
        "for data in made:\n"
        "    try: imaging.renditions(imaging.read_upright(data).image)\n"
        "    except imaging.ImageRefused: pass\n"
        "list(source_of_upload(io.BytesIO(archive)).rows())\n"
        "print(json.dumps([before, peak()]))\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.tools"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[1] < MEMORY_LIMIT_MB * 1024
