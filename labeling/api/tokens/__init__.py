"""API tokens of oneself."""
