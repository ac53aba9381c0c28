import pytest

from classifier.models import ModelVersion
from tests.factories.classifier import EvaluationFactory, EvaluationReportFactory, ModelVersionFactory, report_content
from tests.factories.labeling import ProjectFactory

pytestmark = pytest.mark.django_db


def address(project, path=""):
    return f"/api/v1/projects/{project.slug}/model-versions{path}"


def test_the_list_is_newest_first_at_a_fixed_price(member_client, django_assert_max_num_queries):
    project = ProjectFactory()
    for number in (1, 2, 3):
        EvaluationFactory(model_version=ModelVersionFactory(project=project, number=number))
    client = member_client(project, "expert")

    with django_assert_max_num_queries(5):
        body = client.get(address(project)).json()

    assert [version["number"] for version in body] == [3, 2, 1]
    assert (body[0]["qwk"], body[0]["n_held_out"]) == (0.9, 20)


def test_without_labelled_held_out_photos_the_figures_are_null(member_client):
    version = ModelVersionFactory()
    EvaluationFactory(model_version=version, subset="out_of_fold")

    body = member_client(version.project, "expert").get(address(version.project)).json()

    assert (body[0]["accuracy"], body[0]["n_held_out"]) == (None, 0)


def test_the_detail_has_members_and_evaluations(member_client):
    member = {"name": "scratch_cnn", "backbone": "", "weights_hash": "", "n_params": 9, "stacking_weight": 1.0,
              "left_out": ""}  # fmt: skip
    version = ModelVersionFactory(members=[member])
    EvaluationFactory(model_version=version)

    body = member_client(version.project, "expert").get(address(version.project, f"/{version.pk}")).json()

    assert body["members"] == [member]
    assert body["run_id"] == version.run_id
    assert body["evaluations"][0]["metrics"]["confusion"] == [[5, 1], [2, 12]]


def test_promotion_retires_the_former_and_says_who_and_why(member_client, django_capture_on_commit_callbacks):
    project = ProjectFactory()
    former = ModelVersionFactory(project=project, state="promoted")
    version = ModelVersionFactory(project=project, state="rejected")
    client = member_client(project, "admin")

    with django_capture_on_commit_callbacks() as callbacks:
        answer = client.post(address(project, f"/{version.pk}/promote"), {"reason": "better on frost"}, format="json")

    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["state_reason"]) == ("promoted", "better on frost")
    former.refresh_from_db()
    version.refresh_from_db()
    assert former.state == "retired"
    assert version.promoted_by == client.user
    assert len(callbacks) == 1


def test_rolling_back_promotes_a_retired_version(member_client):
    project = ProjectFactory()
    old = ModelVersionFactory(project=project, state="retired")
    new = ModelVersionFactory(project=project, state="promoted")

    member_client(project, "admin").post(address(project, f"/{old.pk}/promote"), {}, format="json")

    assert ModelVersion.objects.get(project=project, state="promoted") == old
    new.refresh_from_db()
    assert new.state == "retired"


def test_a_version_of_other_stages_cannot_be_promoted(member_client):
    version = ModelVersionFactory()
    version.project.scales.update(status="retired")

    answer = member_client(version.project, "admin").post(address(version.project, f"/{version.pk}/promote"))

    assert (answer.status_code, answer.json()["code"]) == (409, "scale_changed")


def test_a_version_of_another_project_is_not_found(member_client):
    version, project = ModelVersionFactory(), ProjectFactory()

    answer = member_client(project, "admin").post(address(project, f"/{version.pk}/promote"))

    assert answer.status_code == 404


def test_the_report_is_whole_and_cheap(member_client, django_assert_max_num_queries):
    report = EvaluationReportFactory()
    project = report.model_version.project
    client = member_client(project, "expert")

    with django_assert_max_num_queries(6):
        body = client.get(address(project, f"/{report.model_version_id}/report")).json()

    assert body["version"]["number"] == report.model_version.number
    assert body["subsets"] == report_content()["subsets"]
    assert body["specialists"] == report_content()["specialists"]
    assert body["receipt"]["split_hash"] == "5" * 64


def test_a_version_of_before_has_no_report_and_says_so(member_client):
    version = ModelVersionFactory()

    for path in ("report", "card"):
        answer = member_client(version.project, "expert").get(address(version.project, f"/{version.pk}/{path}"))
        assert (answer.status_code, answer.json()["code"]) == (404, "report_not_found")


def test_the_card_is_markdown_in_the_asked_language_and_names_stay_text(member_client):
    report = EvaluationReportFactory()
    project = report.model_version.project
    project.name = "Plum | [trees](x)"
    project.save()
    client = member_client(project, "expert")

    answer = client.get(address(project, f"/{report.model_version_id}/card"), {"language": "en"})

    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert f"{project.slug}-v{report.model_version.number}-en.md" in answer["Content-Disposition"]
    text = answer.content.decode()
    assert text.startswith("# Model card: Plum \\| \\[trees\\](x), version")
    assert "they do not surely beat an ensemble of equal compute" in text
    spanish = client.get(address(project, f"/{report.model_version_id}/card")).content.decode()
    assert spanish.startswith("# Ficha del modelo")
    assert "95 %" in spanish
    assert client.get(address(project, f"/{report.model_version_id}/card"), {"language": "fr"}).status_code == 400
