"""Classes re-thought: which pairs are told apart, which classes are several, and what to do about it."""

from classifier.core.class_structure.measures import Interval, cramers_v
from classifier.core.class_structure.opinions import Opinions, pair_agreement
from classifier.core.class_structure.pairs import PairEvidence, pair_table
from classifier.core.class_structure.partitions import (
    ScoredPartition,
    agglomerative_partitions,
    contiguous_partitions,
    mapped_confusion,
    score_partitions,
)
from classifier.core.class_structure.proposals import Effect, Proposal, judge_pair, merge_effect, propose
from classifier.core.class_structure.subclusters import SplitEvidence, split_test

__all__ = [
    "Effect",
    "Interval",
    "Opinions",
    "PairEvidence",
    "Proposal",
    "ScoredPartition",
    "SplitEvidence",
    "agglomerative_partitions",
    "contiguous_partitions",
    "cramers_v",
    "judge_pair",
    "mapped_confusion",
    "merge_effect",
    "pair_agreement",
    "pair_table",
    "propose",
    "score_partitions",
    "split_test",
]
