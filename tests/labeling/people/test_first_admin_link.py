"""The command that prints the first administrator's link."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from labeling.models import User
from labeling.services.people import access_link_claim, user_create

pytestmark = pytest.mark.django_db


def test_the_printed_link_makes_the_first_admin(settings: object) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://antesis.example.org"]
    out = StringIO()
    call_command("first_admin_link", stdout=out)
    origin, _, token = out.getvalue().strip().rpartition("/welcome/")
    assert origin == "https://antesis.example.org"
    access_link_claim(token=token, password="una frase bastante larga", email="ana@example.org", full_name="Ana")
    assert User.objects.get().is_staff


def test_there_is_no_link_once_there_is_an_admin() -> None:
    user_create(email="ana@example.org", full_name="Ana", is_staff=True)
    with pytest.raises(CommandError, match="already"):
        call_command("first_admin_link")
