"""Omniglot from ``shared/data/omniglot``: drawings of 1,623 characters and the 400 fixed trials of Lake et al.

Drawings are scaled to a side of one's choice and hold ink as 0..255. The data are not part of the repository; where
they are absent `load` returns the reason.

References:
    Lake, Salakhutdinov, Tenenbaum, "Human-level concept learning through probabilistic program induction", Science
    350, 2015 (github.com/brendenlake/omniglot, MIT).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.feature_sets import SHARED
from classifier.core.episodes import rows_by_class

N_RUNS, N_WAY = 20, 20


@dataclass(frozen=True)
class Drawings:
    """Pictures uint8 (n, s, s, 1), ink high; character (n,) of each, and the alphabet of each character."""

    X: np.ndarray
    characters: np.ndarray
    alphabets: np.ndarray

    @property
    def rows(self) -> list[np.ndarray]:
        """Rows of every character."""
        return rows_by_class(self.characters, len(self.alphabets))

    def of_alphabets(self, chosen: np.ndarray) -> Drawings:
        """Only the characters of some alphabets, numbered anew."""
        kept = np.flatnonzero(np.isin(self.alphabets, chosen))
        rows = np.flatnonzero(np.isin(self.characters, kept))
        return Drawings(self.X[rows], np.searchsorted(kept, self.characters[rows]), self.alphabets[kept])

    def with_rotations(self) -> Drawings:
        """Quarter turns as characters and alphabets of their own, as both papers train."""
        n, k = len(self.alphabets), int(self.alphabets.max()) + 1
        turned = [np.rot90(self.X, turn, axes=(1, 2)) for turn in range(4)]
        characters = [self.characters + turn * n for turn in range(4)]
        alphabets = [self.alphabets + turn * k for turn in range(4)]
        return Drawings(np.concatenate(turned), np.concatenate(characters), np.concatenate(alphabets))


@dataclass(frozen=True)
class Trials:
    """Lake's runs: examples (20, 20, s, s, 1) of 20 characters of one alphabet, as many to tell, and the answers."""

    support: np.ndarray
    queries: np.ndarray
    answers: np.ndarray


@dataclass(frozen=True)
class Omniglot:
    """30 alphabets to learn from, 20 to test on, and the fixed trials, which are drawings of the latter."""

    background: Drawings
    evaluation: Drawings
    trials: Trials


def load(side: int, *, shared: Path = SHARED) -> Omniglot | str:
    """All of it at `side` pixels; a sentence saying why not when it is absent."""
    folder = shared / "data" / "omniglot"
    if not (folder / "all_runs.zip").exists():
        return "omniglot: no drawings in the folder shared/data/omniglot beside the repository"
    return Omniglot(
        _drawings(folder / "images_background.zip", side),
        _drawings(folder / "images_evaluation.zip", side),
        _trials(folder / "all_runs.zip", side),
    )


def load_trials(side: int, *, shared: Path = SHARED) -> Trials | str:
    """Only the 400 trials, which are read at once."""
    path = shared / "data" / "omniglot" / "all_runs.zip"
    return _trials(path, side) if path.exists() else "omniglot: no all_runs.zip in the folder shared/data/omniglot"


def bent(
    drawings: np.ndarray,
    rng: np.random.Generator,
    *,
    shear: float = 0.3,
    scale: float = 0.2,
    shift: float = 0.02,
) -> np.ndarray:
    """Bend drawings by affine maps, each part with probability 1/2; what is not given is as in Koch's paper.

    Args:
        drawings: uint8 (n, s, s, 1).
        rng: Source of all draws.
        shear: Largest.
        scale: Largest change of it.
        shift: Largest, as a share of the side. Turns are by up to 10 degrees.

    Returns:
        float32 (n, s, s, 1) in 0..1, interpolated; what comes in from outside is paper.
    """
    n, side = drawings.shape[:2]

    def drawn(low: float, high: float, neutral: float) -> np.ndarray:
        return np.where(rng.random((n, 2)) < 0.5, rng.uniform(low, high, (n, 2)), neutral)

    angle, slants = drawn(-np.pi / 18, np.pi / 18, 0.0)[:, 0], drawn(-shear, shear, 0.0)
    scales, shifts = drawn(1 - scale, 1 + scale, 1.0), drawn(-side * shift, side * shift, 0.0)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(n, 2, 2)
    one = np.ones(n)
    slant = np.stack([one, slants[:, 0], slants[:, 1], one], axis=1).reshape(n, 2, 2)
    # From places of the result to places of the drawing.
    matrix = (turn @ slant) / scales[:, None, :]
    centred = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij")).reshape(2, -1) - (side - 1) / 2
    places = matrix @ centred + shifts[:, :, None] + (side - 1) / 2
    return _interpolated(drawings[..., 0], places).reshape(n, side, side, 1)


def _interpolated(drawings: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values (n, p) of drawings uint8 (n, s, s) at `places` (n, 2, p), bilinear, in 0..1."""
    n, side = drawings.shape[:2]
    wide = np.zeros((n, side + 2, side + 2), np.float32)
    wide[:, 1:-1, 1:-1] = drawings / np.float32(255.0)
    # A frame of paper around the drawing answers for everything beyond it.
    places = np.clip(places + 1, 0, side + 0.999).astype(np.float32)
    corner = places.astype(np.int64)
    part = places - corner
    first = (corner[:, 0] * (side + 2) + corner[:, 1]) + np.arange(n)[:, None] * (side + 2) ** 2
    flat, down, right = wide.ravel(), part[:, 0], part[:, 1]
    upper = flat[first] * (1 - right) + flat[first + 1] * right
    lower = flat[first + side + 2] * (1 - right) + flat[first + side + 3] * right
    return upper * (1 - down) + lower * down


def _drawings(path: Path, side: int) -> Drawings:
    with zipfile.ZipFile(path) as stored:
        names = sorted(name for name in stored.namelist() if name.endswith(".png"))
        X = np.stack([_picture(stored.read(name), side) for name in names])
    folders = [tuple(name.split("/")[1:3]) for name in names]
    known = sorted(set(folders))
    places = {folder: i for i, folder in enumerate(known)}
    alphabets = sorted({alphabet for alphabet, _ in known})
    return Drawings(
        X,
        np.array([places[folder] for folder in folders]),
        np.array([alphabets.index(alphabet) for alphabet, _ in known]),
    )


def _trials(path: Path, side: int) -> Trials:
    support, queries, answers = [], [], []
    with zipfile.ZipFile(path) as stored:

        def pictures(form: Callable[[int], str]) -> np.ndarray:
            return np.stack([_picture(stored.read(form(i + 1)), side) for i in range(N_WAY)])

        for run in range(1, N_RUNS + 1):
            name = f"run{run:02}"
            pairs = (line.split() for line in stored.read(f"{name}/class_labels.txt").decode().splitlines() if line)
            named = {int(test[-6:-4]): int(example[-6:-4]) for test, example in pairs}
            support.append(pictures(lambda i, name=name: f"{name}/training/class{i:02}.png"))  # type: ignore[misc]
            queries.append(pictures(lambda i, name=name: f"{name}/test/item{i:02}.png"))  # type: ignore[misc]
            answers.append([named[i + 1] - 1 for i in range(N_WAY)])
    return Trials(np.stack(support), np.stack(queries), np.array(answers))


def _picture(data: bytes, side: int) -> np.ndarray:
    """Ink as uint8 (side, side, 1): the files have ink 0 on paper 1."""
    picture = Image.open(io.BytesIO(data)).convert("L")
    if picture.size != (side, side):
        picture = picture.resize((side, side), Image.Resampling.BOX)
    return (255 - np.asarray(picture))[..., None]
