"""Hypothesis without deadlines: a busy machine is not a failure."""

from hypothesis import settings

settings.register_profile("antesis", deadline=None)
settings.load_profile("antesis")
