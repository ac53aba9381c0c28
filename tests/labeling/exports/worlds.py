"""Projects with labels to export, with and without photos in storage."""

from __future__ import annotations

import io
from datetime import timedelta

from labeling.imaging import read_upright, renditions
from labeling.models import Consensus, Photo, PhotoLocation, Project, Suggestion
from labeling.services.photos import photo_process, photo_receive
from labeling.services.stored_bytes import bytes_keep
from labeling.storage_keys import rendition_key
from tests.factories.labeling import (
    FIRST_DAY,
    AnnotationFactory,
    PhotoFactory,
    PlantFactory,
    ProjectFactory,
    SiteFactory,
    UserFactory,
    stage_at,
)
from tests.labeling.imaging import corpus


def settled(photo: Photo, position: int | None, **fields) -> Consensus:
    """A consensus on ``position``; None for an unusable photo."""
    stage = None if position is None else stage_at(photo.project, position)
    fields = {"is_gold": False, "is_adjudicated": False, **fields}
    return Consensus.objects.create(
        photo=photo, project=photo.project, outcome="stage" if stage else "unusable", stage=stage,
        distribution=[1.0] if stage else [], consensus_quality=0.9, annotator_agreement=1.0, n_annotations=1,
        decided_at=FIRST_DAY, **fields,
    )  # fmt: skip


def orchard(n: int = 3, **fields) -> Project:
    """``n`` photos (no bytes), on a plant each, with a consensus and the annotation of one expert."""
    project: Project = ProjectFactory(**fields)  # type: ignore[assignment]  # what a factory makes
    site, expert = SiteFactory(project=project, name="=Huerto"), UserFactory(full_name="Elena Olmos")
    for number in range(n):
        photo = PhotoFactory(
            project=project, site=site, plant=PlantFactory(site=site), taken_at=FIRST_DAY + timedelta(days=number)
        )
        settled(photo, number % 7)
        AnnotationFactory(photo=photo, annotator=expert, position=number % 7)
    return project


def received(project: Project, seed: int, **fields) -> Photo:
    """A photo with bytes in storage, received and processed as the product does."""
    photo = photo_receive(project=project, stream=io.BytesIO(corpus.jpeg(seed)), **fields).photo
    return photo_process(photo_id=photo.pk)


def with_bytes(photo: Photo, seed: int = 1) -> Photo:
    """Put renditions of some picture into storage for a photo of the factory."""
    for name, data in renditions(read_upright(corpus.jpeg(seed)).image).files.items():
        bytes_keep(key=rendition_key(photo.sha256, name), data=data)
    return photo


def located(photo: Photo, latitude: float = -33.45678, longitude: float = -70.12345) -> PhotoLocation:
    return PhotoLocation.objects.create(photo=photo, latitude=latitude, longitude=longitude, consent_version=1)


def suggested(photo: Photo, position: int = 2) -> Suggestion:
    return Suggestion.objects.create(
        photo=photo, project=photo.project, position=position, confidence=0.625, model_version="v9"
    )
