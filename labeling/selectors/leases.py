"""When the holder of a row has been silent for so long that another may take it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now


def silent_for(lease: timedelta) -> Q:
    """Rows whose ``heartbeat_at``, written by the database's clock, is a lease old by that clock.

    Those of machines differ: one that is ahead by a lease would take the work of all others from them. A heartbeat from
    the future was written before that clock was set back; a living holder replaces it at its next beat.
    """
    return Q(heartbeat_at__lt=Now() - lease) | Q(heartbeat_at__gt=Now() + lease)
