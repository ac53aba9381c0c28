"""The labelling app: people deciding what a photo shows."""

from django.apps import AppConfig


class LabelingConfig(AppConfig):
    """Connects the receivers when Django is ready."""

    name = "labeling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The Celery app first: without it, shared tasks of a web process or a command would be sent to a broker of
        # Celery's own default, on another port and by another protocol.
        import config.celery  # noqa: F401
        from labeling import receivers  # noqa: F401 - connects the receivers; models are not loaded before
