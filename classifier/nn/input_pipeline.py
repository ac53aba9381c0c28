"""Batches for training: shuffled, augmented, the same on every backend.

Everything random is drawn from a generator seeded by (seed, epoch), so an epoch that is run again after a crash sees
the same photos in the same order with the same augmentation, and nothing about it has to be stored. It is plain NumPy
because 64-pixel photos augment faster than a graph starts, and because a Keras pipeline would tie it to a backend.
"""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np

from classifier.core.contracts import Array


@dataclasses.dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a photo may be bent without changing its stage.

    Colour is the cue of flowering, so hue moves by no more than the channel gains allow (2 %).

    Args:
        flip: Mirror left to right half of the time.
        smallest_crop: Share of the side kept by the smallest crop.
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast.
        channel_gain: Largest relative change of one colour channel.
    """

    flip: bool = True
    smallest_crop: float = 0.8
    brightness: float = 0.15
    contrast: float = 0.15
    channel_gain: float = 0.02

    def apply(self, images: Array, rng: np.random.Generator) -> Array:
        """Augment photos uint8 (b, s, s, 3); returns float32 of the same shape, 0..255."""
        batch, side = len(images), images.shape[1]
        rows, columns = self._crops(batch, side, rng), self._crops(batch, side, rng)
        if self.flip:
            mirrored = rng.random(batch) < 0.5
            columns[mirrored] = columns[mirrored, ::-1]
        picked = images[np.arange(batch)[:, None, None], rows[:, :, None], columns[:, None, :]].astype(np.float32)
        gain = 1.0 + rng.uniform(-self.channel_gain, self.channel_gain, (batch, 1, 1, 3)).astype(np.float32)
        contrast = 1.0 + rng.uniform(-self.contrast, self.contrast, (batch, 1, 1, 1)).astype(np.float32)
        shift = 128.0 * rng.uniform(-self.brightness, self.brightness, (batch, 1, 1, 1)).astype(np.float32)
        mean = picked.mean(axis=(1, 2), keepdims=True)
        return np.clip((picked - mean) * (gain * contrast) + mean * gain + shift, 0.0, 255.0)

    def _crops(self, batch: int, side: int, rng: np.random.Generator) -> Array:
        """Source rows (or columns) of each photo, int (b, s)."""
        length = side * rng.uniform(self.smallest_crop, 1.0, (batch, 1))
        start = rng.uniform(0.0, 1.0, (batch, 1)) * (side - length)
        places = start + length * (np.arange(side) + 0.5) / side
        return np.clip(places.astype(np.int64), 0, side - 1)


def epoch_generator(seed: int, epoch: int) -> np.random.Generator:
    """The generator of one epoch of one fit."""
    return np.random.default_rng([seed, epoch])


def mixed_up(photos: Array, targets: Array, strength: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Mix each photo and its label distribution with another of the batch, by a share drawn from Beta(s, s).

    Distributions are mixed, never stages: half bud and half fruit is not a flower.

    Args:
        photos: float32 (b, s, s, 3).
        targets: (b, K).
        strength: s; 0 mixes nothing.
        rng: Source of the shares and the partners.

    References:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.
    """
    if strength <= 0:
        return photos, targets
    share = rng.beta(strength, strength, len(photos)).astype(np.float32)
    partner = rng.permutation(len(photos))
    wide = share[:, None, None, None]
    mixed = wide * photos + (1 - wide) * photos[partner]
    return mixed, share[:, None] * targets + (1 - share[:, None]) * targets[partner]


def training_batches(
    images: Array,
    targets: Array,
    rows: Array,
    *,
    batch_size: int,
    augmentation: Augmentation | None,
    rng: np.random.Generator,
    mixup: float = 0.0,
) -> Iterator[tuple[Array, Array]]:
    """Yield one epoch of shuffled, augmented batches, all of one size.

    The last batch is filled up from the start of the shuffle: a batch of another size would make the backend compile
    the training step again.

    Args:
        images: uint8 (n, s, s, 3), array or memmap; only the rows of a batch are read at a time.
        targets: float32 (n, K).
        rows: Rows to train on.
        batch_size: Photos a batch; never more than there are rows.
        augmentation: What to do to them; None leaves them as they are.
        rng: From `epoch_generator`.
        mixup: Strength of `mixed_up`.

    Yields:
        Photos float32 (b, s, s, 3) in 0..255 and targets (b, K).
    """
    order = rng.permutation(rows)
    for chosen in np.resize(order, (steps_per_epoch(len(order), batch_size), min(batch_size, len(order)))):
        # Sorted reads keep a memmap on disk sequential; order inside a batch means nothing.
        chosen = np.sort(chosen)
        photos = images[chosen].astype(np.float32) if augmentation is None else augmentation.apply(images[chosen], rng)
        yield mixed_up(photos, targets[chosen], mixup, rng)


class MadeAhead:
    """Batches made in a thread of their own while the backend computes, which lets go of the interpreter meanwhile.

    One thread draws everything, in order, so a batch is the same as without it. Leaving the block ends the thread.

    Args:
        batches: Made one after the other; what they raise is raised where they are taken.
        depth: Most that wait to be taken.
    """

    def __init__(self, batches: Iterator[Any], depth: int = 2) -> None:
        self._batches = batches
        self._waiting: queue.Queue[tuple[bool, Any]] = queue.Queue(depth)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._make, name="batches", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def __iter__(self) -> Iterator[Any]:
        while True:
            is_batch, item = self._waiting.get()
            if is_batch:
                yield item
            elif item is None:
                return
            else:
                raise item

    def _make(self) -> None:
        try:
            for batch in self._batches:
                self._put((True, batch))
                if self._is_over.is_set():
                    return
            self._put((False, None))
        except BaseException as error:  # whoever takes the batches has to hear of it
            self._put((False, error))

    def _put(self, item: tuple[bool, Any]) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(queue.Full):
                self._waiting.put(item, timeout=0.1)
                return


def steps_per_epoch(n_rows: int, batch_size: int) -> int:
    """Batches of `training_batches`."""
    return -(-n_rows // min(batch_size, n_rows))
