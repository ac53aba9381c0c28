"""Exports of model versions in the background: asked for twice, refused, cancelled, killed, expired, fetched."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from classifier import artifacts, tasks
from classifier.core.contracts import TrainingStopped
from classifier.core.exporting import NotExportable, Parity
from classifier.models import ModelExport
from classifier.selectors.model_exports import model_exports_unfinished
from classifier.services import model_store
from classifier.services.model_export_requests import (
    model_export_cancel,
    model_export_request,
    model_exports_expire,
)
from classifier.services.model_exports import export_key, model_export_run
from classifier.services.model_store import ensemble_save
from labeling.domain.errors import Conflict
from labeling.services import export_progress
from tests.classifier.scripted import Ensemble, ScriptedRuntime, renditions_store
from tests.classifier.worlds import world
from tests.factories.classifier import EvaluationFactory, ModelVersionFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
PARITY = Parity(6, 0.0001, 0.00001, 1.0, 0.005)


class Exporting(ScriptedRuntime):
    """Writes a bundle of what it was told; ``meanwhile`` is what happens while it does."""

    def __init__(self, error=None, meanwhile=lambda: None):
        super().__init__()
        self.error, self.meanwhile, self.told = error, meanwhile, {}

    def export_ensemble(self, ensemble, folder, *, format_name, facts, probes, on_step=None, should_stop=None):
        self.told = {"format": format_name, "facts": facts, "probes": probes}
        if self.error is not None:
            raise self.error
        self.meanwhile()
        if on_step is not None:
            on_step(4, 4)
        if should_stop is not None and should_stop():
            raise TrainingStopped
        folder.mkdir()
        (folder / "labels.json").write_text(json.dumps(facts))
        artifacts.write_manifest(folder, kind="export", metadata={})
        return PARITY


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": tmp_path / "media"},
    }}  # fmt: skip
    # The reporter's thread has a connection of its own, which sees nothing of a test's transaction.
    monkeypatch.setattr(export_progress, "INTERVAL_SECONDS", 3600)
    model_store._loaded.clear()
    yield
    model_store._loaded.clear()


@pytest.fixture
def version(tmp_path):
    made = world(n_photos=6, with_vectors=False)
    renditions_store(made.photos)
    stored = ensemble_save(Ensemble(), tmp_path / "ensemble")
    run = TrainingRunFactory(project=made.project, state="succeeded", config={"image_size": 16})
    version = ModelVersionFactory(
        project=made.project, run=run, state="promoted", artifact_key=stored.key, artifact_sha256=stored.sha256
    )
    EvaluationFactory(model_version=version)
    return version


def requested(version, **changes):
    return model_export_request(version=version, **{"format_name": "onnx", **changes})[0]


def test_a_bundle_with_its_hash_and_what_it_was_compared_on(version):
    runtime = Exporting()
    export = model_export_run(model_export_id=requested(version, licence="CC-BY-4.0").pk, runtime=runtime)

    with default_storage.open(export.result) as opened:
        data = opened.read()
    assert (export.state, export.done, export.total, export.error) == ("done", 4, 4, "")
    assert (export.size, export.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert export.parity == PARITY.to_dict()
    assert export.expires_at - timezone.now() > timedelta(days=6)
    assert runtime.told["probes"].shape == (6, 224, 224, 3)
    facts = runtime.told["facts"]
    assert facts["model"]["licence"] == "CC-BY-4.0"
    assert facts["model"]["artifact_sha256"] == version.artifact_sha256
    assert [stage["position"] for stage in facts["stages"]] == list(range(len(facts["stages"])))
    assert {"slug", "bbch_first", "bbch_last", "name_en", "name_es"} < set(facts["stages"][0])
    assert facts["evaluations"][0]["accuracy"] > 0


def test_the_same_is_not_made_twice_at_once_and_again_later(version):
    first, again = model_export_request(version=version, format_name="onnx"), requested(version)
    assert (first[1], again.pk) == (True, first[0].pk)
    assert requested(version, format_name="tflite").pk != first[0].pk
    model_export_run(model_export_id=again.pk, runtime=Exporting())
    assert requested(version).pk != first[0].pk


def test_a_version_that_was_never_in_use_is_not_exported(version):
    version.state = "candidate"
    version.save()
    with pytest.raises(Conflict, match="in use"):
        requested(version)
    assert not ModelExport.objects.exists()


def test_a_refusal_is_told_and_leaves_no_file(version):
    reason = "prototypes reads histograms. Members that do: scratch_cnn"
    export = model_export_run(model_export_id=requested(version).pk, runtime=Exporting(error=NotExportable(reason)))
    assert (export.state, export.error, export.result) == ("failed", reason, "")


def test_a_bug_is_raised_and_the_row_says_it_failed(version):
    export = requested(version)
    with pytest.raises(ZeroDivisionError):
        model_export_run(model_export_id=export.pk, runtime=Exporting(error=ZeroDivisionError()))
    export.refresh_from_db()
    assert (export.state, "unexpectedly" in export.error) == ("failed", True)


def test_cancelled_while_it_is_written_it_stays_so_and_its_file_is_gone(version):
    export = requested(version)
    runtime = Exporting(meanwhile=lambda: model_export_cancel(export=export))
    done = model_export_run(model_export_id=export.pk, runtime=runtime)
    assert (done.state, done.result) == ("cancelled", "")
    assert not default_storage.exists(export_key(export.pk, 1))


def test_a_killed_run_is_taken_up_and_given_up_after_three(version):
    export = requested(version)
    assert model_exports_unfinished() == []
    silent = timezone.now() - timedelta(minutes=5)
    for attempt in (1, 2):
        ModelExport.objects.filter(pk=export.pk).update(state="running", attempt=attempt, heartbeat_at=silent)
        assert model_exports_unfinished() == [export.pk]
    assert model_export_run(model_export_id=export.pk, runtime=Exporting()).state == "done"
    other = requested(version)
    ModelExport.objects.filter(pk=other.pk).update(state="running", attempt=3, heartbeat_at=silent)
    given_up = model_export_run(model_export_id=other.pk, runtime=Exporting())
    assert (given_up.state, "interrupted 3 times" in given_up.error) == ("failed", True)


def test_files_expire(version):
    export = model_export_run(model_export_id=requested(version).pk, runtime=Exporting())
    key = export.result
    assert model_exports_expire() == 0
    ModelExport.objects.filter(pk=export.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert model_exports_expire() == 1
    export.refresh_from_db()
    assert (export.state, export.result, default_storage.exists(key)) == ("expired", "", False)


def test_over_http_an_admin_asks_watches_and_fetches(version, member_client, django_capture_on_commit_callbacks):
    client = member_client(version.project, "admin")
    address = f"/api/v1/projects/{version.project.slug}/model-versions/{version.pk}/exports"
    with django_capture_on_commit_callbacks() as enqueued:
        made = client.post(address, {"format": "tflite"}, format="json")
    assert (made.status_code, made.json()["state"], made.json()["parity"], len(enqueued)) == (201, "pending", None, 1)
    assert client.post(address, {"format": "tflite"}, format="json").status_code == 200
    one = f"{address}/{made.json()['id']}"
    assert client.get(f"{one}/download").json()["code"] == "export_not_ready"
    model_export_run(model_export_id=made.json()["id"], runtime=Exporting())
    assert client.get(address).json()[0]["parity"]["same_stage"] == 1
    fetched = client.get(f"{one}/download", headers={"Range": "bytes=0-1"})
    assert (fetched.status_code, b"".join(fetched.streaming_content)) == (206, b"PK")
    assert client.delete(one).status_code == 204
    assert client.get(f"{one}/download").json()["code"] == "export_expired"
    assert client.post(address, {"format": "pickle"}, format="json").status_code == 400


def test_the_command_writes_the_version_in_use(version, tmp_path, monkeypatch):
    runtime, out = Exporting(), StringIO()
    monkeypatch.setattr(tasks, "loaded_runtime", lambda: runtime)
    file, slug = tmp_path / "model.zip", version.project.slug
    call_command("export_model", slug, "--format", "keras", "--output", str(file), stdout=out)
    assert file.read_bytes()[:2] == b"PK"
    assert "differ from the served ensemble's by at most 1.0e-04" in out.getvalue()
    runtime.error = NotExportable("it is no graph")
    with pytest.raises(CommandError, match="is not exported: it is no graph"):
        call_command("export_model", slug, "--format", "keras", "--output", str(file))
    for words, message in (([slug, "--number", "9"], "no version 9"), (["nowhere"], "no project")):
        with pytest.raises(CommandError, match=message):
            call_command("export_model", *words, "--format", "keras", "--output", str(file))
