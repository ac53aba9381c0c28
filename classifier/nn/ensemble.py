"""Fitted members, their weights and a temperature, taken as one model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from classifier.artifacts import Corrupt, Incompatible, folder_in_one_step, read_manifest, write_manifest
from classifier.core.calibration import apply_temperature
from classifier.core.contracts import Array
from classifier.core.meta_model import MetaModel
from classifier.core.operating_points import OperatingPoints
from classifier.core.pooling import log_linear_pool
from classifier.nn.checkpoints import load_arrays, save_arrays
from classifier.nn.corn_member import CornOnFeatures
from classifier.nn.feature_member import FeatureMember
from classifier.nn.few_shot.members import Matching, Prototypes, SiameseOnFeatures
from classifier.nn.few_shot.memory_member import MemoryAugmented
from classifier.nn.few_shot.pixel_member import SiameseOnPixels
from classifier.nn.fine_tune_member import FineTunedBackbone
from classifier.nn.frozen_member import FrozenBackboneHead
from classifier.nn.members import UNREADABLE, Member
from classifier.nn.scratch_member import ScratchCNN

#: Every kind of member there is; a name here is a name in ``TrainingConfig.members``.
MEMBERS: dict[str, type[Member]] = {
    member.name: member
    for member in (
        ScratchCNN,
        FrozenBackboneHead,
        FineTunedBackbone,
        CornOnFeatures,
        Prototypes,
        Matching,
        SiameseOnFeatures,
        SiameseOnPixels,
        MemoryAugmented,
    )
}
KIND = "ensemble"
SPECIALISTS_FILE = "specialists/heads.npz"


class Ensemble:
    """Calibrated log-linear pool of members, recombined by specialists where those proved to help.

    Args:
        members: Name to fitted member.
        weights: Name to stacking weight; non-negative, sum to one.
        temperature: Of the pool.
        n_stages: K.

    Attributes:
        specialists: Of confused pairs; None where none is served.
        operating_points: Thresholds of sets and answers; None in an artifact of before there were any.
    """

    def __init__(
        self, members: Mapping[str, Member], weights: Mapping[str, float], temperature: float, n_stages: int
    ) -> None:
        self.specialists: MetaModel | None = None
        self.operating_points: OperatingPoints | None = None
        if set(members) != set(weights):
            raise ValueError(f"members {sorted(members)} but weights for {sorted(weights)}")
        spaces = {member.feature_space for member in members.values()} - {""}
        if len(spaces) > 1:
            raise ValueError(f"members read different feature spaces: {', '.join(sorted(spaces))}")
        self.members = dict(members)
        self.weights = dict(weights)
        self.temperature = float(temperature)
        self.n_stages = n_stages

    @property
    def feature_space(self) -> str:
        """Name of the space `predict_proba` takes features of; empty when no member wants any."""
        return next((member.feature_space for member in self.members.values() if member.feature_space), "")

    def predict_members(
        self, images: Array, features: Array | None = None, should_stop: Callable[[], bool] = lambda: False
    ) -> dict[str, Array]:
        """Probabilities of each member alone, uncalibrated: name to (n, K)."""
        features = self._features(images, features, should_stop)
        return {name: member.predict_proba(images, features, should_stop) for name, member in self.members.items()}

    def _features(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array | None:
        """Vectors for all that read them, computed once where several do."""
        readers = self._readers
        if features is not None or len(readers) + (self.specialists is not None) < 2:
            return features
        return readers[0].vectors(images, None, should_stop)

    @property
    def _readers(self) -> list[FeatureMember]:
        return [member for member in self.members.values() if isinstance(member, FeatureMember)]

    def attach(self, specialists: MetaModel | None, operating_points: OperatingPoints | None) -> None:
        """Serve specialists and thresholds, too.

        Raises:
            ValueError: The specialists look at vectors that no member reads, so that they could not always be had.
        """
        if specialists is not None and specialists.feature_space != self.feature_space:
            raise ValueError(f"specialists read {specialists.feature_space}, members {self.feature_space or 'nothing'}")
        self.specialists, self.operating_points = specialists, operating_points

    def combine(self, probas: Mapping[str, Array]) -> Array:
        """Pool and calibrate the members' probabilities: (n, K)."""
        names = list(self.members)
        pooled = log_linear_pool([probas[name] for name in names], [self.weights[name] for name in names])
        return apply_temperature(pooled, self.temperature)

    def predict_proba(self, images: Array, features: Array | None = None) -> Array:
        """Calibrated probabilities.

        Args:
            images: uint8 (n, h, w, 3), any size; larger than 224 px gains nothing.
            features: Vectors (n, d) of `feature_space`, if they are at hand: they spare the slowest part.

        Returns:
            float64 (n, K), rows sum to one, in scale order.
        """
        if len(images) == 0:
            return np.zeros((0, self.n_stages))
        features = self._features(images, features, lambda: False)
        probas = self.combine(self.predict_members(images, features))
        return probas if features is None else self.recombine(probas, features)

    def recombine(self, probas: Array, features: Array) -> Array:
        """Let the specialists, where there are any, split pairs anew: (n, K) with the photos' vectors (n, d)."""
        return probas if self.specialists is None else self.specialists.apply(probas, features)

    def save(self, folder: Path) -> None:
        """Write a folder, replacing one that exists; a crash half-way leaves what was there before."""
        metadata = {
            "members": list(self.members),
            "weights": self.weights,
            "temperature": self.temperature,
            "n_stages": self.n_stages,
            "feature_space": self.feature_space,
            "specialists": None if self.specialists is None else self.specialists.settings,
            "operating_points": None if self.operating_points is None else self.operating_points.to_dict(),
        }
        with folder_in_one_step(Path(folder)) as part:
            for name, member in self.members.items():
                (part / name).mkdir()
                member.write_files(part / name)
            if self.specialists is not None:
                save_arrays(self.specialists.to_arrays(), part / SPECIALISTS_FILE)
            write_manifest(part, kind=KIND, metadata=metadata)

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Read what `save` wrote.

        Raises:
            Corrupt: Files are missing or changed.
            Incompatible: Another format, or a member this version does not know.
        """
        folder = Path(folder)
        metadata = read_manifest(folder, kind=KIND).metadata
        try:
            names = [str(name) for name in metadata["members"]]
            weights = {str(name): float(weight) for name, weight in metadata["weights"].items()}
            temperature, n_stages = float(metadata["temperature"]), int(metadata["n_stages"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Corrupt(f"the manifest of {folder.name} lacks settings: {error}") from error
        unknown = sorted(set(names) - set(MEMBERS))
        if unknown:
            raise Incompatible(f"{folder.name} holds members unknown here: {', '.join(unknown)}")
        try:
            members = {name: MEMBERS[name].read_files(folder / name) for name in names}
        except UNREADABLE as error:
            # The bytes are what was written, so this Keras cannot read them.
            raise Incompatible(f"{folder.name} cannot be loaded by this version: {error}") from error
        ensemble = cls(members, weights, temperature, n_stages)
        ensemble._read_extras(folder, metadata)
        return ensemble

    def _read_extras(self, folder: Path, metadata: Mapping[str, Any]) -> None:
        """Attach what an artifact of before there were specialists and thresholds does not have."""
        try:
            points, settings = metadata.get("operating_points"), metadata.get("specialists")
            specialists = None
            if settings is not None:
                specialists = MetaModel.from_parts(settings, load_arrays(folder / SPECIALISTS_FILE) or {})
            self.attach(specialists, None if points is None else OperatingPoints.from_dict(points))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Corrupt(f"{folder.name} does not hold the specialists or thresholds it names: {error}") from error
