"""Reading a frozen network by several maps over several views."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from classifier.nn.backbones import build_backbone, extract_features
from classifier.nn.registry import BACKBONES, FoundBackbone
from classifier.nn.views import read_through_views

SPEC = next(spec for spec in BACKBONES if spec.taps)


def small_network(side=20):
    """Maps that can be worked out by hand: the photo itself, twice it, and where it gets brighter to the right."""
    photos = keras.Input((side, side, 3))
    same = keras.layers.Rescaling(1.0, name="same")(photos)
    twice = keras.layers.Rescaling(2.0, name="twice")(same)
    rises = keras.layers.Conv2D(1, (1, 2), use_bias=False, activation="relu", name="rises")
    network = keras.Model(photos, rises(twice))
    rises.set_weights([np.array([-1.0, 1.0]).reshape(1, 2, 1, 1).repeat(3, axis=2)])
    return network


def reader(*taps, side=20):
    photos = keras.Input((side, side, 3))
    return keras.Model(photos, read_through_views(small_network(side), photos, taps))


def random_photos(n=3, side=20):
    return np.random.default_rng(5).integers(0, 256, (n, side, side, 3)).astype(np.uint8)


class TestVectors:
    def test_they_are_mean_and_spread_of_each_tap_over_whole_and_middle(self):
        # All the colour of this photo lies outside its enlarged middle.
        photo = np.full((1, 20, 20, 3), 10.0, np.float32)
        photo[:, :2] = 110.0
        vector = np.asarray(reader("same", "twice").predict_on_batch(photo))[0]
        # The whole has a tenth of its rows 100 brighter: mean 20, spread 30; the middle is flat: 10 and 0.
        expected = [15, 15, 15, 15, 15, 15, 30, 30, 30, 30, 30, 30]
        assert vector == pytest.approx(expected, abs=1e-3)

    def test_a_mirrored_photo_has_the_same_vector(self):
        # Ramps that rise slowly and fall at once, so that left and right are not alike.
        photos = (np.arange(20) % 5 * np.arange(10, 40, 10)[:, None]).reshape(3, 1, 20, 1) * np.ones((1, 20, 1, 3))
        photos = photos.astype(np.float32)
        read = reader("rises")
        there, mirrored = (np.asarray(read.predict_on_batch(seen)) for seen in (photos, photos[:, :, ::-1].copy()))
        assert there == pytest.approx(mirrored, abs=1e-2)
        assert not np.allclose(there[0], there[1])

    def test_a_photo_is_read_alike_in_any_company(self):
        photos = random_photos(5).astype(np.float32)
        read = reader("twice")
        together = np.asarray(read.predict_on_batch(photos))
        assert np.asarray(read.predict_on_batch(photos[3:4])) == pytest.approx(together[3:4], abs=1e-2)


class TestBackbone:
    def test_it_gives_as_many_numbers_as_its_spec_says_and_survives_its_file(self, tmp_path):
        keras.utils.set_random_seed(1)
        network = build_backbone(SPEC, None)
        photos = random_photos(2, side=SPEC.size)
        vectors = extract_features(network, photos)
        assert vectors.shape == (2, SPEC.dimension)
        network.save(tmp_path / "backbone.keras")
        again = keras.models.load_model(tmp_path / "backbone.keras", compile=False, safe_mode=True)
        assert extract_features(again, photos) == pytest.approx(vectors, abs=1e-2)

    def test_vectors_read_otherwise_are_another_space(self):
        plain = dataclasses.replace(SPEC, taps=())
        spaces = {FoundBackbone(spec, Path("weights.h5"), "d" * 64).space.name for spec in (SPEC, plain)}
        assert spaces == {f"{SPEC.name}-{SPEC.size}-views1@{'d' * 12}", f"{SPEC.name}-{SPEC.size}@{'d' * 12}"}
