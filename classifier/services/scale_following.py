"""What a project's models do when another version of its scale comes into use.

A version speaks of the stages it was trained on. One of the scale that is in use now and was promoted before is
promoted again, which is what undoing a change of the stages wants; without one the project is trained anew.
"""

from __future__ import annotations

from classifier.models import ModelVersion
from classifier.selectors.learning import promoted_version
from classifier.services.promotion import model_version_promote
from labeling.domain.errors import Conflict
from labeling.models import StageScale


def scale_follow(*, project_id: int) -> ModelVersion | None:
    """Promote again the last promoted version of the scale in use; None when the promoted one is of it, or none was."""
    current = StageScale.objects.filter(project_id=project_id, status=StageScale.Status.CURRENT).first()
    promoted = promoted_version(project_id=project_id)
    if current is None or (promoted is not None and promoted.scale_id == current.pk):
        return None
    earlier = ModelVersion.objects.filter(
        project_id=project_id, scale=current, state=ModelVersion.State.RETIRED, promoted_at__isnull=False
    )
    version = earlier.order_by("-promoted_at").first()
    if version is None:
        return None
    try:
        return model_version_promote(model_version_id=version.pk, reason="Its stages are in use again.")
    except Conflict:  # the stages changed once more; that change asks for this anew
        return None


def stages_are_untrained(*, project_id: int) -> bool:
    """Whether models were trained on earlier stages of the project, and none that ended on those in use."""
    states = [ModelVersion.State.PROMOTED, ModelVersion.State.REJECTED, ModelVersion.State.RETIRED]
    trained = ModelVersion.objects.filter(project_id=project_id, state__in=states)
    return trained.exists() and not trained.filter(scale__status=StageScale.Status.CURRENT).exists()
