"""Specialists and thresholds in the artifact: served, stored whole, and absent from what is older."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier import runtime
from classifier.artifacts import MANIFEST, Corrupt, read_manifest, write_manifest
from classifier.core import descriptors
from classifier.core.heads import fit_head
from classifier.core.meta_model import MetaModel
from classifier.core.operating_points import fit_operating_points
from classifier.core.specialists import Mixture, PairHead, fit_pair_head
from classifier.nn.ensemble import SPECIALISTS_FILE, Ensemble
from classifier.nn.few_shot.members import Prototypes
from classifier.nn.members import MemberContext
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn
SPACE = descriptors.SPACE.name


@pytest.fixture(scope="module")
def data():
    return tiny_data(n=60)


@pytest.fixture(scope="module")
def X(data):
    return descriptors.describe(data.images).astype(np.float16)


@pytest.fixture(scope="module")
def member(data, tmp_path_factory):
    member = Prototypes.prepare(tiny_config(), data)
    member.fit(data, np.arange(60), MemberContext(tmp_path_factory.mktemp("member")))
    return member


@pytest.fixture
def ensemble(member):
    return Ensemble({"prototypes": member}, {"prototypes": 1.0}, 3.0, 3)


@pytest.fixture
def specialists(data, X):
    head = fit_pair_head(X, np.roll(data.targets, 1, axis=0), (0, 1))  # it knows nothing, so it moves something
    return MetaModel(SPACE, (Mixture((0, 1), 0.75, 0.1, 0.01, 9),), (head,))


def test_specialists_split_their_pair_and_are_stored_with_the_thresholds(ensemble, specialists, data, X, tmp_path):
    plain = ensemble.predict_proba(data.images, X)
    points = fit_operating_points(plain, data.targets.argmax(axis=1), data.groups)
    ensemble.attach(specialists, points)
    served = ensemble.predict_proba(data.images, X)
    assert not np.allclose(served, plain)
    assert np.allclose(served[:, 2], plain[:, 2])
    ensemble.save(tmp_path / "model")
    again = runtime.load_ensemble(tmp_path / "model")
    assert np.allclose(again.predict_proba(data.images, X), served, atol=1e-6)
    assert np.allclose(again.predict_proba(data.images), served, atol=0.02), "vectors are made where none are given"
    assert again.operating_points == points


def test_an_artifact_of_before_loads_and_serves_as_it_did(ensemble, data, X, tmp_path):
    folder = tmp_path / "model"
    ensemble.save(folder)
    metadata = dict(read_manifest(folder, kind="ensemble").metadata)
    assert metadata.pop("specialists") is None
    assert metadata.pop("operating_points") is None
    write_manifest(folder, kind="ensemble", metadata=metadata)
    again = Ensemble.load(folder)
    assert (again.specialists, again.operating_points) == (None, None)
    assert np.allclose(again.predict_proba(data.images, X), ensemble.predict_proba(data.images, X))


def test_changed_or_missing_heads_are_corrupt(ensemble, specialists, tmp_path):
    ensemble.attach(specialists, None)
    ensemble.save(tmp_path / "model")
    heads = tmp_path / "model" / SPECIALISTS_FILE
    whole = heads.read_bytes()
    heads.write_bytes(whole[:-1])
    with pytest.raises(Corrupt, match="hash"):
        Ensemble.load(tmp_path / "model")
    heads.unlink()
    metadata = json.loads((tmp_path / "model" / MANIFEST).read_text())["metadata"]
    write_manifest(tmp_path / "model", kind="ensemble", metadata=metadata)
    with pytest.raises(Corrupt, match="specialists"):
        Ensemble.load(tmp_path / "model")


def test_specialists_of_vectors_that_no_member_reads_are_refused(ensemble, data):
    head = PairHead((0, 1), fit_head(np.eye(60, 4), data.targets))
    with pytest.raises(ValueError, match="specialists read elsewhere@1"):
        ensemble.attach(MetaModel("elsewhere@1", (Mixture((0, 1), 1.0, 0.1, 0.01, 9),), (head,)), None)


def test_a_training_says_what_became_of_specialists_and_serves_thresholds(tmp_path, X, data):
    lines = []
    given = {"features": X, "feature_space": SPACE}
    trained = runtime.train_ensemble(
        tiny_data(n=60, **given),
        tiny_config(members=("prototypes",)),
        checkpoint_dir=tmp_path,
        on_progress=lambda progress: None,
        on_log=lambda level, line: lines.append(line),
        should_stop=lambda: False,
    )
    assert trained.specialists is not None
    assert trained.specialists.outcome == "no_pairs"
    assert trained.operating_points == trained.ensemble.operating_points
    assert trained.operating_points is not None
    assert any(line.startswith("specialists: left out") for line in lines)
    off = runtime.train_ensemble(
        tiny_data(n=60, **given),
        tiny_config(members=("prototypes",), specialists=False),
        checkpoint_dir=tmp_path,
        on_progress=lambda progress: None,
        on_log=lambda level, line: None,
        should_stop=lambda: False,
    )
    assert off.specialists is not None
    assert off.specialists.outcome == "off"
