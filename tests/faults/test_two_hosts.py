"""Two hosts: the pages on one, the training on the other, an S3 store between; the link is cut amid a training.

The train worker has a folder of its own and reaches PostgreSQL, Redis and the store by TCP only, over wires that can be
cut: nothing passes then, and nobody is told. That lasts until the run counts as lost and has been sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest
from django.conf import settings
from django.utils import timezone

from classifier.models import ModelVersion, RunState, TrainingRun
from classifier.tasks import training_runs_sweep
from labeling.models import Role
from tests.conftest import present_database_url
from tests.factories.labeling import MembershipFactory
from tests.faults.trainings import SMALL_AND_LONG, labelled_project, present
from tests.support.people import Person
from tests.support.s3_server import CREDENTIALS, s3_server
from tests.support.stack import Stack
from tests.support.waiting import wait_until
from tests.support.wire import Wire

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nn, pytest.mark.django_db(transaction=True)]

BUCKET = "photos"


@dataclass
class Hosts:
    """``near`` has the pages beside the services; ``far`` reaches those over ``wires``."""

    near: Stack
    far: Stack
    wires: list[Wire]
    store: str

    def cut(self) -> None:
        for wire in self.wires:
            wire.cut()

    def mend(self) -> None:
        for wire in self.wires:
            wire.mend()


@contextmanager
def two_hosts(folder: Path) -> Iterator[Hosts]:
    """Both hosts with nothing started, and an empty bucket."""
    database, broker = urlsplit(present_database_url()), urlsplit(settings.REDIS_URL)
    (database_socket,) = Path(parse_qs(database.query)["host"][0]).glob(".s.PGSQL.*[0-9]")
    with s3_server(folder) as store:
        boto3.client(
            "s3", endpoint_url=store, region_name="us-east-1", aws_access_key_id="testing",
            aws_secret_access_key="testing",
        ).create_bucket(Bucket=BUCKET)  # fmt: skip
        wires = [
            Wire(database_socket),
            Wire(Path(unquote(broker.path))),
            Wire(("127.0.0.1", urlsplit(store).port or 0)),
        ]
        to_database, to_broker, to_store = (wire.port for wire in wires)
        number = parse_qs(broker.query)["db"][0]
        credentials = database.netloc.rpartition("@")[0]
        common = {"SECRET_KEY": settings.SECRET_KEY, "S3_BUCKET": BUCKET, "S3_REGION": "us-east-1", **CREDENTIALS}
        near = Stack(
            folder / "near", present_database_url(), settings.REDIS_URL, folder / "near" / "media",
            {**common, "S3_ENDPOINT_URL": store},
        )  # fmt: skip
        far = Stack(
            folder / "far",
            f"postgresql://{credentials}@127.0.0.1:{to_database}{database.path}",
            f"redis://127.0.0.1:{to_broker}/{number}",
            folder / "far" / "media",
            {**common, "S3_ENDPOINT_URL": f"http://127.0.0.1:{to_store}"},
        )
        for stack in (near, far):
            stack.folder.mkdir()
        try:
            yield Hosts(near, far, wires, store)
        finally:
            for wire in wires:
                wire.mend()
            for stack in (far, near):
                stack.stop_all()
            for wire in wires:
                wire.close()


def test_a_training_beyond_a_cut_link_ends_once(transactional_db: None, tmp_path: Path) -> None:
    """GIVEN a training on another host, WHEN the link is cut and mended, THEN the run goes on there and ends once."""
    with two_hosts(tmp_path) as hosts:
        project = labelled_project(hosts.near, tmp_path / "photos")
        admin = Person(hosts.near.url)
        hosts.near.start("web")
        hosts.far.start("train")
        admin.sign_in(MembershipFactory(project=project, role=Role.ADMIN).user)
        runs = f"/projects/{project.slug}/training-runs"
        asked = {"members": SMALL_AND_LONG["members"], "epochs": SMALL_AND_LONG["epochs"]}
        started = admin.post(runs, asked)
        assert started.status == 201, started
        run = TrainingRun.objects.get(pk=started.body["id"])
        wait_until(lambda: len(present(run).curves) >= 3, what=f"three epochs are done\n{hosts.far.log('train')}")

        hosts.cut()
        # Its silence lasts longer than it does; what beat does every ten seconds finds it.
        wait_until(lambda: _is_given_up(run), what="the run counts as lost")
        hosts.mend()

        wait_until(lambda: present(run).finished_at, what=f"the run is over\n{hosts.far.log('train')}", patience=300)
        assert (run.state, run.error) == (RunState.SUCCEEDED, "")
        assert run.attempts == 2
        shown = admin.get(f"{runs}/{run.pk}").body
        assert shown["state"] == "succeeded"
        _assert_one_whole_model(hosts, run)


def _is_given_up(run: TrainingRun) -> bool:
    TrainingRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempts=1).update(
        heartbeat_at=timezone.now() - timedelta(minutes=5)
    )
    training_runs_sweep()
    return present(run).state == RunState.LOST


def _assert_one_whole_model(hosts: Hosts, run: TrainingRun) -> None:
    version = ModelVersion.objects.get(run=run)
    verdicts = [line.message for line in run.log_lines.all() if line.message.startswith("Version ")]
    assert len(verdicts) == 1, verdicts
    client = boto3.client(
        "s3", endpoint_url=hosts.store, region_name="us-east-1", aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )  # fmt: skip
    keys = [it["Key"] for it in client.list_objects_v2(Bucket=BUCKET, Prefix="models/").get("Contents", [])]
    assert keys == [version.artifact_key]
    whole = client.get_object(Bucket=BUCKET, Key=version.artifact_key)["Body"].read()
    assert hashlib.sha256(whole).hexdigest() == version.artifact_sha256
    wait_until(
        lambda: not client.list_objects_v2(Bucket=BUCKET, Prefix=f"checkpoints/{run.pk}/").get("Contents"),
        what="its checkpoints are gone",
    )
