import pytest
from django.utils import timezone

from classifier.models import RunLogLine, TrainingRun
from tests.classifier.worlds import world
from tests.factories.classifier import EvaluationFactory, ModelVersionFactory, TrainingRunFactory
from tests.factories.labeling import ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def labelled():
    made = world(n_photos=60, with_vectors=False)
    made.label(made.photos)
    return made


def address(project, path=""):
    return f"/api/v1/projects/{project.slug}/training-runs{path}"


class TestStart:
    def test_an_admin_starts_a_run(self, labelled, member_client):
        client = member_client(labelled.project, "admin")

        answer = client.post(address(labelled.project), {"epochs": 3, "members": ["scratch_cnn"]}, format="json")

        assert answer.status_code == 201
        body = answer.json()
        assert (body["state"], body["trigger"], body["requested_by"]) == ("queued", "button", str(client.user))
        assert (body["n_train"], body["n_held_out"], body["model_version"]) == (48, 12, None)
        assert TrainingRun.objects.get().config["epochs"] == 3

    def test_a_second_is_a_conflict(self, labelled, member_client):
        client = member_client(labelled.project, "admin")
        client.post(address(labelled.project), {}, format="json")

        answer = client.post(address(labelled.project), {}, format="json")

        assert (answer.status_code, answer.json()["code"]) == (409, "run_active")

    def test_too_few_labels_are_unprocessable(self, member_client):
        project = ProjectFactory()

        answer = member_client(project, "admin").post(address(project), {}, format="json")

        assert (answer.status_code, answer.json()["code"]) == (422, "too_few_labels")

    def test_nothing_new_can_be_overridden(self, labelled, member_client):
        client = member_client(labelled.project, "admin")
        client.post(address(labelled.project), {}, format="json")
        TrainingRun.objects.update(state="succeeded")

        answer = client.post(address(labelled.project), {}, format="json")
        forced = client.post(address(labelled.project), {"force": True}, format="json")

        assert (answer.status_code, answer.json()["code"]) == (422, "nothing_new")
        assert forced.status_code == 201

    def test_an_unknown_member_is_a_fault_of_the_field(self, labelled, member_client):
        client = member_client(labelled.project, "admin")

        answer = client.post(address(labelled.project), {"members": ["oracle"]}, format="json")

        assert answer.status_code == 400
        assert "members" in answer.json()["fields"]


class TestRead:
    def test_the_list_is_newest_first_in_pages_and_without_curves(self, member_client, django_assert_max_num_queries):
        project = ProjectFactory()
        for _ in range(32):
            EvaluationFactory(model_version=ModelVersionFactory(project=project))
        client = member_client(project, "expert")

        with django_assert_max_num_queries(8):
            page = client.get(address(project)).json()
        rest = client.get(address(project), {"cursor": page["next"]}).json()

        ids = [run["id"] for run in page["results"] + rest["results"]]
        assert len(ids) == 32
        assert ids == sorted(ids, reverse=True)
        assert rest["next"] is None
        assert page["results"][0]["model_version"]["accuracy"] == 0.75
        assert "curves" not in page["results"][0]

    def test_the_detail_has_all_that_the_page_shows(self, member_client, django_assert_max_num_queries):
        curve = {"member": "scratch_cnn", "fold": 1, "epoch": 2, "epochs": 9, "loss": 1.0, "accuracy": 0.5,
                 "val_loss": 1.2, "val_accuracy": 0.4}  # fmt: skip
        run = TrainingRunFactory(state="running", curves=[curve], step="fold 1/3", eta_seconds=30.0)
        RunLogLine.objects.create(run=run, level="warning", message="no weights")
        client = member_client(run.project, "expert")

        with django_assert_max_num_queries(10):
            body = client.get(address(run.project, f"/{run.pk}")).json()

        assert body["curves"] == [curve]
        assert body["log"][0]["message"] == "no weights"
        assert body["stage_counts"] == run.snapshot.stage_counts
        assert (body["step"], body["eta_seconds"], body["queue_position"]) == ("fold 1/3", 30.0, None)

    def test_an_unchanged_run_is_not_sent_again(self, member_client):
        run = TrainingRunFactory(state="running")
        client = member_client(run.project, "expert")
        first = client.get(address(run.project, f"/{run.pk}"))

        again = client.get(address(run.project, f"/{run.pk}"), headers={"If-None-Match": first["ETag"]})
        TrainingRun.objects.update(progress=0.5)
        moved = client.get(address(run.project, f"/{run.pk}"), headers={"If-None-Match": first["ETag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert (moved.status_code, moved.json()["progress"]) == (200, 0.5)

    def test_a_waiting_run_knows_its_place(self, member_client):
        TrainingRunFactory(state="running")
        TrainingRunFactory()
        run = TrainingRunFactory()

        body = member_client(run.project, "expert").get(address(run.project, f"/{run.pk}")).json()

        assert body["queue_position"] == 2

    def test_a_run_of_another_project_is_not_found(self, member_client):
        run = TrainingRunFactory()
        project = ProjectFactory()

        assert member_client(project, "admin").get(address(project, f"/{run.pk}")).status_code == 404


class TestCancel:
    def test_a_running_run_is_asked_to_stop(self, member_client):
        run = TrainingRunFactory(state="running", heartbeat_at=timezone.now())

        body = member_client(run.project, "admin").post(address(run.project, f"/{run.pk}/cancel")).json()

        assert (body["state"], body["cancel_requested"]) == ("running", True)

    def test_a_finished_one_is_a_conflict(self, member_client):
        run = TrainingRunFactory(state="failed")

        answer = member_client(run.project, "admin").post(address(run.project, f"/{run.pk}/cancel"))

        assert (answer.status_code, answer.json()["code"]) == (409, "run_finished")


def test_an_admin_sets_when_to_train_again(member_client):
    project = ProjectFactory()
    client, path = member_client(project, "admin"), f"/api/v1/projects/{project.slug}/training-rule"
    default = {"is_on": True, "labels_new": None, "days_most": None, "accuracy_drop": None, "gap_minutes": 10}
    assert client.get(path).json() == default

    wanted = {**default, "labels_new": 200, "days_most": 7, "accuracy_drop": 0.1, "gap_minutes": 60}

    assert client.put(path, wanted, format="json").json() == wanted
    assert client.get(path).json() == wanted
    assert client.put(path, {**wanted, "gap_minutes": 1}, format="json").status_code == 400
    assert member_client(project, "adjudicator").get(path).status_code == 403
