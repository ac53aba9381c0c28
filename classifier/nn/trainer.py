"""Fits one network: AdamW, cosine schedule, early stopping, a checkpoint an epoch, stoppable at every batch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from classifier.core.contracts import Array, TrainingStopped
from classifier.core.metrics import negative_log_likelihood
from classifier.core.pooling import softmax
from classifier.nn.backbones import predict_fixed
from classifier.nn.checkpoints import FitState, load_state, save_state
from classifier.nn.devices import is_accelerated
from classifier.nn.input_pipeline import Augmentation, MadeAhead, epoch_generator, steps_per_epoch, training_batches
from classifier.nn.preprocessing import Photos, RowsOf

_WARM_UP = 0.05
_LAST_RATE = 0.01
#: Compiling with XLA takes some seconds more and saves about a quarter of each step; below this it does not pay.
_STEPS_WORTH_COMPILING = 600
_PREDICT_BATCH = 64


@dataclasses.dataclass(frozen=True, slots=True)
class FitSettings:
    """How a network is fitted; see ``TrainingConfig`` for the meaning of the names, `mixed_up` for `mixup`."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    patience: int
    ema_momentum: float = 0.0
    augmentation: Augmentation | None = dataclasses.field(default_factory=Augmentation)
    mixup: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class EpochEnd:
    """What an epoch came to. Without validation photos the validation figures are 0."""

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


class Trainer:
    """Fits the same architecture again and again (folds, then all photos) with one compiled training step.

    Compiling is a large part of a short training, so the network is built once and its variables are drawn anew for
    every fit.

    Args:
        build: Makes the network: uint8-ranged photos to logits.
        loss: Keras loss on (target distributions, logits).
        planned_steps: Optimiser steps of all fits together; decides whether XLA pays.
    """

    def __init__(self, build: Callable[[], keras.Model], loss: keras.losses.Loss, *, planned_steps: int = 0) -> None:
        self._build = build
        self.network = build()
        self._scorer = keras.Model(self.network.inputs, self.network.outputs)
        self._scorer.compile(jit_compile=False)
        self._loss = loss
        self._compiles = is_accelerated() or planned_steps >= _STEPS_WORTH_COMPILING
        self._weight_decay: float | None = None

    def fit(
        self,
        images: Array,
        targets: Array,
        train_rows: Array,
        validation_rows: Array | None,
        settings: FitSettings,
        *,
        seed: int,
        checkpoint: Path | None,
        on_epoch: Callable[[EpochEnd], None],
        should_stop: Callable[[], bool],
    ) -> FitState:
        """Fit the network, going on from `checkpoint` if that exists; without one, a fit cut short is lost.

        Args:
            images: uint8 (n, s, s, 3), array or memmap, at the network's input size.
            targets: float32 (n, K).
            train_rows: Rows to learn from.
            validation_rows: Rows that choose the epoch, or None to keep the last one.
            settings: How.
            seed: Of the weights, the order and the augmentation.
            checkpoint: File of the state, written every epoch.
            on_epoch: Called after each epoch that this call ran.
            should_stop: Asked before every batch.

        Returns:
            The final state; the network holds its best weights.

        Raises:
            TrainingStopped: `should_stop` answered true. The last finished epoch is on disk.
        """
        self._reset(settings, seed)
        state = (load_state(checkpoint) if checkpoint else None) or FitState()
        self._restore(state)
        while state.epoch < settings.epochs and not _is_stale(state, settings):
            loss, accuracy = self._run_epoch(
                images, targets, train_rows, settings, seed=seed, epoch=state.epoch, should_stop=should_stop
            )
            state.epoch += 1
            state.weights = _values(self.network.variables)
            state.optimizer = _values(self.network.optimizer.variables)
            state.average = _averaged(state, settings.ema_momentum)
            val_loss, val_accuracy = self._validate(images, targets, validation_rows, state, should_stop)
            figures = {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}
            state.history.append(figures)
            if validation_rows is None or val_loss < state.best_loss:
                state.best = state.average or state.weights
                state.best_loss, state.best_epoch = val_loss, state.epoch
            if checkpoint:
                save_state(state, checkpoint)
            on_epoch(EpochEnd(epoch=state.epoch, epochs=settings.epochs, **figures))
        _assign(self.network.variables, state.best)
        return state

    def drawn(self) -> keras.Model:
        """A network as a fit would start from, beside the one that is fitted."""
        return self._build()

    def predict_proba(self, images: Photos, should_stop: Callable[[], bool] = lambda: False) -> Array:
        """Probabilities (n, K) of photos uint8 (n, s, s, 3)."""
        return predict_network(self._scorer, images, should_stop)

    def _reset(self, settings: FitSettings, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        fresh = self._build()
        _assign(self.network.variables, _values(fresh.variables))
        if self._weight_decay != settings.weight_decay:
            optimizer = keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay)
            # Decaying scales and offsets of normalisation only costs accuracy.
            optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
            optimizer.build(self.network.trainable_variables)
            self.network.compile(
                optimizer,
                self._loss,
                metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
                jit_compile=self._compiles,
            )
            self._weight_decay = settings.weight_decay
        for variable in self.network.optimizer.variables:
            variable.assign(np.zeros(variable.shape, dtype=str(variable.dtype)))

    def _restore(self, state: FitState) -> None:
        if state.epoch:
            _assign(self.network.variables, state.weights)
            _assign(self.network.optimizer.variables, state.optimizer)

    def _run_epoch(
        self,
        images: Array,
        targets: Array,
        rows: Array,
        settings: FitSettings,
        *,
        seed: int,
        epoch: int,
        should_stop: Callable[[], bool],
    ) -> tuple[float, float]:
        steps = steps_per_epoch(len(rows), settings.batch_size)
        batches = training_batches(
            images,
            targets,
            rows,
            batch_size=settings.batch_size,
            augmentation=settings.augmentation,
            rng=epoch_generator(seed, epoch),
            mixup=settings.mixup,
        )
        self.network.reset_metrics()
        figures = {"loss": 0.0, "accuracy": 0.0}
        with MadeAhead(batches) as ready:
            for i, (photos, labels) in enumerate(ready):
                if should_stop():
                    raise TrainingStopped
                rate = learning_rate_at(epoch * steps + i, settings.epochs * steps, settings.learning_rate)
                self.network.optimizer.learning_rate.assign(rate)
                figures = self.network.train_on_batch(photos, labels, return_dict=True)
        return float(figures["loss"]), float(figures["accuracy"])

    def _validate(
        self, images: Array, targets: Array, rows: Array | None, state: FitState, should_stop: Callable[[], bool]
    ) -> tuple[float, float]:
        if rows is None:
            return 0.0, 0.0
        if state.average:
            _assign(self.network.variables, state.average)
        probas = self.predict_proba(RowsOf(images, rows), should_stop)
        if state.average:
            _assign(self.network.variables, state.weights)
        truth = targets[rows]
        accuracy = float((probas.argmax(axis=1) == truth.argmax(axis=1)).mean())
        return negative_log_likelihood(probas, truth), accuracy


def predict_network(network: keras.Model, images: Photos, should_stop: Callable[[], bool] = lambda: False) -> Array:
    """Softmax of a network's logits: (n, K) for photos uint8 (n, s, s, 3).

    Raises:
        TrainingStopped: `should_stop` answered true between two batches.
    """
    if len(images) == 0:
        return np.zeros((0, network.output_shape[1]))
    return softmax(run_network(network, images, should_stop).astype(np.float64))


def run_network(network: keras.Model, images: Photos, should_stop: Callable[[], bool] = lambda: False) -> Array:
    """Outputs float32 (n, k) of a network for photos uint8 (n, s, s, 3), in batches of one size.

    Raises:
        TrainingStopped: `should_stop` answered true between two batches.
    """
    parts = [np.zeros((0, network.output_shape[1]), dtype=np.float32)]
    for start in range(0, len(images), _PREDICT_BATCH):
        if should_stop():
            raise TrainingStopped
        parts.append(predict_fixed(network, images[start : start + _PREDICT_BATCH], _PREDICT_BATCH))
    return np.concatenate(parts)


def learning_rate_at(step: int, steps: int, peak: float) -> float:
    """Linear warm-up over the first twentieth, then a cosine down to a hundredth of the peak."""
    warm_up = max(1, round(_WARM_UP * steps))
    if step < warm_up:
        return peak * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return peak * (_LAST_RATE + (1 - _LAST_RATE) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def _is_stale(state: FitState, settings: FitSettings) -> bool:
    return state.epoch > 0 and state.epoch - state.best_epoch >= settings.patience


def _averaged(state: FitState, momentum: float) -> list[Array]:
    """Moving average over epochs of the floating-point variables."""
    if momentum <= 0:
        return []
    if not state.average:
        return state.weights
    return [
        momentum * old + (1 - momentum) * new if np.issubdtype(new.dtype, np.floating) else new
        for old, new in zip(state.average, state.weights, strict=True)
    ]


def _values(variables: list[keras.Variable]) -> list[Array]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def _assign(variables: list[keras.Variable], values: list[Array]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
