"""What to do about the classes: merge, split, write a guideline, or get more data."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np

from classifier.core.class_structure.measures import Interval
from classifier.core.class_structure.opinions import Opinions
from classifier.core.class_structure.pairs import PairEvidence, pair_table
from classifier.core.class_structure.subclusters import SplitEvidence, split_test
from classifier.core.contracts import Array
from classifier.core.mapped_figures import Effect, figures_mapped, information

Kind = Literal["merge", "split", "guideline", "more_data"]
#: Below this area the model fails to tell two classes apart.
AUC_BAR = 0.75
#: Below this agreement the experts fail.
AGREEMENT_BAR = 0.70
FEWEST_PHOTOS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal; a person decides.

    Parameters
    ----------
    kind : str
        ``merge``: neither the model nor the experts tell the two classes apart. ``guideline``: the pictures differ,
        the experts do not agree where. ``more_data``: the experts agree, the model does not follow, or there is too
        little to say. ``split``: one class is two or more.
    stages : tuple of int
        Positions concerned.
    evidence : PairEvidence or SplitEvidence
    effect : Effect or None
    examples : tuple of ndarrays of int
        Rows of both sides, clearest first.
    """

    kind: Kind
    stages: tuple[int, ...]
    evidence: PairEvidence | SplitEvidence
    effect: Effect | None
    examples: tuple[Array, ...]


def judge_pair(evidence: PairEvidence) -> Kind | None:
    """Decide what a pair of classes needs; None when it is in order or cannot be told yet.

    A bar counts as missed only when the whole interval lies below it.
    """
    if min(evidence.n_photos) < FEWEST_PHOTOS or not evidence.auc.n:
        return "more_data"
    experts_fail = evidence.agreement.high < AGREEMENT_BAR
    model_fails = evidence.auc.high < AUC_BAR
    if experts_fail:
        # Labels that experts disagree on hold any model down, the more so one that learned from them: what counts is
        # what it may reach of what they allow. Two people who cannot see a difference agree by chance only.
        is_seen = evidence.auc.low > 0.5 or evidence.agreement.low > 0.5
        if is_seen and evidence.most_separability >= AUC_BAR:
            return "guideline"
        return "merge" if model_fails else None
    if model_fails and evidence.agreement.low >= AGREEMENT_BAR:
        return "more_data"
    if model_fails and not evidence.agreement.n:
        return "more_data"
    return None


def propose(
    X: Array,
    labels: Array,
    groups: Array,
    n_stages: int,
    *,
    confusion: Array | None = None,
    opinions: Opinions | None = None,
    metadata: Mapping[str, Array] | None = None,
    may_follow: Collection[str] = (),
    is_ordered: bool = True,
    random_state: int = 0,
) -> list[Proposal]:
    """Look at all classes and pairs of classes.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Embeddings that were not trained on these labels.
    labels : ndarray of shape (n,), int
        Consensus positions; -1 where there is none.
    groups : ndarray of shape (n,)
    n_stages : int
        K.
    confusion : ndarray of shape (K, K), optional
        Of out-of-fold predictions, truth in rows; without it effects are not told.
    opinions : Opinions, optional
        Without them nothing is merged: that the experts fail, too, is then unknown.
    metadata : mapping of str to ndarray of shape (n,), optional
        Site, camera, week: what must not explain a split.
    may_follow : collection of str
        Columns of these that a split may follow, such as the week over an order.
    is_ordered : bool
        Over an order only neighbours are looked at.
    random_state : int

    Returns
    -------
    list of Proposal
        Pairs in scale order, then splits.
    """
    table = pair_table(
        X, labels, groups, n_stages, confusion=confusion, opinions=opinions, is_ordered=is_ordered,
        random_state=random_state,
    )  # fmt: skip
    proposals = [pair_proposal(evidence, confusion) for evidence in table]
    for stage in range(n_stages):
        split = split_test(
            X, labels, groups, stage, metadata=metadata, may_follow=may_follow, random_state=random_state
        )
        if split is not None:
            proposals.append(split_proposal(split, confusion))
    return [proposal for proposal in proposals if proposal is not None]


def split_proposal(split: SplitEvidence, confusion: Array | None) -> Proposal | None:
    """What the test of one class leads to; None when it is one class."""
    if not split.is_split:
        return None
    return Proposal("split", (split.stage,), split, split_effect(confusion, split), split.examples)


def pair_proposal(evidence: PairEvidence, confusion: Array | None) -> Proposal | None:
    """What the evidence on a pair leads to; None when it is in order or cannot be told yet."""
    kind = judge_pair(evidence)
    if kind is None:
        return None
    stages = (evidence.first, evidence.second)
    effect = merge_effect(confusion, [stages]) if kind == "merge" and confusion is not None else None
    return Proposal(kind, stages, evidence, effect, evidence.clear)


def merge_effect(confusion: Array, merged: Sequence[tuple[int, ...]]) -> Effect:
    """What merging does, by the present model's predictions mapped to the merged classes.

    Parameters
    ----------
    confusion : ndarray of shape (K, K)
        Of out-of-fold predictions, truth in rows.
    merged : sequence of tuples of int
        Classes that become one; the others stay.
    """
    inside = {stage for part in merged for stage in part}
    return figures_mapped(
        confusion, tuple(sorted([*merged, *((stage,) for stage in range(len(confusion)) if stage not in inside)]))
    )


def split_effect(confusion: Array | None, split: SplitEvidence) -> Effect | None:
    """What a split could tell at most; the present model cannot name the parts, so its own figures stay."""
    if confusion is None:
        return None
    confusion = np.asarray(confusion, dtype=np.float64)
    total = max(confusion.sum(), 1.0)
    counts = confusion.sum(axis=1)
    shares = np.bincount(split.parts) / len(split.parts)
    finer = np.concatenate([np.delete(counts, split.stage), counts[split.stage] * shares])
    accuracy, bits = float(np.trace(confusion) / total), information(confusion)
    return Effect(accuracy, accuracy, bits, bits, information(np.diag(counts)), information(np.diag(finer)))


def shown(figure: Interval) -> str:
    """A figure for people: "0.62 (0.55-0.69)", or "unknown"."""
    return f"{figure.value:.2f} ({figure.low:.2f}-{figure.high:.2f})" if figure.n else "unknown"
