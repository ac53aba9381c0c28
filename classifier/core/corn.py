"""CORN: an ordinal head of conditional yes-or-no questions, whose answers never contradict one another."""

from __future__ import annotations

import dataclasses
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

from classifier.core.contracts import Array
from classifier.core.heads import DEFAULT_STRENGTH

#: Photos by which a question that few were asked is drawn to one half.
_PRIOR_ROWS = 1.0


def conditional_targets(targets: Array) -> tuple[Array, Array]:
    """Turn label distributions into the questions of CORN.

    Question k = 0 .. K-2 is "later than stage k, given that it is not earlier than k?". A distribution answers it by
    P(y > k) / P(y >= k) and is asked it with weight P(y >= k), so mixed or disputed labels need no rounding.

    Parameters
    ----------
    targets : ndarray of shape (n, K)

    Returns
    -------
    answers, weights : ndarray of shape (n, K-1)
    """
    reached = np.cumsum(np.asarray(targets, dtype=np.float64)[:, ::-1], axis=1)[:, ::-1]
    weights = np.clip(reached[:, :-1], 0.0, 1.0)
    answers = np.divide(reached[:, 1:], weights, out=np.zeros_like(weights), where=weights > 1e-12)
    return np.clip(answers, 0.0, 1.0), weights


def corn_probas(conditional: Array) -> Array:
    """Chain conditional probabilities (n, K-1) to a distribution (n, K): the product rule keeps it one."""
    reached = np.cumprod(np.asarray(conditional, dtype=np.float64), axis=1)
    fenced = np.concatenate([np.ones((len(reached), 1)), reached, np.zeros((len(reached), 1))], axis=1)
    return fenced[:, :-1] - fenced[:, 1:]


@dataclasses.dataclass(frozen=True, slots=True)
class CornHead:
    """A fitted ordinal head.

    Parameters
    ----------
    mean, scale : ndarray of shape (d,)
        Standardisation learned from the training rows.
    weights : ndarray of shape (d, K-1)
    bias : ndarray of shape (K-1,)

    References
    ----------
    .. [1] Shi, Cao, Raschka, "Deep Neural Networks for Rank-Consistent Ordinal Regression Based On Conditional
       Probabilities", Pattern Analysis and Applications 26, 2023.
    """

    mean: Array
    scale: Array
    weights: Array
    bias: Array

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return len(self.bias) + 1

    def predict_proba(self, X: Array) -> Array:
        """Distributions (n, K) for vectors (n, d)."""
        return corn_probas(expit((self.embed(X) @ self.weights + self.bias).astype(np.float64)))

    def embed(self, X: Array) -> Array:
        """Standardised vectors, float32 of shape (n, d)."""
        if X.shape[1] != len(self.mean):
            raise ValueError(f"vectors have {X.shape[1]} numbers, the head was fitted on {len(self.mean)}")
        return (np.asarray(X, dtype=np.float32) - self.mean) / self.scale

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`; other keys are passed over."""
        return cls(**{field.name: arrays[field.name] for field in dataclasses.fields(cls)})


def fit_corn(X: Array, targets: Array, *, strength: float = DEFAULT_STRENGTH, max_iterations: int = 200) -> CornHead:
    """Fit the head by L-BFGS, all questions at once.

    Minimises the summed weighted binary cross-entropy + strength * d / 2 * ||W||² over standardised features, the
    same prior as ``heads.fit_head``. Every question also counts one photo that answers it half and half, so that one
    nobody was asked stays open.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    targets : ndarray of shape (n, K)
        Label distributions over ordered stages.
    strength : float
    max_iterations : int

    Returns
    -------
    CornHead
    """
    if len(X) == 0:
        raise ValueError("a head needs at least one labelled photo")
    X = np.asarray(X, dtype=np.float32)
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    scale = np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32)
    z = ((X - mean) / scale).astype(np.float64)
    answers, asked = conditional_targets(targets)
    (n, d), k = z.shape, answers.shape[1]

    def loss_and_gradient(flat: Array) -> tuple[float, Array]:
        weights, bias = flat[: d * k].reshape(d, k), flat[d * k :]
        logits = z @ weights + bias
        # log(1 + e^x) - answer * x, the binary cross-entropy from logits.
        data = (asked * (np.logaddexp(0.0, logits) - answers * logits)).sum()
        prior = _PRIOR_ROWS * (np.logaddexp(0.0, bias) - 0.5 * bias).sum()
        residual = asked * (expit(logits) - answers)
        gradient = np.concatenate(
            [
                (z.T @ residual + strength * d * weights).ravel(),
                residual.sum(axis=0) + _PRIOR_ROWS * (expit(bias) - 0.5),
            ]
        )
        return float(data + prior + 0.5 * strength * d * (weights**2).sum()) / n, gradient / n

    with threadpool_limits(limits=1, user_api="blas"):
        found = minimize(
            loss_and_gradient,
            np.zeros((d + 1) * k),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": max_iterations, "gtol": 1e-5, "ftol": 1e-9},
        )
    flat = found.x.astype(np.float32)
    return CornHead(mean, scale, flat[: d * k].reshape(d, k), flat[d * k :])
