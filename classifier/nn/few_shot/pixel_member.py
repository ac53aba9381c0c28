"""Koch's siamese network on the photos themselves, as a member of the ensemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Self

import keras
import numpy as np

from classifier.core.contracts import SIAMESE_PIXELS, Array, TrainingConfig, TrainingData, TrainingStopped
from classifier.core.few_shot_models import PairModel
from classifier.nn.checkpoints import load_arrays, save_arrays
from classifier.nn.few_shot.encoders import (
    KOCH_BLOCKS,
    KOCH_UNITS,
    SMALL_BLOCKS,
    SMALL_UNITS,
    build_koch_encoder,
)
from classifier.nn.few_shot.feature_training import build_siamese, fit_pairs
from classifier.nn.few_shot.pairs import PairSampler
from classifier.nn.input_pipeline import Augmentation
from classifier.nn.members import Fold, Member, MemberContext
from classifier.nn.network_member import fold_seed
from classifier.nn.preprocessing import ResizedTo, resize_images
from classifier.nn.registry import Unavailable
from classifier.nn.trainer import run_network

_TWIN, _MODEL = "twin.keras", "model.npz"
#: From this side on the network is the paper's.
KOCH_SIDE = 105
_PAIRS_A_STEP = 32
_PAIRS_PER_SECOND = 60


class SiameseOnPixels(Member):
    """Whether two photos show the same stage, learned from pairs of photos; no pretrained weights.

    A finished fold leaves its probabilities among the checkpoints and is not fitted again; a started one begins anew.

    Args:
        twin: Photos 0..255 to vectors.
        config: How to train; None once loaded.

    Attributes:
        twin: As given, with the weights of the last fit.
        model: Its vectors of labelled photos and how pairs are weighed; None before a fit.

    References:
        Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
    """

    name = SIAMESE_PIXELS
    #: Optimiser steps of a fit.
    steps: ClassVar[int] = 600
    learning_rate: ClassVar[float] = 1e-3

    def __init__(self, twin: keras.Model, config: TrainingConfig | None = None) -> None:
        self.twin = twin
        self._config = config
        self.model: PairModel | None = None

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        if not PairSampler.fits(data.targets[~np.asarray(data.is_held_out, dtype=bool)]):
            raise Unavailable("pairs need photos of two stages, and two photos of one of them")
        try:
            return cls(build_twin(config.image_size), config)
        except ValueError as error:
            raise Unavailable(str(error)) from error

    @property
    def n_params(self) -> int:
        arrays = {} if self.model is None else self.model.to_arrays()
        return int(self.twin.count_params()) + int(sum(array.size for array in arrays.values()))

    @property
    def n_stages(self) -> int:
        return 0 if self.model is None else self.model.n_stages

    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        folds = 1 if self._config is None else self._config.folds
        return (folds + 1) * self.steps * _PAIRS_A_STEP / _PAIRS_PER_SECOND + n_train / 100

    def fit_out_of_fold(self, data: TrainingData, folds: Sequence[Fold], context: MemberContext) -> Array:
        probas = np.zeros(data.targets.shape)
        share = 1 / (len(folds) + 1)
        for i, (train, validation) in enumerate(folds):
            path = context.checkpoint_dir / f"fold_{i + 1}.npz"
            stored = load_arrays(path)
            if stored is None or stored["probas"].shape != (len(validation), data.n_stages):
                context.report(i * share, f"{self.name}: fold {i + 1}/{len(folds)}", None)
                model = self._learn(data, train, context, fold=i + 1, span=(i * share, share))
                vectors = self._vectors(data.images[validation], context.should_stop)
                stored = {"probas": model.predict_proba(vectors)}
                save_arrays(stored, path)
            probas[validation] = stored["probas"]
        return probas

    def write_files(self, folder: Path) -> None:
        if self.model is None:
            raise RuntimeError("only a fitted member is written")
        self.twin.save(folder / _TWIN)
        save_arrays(self.model.to_arrays(), folder / _MODEL)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        arrays = load_arrays(folder / _MODEL)
        if arrays is None:
            raise ValueError(f"{folder / _MODEL} cannot be read")
        member = cls(keras.models.load_model(folder / _TWIN, compile=False, safe_mode=True))
        member.model = PairModel.from_arrays(arrays)
        return member

    def _fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        folds = 1 if self._config is None else self._config.folds
        share = 1 / (folds + 1)
        context.report(1 - share, f"{self.name}: all photos", None)
        self.model = self._learn(data, rows, context, fold=0, span=(1 - share, share))

    def _predict_proba(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        assert self.model is not None  # the contract has checked it
        return self.model.predict_proba(self._vectors(images, should_stop))

    def _embed(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        return self._vectors(images, should_stop)

    def _vectors(self, images: Array, should_stop: Callable[[], bool]) -> Array:
        return run_network(self.twin, ResizedTo(images, int(self.twin.input_shape[1])), should_stop)

    def _learn(
        self, data: TrainingData, rows: Array, context: MemberContext, *, fold: int, span: tuple[float, float]
    ) -> PairModel:
        """Train the twin from nothing on some rows and keep examples of them."""
        if self._config is None:
            raise RuntimeError("a loaded member predicts; it is not trained further")
        # The twin below is another than the one a model of before compares by.
        self.model = None
        if context.should_stop():
            raise TrainingStopped
        seed = fold_seed(self._config.seed, fold)
        keras.utils.set_random_seed(seed)
        side = int(self.twin.input_shape[1])
        self.twin = build_twin(side)
        images, targets = resize_images(data.images[rows], side), data.targets[rows]
        groups = np.asarray(data.groups)[rows]
        weights, bias = np.full(self.twin.output_shape[1], -1.0, np.float32), 0.0
        # Without pairs of both kinds the drawn twin stays as it is, and one stage is all there is to answer with.
        if PairSampler.fits(targets):
            rng = np.random.default_rng(seed)
            sampler = PairSampler(targets, groups, is_ordered=data.is_ordered, rng=rng)
            network = build_siamese(self.twin)

            def next_batch(step: int) -> tuple[list[Array], Array]:
                first, second, is_same = sampler.rows(_PAIRS_A_STEP)
                bent = [Augmentation().apply(images[part], rng) for part in (first, second)]
                return bent, is_same[:, None].astype(np.float32)

            def on_step(done: int) -> None:
                if done % 20 == 0:
                    where = f"fold {fold}" if fold else "all photos"
                    step = f"{self.name}: {where}, step {done}/{self.steps}"
                    context.report(span[0] + span[1] * done / self.steps, step, None)

            fit_pairs(
                network,
                next_batch,
                steps=self.steps,
                learning_rate=self.learning_rate,
                on_step=on_step,
                should_stop=context.should_stop,
            )
            kernel, offset = network.get_layer("same").get_weights()
            weights, bias = kernel[:, 0], float(offset[0])
        vectors = self._vectors(images, context.should_stop)
        return PairModel.fit(None, weights, bias, vectors, targets, groups, random_state=seed)


def build_twin(side: int) -> keras.Model:
    """Build a twin for photos of 0..255: the paper's from 105 pixels on, else a smaller one of the same shape.

    Raises:
        ValueError: The photos are too small for the kernels.
    """
    is_large = side >= KOCH_SIDE
    blocks, units = (KOCH_BLOCKS, KOCH_UNITS) if is_large else (SMALL_BLOCKS, SMALL_UNITS)
    photos = keras.Input((side, side, 3), name="photos")
    scaled = keras.layers.Rescaling(1 / 255.0, name="rescale")(photos)
    return keras.Model(photos, build_koch_encoder(side, 3, blocks=blocks, units=units)(scaled), name="twin")
