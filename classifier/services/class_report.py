"""The report on a project's classes: which are told apart, which are several, and what to do about it.

``ClassReport.content``::

    {"n_labelled", "n_used", "n_twice": photos with two opinions, "accuracy": of the model or null,
     "pairs": [{"first", "second", "n": [n, n], "auc", "agreement", "purity": {value, low, high, n} or null,
                "attainable", "separability", "confusion"}],
     "stages": [{"stage", "n", "split": null or {"n_parts", "shares", "silhouette", "bridge", "stability", "explained",
                 "is_split"}}],
     "proposals": [{"kind", "stages", "sides": [[photo ids], ...], "effect": null or {...}}],
     "partitions": [{"parts", "bits", "possible_bits", "accuracy"}]} the efficient ones

Positions are those of the scale the report was made on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import structlog
from django.utils import timezone

from classifier.core.class_structure import (
    Interval,
    PairEvidence,
    Proposal,
    SplitEvidence,
    agglomerative_partitions,
    contiguous_partitions,
    pair_proposal,
    pair_table,
    score_partitions,
    split_proposal,
    split_test,
)
from classifier.core.class_structure.partitions import MOST_STAGES
from classifier.models import ClassReport
from classifier.services.class_evidence import TIMES, ClassEvidence, class_evidence
from classifier.services.locks import LockSpace, advisory_lock
from labeling.selectors.projects import current_scale

logger = structlog.get_logger(__name__)

MOST_PARTITIONS = 12
DECIMALS = 4
ERROR_LENGTH = 500
State = ClassReport.State


def class_report_build(*, project_id: int, feature_space: str) -> ClassReport | None:
    """Compute the report that was asked for; None when none was, or when another worker is at it.

    A worker that dies leaves it RUNNING without a heartbeat, and the next one takes it.
    """
    with advisory_lock(LockSpace.CLASS_REPORT, project_id) as is_ours:
        report = ClassReport.objects.filter(project_id=project_id).first()
        if not is_ours or report is None or report.state not in {State.WAITING, State.RUNNING}:
            return None
        rows = ClassReport.objects.filter(project_id=project_id)
        rows.update(state=State.RUNNING, heartbeat_at=timezone.now(), progress=0.0)
        try:
            _build(
                report,
                feature_space,
                lambda share: rows.update(progress=share, heartbeat_at=timezone.now()),
            )
        except Exception as error:
            rows.update(state=State.FAILED, error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH], heartbeat_at=None)
            raise
    return rows.get()


def _build(report: ClassReport, feature_space: str, on_progress: Callable[[float], object]) -> None:
    scale = current_scale(project_id=report.project_id)
    n_stages, seed = len(scale.stages.all()), report.project.seed
    evidence = class_evidence(scale=scale, n_stages=n_stages, feature_space=feature_space, random_state=seed)
    on_progress(0.1)
    pairs = pair_table(
        evidence.X, evidence.labels, evidence.groups, n_stages, confusion=evidence.confusion,
        opinions=evidence.opinions, is_ordered=scale.is_ordered, random_state=seed,
    )  # fmt: skip
    on_progress(0.5)
    splits = []
    for stage in range(n_stages):
        splits.append(
            split_test(
                evidence.X, evidence.labels, evidence.groups, stage, metadata=evidence.metadata,
                may_follow=(TIMES,) if scale.is_ordered else (), random_state=seed,
            )
        )  # fmt: skip
        on_progress(0.5 + 0.5 * (stage + 1) / n_stages)
    content = _content(evidence, pairs, splits, n_stages, is_ordered=scale.is_ordered)
    ClassReport.objects.filter(project_id=report.project_id).update(
        state=State.READY, progress=1.0, error="", heartbeat_at=None, computed_at=timezone.now(), scale=scale,
        model_version=evidence.version, content=content,
    )  # fmt: skip
    logger.info("class_report_built", project=report.project_id, proposals=len(content["proposals"]))


def _content(
    evidence: ClassEvidence,
    pairs: list[PairEvidence],
    splits: list[SplitEvidence | None],
    n_stages: int,
    *,
    is_ordered: bool,
) -> dict[str, Any]:
    confusion = evidence.confusion
    told = [pair_proposal(pair, confusion) for pair in pairs]
    told += [split_proposal(split, confusion) for split in splits if split is not None]
    counts = np.bincount(evidence.labels, minlength=n_stages)
    return {
        "n_labelled": evidence.n_labelled,
        "n_used": len(evidence.labels),
        "n_twice": evidence.n_twice,
        "accuracy": _accuracy(confusion),
        "pairs": [_pair(pair) for pair in pairs],
        "stages": [
            {"stage": stage, "n": int(counts[stage]), "split": None if split is None else _split(split)}
            for stage, split in enumerate(splits)
        ],
        "proposals": [_proposal(it, evidence) for it in told if it is not None],
        "partitions": _partitions(confusion, n_stages, is_ordered=is_ordered),
    }


def _accuracy(confusion: Any) -> float | None:
    return None if confusion is None or not confusion.sum() else float(np.trace(confusion) / confusion.sum())


def _pair(pair: PairEvidence) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "n": list(pair.n_photos),
        "auc": _interval(pair.auc),
        "agreement": _interval(pair.agreement),
        "purity": _interval(pair.purity),
        "attainable": round(pair.attainable_auc, DECIMALS),
        "separability": round(pair.separability, DECIMALS) if pair.auc.n else None,
        "confusion": None if math.isnan(pair.confusion) else round(pair.confusion, DECIMALS),
    }


def _split(split: SplitEvidence) -> dict[str, Any]:
    shares = np.bincount(split.parts) / len(split.parts)
    return {
        "n_parts": split.n_parts,
        "shares": [round(float(share), DECIMALS) for share in shares],
        "silhouette": round(split.silhouette, DECIMALS),
        "bridge": round(split.bridge, DECIMALS),
        "stability": _interval(split.stability),
        "explained": {name: round(value, DECIMALS) for name, value in split.explained.items()},
        "is_split": split.is_split,
    }


def _interval(figure: Interval) -> dict[str, Any] | None:
    if not figure.n:
        return None
    return {**{name: round(float(getattr(figure, name)), DECIMALS) for name in ("value", "low", "high")}, "n": figure.n}


def _proposal(it: Proposal, evidence: ClassEvidence) -> dict[str, Any]:
    return {
        "kind": it.kind,
        "stages": list(it.stages),
        "sides": [evidence.photo_ids[rows].tolist() for rows in it.examples],
        "effect": None if it.effect is None else {k: round(v, DECIMALS) for k, v in asdict(it.effect).items()},
    }


def _partitions(confusion: Any, n_stages: int, *, is_ordered: bool) -> list[dict[str, Any]]:
    """Coarser scales that nothing beats, the finest first."""
    if confusion is None or not confusion.sum() or n_stages > MOST_STAGES:
        return []
    partitions = contiguous_partitions(n_stages) if is_ordered else agglomerative_partitions(confusion)
    scored = [it for it in score_partitions(confusion, partitions) if it.is_efficient and len(it.parts) > 1]
    return [
        {
            "parts": [list(part) for part in it.parts],
            "bits": round(it.bits, DECIMALS),
            "possible_bits": round(it.possible_bits, DECIMALS),
            "accuracy": round(it.accuracy, DECIMALS),
        }
        for it in scored[:MOST_PARTITIONS]
    ]
