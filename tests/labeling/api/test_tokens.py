"""API tokens: what they are, what they open, and that they never open more than their owner may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from labeling.api import authentication
from labeling.domain.tokens import token_digest, token_new
from labeling.models import ApiToken, Photo, Role, TokenScope
from labeling.selectors import tokens as selectors
from labeling.services.tokens import LONGEST_DAYS, MOST_TOKENS, token_create, token_revoke
from tests.factories.labeling import MembershipFactory, PhotoFactory, ProjectFactory, UserFactory
from tests.labeling.api.test_roles import LOWEST, PROJECT, endpoints, methods_of, path_of

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/api-tokens"
READ, LABEL, IMPORT, EXPORT, TRAIN, MANAGE = TokenScope


def bearer(owner, *scopes, project=None, days=30):
    """A client that comes with a new token of ``owner``."""
    token, secret = token_create(
        owner=owner, name="script", scopes=scopes or TokenScope.values, expires_in_days=days, project=project
    )
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.token = token
    return client


@pytest.fixture
def admin(db):
    return MembershipFactory(role=Role.ADMIN)


# --- what is kept and shown -------------------------------------------------------------------------------------


def test_a_token_is_random_and_kept_as_a_digest(admin):
    token, secret = token_create(owner=admin.user, name=" loader ", scopes=["read"], expires_in_days=1)
    assert secret.startswith("ant_")
    assert len(secret) == 4 + 43, "32 random bytes"
    assert token.name == "loader"
    row = ApiToken.objects.values().get()
    assert row["token_sha256"] == token_digest(secret)
    assert secret not in str(row)
    assert secret.startswith(row["prefix"])
    assert len(row["prefix"]) == 12
    assert token_new().secret != token_new().secret
    assert "secret" not in repr(token_new())


def test_made_listed_and_revoked(admin, signed_in):
    client = signed_in(admin.user)
    body = {"name": "nightly", "scopes": ["export", "read"], "project": admin.project.slug, "expires_in_days": 7}
    made = client.post(TOKENS, body, format="json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    secret = made.json()["secret"]
    assert made.json()["scopes"] == ["read", "export"]
    assert made.json()["project_slug"] == admin.project.slug
    listed = client.get(TOKENS).json()
    assert [row["prefix"] for row in listed] == [secret[:12]]
    assert "secret" not in listed[0]
    script = APIClient()
    script.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert script.get(f"/api/v1/projects/{admin.project.slug}").status_code == 200
    assert client.delete(f"{TOKENS}/{made.json()['id']}").status_code == 204
    assert client.get(TOKENS).json() == []
    answer = script.get(f"/api/v1/projects/{admin.project.slug}")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert ApiToken.objects.get().revoked_at is not None, "kept, to show who had it"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"name": ""},
        {"name": "x" * 81},
        {"expires_in_days": 0},
        {"expires_in_days": LONGEST_DAYS + 1},
    ],
)
def test_a_wrong_wish(admin, signed_in, wrong):
    body = {"name": "x", "scopes": ["read"], "expires_in_days": 1, **wrong}
    assert signed_in(admin.user).post(TOKENS, body, format="json").status_code == 400
    assert not ApiToken.objects.exists()


def test_a_token_for_a_project_of_others_cannot_be_made(admin, signed_in):
    body = {"name": "x", "scopes": ["read"], "project": ProjectFactory().slug}
    answer = signed_in(admin.user).post(TOKENS, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "project_not_found")


def test_the_tokens_of_others_are_not_there(admin, signed_in):
    token = bearer(UserFactory()).token
    client = signed_in(admin.user)
    assert client.get(TOKENS).json() == []
    assert client.delete(f"{TOKENS}/{token.pk}").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_person_has_a_limited_number(admin, signed_in):
    for _ in range(MOST_TOKENS):
        last = bearer(admin.user, READ).token
    client = signed_in(admin.user)
    body = {"name": "x", "scopes": ["read"]}
    assert client.post(TOKENS, body, format="json").json()["code"] == "too_many_tokens"
    token_revoke(token=last)
    assert client.post(TOKENS, body, format="json").status_code == 201


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["root"]}, {"token_sha256": "ant_secret"}, {"expires_at": "2000-01-01T00:00Z"}]
)
def test_the_table_refuses_what_is_no_token(admin, wrong):
    row = {
        "owner": admin.user, "name": "x", "prefix": "ant_abcdefgh", "token_sha256": "0" * 64, "scopes": ["read"],
        "expires_at": timezone.now() + timedelta(days=1), **wrong,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(**row)


# --- what a token opens -----------------------------------------------------------------------------------------

PEOPLE = {
    f"{PROJECT}/practice/people",
    f"{PROJECT}/members",
    f"{PROJECT}/members/<int:member_id>",
    f"{PROJECT}/members/<int:member_id>/access-link",
}
OPEN = {
    ("projects", "get"): READ,
    ("scale-templates", "get"): READ,
    (PROJECT, "patch"): MANAGE,
    (f"{PROJECT}/stages/<int:stage_id>/references", "put"): MANAGE,
    (f"{PROJECT}/stages/<int:stage_id>/description", "put"): MANAGE,
    (f"{PROJECT}/adjudications/<int:photo_id>/settle", "post"): LABEL,
    (f"{PROJECT}/queue/reserve", "post"): LABEL,
    (f"{PROJECT}/queue/release", "post"): LABEL,
    (f"{PROJECT}/triage/reserve", "post"): LABEL,
    (f"{PROJECT}/decisions", "post"): LABEL,
    (f"{PROJECT}/photos/<int:photo_id>/gold", "put"): LABEL,
    (f"{PROJECT}/photos/<int:photo_id>/gold", "delete"): LABEL,
    (f"{PROJECT}/sites", "post"): IMPORT,
    (f"{PROJECT}/sites/<int:site_id>/plants", "post"): IMPORT,
    (f"{PROJECT}/photos", "post"): IMPORT,
    (f"{PROJECT}/photos/check", "post"): IMPORT,
    (f"{PROJECT}/my-photos/<int:photo_id>", "patch"): IMPORT,
    (f"{PROJECT}/my-photos/<int:photo_id>", "delete"): IMPORT,
    (f"{PROJECT}/imports", "get"): IMPORT,
    (f"{PROJECT}/imports", "post"): IMPORT,
    (f"{PROJECT}/imports/<int:import_batch_id>", "get"): IMPORT,
    (f"{PROJECT}/imports/<int:import_batch_id>/report", "get"): IMPORT,
    (f"{PROJECT}/imports/<int:import_batch_id>/report.csv", "get"): IMPORT,
    (f"{PROJECT}/imports/<int:import_batch_id>/cancel", "post"): IMPORT,
    (f"{PROJECT}/uploads", "get"): IMPORT,
    (f"{PROJECT}/uploads", "post"): IMPORT,
    (f"{PROJECT}/uploads/<int:upload_id>", "get"): IMPORT,
    (f"{PROJECT}/uploads/<int:upload_id>", "delete"): IMPORT,
    (f"{PROJECT}/uploads/<int:upload_id>/chunks/<int:index>", "put"): IMPORT,
    (f"{PROJECT}/exports", "get"): EXPORT,
    (f"{PROJECT}/exports", "post"): EXPORT,
    (f"{PROJECT}/exports/stream", "get"): EXPORT,
    (f"{PROJECT}/exports/<int:export_id>", "get"): EXPORT,
    (f"{PROJECT}/exports/<int:export_id>", "delete"): EXPORT,
    (f"{PROJECT}/exports/<int:export_id>/download", "get"): EXPORT,
    (f"{PROJECT}/history/export", "get"): EXPORT,
    (f"{PROJECT}/refresh", "post"): TRAIN,
    (f"{PROJECT}/training-runs", "post"): TRAIN,
    (f"{PROJECT}/training-runs/<int:run_id>/cancel", "post"): TRAIN,
    (f"{PROJECT}/model-versions/<uuid:version_id>/promote", "post"): TRAIN,
    (f"{PROJECT}/model-versions/<uuid:version_id>/shadow", "put"): TRAIN,
    (f"{PROJECT}/model-versions/<uuid:version_id>/shadow", "delete"): TRAIN,
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports", "get"): EXPORT,
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports", "post"): EXPORT,
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports/<int:model_export_id>", "get"): EXPORT,
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports/<int:model_export_id>", "delete"): EXPORT,
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports/<int:model_export_id>/download", "get"): EXPORT,
}
"""What a scope opens besides looking at a project. All else is closed to tokens."""
WEBHOOKS = {f"{PROJECT}/webhooks", f"{PROJECT}/webhooks/<int:webhook_id>/deliveries"}
CLOSED_READS = PEOPLE | WEBHOOKS


def scope_wanted(route: str, method: str) -> TokenScope | None:
    if (route, method) in OPEN:
        return OPEN[route, method]
    is_read = method == "get" and route.startswith(PROJECT) and route not in CLOSED_READS
    return READ if is_read else None


ROWS = sorted(
    (route, method)
    for route, view in endpoints(get_resolver())
    for method in methods_of(view)
    if LOWEST.get(route, {}).get(method) != "anyone" and route != "session"  # there tokens are not even looked at
)


@pytest.mark.parametrize(("route", "method"), ROWS)
def test_each_scope_opens_what_is_its_own(admin, route, method):
    """An admin's token with all scopes but one, and with that one alone."""
    wanted = scope_wanted(route, method)
    address = path_of(route, admin.project.slug)

    def code(client):
        answer = getattr(client, method)(address, data=None if method == "get" else {}, format="json")
        return answer.status_code, answer.json().get("code") if answer.get("Content-Type") == "application/json" and (
            isinstance(answer.json(), dict)
        ) else ""

    if wanted is None:
        assert code(bearer(admin.user))[1] in {"token_not_allowed", "not_authenticated"}, (
            f"{method} {route} is open to tokens: add its scope to OPEN, if that is meant."
        )
        return
    assert code(bearer(admin.user, *(set(TokenScope) - {wanted}))) == (403, "token_scope")
    status, answered = code(bearer(admin.user, wanted))
    assert status not in {401, 403, 500}, answered


def test_the_role_of_today_decides(admin):
    client = bearer(admin.user)
    address = f"/api/v1/projects/{admin.project.slug}/imports"
    assert client.get(address).status_code == 200
    admin.role = Role.EXPERT
    admin.save()
    assert client.get(address).json()["code"] == "permission_denied"
    admin.delete()
    assert client.get(address).json()["code"] == "project_not_found"


def test_a_token_of_one_project_finds_no_other(admin):
    other = MembershipFactory(user=admin.user, role=Role.ADMIN).project
    client = bearer(admin.user, project=admin.project)
    assert client.get(f"/api/v1/projects/{admin.project.slug}").status_code == 200
    assert client.get(f"/api/v1/projects/{other.slug}").json()["code"] == "project_not_found"
    assert [row["slug"] for row in client.get("/api/v1/projects").json()] == [admin.project.slug]
    assert len(bearer(admin.user).get("/api/v1/projects").json()) == 2


def test_a_token_of_one_project_does_not_make_a_site_administrator_of_others():
    boss = UserFactory(is_staff=True)
    mine, other = ProjectFactory(), ProjectFactory()
    client = bearer(boss, project=mine)
    assert client.get(f"/api/v1/projects/{mine.slug}/photos").status_code == 200
    assert client.get(f"/api/v1/projects/{other.slug}/photos").status_code == 404


@pytest.mark.parametrize("end", ["expired", "revoked", "inactive", "garbled", "other_secret", "empty"])
def test_a_token_that_is_none_any_more(admin, end):
    client = bearer(admin.user)
    if end == "expired":
        ApiToken.objects.update(created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now())
    elif end == "revoked":
        token_revoke(token=client.token)
    elif end == "inactive":
        admin.user.is_active = False
        admin.user.save()
    else:
        wrong = {"garbled": "ant_x", "empty": "", "other_secret": client.token.prefix + "A" * 35}[end]
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {wrong}")
    answer = client.get(f"/api/v1/projects/{admin.project.slug}")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_wrong_token_is_an_error_even_beside_a_session(admin, signed_in):
    client = signed_in(admin.user)
    assert client.get(TOKENS).status_code == 200
    assert client.get(TOKENS, HTTP_AUTHORIZATION="Bearer ant_x").status_code == 401


def test_other_schemes_are_left_alone(admin, signed_in):
    assert signed_in(admin.user).get(TOKENS, HTTP_AUTHORIZATION="Basic eDp5").status_code == 200


def test_a_token_needs_no_csrf_and_a_session_does(admin):
    address = f"/api/v1/projects/{admin.project.slug}/sites"
    assert bearer(admin.user).post(address, {"name": "North"}, format="json").status_code == 201
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(admin.user)
    assert browser.post(address, {"name": "South"}, format="json").status_code == 403


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", TOKENS),
        ("post", TOKENS),
        ("delete", f"{TOKENS}/1"),
        ("post", "/api/v1/session/password"),
        ("put", "/api/v1/location-consent"),
    ],
)
def test_a_token_changes_nothing_of_the_account(admin, method, address):
    answer = getattr(bearer(admin.user), method)(address, {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "token_not_allowed")


def test_a_token_signs_nobody_in(admin):
    client = bearer(admin.user)
    assert client.get("/api/v1/session").json()["user"] is None
    assert client.patch("/api/v1/session", {"full_name": "X"}, format="json").status_code == 403
    client.get("/api/v1/projects")
    assert "sessionid" not in client.cookies


def test_photos_are_sent_as_the_owner(admin):
    sent = bearer(admin.user, IMPORT).post(
        f"/api/v1/projects/{admin.project.slug}/photos/check",
        {"sha256": [PhotoFactory(project=admin.project).sha256]},
        format="json",
    )
    assert len(sent.json()["known"]) == Photo.objects.count() == 1


# --- cost, use, guessing ----------------------------------------------------------------------------------------


def test_a_token_costs_one_query(admin, django_assert_num_queries):
    client = bearer(admin.user, READ)
    client.get("/api/v1/scale-templates")
    with django_assert_num_queries(1):
        client.get("/api/v1/scale-templates")


def test_the_list_costs_the_same_for_1_and_20(admin, signed_in, django_assert_num_queries):
    client = signed_in(admin.user)
    for n in (1, 19):
        for _ in range(n):
            bearer(admin.user, READ, project=admin.project)
        with django_assert_num_queries(3):  # session, person, tokens
            client.get(TOKENS)


def test_use_is_noted_once_a_minute(admin):
    client = bearer(admin.user, READ)
    assert client.token.last_used_at is None
    client.get("/api/v1/scale-templates")
    client.token.refresh_from_db()
    first = client.token.last_used_at
    assert first is not None
    client.get("/api/v1/scale-templates")
    client.token.refresh_from_db()
    assert client.token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    client.get("/api/v1/scale-templates")
    client.token.refresh_from_db()
    assert client.token.last_used_at > first


def test_digests_are_compared_in_constant_time_and_always(admin, monkeypatch):
    compared = []
    real = selectors.hmac.compare_digest

    def spy(kept, given):
        compared.append((kept, given))
        return real(kept, given)

    monkeypatch.setattr(selectors.hmac, "compare_digest", spy)
    secret = token_create(owner=admin.user, name="x", scopes=["read"], expires_in_days=1)[1]
    stranger = token_new().secret
    assert selectors.token_of_secret(secret=secret) is not None
    assert selectors.token_of_secret(secret=stranger) is None
    assert compared == [(token_digest(secret), token_digest(secret)), ("0" * 64, token_digest(stranger))]


def test_guessing_is_slowed_down_but_not_the_neighbours(admin, monkeypatch):
    good, bad = bearer(admin.user), APIClient()
    bad.credentials(HTTP_AUTHORIZATION=f"Bearer {token_new().secret}")
    for _ in range(authentication.MOST_PER_TOKEN):
        assert bad.get("/api/v1/projects").status_code == 401
    assert bad.get("/api/v1/projects").status_code == 429
    assert good.get("/api/v1/projects").status_code == 200
    monkeypatch.setattr(authentication, "MOST_PER_ADDRESS", authentication.MOST_PER_TOKEN)
    assert good.get("/api/v1/projects").status_code == 429, "an address that tries many is stopped"
