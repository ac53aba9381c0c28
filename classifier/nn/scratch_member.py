"""The member that learns a small network from nothing but the project's own photos."""

from __future__ import annotations

from typing import Self

from classifier.core.contracts import SCRATCH_CNN, TrainingConfig, TrainingData
from classifier.nn.cnn import POOLED, build_cnn
from classifier.nn.input_pipeline import steps_per_epoch
from classifier.nn.network_member import NetworkMember, epochs_of
from classifier.nn.ordinal import SoftOrdinalCrossentropy
from classifier.nn.trainer import Trainer


class ScratchCNN(NetworkMember):
    """`build_cnn` trained from drawn weights."""

    name = SCRATCH_CNN
    pooled = POOLED
    images_per_second = 800.0

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        n_train = int((~data.is_held_out).sum())
        loss = SoftOrdinalCrossentropy(data.n_stages, config.tau, is_ordered=data.is_ordered)
        planned = config.folds * epochs_of(config, n_train) * steps_per_epoch(n_train, config.batch_size)
        trainer = Trainer(lambda: build_cnn(config.image_size, data.n_stages), loss, planned_steps=planned)
        return cls(trainer.network, config, trainer)
