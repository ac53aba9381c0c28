"""A project whose photos have pixels: generated, 1600 px, heavy, received and prepared by the product."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from benchmarks.place import SLUG, Place, connect
from labeling.synthetic.flower import render
from labeling.synthetic.season import balanced_specs

SIZE = (1600, 1200)
GRAIN = 8.0
"""Standard deviation of the grain, of 255. With it ``view`` comes to some 390 KiB, that of a phone to 200 to 300."""
EXPERT = "expert0"
N_STAGES = 7


def photo_project(place: Place, *, n_photos: int) -> str:
    """The URL of a database with this many photos in the queue, all with a suggestion; their files lie in the media."""

    def fill() -> None:
        _fill(n_photos)

    key = f"photos{n_photos}"
    url = place.fresh("bench_photos", key, fill)
    connect(url)
    if not _files_are_there():
        place.forget(key)
        url = place.fresh("bench_photos", key, fill)
    return url


def view_kib() -> float:
    """How heavy the rendition is that the bench shows, on average."""
    from django.core.files.storage import default_storage

    from labeling.models import Photo
    from labeling.storage_keys import rendition_key

    hashes = list(Photo.objects.values_list("sha256", flat=True))
    return sum(default_storage.size(rendition_key(sha256, "view")) for sha256 in hashes) / len(hashes) / 1024


def _files_are_there() -> bool:
    from django.core.files.storage import default_storage

    from labeling.models import Photo
    from labeling.storage_keys import rendition_key

    hashes = Photo.objects.values_list("sha256", flat=True)
    return all(default_storage.exists(rendition_key(sha256, "view")) for sha256 in hashes)


def _fill(n_photos: int) -> None:
    from labeling.domain.scale_templates import TEMPLATES
    from labeling.models import Role
    from labeling.services.people import member_add, user_create
    from labeling.services.photos import photo_process, photo_receive
    from labeling.services.projects import project_create
    from labeling.services.queue import EntryProposal, queue_replace, suggestions_record
    from labeling.synthetic.scale import TEMPLATE_KEY

    stages = next(template.stages for template in TEMPLATES if template.key == TEMPLATE_KEY)
    project = project_create(name="Orchard", slug=SLUG, created_by=None, stages=stages, seed=1, held_out_share=0)
    user = user_create(email=f"{EXPERT}@bench.example", full_name="Expert")
    member_add(project=project, email=user.email, full_name=user.full_name, role=Role.EXPERT)
    ids = []
    for data in _photos(n_photos):
        received = photo_receive(project=project, stream=io.BytesIO(data))
        ids.append(photo_process(photo_id=received.photo.pk).pk)
    probabilities = np.random.default_rng(5).dirichlet(np.full(N_STAGES, 0.5), len(ids))
    queue_replace(
        project_id=project.pk,
        source="ordinal_uncertainty",
        model_version="bench",
        entries=[
            EntryProposal(pk, 0.5, "uncertain", probabilities=tuple(map(float, row)))
            for pk, row in zip(ids, probabilities, strict=True)
        ],
    )
    suggestions_record(
        project_id=project.pk,
        model_version="bench",
        photo_ids=ids,
        positions=probabilities.argmax(1).tolist(),
        confidences=probabilities.max(1).tolist(),
    )


def _photos(n_photos: int) -> Iterator[bytes]:
    """Generated photos enlarged, with the grain of a sensor, which is what makes real ones heavy."""
    rng = np.random.default_rng(7)
    for spec in balanced_specs(per_stage=-(-n_photos // N_STAGES), seed=7)[:n_photos]:
        small = render(spec).convert("RGB")
        large = np.asarray(small.resize(SIZE, Image.Resampling.BICUBIC)).astype(np.float32)
        large += rng.normal(0, GRAIN, (*large.shape[:2], 1)).astype(np.float32)
        data = io.BytesIO()
        Image.fromarray(np.clip(large, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=90)
        yield data.getvalue()
