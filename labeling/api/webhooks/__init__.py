"""Webhooks of a project."""
