"""Trains an ensemble: folds, stacking, calibration, a fit on everything, evaluation.

What must never happen: a photo, or another photo of its group, teaching the network that scores it. So stacking
weights and the temperature are fitted on out-of-fold probabilities only, and held-out photos are touched last.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from classifier.core.calibration import fit_temperature
from classifier.core.contracts import (
    Array,
    CurvePoint,
    LogLevel,
    MemberInfo,
    Metrics,
    NoMember,
    Progress,
    TrainedEnsemble,
    TrainingConfig,
    TrainingData,
    TrainingStopped,
)
from classifier.core.meta_model import FoundSpecialists, Verdict, find_specialists
from classifier.core.metrics import evaluate
from classifier.core.operating_points import fit_operating_points
from classifier.core.pooling import log_linear_pool
from classifier.core.splits import fold_pairs, grouped_folds
from classifier.core.stacking import fit_stacking_weights
from classifier.nn import devices
from classifier.nn.ensemble import MEMBERS, Ensemble
from classifier.nn.members import Fold, Member, MemberContext
from classifier.nn.registry import Unavailable

Log = Callable[[LogLevel, str], None]
#: Of the whole, kept for evaluation after the last fit.
_LAST_SHARE = 0.02


class ProgressTracker:
    """Turns each member's own progress into one fraction and a time left.

    Args:
        shares: Member to its share of the work; the sum is scaled to leave room for evaluation.
        on_progress: Receives `Progress`.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        shares: dict[str, float],
        on_progress: Callable[[Progress], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        total = sum(shares.values())
        self._shares = {name: (1.0 - _LAST_SHARE) * share / total for name, share in shares.items()}
        self._done = dict.fromkeys(shares, 0.0)
        self._on_progress = on_progress
        self._clock = clock
        self._started = clock()
        self._first: float | None = None
        self._fraction = 0.0

    def report(self, member: str, done: float, step: str, curve: CurvePoint | None) -> None:
        """Take a member's progress, 0..1, and pass the whole on."""
        self._done[member] = max(self._done[member], min(done, 1.0))
        fraction = sum(self._shares[name] * share for name, share in self._done.items())
        self._fraction = max(self._fraction, fraction)
        # What a resumed run finds already done took none of this attempt's time.
        self._first = self._fraction if self._first is None else self._first
        gained = self._fraction - self._first
        elapsed = self._clock() - self._started
        eta = elapsed * (1.0 - self._fraction) / gained if gained > 0.02 else None
        self._on_progress(Progress(self._fraction, step, eta, curve))

    def finish(self, step: str) -> None:
        """Report the last step before the end."""
        self._on_progress(Progress(1.0 - _LAST_SHARE / 2, step, 1.0, None))


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    """What the steps of one training share."""

    data: TrainingData
    config: TrainingConfig
    train_rows: Array
    held_out_rows: Array
    folds: Sequence[Fold]
    log: Log
    should_stop: Callable[[], bool]


def train(
    data: TrainingData,
    config: TrainingConfig,
    *,
    checkpoint_dir: Path,
    on_progress: Callable[[Progress], None],
    on_log: Log,
    should_stop: Callable[[], bool],
) -> TrainedEnsemble:
    """Train, or go on with, an ensemble; see ``classifier.runtime.train_ensemble``."""
    started = time.monotonic()
    devices.configure(config.threads)
    plan = _plan(data, config, on_log, should_stop)
    members, left_out = _prepare_members(plan)
    seconds = {name: member.estimated_seconds(data, len(plan.train_rows)) for name, member in members.items()}
    tracker = ProgressTracker(seconds, on_progress)
    folder = Path(checkpoint_dir) / fingerprint(data, config)

    out_of_fold: dict[str, Array] = {}
    for name, member in members.items():
        context = _context(plan, tracker, name, folder)
        out_of_fold[name] = member.fit_out_of_fold(data, plan.folds, context)[plan.train_rows]
        member.fit(data, plan.train_rows, context)
        tracker.report(name, 1.0, f"{name}: done", None)

    tracker.finish("stacking, calibration, evaluation")
    ensemble = _stack(plan, members, out_of_fold)
    tracker.finish("specialists, thresholds, evaluation")
    found = _specialists(plan, ensemble, out_of_fold)
    _attach(plan, ensemble, found)
    evaluations, held_out = _evaluate(plan, ensemble, out_of_fold, found.probas)
    return TrainedEnsemble(
        ensemble=ensemble,
        members=_member_infos(ensemble, left_out),
        stacking_weights=ensemble.weights,
        temperature=ensemble.temperature,
        train_rows=plan.train_rows,
        held_out_rows=plan.held_out_rows,
        out_of_fold_probabilities=found.probas,
        held_out_probabilities=held_out,
        evaluations=evaluations,
        device=devices.device_name(),
        seconds=time.monotonic() - started,
        specialists=found.verdict,
        operating_points=ensemble.operating_points,
    )


def fingerprint(data: TrainingData, config: TrainingConfig) -> str:
    """Name the checkpoints of one training: other labels or other settings never go on from them."""
    digest = hashlib.sha256(json.dumps(config.to_dict(), sort_keys=True).encode())
    digest.update(repr((data.images.shape, data.is_ordered, data.feature_space)).encode())
    for column in (data.targets, data.is_held_out):
        digest.update(np.ascontiguousarray(column).tobytes())
    digest.update("\0".join(str(group) for group in data.groups).encode())
    return digest.hexdigest()[:16]


def _plan(data: TrainingData, config: TrainingConfig, log: Log, should_stop: Callable[[], bool]) -> _Plan:
    is_held_out = np.asarray(data.is_held_out, dtype=bool)
    rows = np.flatnonzero(~is_held_out)
    stages = data.targets[rows].argmax(axis=1)
    folds = grouped_folds(stages, data.groups[rows], n_folds=config.folds, random_state=config.seed)
    pairs = [(rows[train], rows[validation]) for train, validation in fold_pairs(folds)]
    n_groups = len(np.unique(np.asarray(data.groups)[rows].astype(str)))
    log(
        "info",
        f"{len(rows)} photos in {n_groups} groups to learn from, {int(is_held_out.sum())} held out; "
        f"{len(pairs)} folds; {devices.device_name()}",
    )
    return _Plan(data, config, rows, np.flatnonzero(is_held_out), pairs, log, should_stop)


def _prepare_members(plan: _Plan) -> tuple[dict[str, Member], dict[str, str]]:
    members: dict[str, Member] = {}
    left_out: dict[str, str] = {}
    for name in plan.config.members:
        if name not in MEMBERS:
            raise ValueError(f"there is no member called {name!r}; known: {', '.join(MEMBERS)}")
        try:
            members[name] = MEMBERS[name].prepare(plan.config, plan.data)
        except Unavailable as reason:
            left_out[name] = str(reason)
            plan.log("warning", f"{name} is left out: {reason}")
    if not members:
        raise NoMember("no member of the ensemble is available: " + "; ".join(left_out.values()))
    return members, left_out


def _context(plan: _Plan, tracker: ProgressTracker, name: str, folder: Path) -> MemberContext:
    return MemberContext(
        checkpoint_dir=folder / name,
        report=lambda done, step, curve: tracker.report(name, done, step, curve),
        log=plan.log,
        should_stop=plan.should_stop,
    )


def _stack(plan: _Plan, members: dict[str, Member], out_of_fold: dict[str, Array]) -> Ensemble:
    targets = plan.data.targets[plan.train_rows]
    names = list(members)
    found = fit_stacking_weights([out_of_fold[name] for name in names], targets)
    weights = {name: float(weight) for name, weight in zip(names, found, strict=True)}
    pooled = log_linear_pool([out_of_fold[name] for name in names], [weights[name] for name in names])
    temperature = fit_temperature(pooled, targets)
    shown = ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items())
    plan.log("info", f"stacking weights: {shown}; temperature {temperature:.2f}")
    return Ensemble(members, weights, temperature, plan.data.n_stages)


def _specialists(plan: _Plan, ensemble: Ensemble, out_of_fold: dict[str, Array]) -> FoundSpecialists:
    """Ask whether specialists on the members' own vectors help; what was found is said in the log."""
    probas = ensemble.combine(out_of_fold)
    features = _features_for(plan, ensemble, plan.train_rows)

    def stop_if_asked() -> None:
        if plan.should_stop():
            raise TrainingStopped

    if not plan.config.specialists:
        return FoundSpecialists(Verdict("off"), None, probas)
    if features is None or not ensemble.feature_space:
        found = FoundSpecialists(Verdict("no_vectors"), None, probas)
    else:
        found = find_specialists(
            probas,
            features,
            plan.data.targets[plan.train_rows],
            plan.data.groups[plan.train_rows],
            feature_space=ensemble.feature_space,
            is_ordered=plan.data.is_ordered,
            random_state=plan.config.seed,
            before_fit=stop_if_asked,
        )
    plan.log("info", f"specialists: {_SAID[found.verdict.outcome]}")
    return found


_SAID = {
    "no_vectors": "left out, for no member reads vectors that are at hand",
    "too_few": "left out, for there are too few labelled photos or groups to judge them",
    "no_pairs": "left out, for no two stages are confused often enough",
    "no_gain": "left out, for none gains more than chance would give",
    "not_proven": "left out, for they do not surely beat an ensemble of equal compute",
    "shipped": "served, for they beat the ensemble and its rivals of equal compute on photos none had seen",
}


def _attach(plan: _Plan, ensemble: Ensemble, found: FoundSpecialists) -> None:
    rows, config = plan.train_rows, plan.config
    points = fit_operating_points(
        found.probas,
        plan.data.targets[rows].argmax(axis=1),
        plan.data.groups[rows],
        is_ordered=plan.data.is_ordered,
        coverage=config.coverage,
        answer_share=config.answer_share,
        wanted_accuracy=config.answer_accuracy,
        random_state=config.seed,
    )
    ensemble.attach(found.meta_model, points)


def _features_for(plan: _Plan, ensemble: Ensemble, rows: Array) -> Array | None:
    """Cached vectors of photos, if they are of the ensemble's space."""
    features = plan.data.features
    return features[rows] if features is not None and plan.data.feature_space == ensemble.feature_space else None


def _evaluate(
    plan: _Plan, ensemble: Ensemble, out_of_fold: dict[str, Array], probas: Array
) -> tuple[dict[str, Metrics], Array]:
    evaluations = {"out_of_fold": _metrics(plan, ensemble, plan.train_rows, probas, out_of_fold)}
    held_out = np.zeros((0, plan.data.n_stages))
    rows = plan.held_out_rows
    if len(rows):
        features = _features_for(plan, ensemble, rows)
        by_member = ensemble.predict_members(plan.data.images[rows], features, plan.should_stop)
        held_out = ensemble.combine(by_member)
        if features is not None:
            held_out = ensemble.recombine(held_out, features)
        evaluations["held_out"] = _metrics(plan, ensemble, rows, held_out, by_member)
    for subset, metrics in evaluations.items():
        low, high = 100 * metrics["accuracy_low"], 100 * metrics["accuracy_high"]
        plan.log("info", f"{subset}: accuracy {100 * metrics['accuracy']:.1f} % ({low:.1f} to {high:.1f})")
    return evaluations, held_out


def _metrics(plan: _Plan, ensemble: Ensemble, rows: Array, probas: Array, by_member: dict[str, Array]) -> Metrics:
    return evaluate(
        probas,
        plan.data.targets[rows],
        plan.data.groups[rows],
        is_ordered=plan.data.is_ordered,
        temperature=ensemble.temperature,
        member_probas=by_member,
        n_resamples=plan.config.bootstrap,
        random_state=plan.config.seed,
    )


def _member_infos(ensemble: Ensemble, left_out: dict[str, str]) -> list[MemberInfo]:
    trained: list[MemberInfo] = [
        {
            "name": name,
            "backbone": member.backbone,
            "weights_hash": member.weights_hash,
            "n_params": member.n_params,
            "stacking_weight": ensemble.weights[name],
            "left_out": "",
        }
        for name, member in ensemble.members.items()
    ]
    absent: list[MemberInfo] = [
        {"name": name, "backbone": "", "weights_hash": "", "n_params": 0, "stacking_weight": 0.0, "left_out": reason}
        for name, reason in left_out.items()
    ]
    return trained + absent
