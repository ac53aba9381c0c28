"""Feature vectors that the studies share: real photos where they are at hand, and generated ones.

Real photos lie beside the repository, in ``../shared/data``, and are not part of it; the weights of the backbone in
``../shared/weights``. Where they are absent the functions return the reason instead. Vectors are kept in
``var/features`` and made again when what they were made from changes.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from classifier import runtime
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import PhotoSpec
from labeling.synthetic.writer import rendered

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
CACHE = ROOT / "var" / "features"
SIDE = 224
_BLOCK = 256


@dataclass(frozen=True)
class FeatureSet:
    """Vectors ``X`` (n, d) float32, stages ``y`` (n,), groups (n,), and the space they are in."""

    name: str
    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    space: str
    is_ordered: bool
    specs: tuple[PhotoSpec, ...] = ()

    @property
    def n_stages(self) -> int:
        return int(self.y.max()) + 1

    def rows(self, rows: np.ndarray) -> FeatureSet:
        """Some of the photos."""
        specs = tuple(self.specs[row] for row in rows) if self.specs else ()
        return replace(self, X=self.X[rows], y=self.y[rows], groups=self.groups[rows], specs=specs)


def real(name: str, *, is_ordered: bool, shared: Path = SHARED) -> FeatureSet | str:
    """The photos of ``shared/data/<name>``; a sentence saying why not when they are absent."""
    folder = shared / "data" / name
    if not (folder / "split.csv").exists():
        return f"{name}: no photos in the folder shared/data beside the repository"
    with (folder / "classes.csv").open(encoding="utf-8") as handle:
        slugs = [row["slug"] for row in csv.DictReader(handle)]
    with (folder / "split.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    paths = [folder / row["path"] for row in rows]
    weights, space = _weights(shared)
    key = hashlib.sha256("".join(f"{row['path']}{path.stat().st_size}" for row, path in zip(rows, paths, strict=True))
                         .encode()).hexdigest()  # fmt: skip
    X = _cached(f"{name}-{key[:12]}-{space}", len(paths), lambda: (path.read_bytes() for path in paths), weights)
    y = np.array([slugs.index(row["class"]) for row in rows])
    return FeatureSet(name, X, y, np.array([row["group"] for row in rows]), space, is_ordered)


def generated(per_stage: int, *, seed: int = 7, n_plants: int = 140, shared: Path = SHARED) -> FeatureSet:
    """Generated photos of seven stages, ``per_stage`` of each."""
    specs = balanced_specs(per_stage=per_stage, seed=seed, n_plants=n_plants)
    return from_specs(f"generated-{per_stage}", specs, shared=shared)


def from_specs(name: str, specs: Sequence[PhotoSpec], *, shared: Path = SHARED) -> FeatureSet:
    """Photos drawn from ``specs``, grouped by plant."""
    weights, space = _weights(shared)
    key = hashlib.sha256(repr(list(specs)).encode() + drawing_revision()).hexdigest()
    X = _cached(f"{name}-{key[:12]}-{space}", len(specs), lambda: rendered(specs), weights)
    y = np.array([spec.stage for spec in specs])
    return FeatureSet(name, X, y, np.array([spec.plant.name for spec in specs]), space, True, tuple(specs))


def drawing_revision() -> bytes:
    """Changes with any line of the generator."""
    folder = ROOT / "labeling" / "synthetic"
    return b"".join(hashlib.sha256(source.read_bytes()).digest() for source in sorted(folder.glob("*.py")))


def _weights(shared: Path) -> tuple[str, str]:
    folder = shared / "weights" / "keras"
    weights = str(folder) if folder.is_dir() else ""
    return weights, runtime.feature_space(weights).name


def _cached(name: str, n: int, photos: Callable[[], Iterator[bytes]], weights: str) -> np.ndarray:
    path = CACHE / f"{name.replace('/', '-').replace(':', '-')}.npy"
    if path.exists():
        return np.load(path).astype(np.float32)
    blocks, images = [], []
    for number, data in enumerate(photos(), start=1):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        images.append(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)))
        if len(images) == _BLOCK or number == n:
            blocks.append(runtime.embed(np.stack(images), weights))
            images = []
            print(f"{name}: {number}/{n} embedded", flush=True)
    X = np.concatenate(blocks)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npy")
    np.save(part, X)
    part.rename(path)
    return X.astype(np.float32)
