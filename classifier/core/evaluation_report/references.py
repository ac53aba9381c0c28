"""The same predictions against different labels: of one expert, of all together, and known for sure."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import GroupResamples


@dataclasses.dataclass(frozen=True, slots=True)
class References:
    """What people said of the n photos one by one.

    Parameters
    ----------
    rows : ndarray of shape (m,), int
        Photo of each answer.
    positions : ndarray of shape (m,), int
        Stage it names.
    is_gold : ndarray of shape (n,), bool
        Photos whose stage was adjudicated or is known.
    """

    rows: Array
    positions: Array
    is_gold: Array

    @classmethod
    def none(cls, n: int) -> References:
        """Nothing but the consensus is known."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(n, bool))

    def expert_pairs(self) -> tuple[Array, Array]:
        """Every two answers to one photo: their stages, (p, 2), and the photo of each pair, (p,)."""
        order = np.argsort(self.rows, kind="stable")
        rows, positions = self.rows[order], self.positions[order]
        pairs, photos = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
        # Answers of a photo lie side by side: those `step` apart make pairs, until no photo has so many.
        for step in range(1, int(np.bincount(rows).max()) if len(rows) else 0):
            same = rows[step:] == rows[:-step]
            pairs.append(np.stack([positions[:-step][same], positions[step:][same]], axis=1))
            photos.append(rows[step:][same])
        return np.concatenate(pairs), np.concatenate(photos)


def accuracy_by_labels(
    predicted: Array, truth: Array, references: References, groups: Array, resamples: GroupResamples, *, seed: int
) -> dict[str, Any]:
    """Score predictions against each kind of label, beside what experts reach among themselves.

    Parameters
    ----------
    predicted, truth : ndarray of shape (n,), int
        The truth is the consensus.
    references : References
    groups : ndarray of shape (n,)
    resamples : GroupResamples
        Of the photos.
    seed : int
        Of further draws.

    Returns
    -------
    dict
        ``against``: {labels, n, accuracy} for "single_expert" (every answer counts), "consensus" and "gold"; accuracy
        None without labels. ``experts``: how often two experts name the same stage for one photo (the ceiling of what
        can be read against a single expert's labels without guessing that expert's slips), with the number of pairs
        and photos. ``consensus_on_single``: what naming the consensus itself would read against single experts.
    """
    by_answer = _draws(references.rows, groups, resamples, seed)
    hits = predicted[references.rows] == references.positions
    of_consensus = truth[references.rows] == references.positions
    pairs, photos = references.expert_pairs()
    agree = _draws(photos, groups, resamples, seed).mean(pairs[:, 0] == pairs[:, 1])
    correct = predicted == truth
    return {
        "against": [
            {"labels": "single_expert", "n": len(references.rows), "accuracy": by_answer.mean(hits)},
            {"labels": "consensus", "n": len(truth), "accuracy": resamples.mean(correct)},
            {
                "labels": "gold",
                "n": int(references.is_gold.sum()),
                "accuracy": resamples.mean(correct, references.is_gold),
            },
        ],
        "experts": {"agreement": agree, "n_pairs": len(pairs), "n_photos": len(np.unique(photos))},
        "consensus_on_single": by_answer.mean(of_consensus),
    }


def _draws(rows: Array, groups: Array, resamples: GroupResamples, seed: int) -> GroupResamples:
    """Draws of the groups of answers instead of photos."""
    return GroupResamples(np.asarray(groups)[rows], n_resamples=len(resamples.weights), random_state=seed)
