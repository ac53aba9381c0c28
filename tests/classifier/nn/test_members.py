"""One contract, inherited by a class per member."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.core.contracts import TrainingStopped
from classifier.core.splits import fold_pairs, grouped_folds
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn


def context(folder: Path, *, should_stop=lambda: False, reports=None):
    from classifier.nn.members import MemberContext

    def report(done, step, curve):
        if reports is not None:
            reports.append((done, step, curve))

    return MemberContext(folder, report, lambda level, message: None, should_stop)


class MemberContract:
    """What every member must keep."""

    data = tiny_data()

    def prepare(self, tmp_path):
        raise NotImplementedError

    @property
    def rows(self):
        return np.flatnonzero(~self.data.is_held_out)

    def folds(self):
        rows = self.rows
        found = grouped_folds(self.data.targets[rows].argmax(1), self.data.groups[rows], n_folds=2)
        return [(rows[train], rows[validation]) for train, validation in fold_pairs(found)]

    def test_learns_predicts_saves_and_loads(self, tmp_path):
        member, reports = self.prepare(tmp_path), []
        ctx = context(tmp_path / "checkpoints", reports=reports)
        probas = member.fit_out_of_fold(self.data, self.folds(), ctx)
        assert probas.shape == self.data.targets.shape
        assert np.allclose(probas[self.rows].sum(axis=1), 1)
        assert (probas[self.data.is_held_out] == 0).all()

        member.fit_full(self.data, self.rows, ctx)
        assert reports
        assert all(0 <= done <= 1 for done, _, _ in reports)
        assert [done for done, _, _ in reports] == sorted(done for done, _, _ in reports)
        assert member.n_params > 0
        assert member.estimated_seconds(self.data, len(self.rows)) > 0

        predicted = member.predict_proba(self.data.images[:5])
        assert predicted.shape == (5, 3)
        assert np.allclose(predicted.sum(axis=1), 1)
        assert member.predict_proba(self.data.images[:0]).shape == (0, 3)

        saved = tmp_path / "saved"
        saved.mkdir()
        member.save(saved)
        again = type(member).load(saved)
        assert np.allclose(again.predict_proba(self.data.images[:5]), predicted, atol=1e-5)
        assert (again.name, again.backbone, again.weights_hash) == (member.name, member.backbone, member.weights_hash)
        assert again.n_params == member.n_params

    def test_stops_when_asked(self, tmp_path):
        member = self.prepare(tmp_path)
        with pytest.raises(TrainingStopped):
            member.fit_out_of_fold(self.data, self.folds(), context(tmp_path / "c", should_stop=lambda: True))


class TestScratchCNN(MemberContract):
    def prepare(self, tmp_path):
        from classifier.nn.scratch_member import ScratchCNN

        return ScratchCNN.prepare(tiny_config(), self.data)

    def test_photos_of_another_size_are_resized_on_disk(self, tmp_path):
        from classifier.nn.scratch_member import ScratchCNN

        data = tiny_data(side=24)
        member = ScratchCNN.prepare(tiny_config(epochs=1), data)
        member.fit_out_of_fold(data, self.folds(), context(tmp_path))
        assert np.load(tmp_path / "photos.npy", mmap_mode="r").shape == (48, 16, 16, 3)
        assert member.predict_proba(data.images).shape == (48, 3)


class TestFrozenBackboneHead(MemberContract):
    def prepare(self, tmp_path):
        """Random weights: the contract does not depend on what they learned."""
        from classifier.nn.backbones import build_backbone
        from classifier.nn.frozen_member import FrozenBackboneHead
        from classifier.nn.registry import BACKBONES

        spec = next(spec for spec in BACKBONES if spec.name == "mobilenet-0.25")
        return FrozenBackboneHead(
            build_backbone(spec, None),
            backbone=spec.name,
            weights_hash="0" * 64,
            feature_space=f"{spec.name}@random",
            config=tiny_config(),
        )

    def test_cached_features_of_the_same_space_are_used(self, tmp_path):
        member = self.prepare(tmp_path)
        features = np.random.default_rng(0).normal(size=(48, 256)).astype(np.float16)
        features[:, :64] += 4 * self.data.targets.argmax(axis=1)[:, None]
        data = tiny_data(features=features, feature_space=member.feature_space)
        probas = member.fit_out_of_fold(data, self.folds(), context(tmp_path / "c"))
        correct = probas[self.rows].argmax(axis=1) == data.targets[self.rows].argmax(axis=1)
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
