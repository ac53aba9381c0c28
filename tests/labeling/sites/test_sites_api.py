"""Sites and plants as the browser meets them."""

from __future__ import annotations

import pytest

from labeling.models import Plant, Site
from tests.factories.labeling import PlantFactory, ProjectFactory, SiteFactory

pytestmark = pytest.mark.django_db


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}/sites{path}"


def test_a_grower_adds_a_site_and_a_plant(member_client):
    project = ProjectFactory()
    client = member_client(project, "grower")
    site = client.post(url(project), {"name": "  El   Huerto "}, format="json")
    assert (site.status_code, site.json()["name"], site.json()["plants"]) == (201, "El Huerto", [])
    plant = client.post(url(project, f"/{site.json()['id']}/plants"), {"name": "Fila 3"}, format="json")
    assert plant.status_code == 201
    assert client.get(url(project)).json() == [{**site.json(), "plants": [plant.json()]}]


def test_a_name_again_answers_with_what_is_there(member_client):
    project = ProjectFactory()
    client = member_client(project, "grower")
    first, again = (client.post(url(project), {"name": "Huerto"}, format="json") for _ in range(2))
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    plants = url(project, f"/{first.json()['id']}/plants")
    first, again = (client.post(plants, {"name": "P"}, format="json") for _ in range(2))
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (Site.objects.count(), Plant.objects.count()) == (1, 1)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_site_needs_a_name(member_client, name):
    project = ProjectFactory()
    answer = member_client(project, "grower").post(url(project), {"name": name}, format="json")
    assert answer.status_code in {400, 422}
    assert "name" in answer.json()["fields"]


def test_other_projects_are_not_there(member_client):
    project, foreign = ProjectFactory(), SiteFactory()
    client = member_client(project, "admin")
    assert client.get(url(foreign.project)).status_code == 404
    assert client.post(url(project, f"/{foreign.pk}/plants"), {"name": "P"}, format="json").status_code == 404


def test_queries_do_not_grow_with_the_list(member_client, django_assert_max_num_queries):
    project = ProjectFactory()
    for _ in range(5):
        site = SiteFactory(project=project)
        PlantFactory.create_batch(3, site=site)
    client = member_client(project, "grower")
    with django_assert_max_num_queries(5):
        assert sum(len(site["plants"]) for site in client.get(url(project)).json()) == 15
