"""A sender takes a photo back."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from django.db import OperationalError, connection, transaction

from labeling.domain.errors import Conflict, NotFound
from labeling.models import Photo, PhotoLocation, Project, User
from labeling.selectors.my_photos import used
from labeling.services.photo_bytes import photo_bytes_erase

Outcome = Literal["deleted", "released"]

ATTEMPTS = 5
PATIENCE_MS = 300
"""Shorter than PostgreSQL waits before it looks for deadlocks: who replaces a queue holds entries and wants photos, who
deletes a photo the other way round, and the one to give way is this one."""


def photo_withdraw(*, project: Project, user: User, photo_id: int) -> Outcome:
    """Take back one's own photo.

    Until somebody has said something about it, it is deleted with its bytes ("deleted"). After that the picture stays,
    because statements about it are history and a model may have learned from it; what ties it to its sender goes: the
    name of who sent it, the place, the name of the file ("released"). Either way it is no longer the sender's.

    Raises:
        NotFound: it is not there, or was sent by somebody else.
        Conflict: "photo_busy", others have kept it locked; try again.
    """
    for _ in range(ATTEMPTS):
        try:
            outcome, sha256 = _withdraw(project, user, photo_id)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != "55P03":  # lock_not_available
                raise
            continue
        if outcome == "deleted":
            photo_bytes_erase(sha256=sha256)
        return outcome
    raise Conflict("photo_busy", "The photo is in use at this moment. Try again.")


@transaction.atomic
def _withdraw(project: Project, user: User, photo_id: int) -> tuple[Outcome, str]:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
    mine = Photo.objects.filter(project=project, uploaded_by=user, pk=photo_id)
    photo = mine.select_for_update().first()
    if photo is None:
        raise NotFound("photo_not_found", "There is no such photo in this project.")
    # Looked at under the lock: a statement about the photo is made under it too.
    if not Photo.objects.filter(used(), pk=photo.pk).exists():
        photo.delete()
        return "deleted", photo.sha256
    PhotoLocation.objects.filter(photo=photo).delete()
    photo.uploaded_by, photo.original_name, photo.client_id = None, "", uuid4()
    photo.save(update_fields=["uploaded_by", "original_name", "client_id"])
    return "released", photo.sha256
