import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from classifier.models import ModelVersion
from labeling.models import Annotation, Consensus, Photo, Project
from tests.classifier.pictures import collection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_weights(settings, tmp_path):
    """The descriptor that needs no network, and a var folder of this test's own."""
    settings.KERAS_WEIGHTS_DIR = ""
    settings.VAR_DIR = tmp_path / "var"


def simulate(*args, **options):
    out = StringIO()
    call_command("simulate_loop", *args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_the_loop_learns_from_a_simulated_expert(tmp_path):
    folder = collection(tmp_path / "apples", per_class=16)

    printed = simulate(str(folder), project="apples", rounds=4, per_round=8, compare_random=True)

    project = Project.objects.get(slug="apples")
    report = json.loads((tmp_path / "var" / "simulations" / "apples.json").read_text())
    last = report["rows"][-1]
    assert last["decisions"] == 32
    assert last["accuracy"] >= 0.9
    assert last["random_accuracy"] >= 0.9
    assert f"{last['accuracy']:.3f}" in printed
    assert last["labels"] == Consensus.objects.filter(project=project, photo__is_held_out=False).count()
    assert set(Annotation.objects.values_list("mode", flat=True)) == {"simulated"}
    assert Photo.objects.filter(project=project, status="ready").count() == 48
    assert not ModelVersion.objects.exists()


def test_an_existing_project_is_not_played_with(tmp_path):
    folder = collection(tmp_path / "pears", per_class=4)
    simulate(str(folder), project="pears", rounds=1, per_round=4)

    with pytest.raises(CommandError, match="already"):
        simulate(str(folder), project="pears")


@pytest.mark.nn
def test_the_ensemble_takes_part(tmp_path):
    folder = collection(tmp_path / "plums", per_class=16)

    printed = simulate(str(folder), project="plums", rounds=1, per_round=36, train_at_end=True, epochs=2)

    version = ModelVersion.objects.get(project__slug="plums")
    run = version.run
    assert (run.trigger, run.state, run.attempts) == ("command", "succeeded", 1)
    assert {member["name"]: bool(member["left_out"]) for member in version.members} == {
        "scratch_cnn": False, "frozen_backbone": True,
    }  # fmt: skip
    assert run.curves
    assert version.predictions.count() == 48 or version.state == "rejected"
    assert ("v1 + head" in printed) == (version.state == "promoted")
