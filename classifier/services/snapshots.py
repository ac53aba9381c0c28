"""Training set snapshots: the rows a training reads, frozen under the hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from classifier.models import TrainingSetSnapshot
from labeling.domain.errors import DomainError
from labeling.models import StageScale
from labeling.selectors.ground_truth import GroundTruthRow, ground_truth_rows

MANIFEST_FORMAT = 1
PROBABILITY_DECIMALS = 6


@dataclass(frozen=True)
class SnapshotRow:
    """One photo as a training sees it; ``distribution`` holds one probability per stage, in scale order."""

    photo_id: int
    sha256: str
    group: str
    distribution: tuple[float, ...]
    is_held_out: bool

    @property
    def stage(self) -> int:
        """Position of the likeliest stage; the earlier one on a tie."""
        return max(range(len(self.distribution)), key=lambda k: (self.distribution[k], -k))


def snapshot_take(*, project_id: int) -> TrainingSetSnapshot:
    """Freeze the project's ground truth; the same content gives the snapshot that exists already.

    Raises:
        DomainError: ``no_scale`` when the project has no current scale.
    """
    scale = StageScale.objects.filter(project_id=project_id, status=StageScale.Status.CURRENT).first()
    if scale is None:
        raise DomainError("no_scale", "The project has no current stage scale.")
    cutoff = timezone.now()
    n_stages = scale.stages.count()
    rows = [row for row in ground_truth_rows(project_id=project_id) if len(row.distribution) == n_stages]
    manifest = _manifest_bytes(scale, rows, n_stages)
    content_hash = hashlib.sha256(manifest).hexdigest()
    existing = TrainingSetSnapshot.objects.filter(project_id=project_id, content_hash=content_hash).first()
    if existing is not None:
        return existing
    key = _manifest_save(content_hash, manifest)
    training = [row for row in rows if not row.is_held_out]
    counts = [0] * n_stages
    for row in training:
        counts[row.stage_position] += 1
    with transaction.atomic():
        snapshot, _ = TrainingSetSnapshot.objects.get_or_create(
            project_id=project_id,
            content_hash=content_hash,
            defaults={
                "scale": scale,
                "manifest_key": key,
                "n_train": len(training),
                "n_held_out": len(rows) - len(training),
                "stage_counts": counts,
                "label_cutoff_at": cutoff,
            },
        )
    return snapshot


def snapshot_rows(snapshot: TrainingSetSnapshot) -> list[SnapshotRow]:
    """The frozen rows, in manifest order (by photo hash).

    Raises:
        DomainError: ``snapshot_damaged`` when the stored bytes do not have the recorded hash.
    """
    with default_storage.open(snapshot.manifest_key) as stream:
        data = stream.read()
    if hashlib.sha256(data).hexdigest() != snapshot.content_hash:
        raise DomainError("snapshot_damaged", f"The stored rows of snapshot {snapshot.pk} are damaged.")
    return [
        SnapshotRow(row["photo"], row["sha256"], row["group"], tuple(row["distribution"]), row["held_out"])
        for row in json.loads(data)["rows"]
    ]


def _manifest_bytes(scale: StageScale, rows: Sequence[GroundTruthRow], n_stages: int) -> bytes:
    """Canonical JSON: sorted rows and keys, rounded probabilities, no times; equal content gives equal bytes."""
    manifest: dict[str, Any] = {
        "format": MANIFEST_FORMAT,
        "scale": {"id": scale.pk, "version": scale.version, "is_ordered": scale.is_ordered, "n_stages": n_stages},
        "rows": [
            {
                "photo": row.photo_id,
                "sha256": row.sha256,
                "group": row.group_key,
                "distribution": [round(p, PROBABILITY_DECIMALS) for p in row.distribution],
                "held_out": row.is_held_out,
            }
            for row in sorted(rows, key=lambda row: row.sha256)
        ],
    }
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _manifest_save(content_hash: str, manifest: bytes) -> str:
    """Store the manifest under its own hash; replaces what a failing disk may have left there."""
    key = f"snapshots/{content_hash[:2]}/{content_hash}.json"
    if default_storage.exists(key):
        with default_storage.open(key) as stream:
            if stream.read() == manifest:
                return key
    return default_storage.save(key, ContentFile(manifest))
