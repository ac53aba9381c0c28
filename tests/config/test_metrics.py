"""``/metrics``: who may read it, and that its numbers are those of the rows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from classifier.selectors.operations import Gauge
from classifier.selectors.workers import redis_client
from classifier.services.workers import worker_seen
from config.metrics import lines
from tests.factories.classifier import ScoringRunFactory, TrainingRunFactory
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

TOKEN = "let-me-count"


def read(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def values(answer: Any) -> dict[str, float]:
    return {
        name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", answer.content.decode(), re.MULTILINE)
    }


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def test_without_a_token_set_nobody_is_let_in_by_one(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert read(client, "").status_code == 404
    assert client.get("/metrics").status_code == 404


@pytest.mark.usefixtures("token")
def test_the_token_or_a_site_administrator_opens_it(client: Client) -> None:
    assert read(client).status_code == 200
    assert read(client, "wrong").status_code == 404
    client.force_login(UserFactory())
    assert client.get("/metrics").status_code == 404
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/metrics")["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.usefixtures("token")
def test_the_numbers_are_those_of_the_rows_at_a_fixed_price(client: Client, django_assert_num_queries: Any) -> None:
    redis_client().flushdb()
    project, quiet = ProjectFactory(slug="orchard-m"), ProjectFactory(slug="quiet-m")
    photos = [PhotoFactory(project=project) for _ in range(4)]
    QueueEntryFactory(photo=photos[0])
    QueueEntryFactory(photo=photos[1], reason="gold")
    QueueEntryFactory(photo=photos[2], open_slots=0)
    for photo in photos[:3]:
        AnnotationFactory(photo=photo)
    now = timezone.now()
    ScoringRunFactory(
        project=project,
        state="succeeded",
        started_at=now - timedelta(seconds=7),
        finished_at=now - timedelta(seconds=4),
    )
    TrainingRunFactory(
        project=project, state="running", started_at=now - timedelta(seconds=60), curves=[{"epoch": 1}, {"epoch": 2}]
    )
    worker_seen(name="train@field", queues=["train"])
    redis_client().lpush("score", "a message", "another")

    with django_assert_num_queries(4):
        found = values(read(client))
    redis_client().flushdb()

    assert found['antesis_queue_open{project="orchard-m"}'] == 1
    assert found[f'antesis_queue_open{{project="{quiet.slug}"}}'] == 0
    assert found['antesis_decisions_per_minute{project="orchard-m"}'] == pytest.approx(3 / 5)
    assert found['antesis_refresh_seconds{project="orchard-m"}'] == 3
    assert 3 < found['antesis_refresh_age_seconds{project="orchard-m"}'] < 60
    assert found['antesis_training_active{project="orchard-m"}'] == 1
    assert found['antesis_training_epochs{project="orchard-m"}'] == 2
    assert 59 < found['antesis_training_seconds{project="orchard-m"}'] < 120
    assert (found['antesis_workers{queue="train"}'], found['antesis_workers{queue="score"}']) == (1, 0)
    assert found['antesis_tasks_waiting{queue="score"}'] == 2
    assert found["antesis_broker_up"] == 1


def test_label_values_are_escaped() -> None:
    gauge = Gauge("x", "What it is", [({"name": 'a"b\\c'}, 0.5), ({}, 1e9)])
    assert list(lines([gauge])) == ["# HELP x What it is", "# TYPE x gauge", 'x{name="a\\"b\\\\c"} 0.5', "x 1000000000"]
