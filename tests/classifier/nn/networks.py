"""Networks that compile in a moment, at drawn weights."""

from __future__ import annotations

SIDE = 32


def small_backbone():
    """Photos 0..255 to 24 features, the last layer named as a fine-tuned backbone's."""
    import keras

    keras.utils.set_random_seed(0)
    photos = keras.Input((SIDE, SIDE, 3), name="photos")
    x = keras.layers.Rescaling(1 / 255.0)(photos)
    x = keras.layers.ReLU()(keras.layers.Conv2D(24, 5, strides=4)(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(photos, keras.layers.Identity(name="features")(x), name="backbone")


def small_embedder():
    """`small_backbone` as the feature space of members."""
    from classifier.nn.embedders import BackboneEmbedder

    return BackboneEmbedder(small_backbone(), backbone="tiny", weights_hash="0" * 64, space_name="tiny@1")


def small_fine_tuned(n_stages: int):
    """`small_backbone` with a last layer."""
    import keras

    network = small_backbone()
    return keras.Model(network.inputs[0], keras.layers.Dense(n_stages, name="logits")(network.outputs[0]))
