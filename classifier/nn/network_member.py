"""Members that are one network from photos to logits, fitted once a fold and once on everything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Self

import keras
import numpy as np

from classifier.core.contracts import Array, CurvePoint, TrainingConfig, TrainingData
from classifier.core.disk_arrays import array_on_disk
from classifier.nn.checkpoints import FitState
from classifier.nn.input_pipeline import steps_per_epoch
from classifier.nn.members import Fold, Member, MemberContext
from classifier.nn.preprocessing import ResizedTo, RowsOf, resize_images
from classifier.nn.trainer import EpochEnd, FitSettings, Trainer, predict_network, run_network

_FILE = "network.keras"


class NetworkMember(Member):
    """A network trained on soft ordinal targets, one fit a fold and one on everything; resumes from any epoch.

    Args:
        network: Photos 0..255 to logits.
        config: How to train; None once loaded.
        trainer: Holds `network`; None once loaded.

    Attributes:
        network: As given, with the weights of the last fit.
    """

    #: Layer whose output `embed` gives.
    pooled: ClassVar[str]
    #: Photos trained on a second, for the estimate of time.
    images_per_second: ClassVar[float]

    def __init__(
        self, network: keras.Model, config: TrainingConfig | None = None, trainer: Trainer | None = None
    ) -> None:
        self.network = network
        self._config = config
        self._trainer = trainer
        self._is_fitted = trainer is None
        self._best_epochs: list[int] = []
        self._images: Array | None = None

    @property
    def n_params(self) -> int:
        return int(self.network.count_params())

    @property
    def n_stages(self) -> int:
        return int(self.network.output_shape[1]) if self._is_fitted else 0

    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        config, _ = self._training()
        return 10 + n_train * config.folds * epochs_of(config, n_train) / self.images_per_second

    def fit_out_of_fold(self, data: TrainingData, folds: Sequence[Fold], context: MemberContext) -> Array:
        trainer = self._begin()
        probas = np.zeros(data.targets.shape)
        total = sum(len(train) for train, _ in folds) + len(folds[0][0]) + len(folds[0][1])
        done = 0.0
        self._best_epochs = []
        for i, (train, validation) in enumerate(folds):
            span = (done / total, len(train) / total)
            state = self._fit_network(data, train, validation, context, fold=i + 1, n_folds=len(folds), span=span)
            self._best_epochs.append(state.best_epoch)
            images = self._resized(data, context)
            probas[validation] = trainer.predict_proba(RowsOf(images, validation), context.should_stop)
            done += len(train)
        return probas

    def write_files(self, folder: Path) -> None:
        # A copy without optimiser and loss: half the size, and nothing of ours has to be known to load it.
        clone = keras.Model(self.network.inputs, self.network.outputs, name=self.name)
        clone.save(folder / _FILE)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        network = keras.models.load_model(folder / _FILE, compile=False, safe_mode=True)
        network.compile(jit_compile=False)
        return cls(network)

    def _fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        self._begin()
        n_folds = max(len(self._best_epochs), 1)
        share = len(rows) / (len(rows) * (n_folds - 1) + len(rows))
        self._fit_network(data, rows, None, context, fold=0, n_folds=n_folds, span=(1.0 - share, share))
        self._images = None
        self._is_fitted = True

    def _predict_proba(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        if self._trainer is not None:
            return self._trainer.predict_proba(ResizedTo(images, self._side), should_stop)
        return predict_network(self.network, ResizedTo(images, self._side), should_stop)

    def _embed(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        """What the last layer sees."""
        network = keras.Model(self.network.inputs, self.network.get_layer(self.pooled).output)
        network.compile(jit_compile=False)
        return run_network(network, ResizedTo(images, self._side), should_stop)

    @property
    def _side(self) -> int:
        return int(self.network.input_shape[1])

    def _training(self) -> tuple[TrainingConfig, Trainer]:
        if self._config is None or self._trainer is None:
            raise RuntimeError("a loaded member predicts; it is not trained further")
        return self._config, self._trainer

    def _begin(self) -> Trainer:
        """Count as not fitted until a fit has ended: its network holds something half-learned meanwhile."""
        _, trainer = self._training()
        self._is_fitted = False
        return trainer

    def _resized(self, data: TrainingData, context: MemberContext) -> Array:
        """Photos at the network's size; on disk when they had to be resized, so that memory stays flat."""
        if self._images is None:
            if data.images.shape[1:3] == (self._side, self._side):
                self._images = data.images
            else:
                context.checkpoint_dir.mkdir(parents=True, exist_ok=True)
                shape = (len(data.images), self._side, self._side, 3)
                path = context.checkpoint_dir / "photos.npy"
                store = array_on_disk(path, shape)
                for start in range(0, len(store), 256):
                    store[start : start + 256] = resize_images(data.images[start : start + 256], self._side)
                self._images = store
        return self._images

    def _settings(self, config: TrainingConfig, epochs: int) -> FitSettings:
        return FitSettings(
            epochs=epochs,
            batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            patience=config.patience,
            ema_momentum=config.ema_momentum,
        )

    def _before_fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        """Get ready for one fit on some rows; the trainer builds its first weights after this."""

    def _fit_network(
        self,
        data: TrainingData,
        train: Array,
        validation: Array | None,
        context: MemberContext,
        *,
        fold: int,
        n_folds: int,
        span: tuple[float, float],
    ) -> FitState:
        config, trainer = self._training()
        epochs = epochs_of(config, len(train))
        if fold == 0 and self._best_epochs:
            # Nothing tells the full fit when to stop, so it runs as long as the folds needed on average.
            epochs = max(1, round(sum(self._best_epochs) / len(self._best_epochs)))
        settings = self._settings(config, epochs)
        self._before_fit(data, train, context)
        where = f"fold {fold}/{n_folds}" if fold else "all photos"

        def on_epoch(end: EpochEnd) -> None:
            curve: CurvePoint = {
                "member": self.name,
                "fold": fold,
                "epoch": end.epoch,
                "epochs": end.epochs,
                "loss": end.loss,
                "accuracy": end.accuracy,
                "val_loss": end.val_loss,
                "val_accuracy": end.val_accuracy,
            }
            step = f"{self.name}: {where}, epoch {end.epoch}/{end.epochs}"
            context.report(span[0] + span[1] * end.epoch / end.epochs, step, curve)

        context.report(span[0], f"{self.name}: {where}", None)
        return trainer.fit(
            self._resized(data, context),
            data.targets,
            train,
            validation,
            settings,
            seed=fold_seed(config.seed, fold),
            checkpoint=context.checkpoint_dir / (f"fold_{fold}.npz" if fold else "full.npz"),
            on_epoch=on_epoch,
            should_stop=context.should_stop,
        )


def epochs_of(config: TrainingConfig, n_train: int) -> int:
    """Epochs of a fit: as many as configured, more where few photos make few steps."""
    steps = steps_per_epoch(n_train, config.batch_size)
    return max(config.epochs, math.ceil(config.min_steps / steps))


def fold_seed(seed: int, fold: int) -> int:
    """A seed of its own for each fold, within the 32 bits that Keras and NumPy's global generator take."""
    return int(np.random.SeedSequence([seed, fold]).generate_state(1)[0])
