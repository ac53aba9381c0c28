"""The contract for the scratch network and the head on a frozen backbone, and what is theirs alone."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.core.contracts import TrainingData
from tests.classifier.nn.member_contract import MemberContract, context, folds_of, training_rows
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn


class TestScratchCNN(MemberContract):
    is_slow_learner = True

    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.scratch_member import ScratchCNN

        return ScratchCNN.prepare(tiny_config(), data)

    def test_photos_of_another_size_are_resized_on_disk(self, tmp_path):
        data = tiny_data(side=24)
        member = self.prepare(tmp_path, data)
        member.fit_out_of_fold(data, folds_of(data), context(tmp_path))
        assert np.load(tmp_path / "photos.npy", mmap_mode="r").shape == (48, 16, 16, 3)


class TestFrozenBackboneHead(MemberContract):
    @classmethod
    def prepare(cls, tmp_path, data):
        """Random weights: the contract does not depend on what they learned."""
        from classifier.nn.backbones import build_backbone
        from classifier.nn.embedders import BackboneEmbedder
        from classifier.nn.frozen_member import FrozenBackboneHead
        from classifier.nn.registry import BACKBONES

        spec = next(spec for spec in BACKBONES if spec.name == "mobilenet-0.25")
        embedder = BackboneEmbedder(
            build_backbone(spec, None), backbone=spec.name, weights_hash="0" * 64, space_name=f"{spec.name}@random"
        )
        return FrozenBackboneHead(embedder, tiny_config())

    def test_cached_features_of_the_same_space_are_used(self, tmp_path):
        member = self.prepare(tmp_path, self.data)
        features = np.random.default_rng(0).normal(size=(48, member.embedder.space.dimension)).astype(np.float16)
        features[:, : features.shape[1] // 4] += 4 * self.data.targets.argmax(axis=1)[:, None]
        data = tiny_data(features=features, feature_space=member.feature_space)
        probas = member.fit_out_of_fold(data, folds_of(data), context(tmp_path / "c"))
        rows = training_rows(data)
        correct = probas[rows].argmax(axis=1) == data.targets[rows].argmax(axis=1)
        assert correct.mean() > 0.8
        assert not (tmp_path / "c" / "features.npz").exists()

    def test_without_weights_it_is_unavailable_with_a_reason(self, tmp_path):
        from classifier.nn.frozen_member import FrozenBackboneHead
        from classifier.nn.registry import Unavailable

        for weights_dir, reason in (("", "no folder"), (str(tmp_path), "no pretrained weights")):
            with pytest.raises(Unavailable, match=reason):
                FrozenBackboneHead.prepare(tiny_config(weights_dir=weights_dir), self.data)

    def test_a_wrong_file_is_unavailable_not_a_crash(self, tmp_path):
        from classifier.nn.frozen_member import FrozenBackboneHead
        from classifier.nn.registry import BACKBONES, Unavailable

        (tmp_path / BACKBONES[-1].weights_file).write_bytes(b"not weights")
        with pytest.raises(Unavailable, match="does not hold"):
            FrozenBackboneHead.prepare(tiny_config(weights_dir=str(tmp_path)), self.data)


def tiny_backbone(spec, weights, side):
    """Normalised as a real one is, and compiled in a moment."""
    import keras

    photos = keras.Input((side, side, 3))
    x = keras.layers.Conv2D(8, 8, strides=8, use_bias=False)(photos)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    return keras.Model(photos, keras.layers.GlobalAveragePooling2D()(x))


class TestFineTunedBackbone(MemberContract):
    is_slow_learner = True

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def backbone(cls):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("classifier.nn.fine_tune_member.keras_backbone", tiny_backbone)
            yield

    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.fine_tune_member import FineTunedBackbone
        from classifier.nn.registry import BACKBONES

        return FineTunedBackbone.from_backbone(BACKBONES[-1], None, "0" * 64, tiny_config(epochs=1), data)

    def test_it_starts_from_the_head_on_frozen_features_and_keeps_their_statistics(self, tmp_path):
        import keras

        from classifier.core.heads import fit_head
        from classifier.nn.trainer import run_network

        member = self.prepare(tmp_path, self.data)
        rows = training_rows(self.data)
        member._before_fit(self.data, rows, context(tmp_path))
        start = member._training()[1].drawn()
        images = member._resized(self.data, context(tmp_path))[rows]
        features = run_network(keras.Model(start.inputs, start.get_layer("features").output), images)
        head = fit_head(features, self.data.targets[rows], groups=self.data.groups[rows], strength=None)
        logits = run_network(start, images)
        expected = head.embed(features) @ head.weights + head.bias
        assert np.allclose(
            logits - logits.mean(1, keepdims=True), expected - expected.mean(1, keepdims=True), atol=1e-2
        )

        before = {v.path.split("/", 1)[1]: np.asarray(v) for v in start.variables if "moving" in v.path}
        member.fit(self.data, rows, context(tmp_path))
        after = {v.path.split("/", 1)[1]: np.asarray(v) for v in member.network.variables if "moving" in v.path}
        assert before
        assert all(np.array_equal(a, b) for a, b in zip(before.values(), after.values(), strict=True))

    def test_without_weights_it_is_unavailable_with_a_reason(self):
        from classifier.nn.fine_tune_member import FineTunedBackbone
        from classifier.nn.registry import Unavailable

        with pytest.raises(Unavailable, match="no folder"):
            FineTunedBackbone.prepare(tiny_config(), self.data)


def test_a_real_backbone_is_fine_tuned(tmp_path):
    """MobileNet at random weights: built, trained a step, read at the photos' own size."""
    from classifier.nn.fine_tune_member import FineTunedBackbone
    from classifier.nn.registry import BACKBONES

    data = tiny_data(n=12)
    spec = next(spec for spec in BACKBONES if spec.name == "mobilenet-0.25")
    member = FineTunedBackbone.from_backbone(spec, None, "0" * 64, tiny_config(epochs=1), data)
    member.fit(data, training_rows(data), context(tmp_path))
    assert member.predict_proba(data.images[:3]).shape == (3, 3)
    assert member.embed(data.images[:3]).shape == (3, 256)  # the channels of its last map
    assert member.n_params > 200_000


class TestCornOnFeatures(MemberContract):
    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.corn_member import CornOnFeatures

        return CornOnFeatures.prepare(tiny_config(), data)

    def test_without_an_order_it_is_left_out(self, tmp_path):
        from classifier.nn.registry import Unavailable

        with pytest.raises(Unavailable, match="with an order"):
            self.prepare(tmp_path, tiny_data(is_ordered=False))


def test_data_with_features_that_are_not_finite_are_refused():
    features = np.zeros((48, 4), np.float16)
    features[[3, 7], 1] = np.inf
    with pytest.raises(ValueError, match="2 of 48 rows"):
        tiny_data(features=features, feature_space="x")


def test_data_with_float_photos_or_targets_that_are_no_distribution_are_refused():
    data = tiny_data()
    rest = {"groups": data.groups, "is_held_out": data.is_held_out}
    with pytest.raises(ValueError, match="photos must be uint8"):
        TrainingData(images=data.images / np.nan, targets=data.targets, **rest)
    for bad in (np.nan, -1.0):
        targets = data.targets.copy()
        targets[0] = (bad, 1 - bad, 0)
        with pytest.raises(ValueError, match="distribution"):
            TrainingData(images=data.images, targets=targets, **rest)
