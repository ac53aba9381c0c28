"""The learning app: machines proposing what a photo shows."""

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """Connects the receivers when Django is ready."""

    name = "classifier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from classifier import receivers  # noqa: F401 - connects the receivers; models are not loaded before
