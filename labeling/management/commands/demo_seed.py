"""Fill a demo installation."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from labeling.models import Project
from labeling.services.demo import SLUG, DemoAccount, DemoSize, demo_passwords_renew, demo_seed


class Command(BaseCommand):
    help = (
        "Make the demo project: generated photos of apple blossom in seven stages, half of them labelled, and an "
        "account per role whose password is shown once. Only where DEMO=1 is set. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is another project")
        parser.add_argument("--new-passwords", action="store_true", help="give the accounts that exist new passwords")
        parser.add_argument("--sites", type=int, default=DemoSize.n_sites)
        parser.add_argument("--plants", type=int, default=DemoSize.plants_per_site, help="at each site")
        parser.add_argument("--every", type=int, default=DemoSize.every, help="days between two visits of a plant")
        parser.add_argument(
            "--processes", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="that draw photos"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("This is no demo installation. Set DEMO=1 to make it one; never in production.")
        if options["if_empty"] and Project.objects.exclude(slug=SLUG).exists():
            self.stdout.write("There is a project already; the demo is left out.")
            return
        size = DemoSize(options["sites"], options["plants"], options["every"])
        seeded = demo_seed(size=size, processes=options["processes"], say=self._say)
        self._say(f"The demo is ready: {seeded.n_photos} photos, {seeded.n_labelled} of them labelled.")
        # Passwords are given at the end: those of a run that was killed would have been shown to nobody.
        is_wanted = options["new_passwords"] or not seeded.was_complete
        self._show(demo_passwords_renew() if is_wanted else [])

    def _say(self, line: str) -> None:
        self.stdout.write(f"demo: {line}")
        self.stdout.flush()

    def _show(self, accounts: list[DemoAccount]) -> None:
        if not accounts:
            self._say("Its accounts exist; demo_seed --new-passwords gives them new passwords.")
            return
        lines = [f"  {account.role.label:<12} {account.email:<28} {account.password}" for account in accounts]
        frame = "=" * 78
        self.stdout.write(
            "\n".join(["", frame, "  Demo accounts. The passwords are shown this once.", "", *lines, frame])
        )
        self.stdout.flush()
