"""What goes wrong with embedded services. Imports nothing, so that set-up can use it before anything is installed."""

from __future__ import annotations


class ServiceUnavailable(SystemExit):
    """A service cannot be started; the message says what to do."""
