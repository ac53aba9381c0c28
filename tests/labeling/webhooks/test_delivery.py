"""The outbox: written with the event, sent by attempts, given up, switched off."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.conf import settings as project_settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from labeling import tasks
from labeling.domain.webhook_addresses import WebhookRules
from labeling.domain.webhooks import DELAYS, FAILS_OFTEN, MOST_ATTEMPTS, retry_delay, secret_of
from labeling.models import ExportJob, Webhook, WebhookDelivery, WebhookEvent
from labeling.selectors.webhooks import webhooks_due
from labeling.services import webhook_delivery
from labeling.services.consensus import consensus_update
from labeling.services.webhook_delivery import LEASE, MOST_PER_RUN, webhook_deliver
from labeling.services.webhooks import (
    KEPT_FOR,
    deliveries_expire,
    webhook_record,
    webhook_resend,
    webhook_secret_rotate,
    webhook_test,
    webhook_update,
)
from tests.factories.labeling import (
    AnnotationFactory,
    PhotoFactory,
    ProjectFactory,
    UserFactory,
    WebhookDeliveryFactory,
    WebhookFactory,
)
from tests.support.hook_server import hook_server, status

pytestmark = pytest.mark.django_db
SETTLED = WebhookEvent.CONSENSUS_SETTLED


@pytest.fixture
def server(settings):
    with hook_server() as running:
        settings.WEBHOOKS = WebhookRules(is_enabled=True, own_hosts=(running.host,))
        yield running


@pytest.fixture
def hook(server, db):
    return WebhookFactory(url=server.url)


def fails(handler):
    status(handler, 500)


def due_again(hook):
    hook.deliveries.update(next_try_at=timezone.now())


def test_a_settled_photo_is_told_with_a_signature(hook, server):
    photo = PhotoFactory(project=hook.project)
    hook.project.labels_wanted = 1
    hook.project.save()
    AnnotationFactory(photo=photo, position=2)
    consensus_update(photo_id=photo.pk)
    assert webhook_deliver(webhook_id=hook.pk) is False
    (taken,) = server.taken
    message = json.loads(taken.body)
    assert message["type"] == "consensus.settled"
    assert message["data"]["photo"] == photo.pk
    assert message["data"]["project"] == hook.project.slug
    secret = secret_of(server_key=project_settings.SECRET_KEY, salt=hook.salt)
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode() + taken.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert taken.headers["webhook-signature"] == wanted
    delivery = hook.deliveries.get()
    assert (delivery.state, delivery.last_status, delivery.attempts) == ("delivered", 204, 1)


def test_event_and_message_are_one_transaction(hook):
    with transaction.atomic():
        webhook_record(project_id=hook.project_id, event=SETTLED, data={})
        assert WebhookDelivery.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_only_who_wants_it_is_told(server, django_assert_num_queries):
    project = ProjectFactory()
    wanting = WebhookFactory(project=project, events=[SETTLED])
    WebhookFactory(project=project, events=["export.ready"])
    WebhookFactory(project=project, is_active=False)
    WebhookFactory()
    webhook_record(project_id=project.pk, event=SETTLED, data={})
    assert [it.webhook_id for it in WebhookDelivery.objects.all()] == [wanting.pk]
    with django_assert_num_queries(1):
        webhook_record(project_id=0, event=SETTLED, data={})


def test_switched_off_it_costs_nothing_and_sends_nothing(hook, settings, server, django_assert_num_queries):
    WebhookDeliveryFactory(webhook=hook)
    settings.WEBHOOKS = WebhookRules(is_enabled=False, own_hosts=(server.host,))
    with django_assert_num_queries(0):
        webhook_record(project_id=hook.project_id, event=SETTLED, data={})
        webhook_deliver(webhook_id=hook.pk)
    assert server.taken == []


def test_a_failure_is_tried_again_later_under_the_same_id(hook, server):
    delivery: WebhookDelivery = WebhookDeliveryFactory.create(webhook=hook)
    server.answer = fails
    webhook_deliver(webhook_id=hook.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_status, delivery.attempts) == ("pending", 500, 1)
    assert delivery.next_try_at > timezone.now() + DELAYS[0] / 2
    assert webhooks_due() == []
    due_again(hook)
    assert webhooks_due() == [hook.pk]
    server.answer = lambda handler: status(handler, 200)
    webhook_deliver(webhook_id=hook.pk)
    assert len({taken.headers["webhook-id"] for taken in server.taken}) == 1
    assert len(server.taken) == 2
    hook.refresh_from_db()
    assert (hook.n_failures, hook.failing_since) == (0, None)


def test_after_the_last_attempt_it_is_given_up(hook, server):
    delivery: WebhookDelivery = WebhookDeliveryFactory.create(webhook=hook)
    server.answer = fails
    for _ in range(MOST_ATTEMPTS + 2):
        due_again(hook)
        webhook_deliver(webhook_id=hook.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", MOST_ATTEMPTS)
    assert len(server.taken) == MOST_ATTEMPTS


def test_a_failure_ends_the_run(hook, server):
    WebhookDeliveryFactory.create_batch(3, webhook=hook)
    server.answer = fails
    assert webhook_deliver(webhook_id=hook.pk) is False
    assert len(server.taken) == 1


def test_a_run_is_bounded(hook, server):
    WebhookDeliveryFactory.create_batch(MOST_PER_RUN + 1, webhook=hook)
    assert webhook_deliver(webhook_id=hook.pk) is True
    assert len(server.taken) == MOST_PER_RUN


def test_a_slow_receiver_does_not_keep_the_worker(hook, server, monkeypatch):
    WebhookDeliveryFactory.create_batch(3, webhook=hook)
    monkeypatch.setattr(webhook_delivery, "RUN_S", -1.0)
    assert webhook_deliver(webhook_id=hook.pk) is True
    assert server.taken == []


def test_who_fails_for_a_day_is_switched_off(hook, server):
    server.answer = fails
    delivery: WebhookDelivery = WebhookDeliveryFactory.create(webhook=hook)
    Webhook.objects.filter(pk=hook.pk).update(
        failing_since=timezone.now() - timedelta(hours=23), n_failures=FAILS_OFTEN
    )
    webhook_deliver(webhook_id=hook.pk)
    hook.refresh_from_db()
    assert hook.is_active, "not long enough"
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now() - timedelta(hours=25))
    due_again(hook)
    webhook_deliver(webhook_id=hook.pk)
    hook.refresh_from_db()
    assert not hook.is_active
    assert hook.disabled_at is not None
    due_again(hook)
    assert webhooks_due() == []
    webhook_deliver(webhook_id=hook.pk)
    assert len(server.taken) == 2
    server.answer = lambda handler: status(handler, 204)
    webhook_update(webhook=hook, is_active=True)
    webhook_deliver(webhook_id=hook.pk)
    delivery.refresh_from_db()
    assert delivery.state == "delivered", "what waited is sent once it is on again"


def test_a_claimed_message_is_nobody_elses_until_the_lease_ends(hook, server, monkeypatch):
    """A second worker comes while the first one sends, and finds nothing."""
    WebhookDeliveryFactory(webhook=hook)
    real = webhook_delivery.webhook_post

    def meanwhile(**request):
        monkeypatch.setattr(webhook_delivery, "webhook_post", real)
        assert webhook_deliver(webhook_id=hook.pk) is False
        return real(**request)

    monkeypatch.setattr(webhook_delivery, "webhook_post", meanwhile)
    webhook_deliver(webhook_id=hook.pk)
    assert len(server.taken) == 1


def test_a_worker_that_died_holds_nothing_up(hook, server, monkeypatch):
    delivery: WebhookDelivery = WebhookDeliveryFactory.create(webhook=hook)

    def die(**_):
        raise MemoryError

    monkeypatch.setattr(webhook_delivery, "webhook_post", die)
    with pytest.raises(MemoryError):
        webhook_deliver(webhook_id=hook.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert timezone.now() < delivery.next_try_at <= timezone.now() + LEASE


def test_an_outcome_that_comes_too_late_changes_nothing(hook, server, monkeypatch):
    delivery: WebhookDelivery = WebhookDeliveryFactory.create(webhook=hook)

    def late(**_):
        WebhookDelivery.objects.update(attempts=5)  # somebody else has it by now
        return 200

    monkeypatch.setattr(webhook_delivery, "webhook_post", late)
    webhook_deliver(webhook_id=hook.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 5)


def test_a_new_secret_signs_beside_the_old_one_for_a_day(hook, server):
    old = secret_of(server_key=project_settings.SECRET_KEY, salt=hook.salt)
    new = webhook_secret_rotate(webhook=hook)
    assert new != old
    for n_signatures, until in ((2, timedelta(hours=1)), (1, timedelta(hours=-1))):
        Webhook.objects.update(former_until=timezone.now() + until)
        WebhookDeliveryFactory(webhook=hook)
        webhook_deliver(webhook_id=hook.pk)
        assert len(server.taken[-1].headers["webhook-signature"].split()) == n_signatures


def test_the_secret_is_in_no_row(hook):
    secret = secret_of(server_key=project_settings.SECRET_KEY, salt=hook.salt)
    assert secret not in str(Webhook.objects.values().get())
    assert secret != secret_of(server_key="another server", salt=hook.salt)


def test_sending_again(hook, server):
    delivery = webhook_test(webhook=hook, by=UserFactory())
    webhook_deliver(webhook_id=hook.pk)
    webhook_resend(delivery=delivery)
    webhook_deliver(webhook_id=hook.pk)
    assert len(server.taken) == 2
    assert server.taken[0].headers["webhook-id"] == server.taken[1].headers["webhook-id"]
    assert server.taken[0].body == server.taken[1].body


def test_old_messages_are_deleted(hook):
    old, young = WebhookDeliveryFactory.create_batch(2, webhook=hook)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - KEPT_FOR)
    assert deliveries_expire() == 1
    assert WebhookDelivery.objects.get() == young


def test_commits_enqueue_once_and_beat_finds_the_forgotten(
    hook, server, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(tasks.deliver_webhook, "apply_async", lambda args, retry: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            webhook_record(project_id=hook.project_id, event=SETTLED, data={})
    assert sent == [(hook.pk,)]
    tasks.deliver_webhook(hook.pk)
    assert len(server.taken) == 3
    tasks.reconcile_webhooks()
    assert len(sent) == 1, "nothing is due"
    WebhookDeliveryFactory(webhook=hook)
    tasks.reconcile_webhooks()
    assert len(sent) == 2


@pytest.mark.parametrize(
    "wrong", [{"events": []}, {"events": ["test"]}, {"former_salt": "x"}, {"disabled_at": timezone.now()}]
)
def test_the_table_refuses_what_is_no_webhook(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookFactory(**wrong)


def test_a_delivery_that_was_not_tried_has_no_outcome():
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookDeliveryFactory(state="delivered")


def test_an_export_is_told_once_it_can_be_downloaded(hook, server):
    from labeling.services.exports import ExportOrder, export_request, export_run

    job, _ = export_request(
        project=hook.project, order=ExportOrder(format="csv", photos="none"), created_by=UserFactory()
    )
    export_run(export_id=job.pk)
    assert ExportJob.objects.get().state == "done"
    payload = hook.deliveries.get().payload
    assert (payload["type"], payload["data"]["export"]) == ("export.ready", job.pk)


@given(st.integers(1, MOST_ATTEMPTS - 1), st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_end(attempts, spread):
    assert retry_delay(attempts, spread=0) <= retry_delay(attempts, spread=spread) <= 1.2 * DELAYS[attempts - 1]
    assert retry_delay(MOST_ATTEMPTS, spread=spread) is None
    assert list(DELAYS) == sorted(DELAYS)
