"""Archives on their way, as their sender sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from labeling.domain.errors import NotFound
from labeling.models import ArchiveUpload, Project, User


def uploads_of(*, project: Project, user: User) -> QuerySet[ArchiveUpload]:
    """What this person has begun to send to the project and not imported yet, latest first."""
    return ArchiveUpload.objects.filter(project=project, created_by=user)


def upload_get(*, project: Project, user: User, upload_id: int) -> ArchiveUpload:
    """One of them.

    Raises:
        NotFound: it is not there, or somebody else's.
    """
    upload = uploads_of(project=project, user=user).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("upload_not_found", "There is no such upload. Begin again.")
    return upload
