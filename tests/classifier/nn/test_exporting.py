"""One contract for all formats of an exported ensemble, and what a graph, a bundle and a refusal must be."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from classifier.artifacts import pack, read_manifest, unpack
from classifier.core.contracts import TrainingStopped
from classifier.core.exporting import FORMAT_NAMES, NotExportable, ParityFailed, parity_of, probe_photos
from tests.classifier.nn.member_contract import context
from tests.classifier.nn.networks import small_embedder_of_views
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn
STAGES = [
    {
        "position": i,
        "slug": f"s{i}",
        "bbch_first": f"0{i}",
        "bbch_last": f"0{i}",
        "name_en": f"S {i}",
        "name_es": f"E {i}",
    }
    for i in range(3)
]
FACTS = {
    "model": {"project": "orchard", "number": 4, "scale_version": 2, "artifact_sha256": "a" * 64, "licence": "MIT"},
    "members": [{"name": "scratch_cnn", "backbone": "", "weights_hash": "", "stacking_weight": 1.0}],
    "evaluations": [],
    "stages": STAGES,
}
SIDE = 56


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    """A member of each kind that fits; nothing is labelled as the last stage, so it is unseen to those that compare."""
    import keras

    from classifier.nn.cnn import build_cnn
    from classifier.nn.ensemble import MEMBERS, Ensemble
    from classifier.nn.feature_member import FeatureMember

    folder = tmp_path_factory.mktemp("ensemble")
    data, rows = tiny_data(n=40, side=SIDE), np.array([0, 1, 3, 4, 6, 7, 9, 12, 13, 15, 16, 18])
    members: dict[str, Any] = {}
    kinds: dict[str, Any] = dict(MEMBERS)
    embedder = small_embedder_of_views()
    for name, cls in kinds.items():
        if name in ("fine_tune", "memory", "siamese_pixels"):  # networks as the first one; refused; built below
            continue
        if issubclass(cls, FeatureMember):
            members[name] = cls(embedder, tiny_config())
            members[name].fit(data, rows, context(folder / name))
    network = build_cnn(24, 3)
    rng = np.random.default_rng(0)
    weights = [w * (1 + 0.1 * rng.normal(size=w.shape)).astype("float32") for w in network.get_weights()]
    network.set_weights([*weights[:-2], 1.5 * weights[-2], weights[-1]])
    members["scratch_cnn"] = kinds["scratch_cnn"](network)
    members["siamese_pixels"] = twin_member(data, rows)
    assert keras.backend.backend() == "tensorflow"
    return Ensemble(members, dict.fromkeys(members, 1 / len(members)), 0.8, 3)


def twin_member(data, rows):
    from classifier.core.few_shot_models import PairModel
    from classifier.nn.few_shot.pixel_member import SiameseOnPixels, build_twin

    member = SiameseOnPixels(build_twin(SIDE))
    vectors = member._vectors(data.images[rows], lambda: False)
    weights = -np.linspace(0.0, 2.0, vectors.shape[1]).astype(np.float32)
    member.model = PairModel.fit(None, weights, 0.5, vectors, data.targets[rows], data.groups[rows], random_state=0)
    return member


def alone(ensemble, name):
    """The ensemble with all weight on one member."""
    from classifier.nn.ensemble import Ensemble

    weights = {other: float(other == name) for other in ensemble.members}
    return Ensemble(ensemble.members, weights, ensemble.temperature, ensemble.n_stages)


class ExporterContract:
    """What every format must keep."""

    name: str

    @pytest.fixture(scope="class")
    @classmethod
    def bundle(cls, ensemble, tmp_path_factory):
        from classifier.nn.exporting.bundle import write_bundle

        folder = tmp_path_factory.mktemp(cls.name) / "bundle"
        parity = write_bundle(ensemble, folder, format_name=cls.name, facts=FACTS)
        return folder, parity

    def test_what_is_written_answers_as_the_ensemble_does(self, ensemble, bundle):
        from classifier.nn.exporting.formats import exporter_named

        folder, parity = bundle
        exporter = exporter_named(self.name)
        photos = probe_photos(3, SIDE, random_state=9)
        found = exporter.runner(folder / exporter.file)(photos)
        assert found.shape == (3, 3)
        assert np.allclose(found.sum(axis=1), 1, atol=1e-4)
        assert np.abs(found - ensemble.predict_proba(photos)).max() <= parity.tolerance
        assert np.ptp(found, axis=0).max() > 10 * parity.largest_difference, "all photos look the same to it"
        one = exporter.runner(folder / exporter.file)(photos[1:2])
        assert np.allclose(one[0], found[1], atol=1e-4), "a photo is answered alone as in company"

    def test_the_bundle_says_what_it_is(self, bundle, tmp_path):
        folder, parity = bundle
        labels = json.loads((folder / "labels.json").read_text())
        assert labels["stages"] == STAGES
        assert labels["input"]["shape"] == [None, SIDE, SIDE, 3]
        assert (labels["format"], labels["model"]["scale_version"]) == (self.name, 2)
        assert json.loads((folder / "parity.json").read_text())["largest_difference"] == parity.largest_difference
        card = (folder / "README.md").read_text()
        assert "| 2 | s2 | 02 | S 2 | E 2 |" in card
        assert "Licence of this model: MIT" in card
        assert read_manifest(folder, kind="export").metadata == {"format": self.name}
        sha256 = pack(folder, tmp_path / "bundle.zip")
        unpack(tmp_path / "bundle.zip", tmp_path / "again", sha256=sha256, kind="export")


class TestKeras(ExporterContract):
    name = "keras"

    def test_it_loads_without_our_code(self, bundle):
        """Only classes of Keras are named in the file."""
        import zipfile

        with zipfile.ZipFile(bundle[0] / "model.keras") as archive:
            config = archive.read("config.json").decode()
        assert "antesis>" not in config
        assert "classifier." not in config


class TestSavedModel(ExporterContract):
    name = "saved_model"


class TestOnnx(ExporterContract):
    name = "onnx"

    def test_without_its_converter_it_says_so(self, ensemble, tmp_path, monkeypatch):
        from classifier.nn.exporting import formats

        monkeypatch.setattr(formats.OnnxExporter, "packages", ("a_converter",))
        with pytest.raises(NotExportable, match="needs a_converter, which is not installed"):
            formats.EXPORTERS["onnx"].write(None, tmp_path)


class TestTFLite(ExporterContract):
    name = "tflite"


def test_every_format_keeps_the_contract():
    from classifier.nn.exporting.formats import EXPORTERS

    assert {cls.name for cls in ExporterContract.__subclasses__()} == set(EXPORTERS) == set(FORMAT_NAMES)


@pytest.mark.parametrize(
    "name",
    ["scratch_cnn", "frozen_backbone", "corn", "prototypes", "matching", "siamese", "siamese_pixels"],
)
def test_each_member_alone_is_the_same_in_a_graph(ensemble, name):
    from classifier.nn.exporting.graph import build_graph

    one = alone(ensemble, name)
    graph = build_graph(one)
    photos = tiny_data(n=6, side=graph.side, seed=5).images
    served = one.predict_proba(photos)
    assert graph.members == (name,)
    assert np.abs(np.asarray(graph.model(photos)) - served).max() < 2e-3
    assert np.ptp(served, axis=0).max() > 1e-2, "all photos look the same to it"


def test_members_that_are_no_graph_are_refused_with_their_reasons(tmp_path):
    from classifier.nn.ensemble import Ensemble
    from classifier.nn.exporting.graph import build_graph
    from classifier.nn.few_shot.members import Prototypes

    data = tiny_data(n=9)
    member = Prototypes.prepare(tiny_config(), data)
    member.fit(data, np.arange(9), context(tmp_path))
    with pytest.raises(NotExportable, match=r"prototypes reads colour and gradient histograms.*Members that do: none"):
        build_graph(Ensemble({"prototypes": member}, {"prototypes": 1.0}, 1.0, 3))


def test_an_ensemble_with_specialists_is_refused(ensemble):
    from classifier.nn.exporting.graph import build_graph

    one = alone(ensemble, "scratch_cnn")
    one.specialists = object()
    with pytest.raises(NotExportable, match="its specialists split pairs"):
        build_graph(one)


def test_an_export_that_answers_otherwise_is_refused_and_leaves_nothing(ensemble, tmp_path, monkeypatch):
    """A graph that forgets the temperature is a little wrong everywhere: enough to be found out."""
    from classifier.nn.exporting import bundle

    def forgetful(served):
        one = alone(ensemble, "scratch_cnn")
        one.temperature = 4.0
        return build(one)

    build = bundle.build_graph
    monkeypatch.setattr(bundle, "build_graph", forgetful)
    with pytest.raises(ParityFailed, match="differ from the ensemble's by up to"):
        bundle.write_bundle(alone(ensemble, "scratch_cnn"), tmp_path / "b", format_name="keras", facts=FACTS)
    assert list(tmp_path.iterdir()) == []


def test_stopped_half_way_nothing_is_left(ensemble, tmp_path):
    from classifier.nn.exporting.bundle import write_bundle

    steps = []

    def on_step(done, total):
        steps.append((done, total))

    with pytest.raises(TrainingStopped):
        write_bundle(
            alone(ensemble, "scratch_cnn"), tmp_path / "b", format_name="keras", facts=FACTS, on_step=on_step,
            should_stop=lambda: len(steps) > 2,
        )  # fmt: skip
    assert steps == [(0, 4), (1, 4), (2, 4)]
    assert list(tmp_path.iterdir()) == []


def test_parity_refuses_other_shapes_and_numbers_that_are_none():
    served = np.full((2, 3), 1 / 3)
    assert parity_of(served, served).same_stage == 1
    for wrong in (np.full((2, 4), 0.25), served * np.nan, served[:0]):
        with pytest.raises(ParityFailed):
            parity_of(wrong, served)
