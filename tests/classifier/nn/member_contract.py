"""One contract, inherited by a test class per member."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.artifacts import MANIFEST, Corrupt, Incompatible, read_manifest, write_manifest
from classifier.core.contracts import TrainingData, TrainingStopped
from classifier.core.splits import fold_pairs, grouped_folds
from tests.classifier.nn.photos import tiny_data

#: A file that is a sound archive and holds nothing.
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def context(folder: Path, *, should_stop=lambda: False, reports=None):
    from classifier.nn.members import MemberContext

    def report(done, step, curve):
        if reports is not None:
            reports.append((done, step, curve))

    return MemberContext(folder, report, lambda level, message: None, should_stop)


def training_rows(data: TrainingData) -> np.ndarray:
    return np.flatnonzero(~data.is_held_out)


def folds_of(data: TrainingData):
    rows = training_rows(data)
    found = grouped_folds(data.targets[rows].argmax(1), data.groups[rows], n_folds=2)
    return [(rows[train], rows[validation]) for train, validation in fold_pairs(found)]


def labelled(stages, n_stages: int = 3) -> TrainingData:
    """Photos of these stages, each a group of its own, none held out."""
    n = len(stages)
    data = tiny_data(n=n * n_stages, n_stages=n_stages)
    rows = np.arange(n) * n_stages + np.asarray(stages)
    return TrainingData(
        images=data.images[rows], targets=data.targets[rows], groups=np.arange(n), is_held_out=np.zeros(n, bool)
    )


def is_distribution(probas: np.ndarray) -> bool:
    return bool(np.isfinite(probas).all() and (probas >= 0).all() and np.allclose(probas.sum(axis=1), 1))


class MemberContract:
    """What every member must keep. `prepare` gives one that is ready to learn `data`."""

    data = tiny_data()
    #: Photos of a stage that suffice where only the folds are odd.
    per_stage = 4
    #: A network that a few steps on a few photos teach nothing yet.
    is_slow_learner = False

    @classmethod
    def prepare(cls, tmp_path, data: TrainingData):
        raise NotImplementedError

    @classmethod
    def fitted(cls, tmp_path, data: TrainingData):
        member = cls.prepare(tmp_path, data)
        member.fit(data, training_rows(data), context(tmp_path / "checkpoints"))
        return member

    @pytest.fixture(scope="class")
    @classmethod
    def member(cls, tmp_path_factory):
        """Fitted once for all tests that only read it."""
        return cls.fitted(tmp_path_factory.mktemp("member"), cls.data)

    def test_it_scores_every_training_photo_out_of_fold_and_no_other(self, tmp_path):
        member, reports = self.prepare(tmp_path, self.data), []
        ctx = context(tmp_path / "checkpoints", reports=reports)
        probas = member.fit_out_of_fold(self.data, folds_of(self.data), ctx)
        assert probas.shape == self.data.targets.shape
        assert is_distribution(probas[~self.data.is_held_out])
        assert (probas[self.data.is_held_out] == 0).all()
        member.fit(self.data, training_rows(self.data), ctx)
        assert reports
        assert all(0 <= done <= 1 for done, _, _ in reports)
        assert [done for done, _, _ in reports] == sorted(done for done, _, _ in reports)

    def test_it_predicts_and_embeds(self, member):
        predicted = member.predict_proba(self.data.images[:5])
        assert predicted.shape == (5, 3)
        assert is_distribution(predicted)
        assert member.predict_proba(self.data.images[:0]).shape == (0, 3)
        vectors = member.embed(self.data.images[:5])
        assert vectors.dtype == np.float32
        assert vectors.ndim == 2
        assert len(vectors) == 5
        assert np.isfinite(vectors).all()
        assert member.embed(self.data.images[:0]).shape == (0, vectors.shape[1])
        assert member.n_params > 0
        assert member.estimated_seconds(self.data, 40) > 0

    def test_photos_are_scored_one_by_one(self, member):
        """No statistic of the batch may leak from one photo into another."""
        together = member.predict_proba(self.data.images[:7])
        alone = member.predict_proba(self.data.images[3:4])
        assert np.allclose(together[3], alone[0], atol=1e-4)

    def test_input_is_not_touched(self, member):
        images = self.data.images[:6].copy()
        member.predict_proba(images)
        member.embed(images)
        assert np.array_equal(images, self.data.images[:6])

    def test_saved_and_loaded_it_is_the_same(self, member, tmp_path):
        member.save(tmp_path / "saved")
        again = type(member).load(tmp_path / "saved")
        images = self.data.images[:5]
        assert np.allclose(again.predict_proba(images), member.predict_proba(images), atol=1e-5)
        assert np.allclose(again.embed(images), member.embed(images), atol=1e-4)
        for attribute in ("name", "backbone", "weights_hash", "feature_space", "n_params", "n_stages"):
            assert getattr(again, attribute) == getattr(member, attribute), attribute

    def test_a_save_that_fails_leaves_what_was_there(self, member, tmp_path, monkeypatch):
        member.save(tmp_path / "saved")
        before = (tmp_path / "saved" / MANIFEST).read_bytes()

        def full_disk(folder, **kwargs):
            raise OSError("no space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("classifier.nn.members.write_manifest", full_disk)
            for name in ("saved", "new"):
                with pytest.raises(OSError, match="no space"):
                    member.save(tmp_path / name)
        assert [path.name for path in tmp_path.iterdir()] == ["saved"]
        assert (tmp_path / "saved" / MANIFEST).read_bytes() == before
        type(member).load(tmp_path / "saved")

    def test_a_damaged_file_is_corrupt(self, member, tmp_path):
        member.save(tmp_path / "saved")
        largest = max((tmp_path / "saved").rglob("*.*"), key=lambda path: path.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:-9])
        with pytest.raises(Corrupt, match=largest.name):
            type(member).load(tmp_path / "saved")
        with pytest.raises(Corrupt):
            type(member).load(tmp_path / "nowhere")

    def test_any_file_that_is_missing_or_changed_is_corrupt_and_named(self, member, tmp_path):
        member.save(tmp_path / "saved")
        for path in [path for path in (tmp_path / "saved").rglob("*") if path.is_file()]:
            sound = path.read_bytes()
            for damage in (b"", b"{}", None):
                path.unlink() if damage is None else path.write_bytes(damage)
                with pytest.raises(Corrupt, match="manifest" if path.name == MANIFEST else path.name):
                    type(member).load(tmp_path / "saved")
            path.write_bytes(sound)
        type(member).load(tmp_path / "saved")

    def test_a_sound_folder_of_nonsense_is_incompatible(self, member, tmp_path):
        """The hashes are right, so the file is what was written: by something that is not this version."""
        member.save(tmp_path / "saved")
        metadata = read_manifest(tmp_path / "saved", kind="member").metadata
        for path in [path for path in (tmp_path / "saved").rglob("*.*") if path.name != MANIFEST]:
            sound = path.read_bytes()
            for nonsense in (b"\xff nonsense", EMPTY_ZIP):
                path.write_bytes(nonsense)
                write_manifest(tmp_path / "saved", kind="member", metadata=metadata)
                with pytest.raises(Incompatible, match="cannot be loaded by this version"):
                    type(member).load(tmp_path / "saved")
            path.write_bytes(sound)

    def test_another_members_folder_is_incompatible(self, member, tmp_path, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(type(member), "name", "another")
            member.save(tmp_path / "saved")
        with pytest.raises(Incompatible, match="another"):
            type(member).load(tmp_path / "saved")

    def test_before_it_was_fitted_it_says_so(self, tmp_path):
        from classifier.nn.members import NotFitted

        member = self.prepare(tmp_path, self.data)
        for act in (member.predict_proba, member.embed):
            with pytest.raises(NotFitted, match=member.name):
                act(self.data.images[:2])
        with pytest.raises(NotFitted, match=member.name):
            member.save(tmp_path / "saved")
        assert not (tmp_path / "saved").exists()

    def test_wrong_photos_are_refused(self, member):
        floats = self.data.images[:2].astype(np.float32)
        floats[0, 0, 0, 0] = np.nan
        empty = np.zeros((2, 0, 5, 3), np.uint8)
        for wrong in (floats, self.data.images[0], self.data.images[:2, ..., :1], np.zeros((2, 9), np.uint8), empty):
            for act in (member.predict_proba, member.embed):
                with pytest.raises(ValueError, match="photos must be uint8"):
                    act(wrong)

    def test_photos_of_any_size_are_welcome(self, member):
        other = tiny_data(n=4, side=29).images
        for images in (other, other[:, :, :11], other[:, :1, :1]):
            assert is_distribution(member.predict_proba(images))
            assert np.isfinite(member.embed(images)).all()

    def test_wrong_features_are_refused(self, member):
        if not member.feature_space:  # it looks at the photos themselves
            given = member.predict_proba(self.data.images[:3], np.full((1, 1), np.nan))
            assert np.array_equal(given, member.predict_proba(self.data.images[:3]))
            return
        images, d = self.data.images[:3], member.feature_dimension
        with_nan = np.zeros((3, d), np.float32)
        with_nan[1, 0] = np.nan
        for features, message in (
            (with_nan, "1 of 3 rows"),
            (np.zeros((3, d + 1)), f"{d + 1} numbers"),
            (np.zeros((2, d)), r"must be \(3, d\)"),
        ):
            with pytest.raises(ValueError, match=message):
                member.predict_proba(images, features)

    def test_no_photo_to_learn_from_is_refused(self, tmp_path):
        member = self.prepare(tmp_path, self.data)
        with pytest.raises(ValueError, match="at least one labelled photo"):
            member.fit(self.data, np.zeros(0, int), context(tmp_path / "c"))

    def test_rows_that_are_not_there_are_refused(self, tmp_path):
        member = self.prepare(tmp_path, self.data)
        for rows in (np.array([0, len(self.data.images)]), np.array([-1, 0])):
            with pytest.raises(ValueError, match="rows of the photos"):
                member.fit(self.data, rows, context(tmp_path / "c"))
        assert not (tmp_path / "c").exists()

    def test_a_loaded_member_is_not_trained_further(self, member, tmp_path):
        member.save(tmp_path / "saved")
        loaded, rows = type(member).load(tmp_path / "saved"), training_rows(self.data)
        before = loaded.predict_proba(self.data.images[:4])
        for train in (
            lambda: loaded.fit(self.data, rows, context(tmp_path / "c")),
            lambda: loaded.fit_out_of_fold(self.data, folds_of(self.data), context(tmp_path / "c")),
        ):
            with pytest.raises(RuntimeError, match="not trained further"):
                train()
        assert np.array_equal(loaded.predict_proba(self.data.images[:4]), before)

    def test_one_stage_alone_is_answered_with_it_or_refused_with_a_reason(self, tmp_path):
        self.learns_or_is_left_out(tmp_path, labelled([1] * 8), expected=1)

    def test_one_photo_a_stage(self, tmp_path):
        self.learns_or_is_left_out(tmp_path, labelled([0, 1, 2]))

    def test_one_photo_in_all(self, tmp_path):
        self.learns_or_is_left_out(tmp_path, labelled([2]), expected=2)

    def test_a_stage_that_a_fold_never_sees(self, tmp_path):
        n = self.per_stage
        data = labelled([*[0, 1] * n, 2])
        first, second = np.arange(n), np.arange(n, 2 * n + 1)
        folds = [(first, second), (second, first)]
        member = self.prepare(tmp_path, data)
        probas = member.fit_out_of_fold(data, folds, context(tmp_path / "c"))
        assert is_distribution(probas)
        assert 0 < probas[-1, 2] < 0.9, "nobody can be sure of, or rule out, a stage that was never seen"

    def test_a_fold_of_one_stage(self, tmp_path):
        n = self.per_stage
        data, half = labelled([0] * n + [1] * n), np.arange(n)
        probas = self.prepare(tmp_path, data).fit_out_of_fold(
            data, [(half, half + n), (half + n, half)], context(tmp_path / "c")
        )
        assert is_distribution(probas)

    def test_stops_when_asked(self, tmp_path):
        member = self.prepare(tmp_path, self.data)
        with pytest.raises(TrainingStopped):
            member.fit_out_of_fold(self.data, folds_of(self.data), context(tmp_path / "c", should_stop=lambda: True))

    def test_stopped_half_way_it_is_not_fitted_and_what_a_crash_left_does_no_harm(self, tmp_path):
        from classifier.nn.members import NotFitted

        rows, asked, folder = training_rows(self.data), [], tmp_path / "c"

        def in_its_midst():
            asked.append(1)
            return len(asked) > (5 if self.is_slow_learner else 1)

        member = self.prepare(tmp_path, self.data)
        member.fit(self.data, rows, context(tmp_path / "first"))
        with pytest.raises(TrainingStopped):
            member.fit_out_of_fold(self.data, folds_of(self.data), context(folder, should_stop=in_its_midst))
        with pytest.raises(NotFitted, match=member.name):
            member.predict_proba(self.data.images[:2])
        with pytest.raises(NotFitted, match=member.name):
            member.save(tmp_path / "saved")
        assert not list(tmp_path.rglob("*.part"))
        assert not (tmp_path / "saved").exists()
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            path.write_bytes(path.read_bytes()[:-40])
        again = self.prepare(tmp_path, self.data)
        again.fit(self.data, rows, context(folder))
        assert is_distribution(again.predict_proba(self.data.images[:4]))

    def learns_or_is_left_out(self, tmp_path, data: TrainingData, expected: int | None = None) -> None:
        from classifier.nn.registry import Unavailable

        reason, member = "", None
        try:
            member = self.fitted(tmp_path, data)
        except Unavailable as unavailable:
            reason = str(unavailable)
        if member is None:
            assert len(reason) > 20
            return
        probas = member.predict_proba(data.images)
        assert is_distribution(probas)
        if expected is not None and not self.is_slow_learner:
            assert (probas.argmax(axis=1) == expected).all()
