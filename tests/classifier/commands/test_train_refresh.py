from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from classifier import tasks
from classifier.models import TrainingRun
from labeling.models import QueueEntry
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import ProjectFactory

pytestmark = pytest.mark.django_db


def test_train_queues_a_run_with_its_settings():
    made = world(n_photos=60, with_vectors=False)
    made.label(made.photos)

    call_command("train", made.project.slug, "--epochs", "4", "--member", "scratch_cnn", stdout=StringIO())

    run = TrainingRun.objects.get()
    assert (run.trigger, run.state) == ("command", "queued")
    assert (run.config["epochs"], run.config["members"]) == (4, ["scratch_cnn"])


def test_train_says_why_not():
    with pytest.raises(CommandError, match="at least"):
        call_command("train", ProjectFactory().slug)
    with pytest.raises(CommandError, match="no project"):
        call_command("train", "nowhere")


def test_refresh_fills_the_queue_and_reports(monkeypatch):
    monkeypatch.setattr(tasks, "feature_space_name", lambda: FEATURE_SPACE)
    made = world(n_photos=30)
    made.label(made.photos)
    made.photos[1].consensus.delete()
    out = StringIO()

    call_command("refresh", made.project.slug, stdout=out)

    assert QueueEntry.objects.filter(photo=made.photos[1]).exists()
    assert out.getvalue().startswith("23 labels, 1 photos scored, held-out accuracy 100.0%")
