"""Fits of networks, each made once: what a fit scored is kept on disk under a hash of all that it depends on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Protocol

import numpy as np

from classifier.core.contracts import Array
from classifier.core.heads import fit_head


class Networks(Protocol):
    """Something that learns stages from the pixels of some photos and scores others."""

    @property
    def settings(self) -> dict[str, object]:
        """All that its scores depend on beside the arguments of `scores`; JSON-ready."""

    def scores(self, images: Array, targets: Array, rows: Array, asked: Array, *, tau: float, seed: int) -> Array:
        """Learn from `rows` and score `asked`.

        Parameters
        ----------
        images : ndarray of shape (n, s, s, 3), uint8
        targets : ndarray of shape (n, K)
            Label distributions; only those of `rows` are looked at.
        rows, asked : ndarray of int
        tau : float
            Ordinal smoothing of the targets; 0 for plain ones.
        seed : int
            Of everything random.

        Returns
        -------
        ndarray of shape (len(asked), K)
        """


class LinearNetworks:
    """A linear head on shrunken pixels in place of a network: for quick runs and tests."""

    def __init__(self, side: int = 6) -> None:
        self._side = side

    @property
    def settings(self) -> dict[str, object]:
        return {"networks": "linear", "side": self._side}

    def scores(self, images: Array, targets: Array, rows: Array, asked: Array, *, tau: float, seed: int) -> Array:
        """Give scores as `Networks.scores` says; the seed leaves out a tenth of the photos, so that seeds differ."""
        X = self._pixels(images)
        kept = np.random.default_rng(seed).permutation(rows)[: max(1, round(0.9 * len(rows)))]
        head = fit_head(X[kept], targets[kept], strength=1.0, tau=tau, max_iterations=60)
        return head.predict_proba(X[asked])

    def _pixels(self, images: Array) -> Array:
        n, side = len(images), images.shape[1]
        step = max(1, side // self._side)
        cut = images[:, : step * (side // step), : step * (side // step)].astype(np.float32)
        small = cut.reshape(n, side // step, step, side // step, step, 3).mean(axis=(2, 4))
        return small.reshape(n, -1) / 255.0


@dataclasses.dataclass
class FitStore:
    """Fits of one data set by one kind of network.

    Parameters
    ----------
    networks : Networks
    folder : Path
        Where scores are kept, a file each.
    identity : str
        Of the photos.
    """

    networks: Networks
    folder: Path
    identity: str

    def scores(
        self, view: str, images: Array, targets: Array, rows: Array, asked: Array, *, tau: float, seed: int
    ) -> Array:
        """Give scores as `Networks.scores` does, from disk if they are there.

        Parameters
        ----------
        view : str
            Names `images` among the views of this data set.
        """
        path = self.folder / f"{self._key(view, targets, rows, asked, tau, seed)}.npy"
        found = _read(path)
        if found is not None and found.shape == (len(asked), targets.shape[1]):
            return found
        self.folder.mkdir(parents=True, exist_ok=True)
        scored = self.networks.scores(images, targets, rows, asked, tau=tau, seed=seed)
        part = path.with_suffix(".part")
        with part.open("wb") as handle:
            np.save(handle, scored.astype(np.float32))
        part.rename(path)
        return scored.astype(np.float32)

    def _key(self, view: str, targets: Array, rows: Array, asked: Array, tau: float, seed: int) -> str:
        stated = {"set": self.identity, "view": view, "tau": tau, "seed": seed, **self.networks.settings}
        digest = hashlib.sha256(json.dumps(stated, sort_keys=True).encode())
        for array in (np.asarray(targets[rows], dtype=np.float32), np.asarray(rows), np.asarray(asked)):
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:32]


def _read(path: Path) -> Array | None:
    """Scores of a file; None when there is none or it is damaged."""
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
