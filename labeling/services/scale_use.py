"""Writing by positions of a version of the scale, only while that version is in use."""

from __future__ import annotations

from labeling.domain.errors import Conflict
from labeling.models import StageScale
from labeling.services.locks import scale_held


def scale_in_use_held(*, project_id: int, scale_id: int | None) -> None:
    """Keep the scale from being changed until the transaction ends, if it is the one that was meant.

    Args:
        project_id: whose scale.
        scale_id: the version that positions were chosen on; None trusts that it is the current one.

    Raises:
        Conflict: "scale_changed".
    """
    scale_held(project_id=project_id)
    if scale_id is None:
        return
    if not StageScale.objects.filter(pk=scale_id, project_id=project_id, status=StageScale.Status.CURRENT).exists():
        raise Conflict("scale_changed", "The stages were changed meanwhile; look at this again.")
