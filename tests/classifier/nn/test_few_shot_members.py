"""The contract for members that compare with labelled photos, and what is theirs alone."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.core.contracts import MEMBER_NAMES, TrainingConfig
from classifier.core.metrics import negative_log_likelihood
from tests.classifier.nn.member_contract import MemberContract, context, folds_of, is_distribution, labelled
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn
D = 60


def features_data(n=180, n_stages=3, signal=2, noise=1.0, seed=0):
    """Photos with vectors of D numbers, the first `signal` of which tell stages apart; the others are loud noise."""
    rng = np.random.default_rng(seed)
    data = tiny_data(n=n, n_stages=n_stages)
    stages = data.targets.argmax(axis=1)
    X = rng.normal(size=(n, D))
    X[:, :signal] = rng.normal(size=(n_stages, signal))[stages] * 1.5 + 0.5 * noise * rng.normal(size=(n, signal))
    return tiny_data(n=n, n_stages=n_stages, features=X.astype(np.float16), feature_space="made@1")


def member_on(features_dimension, cls, config=None):
    """A member whose embedder is never asked: the vectors are given."""
    from classifier.core.contracts import FeatureSpace
    from classifier.nn.embedders import Embedder

    class Given(Embedder):
        def embed(self, images, before_batch):
            raise AssertionError("the vectors are at hand")

        def write_files(self, folder):
            pass

    return cls(Given(FeatureSpace("made@1", features_dimension)), config or tiny_config())


class TestPrototypes(MemberContract):
    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.few_shot.members import Prototypes

        return Prototypes.prepare(tiny_config(), data)


class TestMatching(MemberContract):
    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.few_shot.members import Matching

        return Matching.prepare(tiny_config(), data)


class TestSiameseOnFeatures(MemberContract):
    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.few_shot.members import SiameseOnFeatures

        return SiameseOnFeatures.prepare(tiny_config(), data)


class TestSiameseOnPixels(MemberContract):
    is_slow_learner = True

    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.few_shot.pixel_member import SiameseOnPixels

        class Hasty(SiameseOnPixels):
            steps = 4

        return Hasty.prepare(tiny_config(image_size=56), data)

    def test_what_does_not_fit_is_left_out_with_a_reason(self):
        from classifier.nn.few_shot.pixel_member import SiameseOnPixels
        from classifier.nn.registry import Unavailable

        with pytest.raises(Unavailable, match="too small for a kernel"):
            SiameseOnPixels.prepare(tiny_config(image_size=16), self.data)
        with pytest.raises(Unavailable, match="two photos of one"):
            SiameseOnPixels.prepare(tiny_config(image_size=56), labelled([0, 1, 2]))

    def test_a_finished_fold_is_not_fitted_again(self, tmp_path):
        first = self.prepare(tmp_path, self.data).fit_out_of_fold(self.data, folds_of(self.data), context(tmp_path))
        again = self.prepare(tmp_path, self.data)
        again.steps = 10**9
        assert np.array_equal(again.fit_out_of_fold(self.data, folds_of(self.data), context(tmp_path)), first)


class TestMemoryAugmented(MemberContract):
    data = tiny_data(n=90)
    per_stage = 14
    is_slow_learner = True
    #: Its folds and files are those of every `FeatureMember`; compiling its loop three times more proves nothing new.
    test_stopped_half_way_it_is_not_fitted_and_what_a_crash_left_does_no_harm = None

    @classmethod
    def prepare(cls, tmp_path, data):
        from classifier.nn.few_shot.memory_member import MemoryAugmented

        class Hasty(MemoryAugmented):
            steps = 3

            @classmethod
            def check_fits(cls, data):
                if len(data.images) < 20:
                    MemoryAugmented.check_fits(data)

        return Hasty.prepare(tiny_config(), data)

    def test_what_does_not_fit_is_left_out_with_a_reason(self):
        from classifier.nn.few_shot.memory_member import MemoryAugmented
        from classifier.nn.registry import Unavailable

        with pytest.raises(Unavailable, match="up to 7 stages apart, not 9"):
            MemoryAugmented.prepare(tiny_config(), tiny_data(n=99, n_stages=9))
        with pytest.raises(Unavailable, match=r"there are 40 \(16, 12, 12 by stage\)"):
            MemoryAugmented.prepare(tiny_config(), tiny_data())


def test_every_name_has_its_member():
    from classifier.nn.ensemble import MEMBERS

    assert tuple(MEMBERS) == MEMBER_NAMES
    with pytest.raises(ValueError, match="named twice"):
        TrainingConfig(members=("prototypes", "prototypes"))


def test_without_a_backbone_the_descriptor_is_read(tmp_path):
    from classifier.core.descriptors import SPACE
    from classifier.nn.few_shot.members import Prototypes
    from classifier.nn.registry import Unavailable

    member = Prototypes.prepare(tiny_config(), tiny_data())
    assert (member.feature_space, member.feature_dimension, member.backbone) == (SPACE.name, SPACE.dimension, "")
    with pytest.raises(Unavailable, match="no folder"):
        Prototypes.prepare(tiny_config(backbone="mobilenet-0.25"), tiny_data())


@pytest.mark.parametrize("name", ["Matching", "SiameseOnFeatures"])
def test_training_learns_which_numbers_matter(tmp_path, name, monkeypatch):
    from classifier.nn.few_shot import members

    data, rows, rest = features_data(n=660), np.arange(360), slice(360, None)
    member, lines = member_on(D, getattr(members, name)), []
    quiet = context(tmp_path)
    member.fit(data, rows, type(quiet)(tmp_path, quiet.report, lambda level, line: lines.append(line)))
    trained = member.predict_proba(data.images[rest], data.features[rest])
    monkeypatch.setattr(members, "WORTH_TRAINING", 10_000)
    plain = member_on(D, getattr(members, name))
    plain.fit(data, rows, quiet)
    untrained = plain.predict_proba(data.images[rest], data.features[rest])
    assert is_distribution(trained)
    assert not lines, "it was worth training"
    truth = data.targets[rest]
    assert negative_log_likelihood(trained, truth) < negative_log_likelihood(untrained, truth) - 0.03


def test_what_training_teaches_from_noise_is_not_used(tmp_path):
    from classifier.nn.few_shot.members import Prototypes

    data = features_data(signal=0)
    member, lines = member_on(D, Prototypes), []
    quiet = context(tmp_path)
    member.fit(data, np.arange(150), type(quiet)(tmp_path, quiet.report, lambda level, line: lines.append(line)))
    assert any("did not help" in line for line in lines)
    assert member.predict_proba(data.images, data.features).max() < 0.9


def test_the_same_seed_gives_the_same_model(tmp_path):
    from classifier.nn.few_shot.members import Matching

    data = features_data(n=90)
    first, again = (member_on(D, Matching).fit_out_of_fold(data, folds_of(data), context(tmp_path)) for _ in range(2))
    assert np.allclose(first, again, atol=1e-5)


def test_an_ensemble_reads_features_once(tmp_path, monkeypatch):
    from classifier.nn import embedders
    from classifier.nn.ensemble import Ensemble
    from classifier.nn.few_shot.members import Matching, Prototypes

    data = labelled([0, 0, 1, 1, 2, 2])
    members = {}
    for cls in (Prototypes, Matching):
        members[cls.name] = cls.prepare(tiny_config(), data)
        members[cls.name].fit(data, np.arange(6), context(tmp_path))
    ensemble = Ensemble(members, {"prototypes": 0.5, "matching": 0.5}, 1.0, 3)
    asked = []
    describe = embedders.descriptors.describe

    def counted(images):
        asked.append(len(images))
        return describe(images)

    monkeypatch.setattr(embedders.descriptors, "describe", counted)
    assert is_distribution(ensemble.predict_proba(data.images))
    assert asked == [6]
    ensemble.save(tmp_path / "model")
    again = Ensemble.load(tmp_path / "model")
    assert np.allclose(again.predict_proba(data.images), ensemble.predict_proba(data.images), atol=1e-6)
