"""Photos come in (``photo_receive``) and become usable (``photo_process``). Both may be repeated at any time."""

from __future__ import annotations

import hashlib
import zoneinfo
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Protocol
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling import imaging
from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.domain.held_out import is_held_out
from labeling.events import announce, photo_ingested, photo_received
from labeling.models import ImportBatch, ImportRefusal, Photo, PhotoLocation, Plant, Project, Site, Suggestion, User
from labeling.selectors.photo_groups import group_key_for
from labeling.services.consents import location_consented
from labeling.services.known_labels import known_labels_settle
from labeling.services.locks import Lock, hold
from labeling.services.photo_bytes import photo_bytes_erase
from labeling.services.stored_bytes import bytes_keep, bytes_read
from labeling.storage_keys import original_key, rendition_key

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(days=1)
"""Between the phone's day and the server's, in whatever zones."""


class Keep(Protocol):
    """How bytes are stored; see ``bytes_keep``."""

    def __call__(self, *, key: str, data: bytes) -> None: ...


class PhotoRefused(DomainError):
    """A file that is not even stored: ``empty`` or ``too_large``."""


@dataclass(frozen=True)
class Location:
    """Where a photo was taken, in degrees, and the version of the consent text its sender accepted."""

    latitude: float
    longitude: float
    consent_version: int


@dataclass(frozen=True)
class PhotoReceived:
    """The photo, and whether it is new to the project."""

    photo: Photo
    created: bool


def photo_receive(
    *,
    project: Project,
    stream: BinaryIO,
    original_name: str = "",
    uploaded_by: User | None = None,
    client_id: UUID | None = None,
    site: Site | None = None,
    plant: Plant | None = None,
    taken_at: datetime | None = None,
    location: Location | None = None,
    import_batch: ImportBatch | None = None,
    keep: Keep = bytes_keep,
) -> PhotoReceived:
    """Store the bytes, then the row, and announce the photo.

    The original is in storage before any row names it; a crash between the two leaves unreferenced bytes, which the
    next attempt reuses. Whether a photo is new is decided by the unique constraint alone: of two senders of the same
    bytes one creates the row, the other gets it. A place is stored only with its sender's consent. ``keep`` stores the
    bytes; a rehearsal, whose row is rolled back, gives one that does not.

    Raises:
        PhotoRefused: the file is empty or too large; nothing was stored.
    """
    data = _read_bounded(stream)
    sha256 = hashlib.sha256(data).hexdigest()
    keep(key=original_key(sha256), data=data)
    photo = Photo(
        project=project,
        sha256=sha256,
        original_name=_displayable(original_name),
        client_id=client_id or uuid4(),
        uploaded_by=uploaded_by,
        import_batch=import_batch,
        site=site or (plant.site if plant else None),
        plant=plant,
        taken_at=taken_at,
        byte_size=len(data),
    )
    known = _insert(photo, location)
    if known is not None:
        return PhotoReceived(known, created=False)
    # Somebody may have withdrawn the same photo from another project meanwhile, and its bytes with it.
    keep(key=original_key(sha256), data=data)
    return PhotoReceived(photo, created=True)


@transaction.atomic
def _insert(photo: Photo, location: Location | None) -> Photo | None:
    """Write the row and where it was taken; or return the one that the project has of these bytes."""
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
    except IntegrityError:
        known = Photo.objects.filter(project=photo.project, sha256=photo.sha256).first()
        if known is None:
            raise
        return known
    if location is not None and location_consented(user=photo.uploaded_by, version=location.consent_version):
        PhotoLocation.objects.create(
            photo=photo,
            latitude=location.latitude,
            longitude=location.longitude,
            consent_version=location.consent_version,
        )
    announce(photo_received, photo_id=photo.pk)
    return None


def photo_process(*, photo_id: int) -> Photo:
    """RECEIVED -> READY or REJECTED with a reason; returns at once for a photo that is past RECEIVED.

    A photo too bad to be used is rejected so that its sender can take a better one. Photos of an import are not: they
    are somebody's collection, often labelled, and there is nobody to take them again.

    Decoding and encoding happen outside the transaction and are a function of the bytes: two workers on one photo
    waste time and nothing else. Under the row's lock the status is looked at again.

    Raises:
        NotFound: there is no such photo.
        FileNotFoundError: storage does not have the original (now); the photo stays RECEIVED.
    """
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise _no_such_photo()
    if photo.status != Photo.Status.RECEIVED:
        return photo
    settled = _settle([(photo, _measure(photo, keep=bytes_keep))])
    if not settled:
        raise _no_such_photo()
    return settled[0]


def photos_process(*, project: Project, photo_ids: Sequence[int]) -> list[Photo]:
    """As ``photo_process`` for several photos of one project; returns those that waited and are past RECEIVED now.

    The disk has its time while the next photo is decoded, and one transaction waits for it in the end, not one a photo.
    Left out are photos that are not there, or past RECEIVED before, or whose original storage does not have (now).
    """
    waiting = Photo.objects.filter(project=project, pk__in=photo_ids, status=Photo.Status.RECEIVED).order_by("pk")
    measured, written = [], []
    with ThreadPoolExecutor(1) as writer:

        def keep(*, key: str, data: bytes) -> None:
            written.append(writer.submit(bytes_keep, key=key, data=data))

        for photo in waiting:
            with suppress(FileNotFoundError):
                measured.append((photo, _measure(photo, keep=keep)))
        for writing in written:
            writing.result()
    return _settle(measured)


@transaction.atomic
def photo_date_set(*, project: Project, user: User, photo_id: int, taken_at: datetime) -> Photo:
    """The sender says when a photo was taken that came without a date.

    Raises:
        NotFound: it is not there, or was sent by somebody else.
        Conflict: "date_known", it has a date.
        DomainError: "invalid", in the future or before there were such cameras.
    """
    photo = Photo.objects.select_for_update().filter(project=project, uploaded_by=user, pk=photo_id).first()
    if photo is None:
        raise _no_such_photo()
    if photo.taken_at is not None:
        raise Conflict("date_known", "The photo has a date already.")
    if not EARLIEST <= taken_at <= timezone.now() + CLOCKS_DIFFER:
        raise DomainError("invalid", "Give the day the photo was taken.", {"taken_at": ["Not a day it can be of."]})
    photo.taken_at = taken_at
    photo.save(update_fields=["taken_at"])
    return photo


@dataclass(frozen=True)
class _Measured:
    """What the pixels and EXIF of one photo say."""

    width: int
    height: int
    phash: int
    taken_at: datetime | None
    camera: str
    quality: imaging.Quality
    verdict: imaging.Verdict

    def write_to(self, photo: Photo) -> list[str]:
        """Set what is true of the pixels whatever becomes of the photo; returns the names of the fields."""
        facts = {
            "width": self.width,
            "height": self.height,
            "blur": self.quality.blur,
            "light": self.quality.light,
            "burnt": self.quality.burnt,
            "detail": self.quality.detail,
            "advice": list(self.verdict.advice),
        }
        for name, value in facts.items():
            setattr(photo, name, value)
        return list(facts)


_Outcome = _Measured | imaging.ImageRefused


def _measure(photo: Photo, *, keep: Keep) -> _Outcome:
    """Decode the original once, store what is made of it, measure the smallest of that; or why it is no photo.

    Raises:
        FileNotFoundError: storage does not have the original (now).
    """
    data = bytes_read(key=original_key(photo.sha256))
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        return imaging.ImageRefused("truncated")  # damaged in storage: these are not the bytes that were sent
    try:
        upright = imaging.read_upright(data)
    except imaging.ImageRefused as refusal:
        return refusal
    made = imaging.renditions(upright.image)
    for name, encoded in made.files.items():
        keep(key=rendition_key(photo.sha256, name), data=encoded)
    quality = imaging.measure_quality(made.reduced, short_side=min(upright.width, upright.height))
    return _Measured(
        width=upright.width,
        height=upright.height,
        phash=imaging.perceptual_hash(made.reduced),
        taken_at=upright.taken_at,
        camera=upright.camera,
        quality=quality,
        verdict=imaging.judge(quality),
    )


def _settle(measured: Sequence[tuple[Photo, _Outcome]]) -> list[Photo]:
    """Write what became of photos of one project; returns those that are there still.

    What another worker has settled stays as it is. What a sender took back meanwhile leaves no bytes.
    """
    if not measured:
        return []
    locked = Photo.objects.select_for_update(of=("self",)).select_related("site", "project").order_by("pk")
    with transaction.atomic():
        hold(Lock.GROUPING, measured[0][0].project_id)
        photos = {photo.pk: photo for photo in locked.filter(pk__in=[photo.pk for photo, _ in measured])}
        for seen, outcome in measured:
            if seen.pk in photos and photos[seen.pk].status == Photo.Status.RECEIVED:
                _write_down(photos[seen.pk], outcome)
    for seen, _ in measured:
        if seen.pk not in photos:
            photo_bytes_erase(sha256=seen.sha256)
    return list(photos.values())


def _write_down(photo: Photo, outcome: _Outcome) -> None:
    photo.processed_at = timezone.now()
    if isinstance(outcome, imaging.ImageRefused):
        _reject(photo, outcome.code, None)
    elif outcome.verdict.rejection and photo.import_batch_id is None:
        _reject(photo, outcome.verdict.rejection, outcome)
    else:
        _accept(photo, outcome)


def _reject(photo: Photo, code: str, measured: _Measured | None) -> None:
    photo.status, photo.rejection = Photo.Status.REJECTED, code
    pixels = measured.write_to(photo) if measured else []
    photo.save(update_fields=["status", "rejection", "processed_at", *pixels])
    Suggestion.objects.filter(photo=photo).delete()  # a prediction that was imported with it
    if photo.import_batch_id is not None:
        _report_refusal(photo.import_batch_id, photo)


def _report_refusal(import_batch_id: int, photo: Photo) -> None:
    """Add to the report of the import what only the pixels showed."""
    message = next((text for code, text in imaging.REFUSALS.items() if code == photo.rejection), photo.rejection)
    ImportRefusal.objects.create(
        import_batch_id=import_batch_id, row=0, name=photo.original_name, code=photo.rejection, message=message
    )


def _accept(photo: Photo, measured: _Measured) -> None:
    photo.taken_at = photo.taken_at or _in_zone(measured.taken_at, photo.site)
    photo.group_key = group_key_for(photo=photo, phash=measured.phash, taken_at=photo.taken_at)
    photo.is_held_out = is_held_out(
        seed=photo.project.seed, group_key=photo.group_key, share=photo.project.held_out_share
    )
    photo.phash, photo.camera, photo.status = measured.phash, measured.camera, Photo.Status.READY
    pixels = measured.write_to(photo)
    photo.save(
        update_fields=["taken_at", "group_key", "is_held_out", "phash", "camera", "status", "processed_at", *pixels]
    )
    announce(photo_ingested, photo_id=photo.pk, project_id=photo.project_id)
    known_labels_settle(photo=photo)


def _no_such_photo() -> NotFound:
    return NotFound("photo_not_found", "There is no such photo.")


def _in_zone(taken_at: datetime | None, site: Site | None) -> datetime | None:
    """The camera's local time in the site's zone (UTC without one); aware times stay."""
    if taken_at is None or taken_at.tzinfo is not None:
        return taken_at
    try:
        zone = zoneinfo.ZoneInfo(site.timezone if site else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = zoneinfo.ZoneInfo("UTC")
    return taken_at.replace(tzinfo=zone)


def _read_bounded(stream: BinaryIO) -> bytes:
    data = stream.read(imaging.MAX_BYTES + 1)
    if not data:
        raise PhotoRefused("empty", "The file is empty.")
    if len(data) > imaging.MAX_BYTES:
        raise PhotoRefused("too_large", f"The file is larger than {imaging.MAX_BYTES // 2**20} MB.")
    return data


def _displayable(name: str) -> str:
    """The last part of a name as sent, printable, cut to fit: for people to read, never a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:255]
