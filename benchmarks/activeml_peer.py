"""Strategies of scikit-activeml behind the loop of the studies, with the same head as ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.learning_curves import Round, Strategy
from classifier.core.heads import Head

try:
    from skactiveml.base import SkactivemlClassifier
    from skactiveml.pool import Badge, TypiClust, UncertaintySampling
except ImportError:
    SkactivemlClassifier = object

WHY_NOT = "" if SkactivemlClassifier is not object else "scikit-activeml is not installed (requirements-dev.txt)"


class FittedHead(SkactivemlClassifier):
    """A head that is fitted already, as their classifier."""

    def __init__(self, head: Head | None = None, classes: Any = None) -> None:
        super().__init__(classes=classes)
        self.head = head

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FittedHead:
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        assert self.head is not None
        return self.head.predict_proba(np.asarray(X))


def _strategy(name: str, ask: Callable[[Round, np.ndarray, int], Any], *, starts_alone: bool) -> Strategy:
    def pick(now: Round, n: int) -> Sequence[int]:
        y = np.where(now.is_labelled, now.y, np.nan).astype(float)
        return [int(row) for row in ask(now, y, n)]

    return Strategy(f"skactiveml {name}", pick, starts_alone=starts_alone)


def peers() -> list[Strategy]:
    """Margin, BADGE and TypiClust at their defaults; none where the library is not installed."""
    if WHY_NOT:
        return []

    def margin(now: Round, y: np.ndarray, n: int) -> Any:
        strategy = UncertaintySampling(method="margin_sampling", random_state=now.seed)
        return strategy.query(now.X, y, clf=_classifier(now), fit_clf=False, batch_size=n)

    def badge(now: Round, y: np.ndarray, n: int) -> Any:
        return Badge(random_state=now.seed).query(now.X, y, clf=_classifier(now), fit_clf=False, batch_size=n)

    def typical(now: Round, y: np.ndarray, n: int) -> Any:
        return TypiClust(random_state=now.seed).query(now.X, y, batch_size=n)

    return [
        _strategy("margin", margin, starts_alone=False),
        _strategy("badge", badge, starts_alone=False),
        _strategy("typical", typical, starts_alone=True),
    ]


def _classifier(now: Round) -> FittedHead:
    return FittedHead(now.head, classes=list(range(now.n_stages)))
