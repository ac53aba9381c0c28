"""The weekly e-mail: only where the site sends any, only to who asked, only when there is something new."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from labeling import tasks
from labeling.services.digests import EVERY, digest_send, digests_due
from tests.factories.labeling import PhotoFactory
from tests.labeling.my_photos.conftest import settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def sends(settings):
    settings.HAS_EMAIL, settings.MAIL_LINKS, settings.DEFAULT_FROM_EMAIL = True, "https://a.example", "a@example.org"


@pytest.fixture
def asked(project, grower):
    """The grower has asked for it and has an answer."""
    grower.user.preferences = {"weekly_digest": True}
    grower.user.save()
    settle(PhotoFactory(project=project, uploaded_by=grower.user), 1)
    return grower.user


def test_it_says_what_is_new_and_where(sends, asked, project):
    assert digests_due() == [asked.pk]
    assert digest_send(user_id=asked.pk)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([asked.email], "Respuestas a tus fotos")
    assert f"{project.name}: 1 con respuesta" in message.body
    assert f"https://a.example/u/{project.slug}" in message.body


def test_in_the_language_of_the_person(sends, asked):
    asked.language = "en"
    asked.save()
    digest_send(user_id=asked.pk)
    assert mail.outbox[0].subject == "Answers to your photos"


def test_once_a_week_and_only_what_is_new(sends, asked, project):
    assert digest_send(user_id=asked.pk)
    assert digests_due() == []
    assert not digest_send(user_id=asked.pk), "a task that is handed out again writes nothing"
    asked.refresh_from_db()
    asked.digest_sent_at -= EVERY + timedelta(hours=1)
    asked.save()
    settle_at = timezone.now() - timedelta(days=30)
    settle(PhotoFactory(project=project, uploaded_by=asked), 2, at=settle_at)
    assert digest_send(user_id=asked.pk)
    assert ": 1 con respuesta" in mail.outbox[-1].body


@pytest.mark.parametrize("preferences", [{}, {"weekly_digest": False}, {"weekly_digest": "yes"}])
def test_who_did_not_ask_gets_nothing(sends, asked, preferences):
    asked.preferences = preferences
    asked.save()
    assert digests_due() == []
    assert not digest_send(user_id=asked.pk)
    assert mail.outbox == []


def test_nothing_new_no_message(sends, grower):
    grower.user.preferences = {"weekly_digest": True}
    grower.user.save()
    assert not digest_send(user_id=grower.user.pk)
    assert mail.outbox == []


def test_a_site_without_mail_sends_none(asked):
    assert digests_due() == []
    assert not digest_send(user_id=asked.pk)
    tasks.send_digests()
    assert mail.outbox == []
