"""The consensus policy of a project, applied to annotations: what ``domain/consensus.py`` is asked, and with what.

The model's opinion is the one that was stored with the annotations when they were made: by then the photo had no
consensus, so no model had been trained on it. What a later model says of the photo it was taught.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from labeling.domain.consensus import AskMore, Opinion, OpinionKind, Policy, Verdict, decide, opinion_between
from labeling.domain.posterior import Panel
from labeling.models import Annotation, Membership, Project, Role, StageScale
from labeling.selectors.annotator_quality import Author, panel_of
from labeling.selectors.scales import StagesNow

ANSWERING_ROLES = [role for role in Role if role.includes(Role.EXPERT)]


class ProjectPolicy:
    """What follows from annotations by the rules of one project.

    Reads the annotators' quality once, and only where the project wants a certainty.
    """

    def __init__(self, *, project: Project, scale: StageScale, n_stages: int) -> None:
        self._project = project
        self._scale = scale
        self._n_stages = n_stages
        self._policy = Policy(
            labels_wanted=project.labels_wanted,
            labels_max=project.labels_max,
            certainty_wanted=project.certainty_wanted,
            critical_boundaries=frozenset(project.critical_boundaries),
        )

    def verdict(self, *, annotations: Sequence[Annotation], is_held_out: bool) -> Verdict:
        """The verdict on one photo.

        Args:
            annotations: those that count, with ``stage`` and ``stage_upper`` loaded, oldest first.
            is_held_out: whether the photo judges models; their opinion must then play no part.
        """
        said = [(it, opinion) for it in annotations if (opinion := self.opinion(it)) is not None]
        return self.verdict_on(
            opinions=[opinion for _, opinion in said],
            authors=[(it.annotator_id, it.source) for it, _ in said],
            probabilities=[] if is_held_out else self.probabilities_shown([self.shown(it) for it, _ in said]),
        )

    def readable(self, annotations: Sequence[Annotation]) -> list[Annotation]:
        """Those that say something on this scale; of a stage that was split since it cannot be told what."""
        return [it for it in annotations if self.opinion(it) is not None]

    def has_enough(self, n_opinions: int) -> bool:
        """Whether a photo has as many opinions as every photo gets."""
        return n_opinions >= self._policy.labels_wanted

    def verdict_on(
        self,
        *,
        opinions: Sequence[Opinion],
        authors: Sequence[Author],
        probabilities: Sequence[float],
        is_settled: bool = False,
    ) -> Verdict:
        """The verdict on opinions by their authors.

        Args:
            opinions: what was said.
            authors: by whom, in the same order.
            probabilities: the model's, or empty.
            is_settled: whether the photo is settled already; then the least number of opinions is not asked for: a new
                one is for photos that are not.
        """
        policy = self._policy
        if policy.certainty_wanted is None:
            return self._decide(opinions, policy, None)
        if is_settled:
            policy = replace(policy, labels_wanted=min(policy.labels_wanted, len(opinions)), labels_max=policy.most)
        named = [(it.interval, author) for it, author in zip(opinions, authors, strict=True) if it.interval is not None]
        posterior = None
        if named:
            posterior = self._panel.posterior(
                authors=[author for _, author in named],
                intervals=[interval for interval, _ in named],
                probabilities=probabilities,
                vote_cap=self._project.model_vote_cap,
            )
        verdict = self._decide(opinions, policy, posterior)
        has_least = len(opinions) >= policy.labels_wanted
        if isinstance(verdict, AskMore) and has_least and 0 < self._n_experts <= len(opinions):
            # All who could be asked have answered; waiting for one more would be waiting for ever.
            return self._decide(opinions, replace(policy, labels_max=len(opinions)), posterior)
        return verdict

    def probabilities_shown(self, shown: Sequence[dict[str, Any]]) -> list[float]:
        """The model's probabilities as stored with the latest annotation that has any; empty without a model."""
        for it in reversed(shown):
            stored = it.get("probabilities") or []
            if len(stored) == self._n_stages:
                return list(stored)
            position, confidence = it.get("position"), it.get("confidence")
            if confidence is not None and position is not None and 0 <= position < self._n_stages:
                rest = (1 - confidence) / (self._n_stages - 1)
                return [confidence if k == position else rest for k in range(self._n_stages)]
        return []

    def _decide(self, opinions: Sequence[Opinion], policy: Policy, posterior: list[float] | None) -> Verdict:
        return decide(
            opinions,
            n_stages=self._n_stages,
            is_ordered=self._scale.is_ordered,
            policy=policy,
            posterior=posterior,
        )

    def opinion(self, annotation: Annotation) -> Opinion | None:
        """What an annotation says on this scale; None where that cannot be told without looking again."""
        if annotation.stage is None:
            return Opinion(OpinionKind(annotation.kind))
        named = [it for it in (annotation.stage, annotation.stage_upper) if it is not None]
        positions = [it.position for stage in named if (it := self._now.of(stage)) is not None]
        if len(positions) < len(named):
            return None
        return opinion_between(*positions, is_ordered=self._scale.is_ordered)

    def shown(self, annotation: Annotation) -> dict[str, Any]:
        """What was stored of the model's opinion, as far as it speaks of the stages of this scale."""
        if annotation.stage is None or annotation.stage.scale_id == self._scale.pk:
            return annotation.shown
        return self._now.shown(annotation.shown, annotation.stage.scale_id)

    @cached_property
    def _now(self) -> StagesNow:
        return StagesNow(scale_id=self._scale.pk)

    @cached_property
    def _panel(self) -> Panel[Author]:
        return panel_of(scale=self._scale, n_stages=self._n_stages)

    @cached_property
    def _n_experts(self) -> int:
        return Membership.objects.filter(project=self._project, role__in=ANSWERING_ROLES, user__is_active=True).count()
