"""Sign-in, access links, one's own settings."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from labeling.api.session.attempts import MOST_PER_ACCOUNT
from labeling.models import Role, User
from labeling.services.people import first_admin_link_create, member_add
from tests.factories.labeling import PASSWORD, MembershipFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
SESSION = "/api/v1/session"


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def sign_in(client, email, password=PASSWORD):
    return client.post(SESSION, {"email": email, "password": password}, format="json")


def test_nobody_is_signed_in_at_first_and_the_csrf_cookie_is_set(api_client):
    response = api_client.get(SESSION)
    assert response.status_code == 200
    assert response.json() == {"user": None, "memberships": [], "is_demo": False, "has_email": False, "oidc": None}
    assert "csrftoken" in response.cookies


def test_sign_in_and_out(api_client):
    membership = MembershipFactory(role=Role.EXPERT)
    body = sign_in(api_client, membership.user.email.upper()).json()
    assert body["user"]["email"] == membership.user.email
    assert body["memberships"] == [
        {"project_slug": membership.project.slug, "project_name": membership.project.name, "role": "expert"}
    ]
    assert api_client.delete(SESSION).status_code == 204
    assert api_client.get(SESSION).json()["user"] is None


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(api_client):
    user = UserFactory()
    wrong, unknown = sign_in(api_client, user.email, "nope"), sign_in(api_client, "nobody@example.org", "nope")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_an_account_that_was_closed_cannot_sign_in(api_client):
    assert sign_in(api_client, UserFactory(is_active=False).email).status_code == 422


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_is_stopped_whether_or_not_the_account_exists(api_client, exists):
    email = UserFactory().email if exists else "nobody@example.org"
    for _ in range(MOST_PER_ACCOUNT):
        assert sign_in(api_client, email, "nope").status_code == 422
    stopped = sign_in(api_client, email)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "throttled")
    assert sign_in(api_client, UserFactory().email).status_code == 200, "others are not stopped"


@pytest.mark.parametrize(
    ("method", "path"), [("post", SESSION), ("delete", SESSION), ("post", "/api/v1/access-links/x")]
)
def test_writes_need_the_csrf_token_even_when_nobody_is_signed_in(method, path):
    response = getattr(APIClient(enforce_csrf_checks=True), method)(path, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_people_change_themselves_but_not_their_rights(signed_in):
    user = UserFactory()
    change = {
        "language": "es",
        "full_name": "Ana",
        "preferences": {"keys": {"1": "q"}},
        "is_staff": True,
        "email": "x@y.z",
    }
    body = signed_in(user).patch(SESSION, change, format="json").json()
    assert (body["user"]["language"], body["user"]["full_name"]) == ("es", "Ana")
    assert body["user"]["preferences"] == {"keys": {"1": "q"}}
    assert (body["user"]["is_staff"], body["user"]["email"]) == (False, user.email)


def test_preferences_are_bounded(signed_in):
    response = signed_in(UserFactory()).patch(SESSION, {"preferences": {"a": "b" * 9000}}, format="json")
    assert (response.status_code, response.json()["code"]) == (422, "preferences_too_large")


def test_a_new_password_keeps_this_browser_and_signs_out_the_others(signed_in):
    user = UserFactory()
    here, there = signed_in(user), signed_in(user)
    form = {"current_password": PASSWORD, "new_password": "another long secret"}
    wrong = here.post("/api/v1/session/password", {**form, "current_password": "x"}, format="json")
    assert wrong.json()["code"] == "bad_credentials"
    weak = here.post("/api/v1/session/password", {**form, "new_password": "12345678"}, format="json")
    assert (weak.json()["code"], list(weak.json()["fields"])) == ("password_weak", ["new_password"])
    assert here.post("/api/v1/session/password", form, format="json").status_code == 204
    assert here.get(SESSION).json()["user"]["id"] == user.pk
    assert there.get(SESSION).json()["user"] is None


class TestAccessLinks:
    def test_the_first_administrator(self, api_client):
        path = f"/api/v1/access-links/{first_admin_link_create()}"
        assert api_client.get(path).json()["purpose"] == "first_admin"
        form = {"email": "Boss@Example.org", "full_name": "Boss", "password": "a long first secret"}
        body = api_client.post(path, form, format="json").json()
        assert (body["user"]["email"], body["user"]["is_staff"]) == ("boss@example.org", True)
        assert api_client.get(SESSION).json()["user"]["full_name"] == "Boss"
        assert APIClient().get(path).status_code == 404, "it works once"

    def test_an_invited_person_sets_a_password(self, api_client):
        _, token = member_add(project=ProjectFactory(), email="new@example.org", full_name="New", role="grower")
        path = f"/api/v1/access-links/{token}"
        assert api_client.get(path).json()["email"] == "new@example.org"
        weak = api_client.post(path, {"password": "short"}, format="json")
        assert (weak.status_code, weak.json()["code"]) == (422, "password_weak")
        assert api_client.post(path, {"password": "a long new secret"}, format="json").status_code == 200
        assert sign_in(APIClient(), "new@example.org", "a long new secret").status_code == 200
        assert not User.objects.get(email="new@example.org").is_staff

    def test_unknown_links_are_not_there(self, api_client):
        response = api_client.get("/api/v1/access-links/nothing")
        assert (response.status_code, response.json()["code"]) == (404, "link_invalid")
