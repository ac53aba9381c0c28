"""The labelling of a simulated project, as many opinions as it takes; see ``study_consensus``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.consensus_world import World
from labeling.domain.annotator_model import Fit, Opinions, fit_annotators
from labeling.domain.consensus import Adjudicate, AskMore, Policy, Settled, Verdict, decide
from labeling.domain.posterior import Panel
from labeling.synthetic.scale import N_STAGES

VOTE_CAP = 0.5
ESTIMATE_EVERY = 500
"""Opinions after which the annotators are estimated anew."""


def opinions_of(world: World, rows: Sequence[tuple[int, int]]) -> Opinions:
    """The opinions (photo, expert) that name a stage, as the annotator model reads them."""
    photo, expert = np.array(rows, np.intp).reshape(-1, 2).T
    code = world.code[photo, expert]
    named = code >= 0
    nothing_known = np.full(len(world.truth), -1)
    return Opinions(photo[named], expert[named], code[named], nothing_known, world.n_experts, N_STAGES)


def panel_of(fit: Fit) -> Panel[int]:
    """What decisions know of the experts."""
    return Panel(range(len(fit.is_identified)), fit.models, fit.models.mean())


def posterior_of(world: World, panel: Panel[int], photo: int, experts: Sequence[int]) -> list[float] | None:
    """As the product works it out at a decision; None when nobody names a stage."""
    named = [(expert, it) for expert in experts if (it := world.opinion(photo, expert).interval) is not None]
    if not named:
        return None
    return panel.posterior(
        authors=[expert for expert, _ in named],
        intervals=[it for _, it in named],
        probabilities=world.probabilities[photo].tolist(),
        vote_cap=VOTE_CAP,
    )


@dataclass
class _Photo:
    """One photo on its way: who answered, in order, and what follows."""

    verdict: Verdict
    experts: list[int] = field(default_factory=list)


class Labelling:
    """Photos asked in random order, each by whoever is at hand, until none wants another opinion.

    After ``ESTIMATE_EVERY`` opinions the annotators are estimated and settled photos looked at again. What went to an
    adjudicator stays there.
    """

    def __init__(self, world: World, policy: Policy) -> None:
        self.world, self.policy = world, policy
        self.rows: list[tuple[int, int]] = []
        self.photos = [_Photo(AskMore(policy.labels_wanted)) for _ in world.truth]
        self.n_came_back = 0
        self._rng = np.random.default_rng([world.seed, 3])
        self._estimate()

    def run(self) -> None:
        """Label until nothing is left to ask."""
        while waiting := [k for k, photo in enumerate(self.photos) if isinstance(photo.verdict, AskMore)]:
            for index in self._rng.permutation(waiting):
                self._ask(int(index))
                if len(self.rows) % ESTIMATE_EVERY == 0:
                    self._estimate()
            self._estimate()

    def _ask(self, index: int) -> None:
        photo = self.photos[index]
        if isinstance(photo.verdict, AskMore):
            free = [expert for expert in range(self.world.n_experts) if expert not in photo.experts]
            photo.experts.append(int(self._rng.choice(free)))
            self.rows.append((index, photo.experts[-1]))
            photo.verdict = self._verdict(index)

    def _estimate(self) -> None:
        self.fit = fit_annotators(opinions_of(self.world, self.rows))
        self.panel = panel_of(self.fit)
        for index, photo in enumerate(self.photos):
            if photo.experts and not isinstance(photo.verdict, Adjudicate):
                was_settled = isinstance(photo.verdict, Settled)
                photo.verdict = self._verdict(index)
                self.n_came_back += was_settled and isinstance(photo.verdict, AskMore)

    def _verdict(self, index: int) -> Verdict:
        experts = self.photos[index].experts
        return decide(
            [self.world.opinion(index, expert) for expert in experts],
            n_stages=N_STAGES,
            is_ordered=True,
            policy=self.policy,
            posterior=posterior_of(self.world, self.panel, index, experts),
        )
