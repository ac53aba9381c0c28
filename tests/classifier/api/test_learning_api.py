import pytest

from classifier.models import ScoringRun
from classifier.services.workers import worker_seen
from tests.classifier.worlds import world
from tests.factories.classifier import (
    EvaluationFactory,
    ModelVersionFactory,
    ScoringRunFactory,
    SnapshotFactory,
    TrainingRunFactory,
)
from tests.factories.labeling import ProjectFactory

pytestmark = pytest.mark.django_db


def status_of(client, project):
    answer = client.get(f"/api/v1/projects/{project.slug}/learning")
    assert answer.status_code == 200
    return answer.json()


def test_a_young_project_says_what_is_missing(member_client):
    made = world(n_photos=40)
    made.label(made.photos[:12])

    body = status_of(member_client(made.project, "expert"), made.project)

    assert (body["labels"], body["held_out_labelled"]) == (9, 3)
    assert sum(body["labels_by_stage"]) == 9
    assert (body["can_train"], body["blocked_code"], body["labels_until_training"]) == (False, "too_few_labels", 15)
    assert (body["pool"], body["embedded"]) == (23, 40)
    assert body["promoted"] is body["active_run"] is body["last_refresh"] is None
    assert [worker["alive"] for worker in body["workers"]] == [False, False, False]


def test_a_grown_one_shows_its_model_its_run_and_its_workers(member_client, django_assert_max_num_queries):
    made = world(n_photos=60)
    made.label(made.photos)
    snapshot = SnapshotFactory(project=made.project, n_train=48)
    finished = TrainingRunFactory(project=made.project, snapshot=snapshot, state="succeeded")
    version = ModelVersionFactory(project=made.project, run=finished, state="promoted")
    EvaluationFactory(model_version=version)
    active = TrainingRunFactory(project=made.project, state="running")
    refresh = ScoringRunFactory(project=made.project, n_labels=48, head_share=0.3, accuracy=0.8)
    worker_seen(name="train@field", queues=["train"])
    client = member_client(made.project, "expert")

    with django_assert_max_num_queries(20):
        body = status_of(client, made.project)

    assert (body["promoted"]["id"], body["promoted"]["accuracy"]) == (str(version.pk), 0.75)
    assert body["active_run"]["id"] == active.pk
    assert body["blocked_code"] == "run_active"
    assert (body["last_refresh"]["id"], body["last_refresh"]["head_share"]) == (refresh.pk, 0.3)
    assert body["labels_since_training"] == 0
    assert {w["queue"]: w["names"] for w in body["workers"]} == {"default": [], "score": [], "train": ["train@field"]}


def test_labels_that_were_trained_on_are_nothing_new(member_client):
    made = world(n_photos=60)
    made.label(made.photos)
    snapshot = SnapshotFactory(project=made.project, n_train=48)
    TrainingRunFactory(project=made.project, snapshot=snapshot, state="succeeded")
    client = member_client(made.project, "expert")
    assert status_of(client, made.project)["blocked_code"] == "nothing_new"

    made.label(made.photos[1:2], position=2)

    body = status_of(client, made.project)
    assert (body["can_train"], body["labels_since_training"]) == (True, 1)


def test_an_admin_asks_for_a_refresh(member_client, django_capture_on_commit_callbacks):
    project = ProjectFactory()

    with django_capture_on_commit_callbacks() as callbacks:
        answer = member_client(project, "admin").post(f"/api/v1/projects/{project.slug}/refresh")

    assert answer.status_code == 202
    assert answer.json()["last_refresh"]["state"] == "queued"
    assert ScoringRun.objects.filter(project=project, state="queued").count() == 1
    assert len(callbacks) == 1


@pytest.mark.parametrize(
    ("method", "path", "lowest"),
    [
        ("get", "learning", "expert"),
        ("post", "refresh", "admin"),
        ("get", "training-runs", "expert"),
        ("post", "training-runs", "admin"),
        ("get", "training-runs/{run}", "expert"),
        ("post", "training-runs/{run}/cancel", "admin"),
        ("get", "model-versions", "expert"),
        ("get", "model-versions/{version}", "expert"),
        ("post", "model-versions/{version}/promote", "admin"),
    ],
)
def test_who_may_do_what(method, path, lowest, member_client, api_client):
    ladder = ["grower", "expert", "adjudicator", "admin"]
    version = ModelVersionFactory()
    project = version.project
    route = f"/api/v1/projects/{project.slug}/" + path.format(run=version.run_id, version=version.pk)

    statuses = {role: getattr(member_client(project, role), method)(route).status_code for role in ladder}

    assert {role for role, status in statuses.items() if status == 403} == set(ladder[: ladder.index(lowest)])
    stranger = member_client(ProjectFactory(), "admin")
    assert getattr(stranger, method)(route).status_code == 404
    assert getattr(api_client, method)(route).status_code == 401
