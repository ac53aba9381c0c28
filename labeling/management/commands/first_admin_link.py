"""Print the link that makes the first administrator, for installations that `make run` does not start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from labeling.domain.errors import Conflict
from labeling.services.people import first_admin_link_create


class Command(BaseCommand):
    help = "Print the one-time link that makes the first administrator. Links printed earlier stop working."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = first_admin_link_create()
        except Conflict as error:
            raise CommandError(error.message) from error
        origin = settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else "http://127.0.0.1:8000"
        self.stdout.write(f"{origin}/welcome/{token}")
