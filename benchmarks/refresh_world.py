"""A project for ``bench_refresh``: rows of ``rows.py`` with vectors and a promoted version's probabilities."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from django.db import connection
from django.utils import timezone

from benchmarks.place import Place
from benchmarks.rows import PHOTOS_PER_PLANT, RowsMade, rows_analyse, rows_make
from classifier.models import ModelVersion, RunState, TrainingRun, TrainingSetSnapshot
from labeling.models import Consensus, StageScale

DIMENSION = 256
N_STAGES = 7
N_LABELS = 5000
BATCH_SIZE = 120
FEATURE_SPACE = "generated-256"
NOISE = 4.0
"""Against centres a unit apart in each direction: a head names about three stages in four, as on real photos."""
BLOCK = 50_000
COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
COPY_END = struct.pack(">h", -1)


def refresh_database(place: Place, n_photos: int) -> str:
    """The URL of a fresh database with this many photos, about ``N_LABELS`` of them decided."""

    def fill() -> None:
        made = rows_make(n_photos=n_photos, batch_size=BATCH_SIZE, settled_share=N_LABELS / (0.8 * n_photos))
        vectors_make(n_photos)
        version = promoted_make(made)
        predictions_make(n_photos, version)
        rows_analyse()

    return place.fresh(f"refresh_{n_photos}", f"refresh-{n_photos}", fill)


def vectors_make(n_photos: int) -> None:
    """A vector for each ready photo: the direction of its stage, and noise."""
    kind = np.dtype(
        [
            ("n", ">i2"), ("l1", ">i4"), ("photo", ">i8"), ("l2", ">i4"), ("space", f"S{len(FEATURE_SPACE)}"),
            ("l3", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("vector", ">f2", (DIMENSION,)),
        ]
    )  # fmt: skip
    rng = np.random.default_rng(7)
    centres = centres_made()

    def blocks() -> Iterator[bytes]:
        for ids in ready_ids(n_photos):
            rows = np.zeros(len(ids), kind)
            rows["n"], rows["l1"], rows["photo"] = 3, 8, ids
            rows["l2"], rows["space"] = len(FEATURE_SPACE), FEATURE_SPACE.encode()
            rows["l3"], rows["dim"] = 4 + 2 * DIMENSION, DIMENSION
            noise = rng.standard_normal((len(ids), DIMENSION), dtype=np.float32)
            rows["vector"] = centres[stages_of(ids, n_photos)] + NOISE * noise
            yield rows.tobytes()

    copy_in("classifier_embedding (photo_id, backbone, vector)", blocks())


def predictions_make(n_photos: int, version: ModelVersion) -> None:
    """Probabilities of a version that is right about three times in four."""
    item = [("l", ">i4"), ("value", ">f8")]
    kind = np.dtype(
        [
            ("n", ">i2"), ("l1", ">i4"), ("photo", ">i8"), ("l2", ">i4"), ("version", "V16"),
            ("l3", ">i4"), ("head", ">i4", (5,)), ("probas", item, (N_STAGES,)),
        ]
    )  # fmt: skip
    rng = np.random.default_rng(8)

    def blocks() -> Iterator[bytes]:
        for ids in ready_ids(n_photos):
            logits = rng.standard_normal((len(ids), N_STAGES))
            logits[np.arange(len(ids)), stages_of(ids, n_photos)] += 2.5
            probas = np.exp(logits)
            probas /= probas.sum(axis=1, keepdims=True)
            rows = np.zeros(len(ids), kind)
            rows["n"], rows["l1"], rows["photo"] = 3, 8, ids
            rows["l2"], rows["version"] = 16, np.void(version.pk.bytes)
            rows["l3"], rows["head"] = 20 + 12 * N_STAGES, (1, 0, 701, N_STAGES, 1)
            rows["probas"]["l"], rows["probas"]["value"] = 8, probas.round(6)
            yield rows.tobytes()

    copy_in("classifier_prediction (photo_id, model_version_id, probabilities)", blocks())


def promoted_make(made: RowsMade) -> ModelVersion:
    """A promoted version, without files: a refresh only reads what it predicted."""
    scale, now = StageScale.objects.get(project=made.project), timezone.now()
    snapshot = TrainingSetSnapshot.objects.create(
        project=made.project, scale=scale, content_hash="0" * 64, manifest_key="none", n_train=0, n_held_out=0,
        stage_counts=[0] * N_STAGES, label_cutoff_at=now,
    )  # fmt: skip
    run = TrainingRun.objects.create(
        project=made.project, snapshot=snapshot, trigger=TrainingRun.Trigger.COMMAND, state=RunState.SUCCEEDED
    )
    return ModelVersion.objects.create(
        project=made.project, number=1, run=run, scale=scale, state=ModelVersion.State.PROMOTED, promoted_at=now,
        artifact_key="none", artifact_sha256="0" * 64, members=[],
    )  # fmt: skip


def decisions_make(n: int, *, n_photos: int) -> None:
    """``n`` more photos of the pool get their consensus: the true stage."""
    stages = list(StageScale.objects.get().stages.order_by("position"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select p.id, p.project_id from labeling_photo p
            where p.status = 'ready' and not p.is_held_out
                and not exists (select from labeling_consensus c where c.photo_id = p.id)
            order by hashint8extended(p.id, %s) limit %s
            """,
            [Consensus.objects.count(), n],
        )
        chosen = cursor.fetchall()
    positions = stages_of(np.asarray([photo_id for photo_id, _ in chosen]), n_photos)
    Consensus.objects.bulk_create(
        Consensus(
            photo_id=photo_id, project_id=project_id, outcome="stage", stage=stages[position],
            distribution=[float(place == position) for place in range(N_STAGES)], consensus_quality=1.0,
            annotator_agreement=1.0, n_annotations=1, decided_at=timezone.now(),
        )
        for (photo_id, project_id), position in zip(chosen, positions.tolist(), strict=True)
    )  # fmt: skip


def centres_made() -> np.ndarray:
    """One direction per stage (K, d), each a step on from the one before: neighbours are alike."""
    steps = np.random.default_rng(6).standard_normal((N_STAGES, DIMENSION)).astype(np.float32)
    return np.cumsum(steps, axis=0) / 2


def stages_of(ids: np.ndarray, n_photos: int) -> np.ndarray:
    """What photos show, as in ``rows.py``: it follows the day of the season."""
    plants = max(1, n_photos // PHOTOS_PER_PLANT)
    return np.minimum(6, (ids // plants) * 7 // PHOTOS_PER_PLANT)


def ready_ids(n_photos: int) -> Iterator[np.ndarray]:
    """Ids of the photos of ``rows.py`` that are ready, in blocks."""
    for start in range(1, n_photos + 1, BLOCK):
        ids = np.arange(start, min(start + BLOCK, n_photos + 1))
        yield ids[ids % 200 != 199]


def copy_in(target: str, blocks: Iterator[bytes]) -> None:
    """Rows of PostgreSQL's binary format into a table."""
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin (format binary)") as copy:
        copy.write(COPY_HEAD)
        for block in blocks:
            copy.write(block)
        copy.write(COPY_END)
