"""Every endpoint against every role, a foreign project and nobody.

The endpoints are read from the URL conf: one without a row here fails, and so does a row without an endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from labeling.models import Role
from tests.factories.labeling import MembershipFactory, ProjectFactory, UserFactory

PREFIX = "api/v1/"
ANYONE, SIGNED_IN, STAFF = "anyone", "signed_in", "staff"
GROWER, EXPERT, ADJUDICATOR, ADMIN = Role.GROWER, Role.EXPERT, Role.ADJUDICATOR, Role.ADMIN
PROJECT = "projects/<slug:slug>"

LOWEST = {
    "session": {"get": ANYONE, "post": ANYONE, "patch": SIGNED_IN, "delete": ANYONE},
    "session/password": {"post": SIGNED_IN},
    "access-links/<str:token>": {"get": ANYONE, "post": ANYONE},
    "api-tokens": {"get": SIGNED_IN, "post": SIGNED_IN},
    "api-tokens/<int:token_id>": {"delete": SIGNED_IN},
    "scale-templates": {"get": SIGNED_IN},
    "projects": {"get": SIGNED_IN, "post": STAFF},
    PROJECT: {"get": GROWER, "patch": ADMIN},
    f"{PROJECT}/stages/<int:stage_id>/references": {"put": ADJUDICATOR},
    f"{PROJECT}/stages/<int:stage_id>/candidates": {"get": ADJUDICATOR},
    f"{PROJECT}/stages/<int:stage_id>/description": {"put": ADJUDICATOR},
    f"{PROJECT}/members": {"get": ADMIN, "post": ADMIN},
    f"{PROJECT}/members/<int:member_id>": {"patch": ADMIN, "delete": ADMIN},
    f"{PROJECT}/members/<int:member_id>/access-link": {"post": ADMIN},
    f"{PROJECT}/members/<int:member_id>/practice": {"put": ADMIN},
    f"{PROJECT}/practice/people": {"get": ADMIN},
    f"{PROJECT}/practice/question": {"post": EXPERT},
    f"{PROJECT}/practice/answers": {"post": EXPERT},
    f"{PROJECT}/sites": {"get": GROWER, "post": GROWER},
    f"{PROJECT}/sites/<int:site_id>/plants": {"post": GROWER},
    f"{PROJECT}/photos": {"get": EXPERT, "post": GROWER},
    f"{PROJECT}/photos/check": {"post": GROWER},
    f"{PROJECT}/photos/<int:photo_id>": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/renditions/<rendition:name>": {"get": GROWER},
    f"{PROJECT}/my-photos": {"get": GROWER},
    f"{PROJECT}/my-photos/news": {"get": GROWER},
    f"{PROJECT}/my-photos/<int:photo_id>": {"get": GROWER, "patch": GROWER, "delete": GROWER},
    f"{PROJECT}/my-plots": {"get": GROWER},
    "location-consent": {"get": SIGNED_IN, "put": SIGNED_IN, "delete": SIGNED_IN},
    f"{PROJECT}/imports": {"get": ADMIN, "post": ADMIN},
    f"{PROJECT}/imports/<int:import_batch_id>": {"get": ADMIN},
    f"{PROJECT}/imports/<int:import_batch_id>/cancel": {"post": ADMIN},
    f"{PROJECT}/imports/<int:import_batch_id>/report": {"get": ADMIN},
    f"{PROJECT}/imports/<int:import_batch_id>/report.csv": {"get": ADMIN},
    f"{PROJECT}/uploads": {"get": ADMIN, "post": ADMIN},
    f"{PROJECT}/uploads/<int:upload_id>": {"get": ADMIN, "delete": ADMIN},
    f"{PROJECT}/uploads/<int:upload_id>/chunks/<int:index>": {"put": ADMIN},
    f"{PROJECT}/exports": {"get": ADJUDICATOR, "post": ADJUDICATOR},
    f"{PROJECT}/exports/formats": {"get": ADJUDICATOR},
    f"{PROJECT}/exports/stream": {"get": ADJUDICATOR},
    f"{PROJECT}/exports/<int:export_id>": {"get": ADJUDICATOR, "delete": ADJUDICATOR},
    f"{PROJECT}/exports/<int:export_id>/download": {"get": ADJUDICATOR},
    f"{PROJECT}/webhooks": {"get": ADMIN, "post": ADMIN},
    f"{PROJECT}/webhooks/<int:webhook_id>": {"patch": ADMIN, "delete": ADMIN},
    f"{PROJECT}/webhooks/<int:webhook_id>/secret": {"post": ADMIN},
    f"{PROJECT}/webhooks/<int:webhook_id>/test": {"post": ADMIN},
    f"{PROJECT}/webhooks/<int:webhook_id>/deliveries": {"get": ADMIN},
    f"{PROJECT}/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/resend": {"post": ADMIN},
    f"{PROJECT}/queue": {"get": EXPERT},
    f"{PROJECT}/queue/reserve": {"post": EXPERT},
    f"{PROJECT}/queue/release": {"post": EXPERT},
    f"{PROJECT}/triage": {"get": EXPERT},
    f"{PROJECT}/triage/reserve": {"post": EXPERT},
    f"{PROJECT}/lots": {"post": EXPERT},
    f"{PROJECT}/map": {"get": EXPERT, "post": EXPERT},
    f"{PROJECT}/map/<int:map_id>/points": {"get": EXPERT},
    f"{PROJECT}/map/<int:map_id>/photos": {"get": EXPERT},
    f"{PROJECT}/map/<int:map_id>/columns/<slug:column>": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/plant": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/history": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/neighbours": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/prediction": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/date-evidence": {"get": EXPERT},
    f"{PROJECT}/photos/<int:photo_id>/gold": {"put": ADJUDICATOR, "delete": ADJUDICATOR},
    f"{PROJECT}/history/export": {"get": ADJUDICATOR},
    f"{PROJECT}/decisions": {"post": EXPERT},
    f"{PROJECT}/adjudications": {"get": ADJUDICATOR},
    f"{PROJECT}/adjudications/<int:photo_id>/settle": {"post": ADJUDICATOR},
    f"{PROJECT}/agreement": {"get": EXPERT},
    f"{PROJECT}/agreement/refresh": {"post": ADJUDICATOR},
    f"{PROJECT}/learning": {"get": EXPERT},
    f"{PROJECT}/forecast": {"get": EXPERT},
    f"{PROJECT}/refresh": {"post": ADMIN},
    f"{PROJECT}/training-runs": {"get": EXPERT, "post": ADMIN},
    f"{PROJECT}/training-runs/<int:run_id>": {"get": EXPERT},
    f"{PROJECT}/training-runs/<int:run_id>/cancel": {"post": ADMIN},
    f"{PROJECT}/recipe": {"get": ADMIN, "put": ADMIN},
    f"{PROJECT}/training-rule": {"get": ADMIN, "put": ADMIN},
    f"{PROJECT}/classes": {"get": ADJUDICATOR, "post": ADMIN},
    f"{PROJECT}/dashboard": {"get": ADJUDICATOR, "post": ADMIN},
    f"{PROJECT}/dashboard/plants": {"get": ADJUDICATOR},
    f"{PROJECT}/scale-migrations": {"get": EXPERT, "post": ADMIN},
    f"{PROJECT}/scale-migrations/<int:migration_id>": {"delete": ADMIN},
    f"{PROJECT}/scale-migrations/<int:migration_id>/step": {"post": ADMIN},
    f"{PROJECT}/second-look": {"get": ADJUDICATOR},
    f"{PROJECT}/second-look/summary": {"get": ADJUDICATOR},
    f"{PROJECT}/second-look/<int:look_id>/settle": {"post": ADJUDICATOR},
    f"{PROJECT}/model-versions": {"get": EXPERT},
    f"{PROJECT}/model-versions/<uuid:version_id>": {"get": EXPERT},
    f"{PROJECT}/model-versions/<uuid:version_id>/report": {"get": EXPERT},
    f"{PROJECT}/model-versions/<uuid:version_id>/card": {"get": EXPERT},
    f"{PROJECT}/model-versions/<uuid:version_id>/promote": {"post": ADMIN},
    f"{PROJECT}/model-versions/<uuid:version_id>/shadow": {"put": ADMIN, "delete": ADMIN},
    f"{PROJECT}/model-versions/<uuid:version_id>/exports": {"get": ADMIN, "post": ADMIN},
    f"{PROJECT}/model-versions/<uuid:version_id>/exports/<int:model_export_id>": {"get": ADMIN, "delete": ADMIN},
    f"{PROJECT}/model-versions/<uuid:version_id>/exports/<int:model_export_id>/download": {"get": ADMIN},
}
SAMPLES = {
    "int": "0",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "str": "x",
    "rendition": "thumb",
    "slug": "stage",
}


def endpoints(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, type]]:
    """Route and view class of everything under the API."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern, route)
        elif route.startswith(PREFIX):
            yield route.removeprefix(PREFIX), pattern.callback.view_class


def methods_of(view: type) -> set[str]:
    return {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}


def path_of(route: str, slug: str) -> str:
    """A path that matches ``route``; objects in it do not exist."""
    parts = []
    for part in route.split("/"):
        if part.startswith("<"):
            converter, name = part.strip("<>").split(":")
            parts.append(slug if name == "slug" else SAMPLES[converter])
        else:
            parts.append(part)
    return f"/{PREFIX}" + "/".join(parts)


ROWS = [(route, method, lowest) for route, row in LOWEST.items() for method, lowest in row.items()]
PROJECT_ROWS = [row for row in ROWS if row[0].startswith(PROJECT)]


def call(client: APIClient, method: str, route: str, slug: str):
    return getattr(client, method)(path_of(route, slug), data=None if method == "get" else {}, format="json")


def test_every_endpoint_has_a_row_and_every_row_an_endpoint():
    found: dict[str, set[str]] = {}
    for route, view in endpoints(get_resolver()):
        found.setdefault(route, set()).update(methods_of(view))
    assert found == {route: set(row) for route, row in LOWEST.items()}


@pytest.fixture
def project(db):
    return ProjectFactory()


@pytest.mark.parametrize(("route", "method", "lowest"), ROWS)
def test_nobody_signed_in(project, api_client, route, method, lowest):
    response = call(api_client, method, route, project.slug)
    if lowest == ANYONE:
        assert response.status_code not in {401, 403}
    else:
        assert response.status_code == 401
        assert response.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("route", "method", "lowest"), PROJECT_ROWS)
def test_roles_of_a_project(project, signed_in, route, method, lowest, role):
    client = signed_in(MembershipFactory(project=project, role=role).user)
    response = call(client, method, route, project.slug)
    if Role(role).includes(lowest):
        assert response.status_code not in {401, 403, 500}
        assert response.status_code != 404 or response.json()["code"] != "project_not_found"
    else:
        assert response.status_code == 403
        assert response.json()["code"] == "permission_denied"


@pytest.mark.parametrize(("route", "method", "lowest"), PROJECT_ROWS)
def test_a_foreign_project_is_not_there(project, signed_in, route, method, lowest):
    client = signed_in(MembershipFactory(role=Role.ADMIN).user)
    response = call(client, method, route, project.slug)
    missing = call(client, method, route, "no-such-project")
    assert response.status_code == missing.status_code == 404
    assert response.json() == missing.json(), "the answer must not tell whether the project exists"


@pytest.mark.parametrize(("route", "method", "lowest"), PROJECT_ROWS)
def test_a_site_administrator_is_an_admin_everywhere(project, signed_in, route, method, lowest):
    response = call(signed_in(UserFactory(is_staff=True)), method, route, project.slug)
    assert response.status_code not in {401, 403, 500}
    assert response.status_code != 404 or response.json()["code"] != "project_not_found"


def test_only_a_site_administrator_makes_projects(project, signed_in):
    admin = MembershipFactory(project=project, role=Role.ADMIN).user
    assert call(signed_in(admin), "post", "projects", "").status_code == 403
    assert call(signed_in(UserFactory(is_staff=True)), "post", "projects", "").status_code == 400
