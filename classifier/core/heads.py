"""The light head: multinomial logistic regression on soft ordinal targets.

Fitted in a fraction of a second on cached embeddings, it is what makes the queue follow the experts' last decisions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from classifier.core.contracts import Array
from classifier.core.metrics import negative_log_likelihood
from classifier.core.ordinal import soft_targets
from classifier.core.pooling import softmax
from classifier.core.splits import TooFewGroups, fold_pairs, grouped_folds

#: Strengths tried by cross-validation; see `fit_head` for their meaning.
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)
DEFAULT_STRENGTH = 0.5
DEFAULT_TAU = 0.4


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """A fitted linear head.

    Parameters
    ----------
    mean, scale : ndarray of shape (d,)
        Standardisation learned from the training rows.
    weights : ndarray of shape (d, K)
    bias : ndarray of shape (K,)
    strength : float
        Inverse variance of the logits it was fitted with.
    """

    mean: Array
    scale: Array
    weights: Array
    bias: Array
    strength: float

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return len(self.bias)

    def predict_proba(self, X: Array) -> Array:
        """Distributions of shape (n, K) for vectors of shape (n, d)."""
        return softmax((self.embed(X) @ self.weights + self.bias).astype(np.float64))

    def embed(self, X: Array) -> Array:
        """Standardised vectors, float32 of shape (n, d), which the head separates linearly."""
        if X.shape[1] != len(self.mean):
            raise ValueError(f"vectors have {X.shape[1]} numbers, the head was fitted on {len(self.mean)}")
        return (np.asarray(X, dtype=np.float32) - self.mean) / self.scale

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``; the inverse of `from_arrays`."""
        return {
            "mean": self.mean,
            "scale": self.scale,
            "weights": self.weights,
            "bias": self.bias,
            "strength": np.array(self.strength),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Head:
        """Rebuild a head from `to_arrays`."""
        return cls(
            mean=arrays["mean"],
            scale=arrays["scale"],
            weights=arrays["weights"],
            bias=arrays["bias"],
            strength=float(arrays["strength"]),
        )


def fit_head(
    X: Array,
    targets: Array,
    *,
    groups: Array | None = None,
    strength: float | None = DEFAULT_STRENGTH,
    tau: float = DEFAULT_TAU,
    is_ordered: bool = True,
    max_iterations: int = 200,
    random_state: int = 0,
) -> Head:
    """Fit the head by L-BFGS.

    Minimises the summed cross-entropy + strength * d / 2 * ||W||² over standardised features: before any photo the
    logits have variance 1 / strength, whatever the number of features d. One strength so serves every backbone and
    any number of photos.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Embeddings, any float type.
    targets : ndarray of shape (n, K)
        Label distributions.
    groups : ndarray of shape (n,), optional
        Needed when `strength` is None.
    strength : float or None
        None chooses among `STRENGTHS` by grouped cross-validation; too few groups fall back to the default.
    tau : float
        Ordinal smoothing in stages; see ``classifier.core.ordinal``.
    is_ordered : bool
    max_iterations : int
    random_state : int
        Of the folds.

    Returns
    -------
    Head

    References
    ----------
    .. [1] Diaz and Marathe, "Soft Labels for Ordinal Regression", CVPR 2019.
    """
    if len(X) == 0:
        raise ValueError("a head needs at least one labelled photo")
    if strength is None:
        strength = _choose_strength(X, targets, groups, tau=tau, is_ordered=is_ordered, random_state=random_state)
    smooth = soft_targets(targets, tau, is_ordered=is_ordered)
    X = np.asarray(X, dtype=np.float32)
    mean = X.mean(axis=0)
    deviation = X.std(axis=0)
    # A feature that never moves carries nothing; dividing by one keeps it harmless on new photos.
    scale = np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32)
    standardised = (X - mean) / scale
    weights, bias = _minimise(standardised, smooth, strength, max_iterations)
    return Head(mean=mean, scale=scale, weights=weights, bias=bias, strength=float(strength))


def _minimise(X: Array, targets: Array, strength: float, max_iterations: int) -> tuple[Array, Array]:
    n, d = X.shape
    k = targets.shape[1]
    penalty = strength * d / n
    start = np.zeros((d + 1) * k)
    # Starting the bias at the class frequencies spares the first iterations.
    start[d * k :] = np.log(np.clip(targets.mean(axis=0), 1e-6, None))

    def loss_and_gradient(flat: Array) -> tuple[float, Array]:
        weights = flat[: d * k].reshape(d, k).astype(np.float32)
        logits = X @ weights + flat[d * k :].astype(np.float32)
        logits -= logits.max(axis=1, keepdims=True)
        exponent = np.exp(logits)
        total = exponent.sum(axis=1, keepdims=True)
        residual = exponent / total - targets
        data = float((np.log(total[:, 0]) - (targets * logits).sum(axis=1)).mean())
        gradient = np.empty_like(flat)
        gradient[: d * k] = (X.T @ residual / n + penalty * weights).ravel()
        gradient[d * k :] = residual.mean(axis=0)
        return data + 0.5 * penalty * float((weights * weights).sum()), gradient

    # Matrices this thin lose a tenfold to a threaded BLAS that fights other processes for two cores.
    with threadpool_limits(limits=1, user_api="blas"):
        found = minimize(
            loss_and_gradient,
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": max_iterations, "gtol": 1e-4, "ftol": 1e-6},
        )
    flat = found.x.astype(np.float32)
    return flat[: d * k].reshape(d, k), flat[d * k :]


def out_of_fold_head_probas(
    X: Array,
    targets: Array,
    folds: Sequence[tuple[Array, Array]],
    *,
    strength: float = DEFAULT_STRENGTH,
    tau: float = DEFAULT_TAU,
    is_ordered: bool = True,
    max_iterations: int = 200,
) -> Array:
    """Score every photo by a head that has not seen its group.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    targets : ndarray of shape (n, K)
    folds : sequence of (training rows, validation rows)
        As ``splits.fold_pairs`` gives them; together the validation rows cover all n.
    strength, tau, is_ordered, max_iterations
        As for `fit_head`.

    Returns
    -------
    ndarray of shape (n, K)
    """
    probas = np.zeros(targets.shape)
    for train, validation in folds:
        head = fit_head(
            X[train],
            targets[train],
            strength=strength,
            tau=tau,
            is_ordered=is_ordered,
            max_iterations=max_iterations,
        )
        probas[validation] = head.predict_proba(X[validation])
    return probas


def _choose_strength(
    X: Array, targets: Array, groups: Array | None, *, tau: float, is_ordered: bool, random_state: int
) -> float:
    if groups is None:
        raise ValueError("choosing a strength needs groups")
    try:
        folds = fold_pairs(grouped_folds(targets.argmax(axis=1), groups, n_folds=3, random_state=random_state))
    except TooFewGroups:
        return DEFAULT_STRENGTH
    # Judged on smoothed targets, as the temperature comes later; few iterations suffice to rank strengths.
    judged = soft_targets(targets, tau, is_ordered=is_ordered)
    losses = [
        negative_log_likelihood(
            out_of_fold_head_probas(
                X, targets, folds, strength=strength, tau=tau, is_ordered=is_ordered, max_iterations=60
            ),
            judged,
        )
        for strength in STRENGTHS
    ]
    return STRENGTHS[int(np.argmin(losses))]
