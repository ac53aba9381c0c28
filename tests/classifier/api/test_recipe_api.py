import pytest

from classifier.core.acquisition import ACQUISITIONS
from classifier.models import QueueRecipe, ScoringRun
from classifier.recipe_rules import OFFERED
from classifier.selectors.recipes import recipe_in_use
from classifier.services.recipes import recipe_set
from classifier.services.refresh import project_refresh
from labeling.models import QueryBatch, QueueEntry
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE
from tests.factories.labeling import ProjectFactory

pytestmark = pytest.mark.django_db

MIX = {
    "chosen": [{"name": "margin", "weight": 2}, {"name": "typical", "weight": 1}],
    "evaluation_share": 0.2,
    "hard_cap": 0.4,
}


def put(client, project, **changes):
    return client.put(f"/api/v1/projects/{project.slug}/recipe", {**MIX, **changes}, format="json")


def test_what_is_offered_exists():
    assert set(OFFERED) <= set(ACQUISITIONS)


def test_a_project_starts_with_the_default(member_client):
    project = ProjectFactory()

    body = member_client(project, "admin").get(f"/api/v1/projects/{project.slug}/recipe").json()

    assert body == {
        "chosen": [{"name": "margin", "weight": 1.0}], "evaluation_share": 0.1, "hard_cap": 0.5,
        "offered": list(OFFERED),
    }  # fmt: skip


def test_an_admin_chooses_another_one_and_the_queue_is_made_anew(member_client, django_capture_on_commit_callbacks):
    project = ProjectFactory()
    client = member_client(project, "admin")

    body = put(client, project).json()

    assert body["chosen"] == MIX["chosen"]
    assert (body["evaluation_share"], body["hard_cap"]) == (0.2, 0.4)
    assert ScoringRun.objects.get(project=project).state == "queued"
    assert client.get(f"/api/v1/projects/{project.slug}/recipe").json() == body


def test_others_may_not_see_or_change_it(member_client):
    project = ProjectFactory()
    client = member_client(project, "adjudicator")

    assert client.get(f"/api/v1/projects/{project.slug}/recipe").status_code == 403
    assert put(client, project).status_code == 403
    assert not QueueRecipe.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"chosen": []}, "chosen"),
        ({"chosen": [{"name": "suspected_error", "weight": 1}]}, "chosen"),
        ({"chosen": [{"name": "margin", "weight": 1}, {"name": "margin", "weight": 2}]}, "chosen"),
        ({"chosen": [{"name": "margin", "weight": 0}]}, "chosen"),
        ({"hard_cap": 0.6}, "hard_cap"),
        ({"evaluation_share": 0.95}, "evaluation_share"),
    ],
)
def test_what_cannot_be_mixed_is_refused(member_client, changes, field):
    project = ProjectFactory(random_share=0.1)

    answer = put(member_client(project, "admin"), project, **changes)

    assert answer.status_code in (400, 422)
    assert field in answer.json()["fields"]
    assert not QueueRecipe.objects.exists()


def test_stages_without_an_order_have_no_boundaries_and_no_timelines(member_client):
    project = ProjectFactory()
    recipe_set(project=project, chosen={"boundary": 1, "margin": 1}, evaluation_share=0, hard_cap=0.5)
    project.scales.update(is_ordered=False)

    assert recipe_in_use(project=project).chosen == {"margin": 1.0}
    assert put(member_client(project, "admin"), project, chosen=[{"name": "boundary", "weight": 1}]).json()[
        "fields"
    ] == {"chosen": ["Only for ordered stages: boundary."]}


def test_a_random_share_raised_later_leaves_less_for_evaluation():
    project = ProjectFactory()
    recipe_set(project=project, chosen={"margin": 1}, evaluation_share=0.3, hard_cap=0.5)
    project.random_share = 0.9

    assert recipe_in_use(project=project).evaluation_share == pytest.approx(0.1)


def test_a_refresh_mixes_by_the_recipe():
    made = world(n_photos=120, noise=0.9, batch_size=30, random_share=0.0, blind_share=0.0)
    made.label([photo for photo in made.photos if not photo.is_held_out][:30])
    recipe_set(project=made.project, chosen={"typical": 1, "margin": 1}, evaluation_share=0.0, hard_cap=0.5)

    project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)

    reasons = list(QueueEntry.objects.values_list("reason", flat=True))
    assert QueryBatch.objects.get().source == "typical"
    assert reasons.count("diverse") == 15
    assert set(reasons) == {"diverse", "boundary", "uncertain"}
