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


def small_embedder_of_views():
    """A convolution read as the product's small backbone is: mean and spread of its map over four views."""
    import keras

    from classifier.nn.embedders import BackboneEmbedder
    from classifier.nn.views import read_through_views

    keras.utils.set_random_seed(0)
    inside = keras.Input((SIDE, SIDE, 3))
    network = keras.Model(inside, keras.layers.Conv2D(12, 5, strides=4, activation="relu", name="seen")(inside))
    photos = keras.Input((SIDE, SIDE, 3), name="photos")
    scaled = keras.layers.Rescaling(1 / 255.0)(photos)
    reader = keras.Model(photos, read_through_views(network, scaled, ["seen"]), name="backbone")
    return BackboneEmbedder(reader, backbone="tiny", weights_hash="0" * 64, space_name="tiny-views@1")


def small_fine_tuned(n_stages: int):
    """`small_backbone` with a last layer."""
    import keras

    network = small_backbone()
    return keras.Model(network.inputs[0], keras.layers.Dense(n_stages, name="logits")(network.outputs[0]))
