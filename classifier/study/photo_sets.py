"""The photos of the study: generated ones, and folders of real ones where they are at hand.

Decoded photos and their vectors are made once and kept; they are made again when what they were made from changes.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.core.contracts import Array
from labeling.synthetic import season, traits
from labeling.synthetic.traits import Difficulty, PhotoSpec
from labeling.synthetic.writer import rendered

GENERATED = "generated"
#: Sets of real photos, folders of ``shared/data``; the stages of all of them have an order.
REAL = ("dandelion-stages", "banana-ripeness")
PHOTO_SETS = (GENERATED, *REAL)
_EMBED_SIDE = 224
_BLOCK = 128
#: Share of the sides that the specialists' own view keeps, so that they see the middle enlarged.
CROP = 0.6


class NoPhotos(Exception):
    """A set cannot be had here; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class PhotoSet:
    """Photos with gold stages.

    Parameters
    ----------
    name : str
    images : ndarray of shape (n, s, s, 3), uint8
    crops : ndarray of shape (n, s, s, 3), uint8
        The middle of each photo, enlarged: what specialists look at.
    features : ndarray of shape (n, d), float32
        In `space`.
    space : str
        Feature space; its name tells the backbone and the hash of its weights.
    is_pretrained : bool
        Whether `features` come from a pretrained network rather than from colours and edges.
    truth : ndarray of shape (n,), int
        Gold.
    groups : ndarray of shape (n,), str
        Plant or burst.
    exact_reader : float or None
        For generated photos: accuracy of an observer who reads the drawn age without error.
    """

    name: str
    images: Array
    crops: Array
    features: Array
    space: str
    is_pretrained: bool
    truth: Array
    groups: Array
    exact_reader: float | None = None

    @property
    def n_stages(self) -> int:
        """K."""
        return int(self.truth.max()) + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Embedding:
    """How vectors are made.

    Parameters
    ----------
    space : str
    embed : callable
        Photos uint8 (n, 224, 224, 3) to vectors (n, d).
    is_pretrained : bool
    """

    space: str
    embed: Callable[[Array], Array]
    is_pretrained: bool


@dataclasses.dataclass(frozen=True, slots=True)
class GeneratedOptions:
    """How many generated photos, and how hard.

    The number and the difficulty are such that A0 comes out at the field case's 70-80 % from the few photos that
    a run on two cores can afford: on photos of another seed, and panels that are not the study's, it read 74 %. With a
    thousand a stage the generator's own default does that.
    """

    per_stage: int = 200
    n_plants: int = 140
    seed: int = 7
    difficulty: Difficulty = dataclasses.field(
        default_factory=lambda: Difficulty(age_slack=0.0, asynchrony=0.05, clutter=0.1, occlusion=0.0, camera=0.1)
    )


def generated_set(options: GeneratedOptions, *, side: int, embedding: Embedding, cache: Path) -> PhotoSet:
    """Seven stages of generated photos, grouped by plant."""
    specs = season.balanced_specs(
        per_stage=options.per_stage, seed=options.seed, n_plants=options.n_plants, difficulty=options.difficulty
    )
    key = hashlib.sha256(repr(specs).encode() + drawing_revision()).hexdigest()
    arrays = _cached(GENERATED, key, len(specs), lambda: rendered(specs), side, embedding, cache)
    return PhotoSet(
        GENERATED,
        *arrays,
        embedding.space,
        embedding.is_pretrained,
        np.array([spec.stage for spec in specs]),
        np.array([spec.plant.name for spec in specs]),
        exact_reader(specs),
    )


def exact_reader(specs: Sequence[PhotoSpec], *, n_draws: int = 200) -> float:
    """Accuracy of an observer who reads the drawn age without error: what the slack of the looks leaves."""
    rng = np.random.default_rng(0)
    ages = np.array([spec.age for spec in specs])
    slack = np.array([spec.difficulty.age_slack for spec in specs])
    n_stages = max(spec.stage for spec in specs) + 1
    drawn = np.clip(ages + rng.normal(0, 1, (n_draws, len(ages))) * slack, 0, n_stages - 1e-9)
    return float((drawn.astype(int) == ages.astype(int)).mean())


def real_set(name: str, *, shared: Path, side: int, embedding: Embedding, cache: Path) -> PhotoSet:
    """The photos of ``shared/data/<name>``: ``classes.csv`` gives the order, ``split.csv`` path, class and group.

    Raises
    ------
    NoPhotos
        They are not there.
    """
    folder = shared / "data" / name
    if not (folder / "split.csv").exists():
        raise NoPhotos(f"{name}: no photos in {shared.name}/data/{name} beside the repository")
    with (folder / "classes.csv").open(encoding="utf-8") as handle:
        slugs = [row["slug"] for row in csv.DictReader(handle)]
    with (folder / "split.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    paths = [folder / row["path"] for row in rows]
    stated = "".join(f"{row['path']}{path.stat().st_size};" for row, path in zip(rows, paths, strict=True))
    key = hashlib.sha256(stated.encode()).hexdigest()
    arrays = _cached(name, key, len(paths), lambda: (path.read_bytes() for path in paths), side, embedding, cache)
    truth = np.array([slugs.index(row["class"]) for row in rows])
    groups = np.array([row["group"] for row in rows])
    return PhotoSet(name, *arrays, embedding.space, embedding.is_pretrained, truth, groups)


def drawing_revision() -> bytes:
    """Changes with any line of the generator."""
    folder = Path(traits.__file__).parent
    return b"".join(hashlib.sha256(source.read_bytes()).digest() for source in sorted(folder.glob("*.py")))


def _cached(
    name: str,
    key: str,
    n: int,
    photos: Callable[[], Iterator[bytes]],
    side: int,
    embedding: Embedding,
    cache: Path,
) -> tuple[Array, Array, Array]:
    """Photos, crops and vectors of a set, from the file that holds them if there is one."""
    whole = hashlib.sha256(f"{key} {side} {CROP} {embedding.space}".encode()).hexdigest()
    path = cache / f"{name}-{whole[:16]}.npz"
    if not path.exists():
        images, crops, features = _decoded(n, photos(), side, embedding)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as handle:
            np.savez(handle, images=images, crops=crops, features=features)
        part.rename(path)
    with np.load(path, allow_pickle=False) as found:
        return found["images"], found["crops"], found["features"].astype(np.float32)


def _decoded(n: int, photos: Iterator[bytes], side: int, embedding: Embedding) -> tuple[Array, Array, Array]:
    images, crops = np.empty((n, side, side, 3), np.uint8), np.empty((n, side, side, 3), np.uint8)
    blocks: list[Array] = []
    waiting: list[Array] = []
    for row, data in enumerate(photos):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        images[row] = _squeezed(picture, side)
        width, height = picture.size
        left, top = width * (1 - CROP) / 2, height * (1 - CROP) / 2
        middle = picture.crop((round(left), round(top), round(width - left), round(height - top)))
        crops[row] = _squeezed(middle, side)
        waiting.append(_squeezed(picture, _EMBED_SIDE))
        if len(waiting) == _BLOCK or row == n - 1:
            blocks.append(np.asarray(embedding.embed(np.stack(waiting)), dtype=np.float16))
            waiting = []
    return images, crops, np.concatenate(blocks)


def _squeezed(picture: Image.Image, side: int) -> Array:
    return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS))
