"""The values that cross the seam between the product and its networks.

Everything here is plain data: NumPy arrays, numbers and strings. The Django side builds a `TrainingData` and a
`TrainingConfig`, hands them to ``classifier.runtime.train_ensemble`` and reads a `TrainedEnsemble` back; it never
sees a network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from classifier.core.meta_model import Verdict
    from classifier.core.operating_points import OperatingPoints

Array = npt.NDArray[Any]
LogLevel = Literal["info", "warning", "error"]
#: How the question whether specialists help ended; see ``classifier.core.meta_model.Verdict``.
SpecialistOutcome = Literal["off", "no_vectors", "too_few", "no_pairs", "no_gain", "not_proven", "shipped"]

#: Short side, in pixels, of the images a caller should decode for `TrainingData.images`.
DEFAULT_IMAGE_SIZE = 64
SCRATCH_CNN = "scratch_cnn"
FROZEN_BACKBONE = "frozen_backbone"
FINE_TUNE = "fine_tune"
CORN = "corn"
PROTOTYPES = "prototypes"
MATCHING = "matching"
SIAMESE = "siamese"
SIAMESE_PIXELS = "siamese_pixels"
MEMORY = "memory"
#: Every name that ``TrainingConfig.members`` may hold. From `PROTOTYPES` on they compare with labelled photos, which
#: pays while a stage has few.
MEMBER_NAMES = (SCRATCH_CNN, FROZEN_BACKBONE, FINE_TUNE, CORN, PROTOTYPES, MATCHING, SIAMESE, SIAMESE_PIXELS, MEMORY)


class TrainingStopped(Exception):
    """The caller's ``should_stop`` answered true; the checkpoints written so far stay usable."""


class NoMember(RuntimeError):
    """No member of the ensemble could be prepared; the message says why of each."""


class StageScores(TypedDict):
    """How well one stage is found."""

    precision: float
    recall: float
    f1: float
    support: int


class MemberScore(TypedDict):
    """Accuracy of one member on the same photos as the ensemble."""

    name: str
    accuracy: float


class Metrics(TypedDict):
    """What an evaluation reports; the keys are those of the HTTP contract.

    ``mae`` is in stages and, like ``qwk``, is only meaningful for ordered scales (0 and the unweighted kappa are
    reported otherwise). ``confusion`` has the truth in rows and the prediction in columns, in scale order.
    """

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    mae: float
    qwk: float
    ece: float
    nll: float
    confusion: list[list[int]]
    per_stage: list[StageScores]
    temperature: float
    per_member: list[MemberScore]


class MemberInfo(TypedDict):
    """One line of a model version's list of members. ``left_out`` is empty, or says why it was not trained."""

    name: str
    backbone: str
    weights_hash: str
    n_params: int
    stacking_weight: float
    left_out: str


class CurvePoint(TypedDict):
    """One epoch of one fold. ``fold`` counts from 1; 0 is the fit on all training photos (no validation: zeros)."""

    member: str
    fold: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureSpace:
    """The space `embed` maps photos into.

    Parameters
    ----------
    name : str
        Identifies the space for ever: backbone, input size and a hash of its weights. At most 80 characters.
    dimension : int
        Length of a vector.
    """

    name: str
    dimension: int


def check_photos(images: Array) -> None:
    """Refuse what is not a stack of photos uint8 (n, h, w, 3); floating-point pixels may hide NaN.

    Raises
    ------
    ValueError
    """
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8 or 0 in images.shape[1:3]:
        raise ValueError(f"photos must be uint8 (n, h, w, 3), not {images.dtype} {images.shape}")


def check_features(features: Array, n: int, dimension: int | None = None) -> None:
    """Refuse vectors that are not n finite rows, of `dimension` numbers where that is known.

    Raises
    ------
    ValueError
        Says how many rows are at fault.
    """
    if features.ndim != 2 or len(features) != n:
        raise ValueError(f"features must be ({n}, d), not {features.shape}")
    if dimension is not None and features.shape[1] != dimension:
        raise ValueError(f"features have {features.shape[1]} numbers, {dimension} were learned from")
    n_bad = int((~np.isfinite(features).all(axis=1)).sum())
    if n_bad:
        raise ValueError(f"{n_bad} of {n} rows of features hold numbers that are not finite")


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingData:
    """Photos and what experts said about them.

    Parameters
    ----------
    images : ndarray or memmap of shape (n, s, s, 3), uint8
        RGB. Members resize to their own input size, so any square size works; 64 suits the scratch network.
    targets : ndarray of shape (n, K), float32
        Label distributions in scale order, rows sum to one. A plain label is a one-hot row.
    groups : ndarray of shape (n,)
        Integers or strings; photos of a group never sit on both sides of a split.
    is_held_out : ndarray of shape (n,), bool
        Photos that only ever evaluate.
    is_ordered : bool
        Whether the stages have an order. Without one all ordinal pieces switch off.
    features : ndarray of shape (n, d), optional
        Cached vectors of ``runtime.embed`` in the feature space `feature_space`. When missing, the frozen member
        embeds `images`, which costs accuracy if they are small.
    feature_space : str
        Name of the space of `features`.
    """

    images: Array
    targets: Array
    groups: Array
    is_held_out: Array
    is_ordered: bool = True
    features: Array | None = None
    feature_space: str = ""

    def __post_init__(self) -> None:
        n = len(self.images)
        check_photos(self.images)
        if self.targets.ndim != 2 or self.targets.shape[1] < 2:
            raise ValueError(f"targets must be (n, K) with K >= 2, not {self.targets.shape}")
        columns = {"targets": self.targets, "groups": self.groups, "is_held_out": self.is_held_out}
        if self.features is not None:
            columns["features"] = self.features
        for name, column in columns.items():
            if len(column) != n:
                raise ValueError(f"{name} has {len(column)} rows, images has {n}")
        if not np.allclose(self.targets.sum(axis=1), 1.0, atol=1e-3) or (self.targets < 0).any():
            raise ValueError("every row of targets must be a distribution: none negative, their sum one")
        if self.features is not None:
            check_features(self.features, n)

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return int(self.targets.shape[1])


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How an ensemble is trained. Round-trips through JSON by `to_dict` and `from_dict`.

    Parameters
    ----------
    members : tuple of str
        Of `MEMBER_NAMES`, each at most once.
    folds : int
        Grouped folds for out-of-fold probabilities; lowered by itself when there are fewer groups.
    epochs, batch_size, learning_rate, weight_decay, image_size
        Of the scratch network. ``image_size`` is its input side in pixels.
    patience : int
        Epochs without a better validation loss after which a fold stops.
    min_steps : int
        Epochs are added until a fit makes at least this many optimiser steps, for few photos need more passes.
    ema_momentum : float
        Moving average of the weights, 0 switches it off.
    tau : float
        Width, in stages, of the ordinal smoothing of targets, p ∝ exp(-|i-j|/tau); 0 switches it off.
    weights_dir : str
        Where pretrained weights are looked for; "" means there are none.
    backbone : str
        A name of ``classifier.nn.backbones``; "" takes the best one whose weights can be had.
    allow_download : bool
        Whether missing weights may be fetched from the network.
    threads : int
        CPU threads, 0 for the framework's choice.
    bootstrap : int
        Resamples behind the accuracy interval.
    specialists : bool
        Whether to look for specialists of confused pairs; they serve only where they proved to help.
    coverage : float
        Promised share of conformal sets that hold the true stage.
    answer_share : float
        Share of photos that the ensemble answers by itself; on the rest it abstains.
    answer_accuracy : float
        That answers should have; the report tells from which confidence on they surely do.
    seed : int
        Of everything random.
    """

    members: tuple[str, ...] = (SCRATCH_CNN, FROZEN_BACKBONE)
    folds: int = 3
    epochs: int = 24
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    image_size: int = DEFAULT_IMAGE_SIZE
    patience: int = 8
    min_steps: int = 0
    ema_momentum: float = 0.0
    tau: float = 0.4
    weights_dir: str = ""
    backbone: str = ""
    allow_download: bool = False
    threads: int = 0
    bootstrap: int = 1000
    specialists: bool = True
    coverage: float = 0.9
    answer_share: float = 0.9
    answer_accuracy: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError("an ensemble needs at least one member")
        if len(set(self.members)) < len(self.members):
            raise ValueError(f"a member is named twice: {', '.join(self.members)}")
        for name, low in (("folds", 2), ("epochs", 1), ("batch_size", 1), ("image_size", 8), ("patience", 1)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be at least {low}")
        for name in ("coverage", "answer_share", "answer_accuracy"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(f"{name} must lie between 0 and 1")

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {**dataclasses.asdict(self), "members": list(self.members)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingConfig:
        """Build from a mapping; unknown keys raise ``ValueError`` so that a typing error is seen."""
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown training settings: {', '.join(unknown)}")
        given = dict(values)
        if "members" in given:
            given["members"] = tuple(given["members"])
        return cls(**given)


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands, sent at least once an epoch.

    Parameters
    ----------
    fraction : float
        Of the whole training, 0..1, never falling.
    step : str
        For people: ``"scratch_cnn: fold 2/3, epoch 7/24"``.
    eta_seconds : float or None
        Time left, once it can be told.
    curve : CurvePoint or None
        The epoch that just ended. A resumed training does not send finished epochs again.
    """

    fraction: float
    step: str
    eta_seconds: float | None = None
    curve: CurvePoint | None = None


class Predictor(Protocol):
    """A fitted ensemble; ``classifier.runtime.Ensemble`` is the one there is."""

    @property
    def feature_space(self) -> str:
        """Name of the space that `predict_proba` takes features of; empty when no member wants any."""

    def predict_proba(self, images: Array, features: Array | None = None) -> Array:
        """Calibrated probabilities of shape (n, K)."""

    def save(self, folder: Any) -> None:
        """Write the ensemble as a folder that ``runtime.load_ensemble`` reads."""


@dataclasses.dataclass(frozen=True, slots=True)
class TrainedEnsemble:
    """What a training gives back.

    Parameters
    ----------
    ensemble : Predictor
        Refitted on all training photos.
    members : sequence of MemberInfo
        Trained ones first, then those left out with the reason.
    stacking_weights : dict of str to float
        Of the trained members, non-negative, sum to one.
    temperature : float
        Fitted on out-of-fold probabilities.
    train_rows, held_out_rows : ndarray of int
        Rows of `TrainingData` the probability arrays below belong to.
    out_of_fold_probabilities : ndarray of shape (n_train, K)
        Stacked and calibrated; no photo was seen by the networks that scored it.
    held_out_probabilities : ndarray of shape (n_held_out, K)
        Of the refitted ensemble.
    evaluations : dict
        Subset name ``"held_out"`` (only with held-out photos) or ``"out_of_fold"`` to `Metrics`.
    device : str
        What it ran on.
    seconds : float
        Wall time of this attempt.
    specialists : Verdict, optional
        Whether specialists help; the probabilities above are recombined where they do.
    operating_points : OperatingPoints, optional
        Thresholds of sets and answers, fitted on the out-of-fold probabilities.
    """

    ensemble: Predictor
    members: Sequence[MemberInfo]
    stacking_weights: dict[str, float]
    temperature: float
    train_rows: Array
    held_out_rows: Array
    out_of_fold_probabilities: Array
    held_out_probabilities: Array
    evaluations: dict[str, Metrics]
    device: str
    seconds: float
    specialists: Verdict | None = None
    operating_points: OperatingPoints | None = None

    @property
    def members_left_out(self) -> dict[str, str]:
        """Name to reason."""
        return {member["name"]: member["left_out"] for member in self.members if member["left_out"]}


Group = Hashable
