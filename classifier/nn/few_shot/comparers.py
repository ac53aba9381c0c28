"""How a query is compared with the support set: by class means, or by attention to every example."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class Comparer(keras.layers.Layer):
    """Scores queries against a support set sorted by class.

    Call arguments: `support` of shape (batch, n_way, k_shot, e) and `queries` of shape (batch, m, e). Returns logits
    of shape (batch, m, n_way); their softmax is the paper's distribution over the classes.
    """


@keras.saving.register_keras_serializable(package="antesis")
class PrototypeComparer(Comparer):
    """Negative squared Euclidean distance to the mean of each class.

    Args:
        scale: What it is multiplied by; the paper leaves that to the length of the vectors.

    References:
        Snell et al., "Prototypical Networks for Few-shot Learning", NeurIPS 2017, equation 2.
    """

    def __init__(self, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, support: Any, queries: Any) -> Any:
        prototypes = ops.mean(support, axis=2)
        # |q - c|² expanded: a matrix product instead of a (m, n_way, e) difference.
        lengths = ops.sum(ops.square(queries), axis=-1, keepdims=True)
        sizes = ops.sum(ops.square(prototypes), axis=-1)[:, None, :]
        return self.scale * (2.0 * ops.matmul(queries, ops.transpose(prototypes, (0, 2, 1))) - lengths - sizes)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="antesis")
class AttentionComparer(Comparer):
    """Attention by cosine: a class gets the attention that its examples get together.

    The softmax of a bare cosine cannot become certain, the less so the more examples there are; so the cosine is
    multiplied by a factor that is learned with the rest.

    Args:
        initial_scale: First value of that factor.

    References:
        Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016, equation 1 and section 2.1.1.
    """

    def __init__(self, initial_scale: float = 10.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial_scale = initial_scale

    def build(self, *shapes: Any, **named: Any) -> None:
        initial = keras.initializers.Constant(float(self.initial_scale))
        self.scale = self.add_weight(shape=(), initializer=initial, name="scale")
        self.built = True

    def call(self, support: Any, queries: Any) -> Any:
        n_way, k_shot, e = support.shape[1:]
        flat = ops.normalize(ops.reshape(support, (-1, n_way * k_shot, e)), axis=-1)
        cosine = ops.matmul(ops.normalize(queries, axis=-1), ops.transpose(flat, (0, 2, 1)))
        by_example = ops.reshape(self.scale * cosine, (-1, queries.shape[1], n_way, k_shot))
        return ops.logsumexp(by_example, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initial_scale": self.initial_scale}
