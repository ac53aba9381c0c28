"""What a project needs next: a few steps, the most useful first.

The order is by what holds the rest up. Without photos there is nothing to label; what waits for a person is the
cheapest to mend; without a model there is no queue worth the name; then what makes the model better, worst first; then
what nobody can know yet. Each step is a code and its numbers: pages say it in words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

MOST_STEPS = 4
#: Fewer settled labels of a stage at a site than this are a gap.
FEW_LABELS = 10
#: A site with fewer photos than this is not asked for every stage.
SITE_COUNTS = 50
#: A boundary at which two experts agree less often than this wants a guideline ...
GOOD_AGREEMENT = 0.8
#: ... once so many photos with two opinions say so.
FEWEST_PAIRS = 20
#: Share of photos without a site or a date from which they are worth asking for.
MANY_UNPLACED = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class Gap:
    """Labels of one stage at one site (None: at all sites)."""

    stage: int
    site: int | None
    n_labels: int
    n_waiting: int


@dataclasses.dataclass(frozen=True, slots=True)
class Boundary:
    """How often two experts agree at the boundary of stages ``lower`` and ``lower + 1``, on ``n`` photos."""

    lower: int
    agreement: float
    n: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ceiling:
    """The promoted model and the experts against single experts' answers; ``high`` is of the model's interval."""

    accuracy: float
    high: float
    experts: float
    n_pairs: int


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What the rule goes by.

    Parameters
    ----------
    n_photos, n_waiting, n_adjudications : int
        Ready photos; those without a consensus; those before an adjudicator.
    has_model, is_training : bool
    n_missing : int
        Labels that a first training still wants.
    gaps : sequence of Gap
        Every stage over all sites, and at each site.
    boundaries : sequence of Boundary
        Empty without an order of stages.
    ceiling : Ceiling or None
        None where the model or the experts' agreement is not known.
    n_overlap : int
        Photos with two opinions.
    n_impossible : int
        Photos at odds with their plant's others.
    n_no_site, n_no_date : int
        Ready photos without one.
    """

    n_photos: int
    n_waiting: int
    n_adjudications: int
    has_model: bool
    is_training: bool
    n_missing: int
    gaps: Sequence[Gap]
    boundaries: Sequence[Boundary]
    ceiling: Ceiling | None
    n_overlap: int
    n_impossible: int
    n_no_site: int
    n_no_date: int


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One step. ``n`` is the number of its sentence; the others are set where they have a meaning."""

    code: str
    n: int = 0
    stage: int | None = None
    site: int | None = None
    n_labels: int | None = None
    share: float | None = None
    other_share: float | None = None


def next_steps(facts: Facts) -> list[Step]:
    """The first `MOST_STEPS` of what there is to do; no code comes twice."""
    if facts.n_photos == 0:
        return [Step("photos")]
    steps = [
        *_waiting(facts),
        *_model(facts),
        *_guideline(facts.boundaries),
        *_gap(facts.gaps),
        *_ceiling(facts.ceiling),
        *([Step("impossible", facts.n_impossible)] if facts.n_impossible else []),
        *([Step("overlap")] if facts.n_overlap == 0 else []),
        *_unplaced(facts),
    ]
    return steps[:MOST_STEPS]


def _waiting(facts: Facts) -> list[Step]:
    return [Step("adjudicate", facts.n_adjudications)] if facts.n_adjudications else []


def _model(facts: Facts) -> list[Step]:
    if facts.has_model or facts.is_training:
        return []
    return [Step("first_labels", facts.n_missing)] if facts.n_missing else [Step("first_model")]


def _guideline(boundaries: Sequence[Boundary]) -> list[Step]:
    poor = [it for it in boundaries if it.n >= FEWEST_PAIRS and it.agreement < GOOD_AGREEMENT]
    if not poor:
        return []
    worst = min(poor, key=lambda it: (it.agreement, it.lower))
    return [Step("guideline", worst.n, stage=worst.lower, share=worst.agreement)]


def _gap(gaps: Sequence[Gap]) -> list[Step]:
    """The scarcest stage over all sites, else at one site; among equals, the one that labels can mend at once."""
    scarce = [it for it in gaps if it.n_labels < FEW_LABELS]
    if not scarce:
        return []
    worst = min(scarce, key=lambda it: (it.site is not None, it.n_labels, -it.n_waiting, it.stage, it.site or 0))
    code = "label_gap" if worst.n_waiting else "photo_gap"
    return [Step(code, worst.n_waiting, stage=worst.stage, site=worst.site, n_labels=worst.n_labels)]


def _ceiling(ceiling: Ceiling | None) -> list[Step]:
    if ceiling is None or ceiling.n_pairs < FEWEST_PAIRS:
        return []
    at_ceiling = ceiling.high >= ceiling.experts
    code = "at_ceiling" if at_ceiling else "below_ceiling"
    return [Step(code, ceiling.n_pairs, share=ceiling.accuracy, other_share=ceiling.experts)]


def _unplaced(facts: Facts) -> list[Step]:
    worst = max(facts.n_no_site, facts.n_no_date)
    if worst < MANY_UNPLACED * facts.n_photos:
        return []
    return [Step("no_site" if facts.n_no_site >= facts.n_no_date else "no_date", worst)]
