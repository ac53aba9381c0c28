"""The member that adapts a whole pretrained network to the project's photos, in two stages."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np

from classifier.core.contracts import FINE_TUNE, Array, TrainingConfig, TrainingData, TrainingStopped
from classifier.core.heads import Head, fit_head
from classifier.nn.backbones import keras_backbone, obtain_backbone
from classifier.nn.input_pipeline import steps_per_epoch
from classifier.nn.members import MemberContext
from classifier.nn.network_member import NetworkMember, epochs_of
from classifier.nn.ordinal import SoftOrdinalCrossentropy
from classifier.nn.preprocessing import RowsOf
from classifier.nn.registry import BackboneSpec
from classifier.nn.trainer import FitSettings, Trainer, run_network

POOLED = "features"
#: Photos are read at their own size within these bounds; a convolutional backbone takes any.
_SMALLEST_SIDE = 64
_LEARNING_RATE, _WEIGHT_DECAY, _EMA, _MIXUP = 1e-4, 0.05, 0.6, 0.2


class FineTunedBackbone(NetworkMember):
    """A ``keras.applications`` network with a linear layer: first the layer alone, then everything, gently.

    The first stage is exact: the regularised logistic head on frozen features, which takes seconds, is the last
    layer's starting point. So the second stage starts from what the frozen member knows, and large gradients of a
    drawn layer never spoil the pretrained ones. Batch normalisation stays frozen: small batches would spoil it.

    References:
        Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", ICLR 2022.
    """

    name = FINE_TUNE
    pooled = POOLED
    images_per_second = 15.0

    #: Weights of the backbone, and the starting point of the fit at hand.
    _start: dict[str, Any]

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        found = obtain_backbone(config.weights_dir, config.backbone, allow_download=config.allow_download)
        return cls.from_backbone(found.spec, found.path, found.sha256, config, data)

    @classmethod
    def from_backbone(
        cls, spec: BackboneSpec, weights: Path | None, sha256: str, config: TrainingConfig, data: TrainingData
    ) -> Self:
        """Get ready on weights that were found; without any, drawn ones (tests)."""
        side = min(spec.size, max(_SMALLEST_SIDE, int(data.images.shape[1])))
        start: dict[str, Any] = {"head": None}

        def build() -> keras.Model:
            if "values" not in start:
                # Read once: the trainer builds anew for every fit.
                start["values"] = keras_backbone(spec, weights, side).get_weights()
            return build_fine_tuned(spec, side, data.n_stages, start["values"], start["head"])

        loss = SoftOrdinalCrossentropy(data.n_stages, config.tau, is_ordered=data.is_ordered)
        n_train = int((~data.is_held_out).sum())
        planned = config.folds * epochs_of(config, n_train) * steps_per_epoch(n_train, config.batch_size)
        trainer = Trainer(build, loss, planned_steps=planned)
        member = cls(trainer.network, config, trainer)
        member.backbone, member.weights_hash, member._start = spec.name, sha256, start
        return member

    def write_files(self, folder: Path) -> None:
        super().write_files(folder)
        (folder / "backbone.txt").write_text(f"{self.backbone}\n{self.weights_hash}\n", encoding="utf-8")

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        member = super().read_files(folder)
        member.backbone, member.weights_hash = (folder / "backbone.txt").read_text(encoding="utf-8").split("\n")[:2]
        return member

    def _settings(self, config: TrainingConfig, epochs: int) -> FitSettings:
        return dataclasses.replace(
            super()._settings(config, epochs),
            learning_rate=_LEARNING_RATE,
            weight_decay=_WEIGHT_DECAY,
            ema_momentum=_EMA,
            mixup=_MIXUP,
        )

    def _before_fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        """Fit the last layer on the pretrained features of these rows."""
        if context.should_stop():
            raise TrainingStopped
        config, trainer = self._training()
        # The network may still hold the weights of the fold before.
        self._start["head"] = None
        pretrained = trainer.drawn()
        features = keras.Model(pretrained.inputs, pretrained.get_layer(POOLED).output)
        features.compile(jit_compile=False)
        X = run_network(features, RowsOf(self._resized(data, context), rows), context.should_stop)
        self._start["head"] = fit_head(
            X,
            data.targets[rows],
            groups=np.asarray(data.groups)[rows],
            strength=None,
            tau=config.tau,
            is_ordered=data.is_ordered,
            random_state=config.seed,
        )


def build_fine_tuned(
    spec: BackboneSpec, side: int, n_stages: int, values: list[Array], head: Head | None
) -> keras.Model:
    """Build a trainable backbone with a last layer.

    Args:
        spec: Which backbone.
        side: Of the photos, pixels.
        n_stages: K.
        values: Weights of the backbone.
        head: Starting point of the last layer, on the backbone's features; None for zeros.

    Returns:
        A model from float (batch, side, side, 3), 0..255, to logits (batch, K).
    """
    network = keras_backbone(spec, None, side)
    network.set_weights(values)
    photos = keras.Input((side, side, 3), name="photos")
    scaled = photos if spec.scales_inside else keras.layers.Rescaling(1 / 127.5, offset=-1.0)(photos)
    # A frozen one uses, and keeps, its pretrained statistics. Calling the network with `training=False` would not do:
    # the outer model's own flag takes its place.
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    pooled = keras.layers.Identity(name=POOLED)(network(scaled))
    last = keras.layers.Dense(n_stages, kernel_initializer="zeros", name="logits", dtype="float32")
    model = keras.Model(photos, last(pooled), name=FINE_TUNE)
    if head is not None:
        kernel = head.weights / head.scale[:, None]
        last.set_weights([kernel, head.bias - head.mean @ kernel])
    return model
