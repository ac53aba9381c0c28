"""Losses that know that neighbouring stages look alike."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from classifier.core.ordinal import smoothing_kernel


@keras.saving.register_keras_serializable(package="antesis")
class SoftOrdinalCrossentropy(keras.losses.Loss):
    """Cross-entropy against labels spread over neighbouring stages.

    Targets stay plain label distributions, so metrics compare with what experts said; the spreading
    (p ∝ exp(-|i-j|/tau)) happens inside.

    Args:
        n_stages: K.
        tau: Width in stages; 0 gives plain cross-entropy.
        is_ordered: Without an order nothing is spread.

    Call arguments: `y_true` of shape (batch, K), distributions; `y_pred` of shape (batch, K), logits.
    """

    def __init__(
        self,
        n_stages: int,
        tau: float,
        *,
        is_ordered: bool = True,
        name: str = "soft_ordinal_crossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.n_stages = n_stages
        self.tau = tau
        self.is_ordered = is_ordered
        self._kernel = smoothing_kernel(n_stages, tau, is_ordered=is_ordered)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        smooth = ops.matmul(ops.cast(y_true, y_pred.dtype), ops.cast(self._kernel, y_pred.dtype))
        return ops.categorical_crossentropy(smooth, y_pred, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "n_stages": self.n_stages,
            "tau": self.tau,
            "is_ordered": self.is_ordered,
        }
