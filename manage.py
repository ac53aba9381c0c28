#!/usr/bin/env python
"""Django's command line."""

import sys

from config.env import default_settings

if __name__ == "__main__":
    default_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
