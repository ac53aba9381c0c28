"""Imports of many photos."""
