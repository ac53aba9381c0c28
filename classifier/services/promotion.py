"""Which model version's scores count."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from classifier import events
from classifier.models import ModelVersion
from labeling.domain.errors import Conflict, NotFound
from labeling.events import announce
from labeling.models import Project, StageScale, User, WebhookEvent
from labeling.services.webhooks import webhook_record


def model_version_promote(*, model_version_id: uuid.UUID, by: User | None = None, reason: str) -> ModelVersion:
    """Make a version the project's promoted one; also rolls back to an older version.

    The former one becomes RETIRED. All versions of the project change under the project's row lock, and the partial
    unique index ``model_version_one_promoted`` refuses a second promoted one whatever the code does.

    Raises:
        NotFound: ``model_version_not_found``.
        Conflict: ``scale_changed`` when the version was trained on another version of the stage scale.
    """
    with transaction.atomic():
        version = ModelVersion.objects.select_related("scale").filter(pk=model_version_id).first()
        if version is None:
            raise NotFound("model_version_not_found", "There is no such model version.")
        Project.objects.select_for_update(no_key=True).get(pk=version.project_id)
        version = ModelVersion.objects.select_related("scale").get(pk=model_version_id)
        if version.scale.status != StageScale.Status.CURRENT:
            raise Conflict("scale_changed", "This version was trained on stages that the project no longer uses.")
        if version.state == ModelVersion.State.PROMOTED:
            return version
        others = ModelVersion.objects.filter(project_id=version.project_id, state=ModelVersion.State.PROMOTED)
        others.update(state=ModelVersion.State.RETIRED, state_reason=f"Replaced by version {version.number}.")
        # Beside another version in use a comparison would begin anew.
        ModelVersion.objects.filter(project_id=version.project_id).update(shadow_since=None)
        version.state, version.shadow_since = ModelVersion.State.PROMOTED, None
        version.state_reason = reason
        version.promoted_at = timezone.now()
        version.promoted_by = by
        version.save(update_fields=["state", "state_reason", "promoted_at", "promoted_by"])
        announce(events.model_promoted, model_version_id=str(version.pk), project_id=version.project_id)
        webhook_record(
            project_id=version.project_id,
            event=WebhookEvent.MODEL_PROMOTED,
            data={"model_version": str(version.pk), "number": version.number},
        )
    return version


def model_version_reject(*, model_version_id: uuid.UUID, reason: str) -> None:
    """Record that a candidate was not good enough; an admin may still promote it by hand."""
    ModelVersion.objects.filter(pk=model_version_id, state=ModelVersion.State.CANDIDATE).update(
        state=ModelVersion.State.REJECTED, state_reason=reason
    )
