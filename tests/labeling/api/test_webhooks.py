"""Webhooks over the API. Who may reach them: ``test_roles.py``, ``test_foreign_objects.py``."""

from __future__ import annotations

import pytest

from labeling.domain.webhook_addresses import WebhookRules
from labeling.models import Webhook
from labeling.services.webhooks import MOST_WEBHOOKS
from tests.factories.labeling import ProjectFactory, WebhookDeliveryFactory, WebhookFactory

pytestmark = pytest.mark.django_db
WANTED = {"name": "Farm system", "url": "https://hooks.example.org/in", "events": ["export.ready", "consensus.settled"]}


@pytest.fixture(autouse=True)
def _on(settings):
    settings.WEBHOOKS = WebhookRules(is_enabled=True)


@pytest.fixture
def project(db):
    return ProjectFactory()


@pytest.fixture
def admin(project, member_client):
    return member_client(project, "admin")


def url(project, end=""):
    return f"/api/v1/projects/{project.slug}/webhooks{end}"


def test_made_changed_and_deleted(project, admin):
    made = admin.post(url(project), WANTED, format="json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    body = made.json()
    assert body["secret"].startswith("whsec_")
    assert body["events"] == ["consensus.settled", "export.ready"]
    listed = admin.get(url(project)).json()
    assert listed["is_enabled"] is True
    assert [it["url"] for it in listed["webhooks"]] == [WANTED["url"]]
    assert "secret" not in listed["webhooks"][0]
    one = url(project, f"/{body['id']}")
    changed = admin.patch(one, {"is_active": False, "events": ["import.finished"]}, format="json").json()
    assert (changed["is_active"], changed["events"], changed["name"]) == (False, ["import.finished"], "Farm system")
    rotated = admin.post(f"{one}/secret")
    assert rotated.json()["secret"] != body["secret"]
    assert rotated["Cache-Control"] == "no-store"
    assert admin.delete(one).status_code == 204
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": "http://hooks.example.org/"}, "webhook_url_invalid"),
        ({"url": "https://127.0.0.1/"}, "webhook_host_refused"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "webhook_host_refused"),
        ({"url": ""}, "invalid"),
        ({"events": []}, "invalid"),
        ({"events": ["test"]}, "invalid"),
        ({"name": " "}, "invalid"),
    ],
)
def test_a_wrong_wish(project, admin, wrong, code):
    answer = admin.post(url(project), {**WANTED, **wrong}, format="json")
    assert answer.json()["code"] == code
    hook = WebhookFactory(project=project)
    assert admin.patch(url(project, f"/{hook.pk}"), wrong, format="json").json()["code"] == code


def test_where_the_server_calls_none(project, admin, settings):
    settings.WEBHOOKS = WebhookRules()
    assert admin.get(url(project)).json() == {"is_enabled": False, "webhooks": []}
    assert admin.post(url(project), WANTED, format="json").json()["code"] == "webhooks_off"


def test_a_project_has_a_limited_number(project, admin):
    WebhookFactory.create_batch(MOST_WEBHOOKS, project=project)
    assert admin.post(url(project), WANTED, format="json").json()["code"] == "too_many_webhooks"


def test_a_test_and_again(project, admin):
    hook = WebhookFactory(project=project)
    sent = admin.post(url(project, f"/{hook.pk}/test"))
    assert sent.status_code == 202
    assert (sent.json()["event"], sent.json()["state"]) == ("test", "pending")
    again = admin.post(url(project, f"/{hook.pk}/deliveries/{sent.json()['id']}/resend"))
    assert again.status_code == 202
    assert again.json()["message_id"] == sent.json()["message_id"]
    other = WebhookFactory(project=project)
    assert admin.post(url(project, f"/{other.pk}/deliveries/{sent.json()['id']}/resend")).status_code == 404
    Webhook.objects.update(is_active=False)
    assert admin.post(url(project, f"/{hook.pk}/test")).json()["code"] == "webhook_inactive"


def test_the_messages_come_in_pages_at_the_same_cost(project, admin, django_assert_num_queries):
    hook = WebhookFactory(project=project)
    for n in (1, 69):
        WebhookDeliveryFactory.create_batch(n, webhook=hook)
        with django_assert_num_queries(5):  # session, person, membership, webhook, page
            page = admin.get(url(project, f"/{hook.pk}/deliveries")).json()
    assert len(page["results"]) == 60
    rest = admin.get(url(project, f"/{hook.pk}/deliveries"), {"cursor": page["next"]}).json()
    assert (len(rest["results"]), rest["next"]) == (10, None)
