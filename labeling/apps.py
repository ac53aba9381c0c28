"""The labelling app: people deciding what a photo shows."""

from django.apps import AppConfig


class LabelingConfig(AppConfig):
    """Connects the receivers when Django is ready."""

    name = "labeling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from labeling import receivers  # noqa: F401 - connects the receivers; models are not loaded before
