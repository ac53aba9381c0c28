"""Photos on which the members of an ensemble differ."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility, Pool, Why
from classifier.core.acquisition.entropy import shannon
from classifier.core.contracts import Array


def mutual_information(member_probas: Array) -> Array:
    """What a label would tell about which member is right, in nats (BALD).

    The entropy of the mean distribution less the mean entropy: high where members are sure and differ, zero where all
    are unsure in the same way, as of a photo that nobody could tell.

    Parameters
    ----------
    member_probas : ndarray of shape (M, n, K)

    Returns
    -------
    ndarray of shape (n,)
        Within 0..log M.

    References
    ----------
    .. [1] Houlsby et al., "Bayesian Active Learning for Classification and Preference Learning", arXiv:1112.5745, 2011.
    .. [2] Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
       NeurIPS 2017 (members in place of posterior samples).
    """
    members = np.asarray(member_probas, dtype=np.float64)
    return np.maximum(shannon(members.mean(axis=0)) - shannon(members).mean(axis=0), 0.0)


def _explain(pool: Pool, rows: Array) -> list[Why]:
    """Facts: ``first`` the stage most members name, ``named_by`` how many, ``of`` all, ``second`` the next stage."""
    members = pool.needed("member_probas")[:, rows]
    n_stages = members.shape[2]
    reasons = []
    for votes in members.argmax(axis=2).T:
        named = np.bincount(votes, minlength=n_stages)
        first, second = np.argsort(-named, kind="stable")[:2]
        facts = {"first": float(first), "named_by": float(named[first]), "of": float(len(votes))}
        if named[second]:
            facts["second"] = float(second)
        reasons.append(Why("disagree", None, facts))
    return reasons


BALD = ByUtility("bald", ("member_probas",), lambda pool: mutual_information(pool.needed("member_probas")), _explain)
