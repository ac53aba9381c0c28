"""Classes re-thought: which pairs are told apart, which classes are several, and what to do about it."""

from classifier.core.class_structure.measures import Interval, cramers_v
from classifier.core.class_structure.opinions import Opinions, pair_agreement
from classifier.core.class_structure.pairs import PairEvidence, pair_table
from classifier.core.class_structure.partitions import (
    ScoredPartition,
    agglomerative_partitions,
    contiguous_partitions,
    score_partitions,
)
from classifier.core.class_structure.proposals import (
    Proposal,
    judge_pair,
    merge_effect,
    pair_proposal,
    propose,
    split_proposal,
)
from classifier.core.class_structure.subclusters import SplitEvidence, split_test
from classifier.core.mapped_figures import Effect, figures_mapped, mapped_confusion

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
    "figures_mapped",
    "judge_pair",
    "mapped_confusion",
    "merge_effect",
    "pair_agreement",
    "pair_proposal",
    "pair_table",
    "propose",
    "score_partitions",
    "split_proposal",
    "split_test",
]
