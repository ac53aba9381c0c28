"""Few-shot learners on fixed features as members of the ensemble; they work from the first label of a stage on.

Each compares with labelled photos in a plain way that needs no training, and in a trained one. What training teaches
from few photos may not hold for others, so a third of the groups is kept out to judge it: the trained way is used only
where it tells those apart better by more than a standard error.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any

import numpy as np

from classifier.core.contracts import MATCHING, PROTOTYPES, SIAMESE, Array, TrainingConfig
from classifier.core.few_shot import ResidualEncoder, fit_scale
from classifier.core.few_shot_models import AttentionModel, PairModel, PrototypeModel
from classifier.core.splits import TooFewGroups, grouped_folds
from classifier.nn.feature_member import FeatureMember, FeatureRows
from classifier.nn.few_shot.comparers import AttentionComparer, PrototypeComparer
from classifier.nn.few_shot.feature_training import STEPS, Run, trained_on_episodes, trained_on_pairs
from classifier.nn.members import MemberContext

#: Fewer labelled photos than this are not worth the seconds.
WORTH_TRAINING = 60
_INNER_FOLDS = 3


class ComparingMember(FeatureMember):
    """Compares with labelled photos, in the plain or the trained way."""

    rows_per_second = 200.0

    def _learn(self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int) -> Any:
        plain = self._plain(rows, random_state)
        split = _inner_split(rows, random_state)
        if split is None:
            return plain
        known, judged = split
        rival = self._plain(known, random_state)
        trained = self._trained(known, rival, self._run(rows, context, random_state))
        scale = fit_scale(lambda scale: float(_losses(trained, scale, judged).mean()), trained.scale)
        gains = _losses(rival, rival.scale, judged) - _losses(trained, scale, judged)
        if gains.mean() <= gains.std() / np.sqrt(len(gains)):
            context.log("info", f"{self.name}: training on {len(known.X)} photos did not help; plain comparison")
            return plain
        return self._with_all(trained, rows, scale, random_state)

    @abc.abstractmethod
    def _plain(self, rows: FeatureRows, random_state: int) -> Any:
        """Fit without training."""

    @abc.abstractmethod
    def _trained(self, rows: FeatureRows, plain: Any, run: Run) -> Any:
        """Train, from where the plain model stands."""

    @abc.abstractmethod
    def _with_all(self, trained: Any, rows: FeatureRows, scale: float, random_state: int) -> Any:
        """Compare as the trained model does, with all photos as examples."""

    def _run(self, rows: FeatureRows, context: MemberContext, random_state: int) -> Run:
        def report(done: int) -> None:
            if done % 50 == 0:
                context.report(done / STEPS, f"{self.name}: step {done}/{STEPS}", None)

        return Run(rows.is_ordered, random_state, report, context.should_stop)


class Prototypes(ComparingMember):
    """Distance to the mean of each stage, on features re-weighted by episodes where that helps.

    References:
        Snell et al., "Prototypical Networks for Few-shot Learning", NeurIPS 2017.
    """

    name = PROTOTYPES
    model_class = PrototypeModel

    def _plain(self, rows: FeatureRows, random_state: int) -> PrototypeModel:
        return PrototypeModel.fit(ResidualEncoder.standardising(rows.X), rows.X, rows.targets, rows.groups)

    def _trained(self, rows: FeatureRows, plain: PrototypeModel, run: Run) -> PrototypeModel:
        comparer = PrototypeComparer(scale=plain.scale)
        encoder = trained_on_episodes(plain.encoder, rows.X, rows.targets, comparer, run)
        return PrototypeModel.fit(encoder, rows.X, rows.targets, rows.groups, scale=plain.scale)

    def _with_all(self, trained: PrototypeModel, rows: FeatureRows, scale: float, random_state: int) -> PrototypeModel:
        return PrototypeModel.fit(trained.encoder, rows.X, rows.targets, rows.groups, scale=scale)


class Matching(ComparingMember):
    """Attention by cosine to labelled photos, on features re-weighted by episodes where that helps.

    Without full-context embeddings, which brought nothing on Omniglot in the paper and little elsewhere.

    References:
        Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016.
    """

    name = MATCHING
    model_class = AttentionModel

    def _plain(self, rows: FeatureRows, random_state: int) -> AttentionModel:
        return _attention(ResidualEncoder.standardising(rows.X), rows, None, random_state)

    def _trained(self, rows: FeatureRows, plain: AttentionModel, run: Run) -> AttentionModel:
        comparer = AttentionComparer(initial_scale=plain.scale)
        encoder = trained_on_episodes(plain.encoder, rows.X, rows.targets, comparer, run)
        return _attention(encoder, rows, plain.scale, run.random_state)

    def _with_all(self, trained: AttentionModel, rows: FeatureRows, scale: float, random_state: int) -> AttentionModel:
        return _attention(trained.encoder, rows, scale, random_state)


class SiameseOnFeatures(ComparingMember):
    """Whether two photos show the same stage, by an L1 distance weighted by pairs where that helps.

    References:
        Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
    """

    name = SIAMESE
    model_class = PairModel

    def _plain(self, rows: FeatureRows, random_state: int) -> PairModel:
        encoder = ResidualEncoder.standardising(rows.X)
        weights = -np.ones(rows.X.shape[1], dtype=np.float32)
        return PairModel.fit(encoder, weights, 0.0, rows.X, rows.targets, rows.groups, random_state=random_state)

    def _trained(self, rows: FeatureRows, plain: PairModel, run: Run) -> PairModel:
        assert plain.encoder is not None  # `_plain` gave it one
        found = trained_on_pairs(plain.encoder, rows.X, rows.targets, rows.groups, run)
        return PairModel.fit(*found, rows.X, rows.targets, rows.groups, scale=1.0, random_state=run.random_state)

    def _with_all(self, trained: PairModel, rows: FeatureRows, scale: float, random_state: int) -> PairModel:
        found = trained.encoder, trained.weights, trained.bias
        return PairModel.fit(*found, rows.X, rows.targets, rows.groups, scale=scale, random_state=random_state)


def _attention(encoder: ResidualEncoder, rows: FeatureRows, scale: float | None, random_state: int) -> AttentionModel:
    return AttentionModel.fit(encoder, rows.X, rows.targets, rows.groups, scale=scale, random_state=random_state)


def _losses(model: Any, scale: float, judged: FeatureRows) -> Array:
    """Log loss (m,) of each photo."""
    probas = dataclasses.replace(model, scale=scale).predict_proba(judged.X)
    return -(judged.targets * np.log(np.clip(probas, 1e-12, None))).sum(axis=1)


def _inner_split(rows: FeatureRows, random_state: int) -> tuple[FeatureRows, FeatureRows] | None:
    """Two thirds of the groups to train on and one to judge by; None where there is too little of either."""
    stages = rows.targets.argmax(axis=1)
    if len(rows.X) < WORTH_TRAINING:
        return None
    try:
        fold = grouped_folds(stages, rows.groups, n_folds=_INNER_FOLDS, random_state=random_state)
    except TooFewGroups:
        return None
    known = fold != 0
    counts = np.bincount(stages[known])
    if (counts >= 2).sum() < 2:
        return None
    return _some(rows, known), _some(rows, ~known)


def _some(rows: FeatureRows, chosen: Array) -> FeatureRows:
    return FeatureRows(rows.X[chosen], rows.targets[chosen], rows.groups[chosen], rows.is_ordered)
