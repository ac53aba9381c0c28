"""PostgreSQL and Redis as children of this checkout: pip installs them, ``var/`` keeps their data."""
