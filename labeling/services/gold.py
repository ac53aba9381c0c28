"""Stages known by decree: declared and withdrawn by an adjudicator."""

from __future__ import annotations

from labeling.models import Project, User


def gold_declare(*, project: Project, photo_id: int, stage_position: int, by: User) -> None:
    """Declare what a photo shows."""


def gold_withdraw(*, project: Project, photo_id: int, by: User) -> None:
    """Withdraw what was declared."""
