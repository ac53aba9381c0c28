"""Looking again at what experts settled, once it is known better how good they are.

Only where the project wants a certainty: votes weigh the same whoever gave them. Gold and what an adjudicator settled
stay. Every photo is judged here without a lock, by the same rules as at a decision; one whose verdict has changed is
judged again under its lock, where it is settled anew, asked again or handed to an adjudicator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from labeling.domain.consensus import AskMore, Opinion, Settled, Verdict
from labeling.models import Adjudication, Annotation, Consensus, Photo, Project, QueueEntry, StageScale
from labeling.selectors.annotator_quality import Author
from labeling.services.consensus import consensus_update
from labeling.services.consensus_policy import ProjectPolicy

CHUNK = 1000
MOVED = 0.05
"""A certainty that moved by less is left as it is: every estimate moves all of them a little, and each change of a
consensus has models look at it anew."""


def consensuses_reexamine(
    *, project: Project, scale: StageScale, n_stages: int, on_progress: Callable[[float], None] = lambda _: None
) -> int:
    """Bring the consensuses of a project in line with its annotators' quality; returns how many photos were touched.

    Photos that are answered in part are looked at too: their policy may have changed. Safe to repeat, and to stop and
    begin again: a photo that is in line is passed over.
    """
    policy = ProjectPolicy(project=project, scale=scale, n_stages=n_stages)
    photos = _photos(project)
    n_photos, n_seen, n_moved, last = photos.count(), 0, 0, 0
    while chunk := list(photos.filter(pk__gt=last).order_by("pk").values_list("pk", "is_held_out")[:CHUNK]):
        last = chunk[-1][0]
        held_out = {photo_id for photo_id, is_held_out in chunk if is_held_out}
        for photo_id, case in _cases(policy, [photo_id for photo_id, _ in chunk]).items():
            if _has_moved(policy, case, is_held_out=photo_id in held_out):
                consensus_update(photo_id=photo_id)
                n_moved += 1
        n_seen += len(chunk)
        on_progress(min(n_seen / max(n_photos, 1), 1.0))
    return n_moved


@dataclass
class _Case:
    """One photo as it stands: who said what, and what was made of it."""

    opinions: list[Opinion] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    consensus: tuple[str, int | None, float] | None = None
    wanted: int | None = None


def _photos(project: Project) -> Any:
    """Photos with annotations that neither gold nor an adjudicator has settled; settled ones only if it matters."""
    settled = Consensus.objects.filter(photo=OuterRef("pk"))
    if project.certainty_wanted is not None:
        settled = settled.filter(Q(is_gold=True) | Q(is_adjudicated=True))
    before_adjudicator = Adjudication.objects.filter(photo=OuterRef("pk"), state=Adjudication.State.OPEN)
    return Photo.objects.ready().filter(
        Exists(Annotation.objects.standing().filter(photo=OuterRef("pk"))),
        ~Exists(settled),
        ~Exists(before_adjudicator),
        project=project,
    )


def _cases(policy: ProjectPolicy, photo_ids: Sequence[int]) -> dict[int, _Case]:
    """The photos of a chunk as they stand, in four queries."""
    cases: dict[int, _Case] = defaultdict(_Case)
    rounds = dict(Adjudication.objects.filter(photo__in=photo_ids).values_list("photo_id", "round"))
    annotations = Annotation.objects.standing().filter(photo__in=photo_ids).order_by("id")
    for it in annotations.select_related("stage", "stage_upper"):
        opinion = policy.opinion(it)
        if opinion is not None and it.round == rounds.get(it.photo_id, 1):
            case = cases[it.photo_id]
            case.opinions.append(opinion)
            case.authors.append((it.annotator_id, it.source))
            case.shown.append(policy.shown(it))
    consensuses = Consensus.objects.filter(photo__in=photo_ids)
    for photo_id, outcome, position, quality in consensuses.values_list(
        "photo_id", "outcome", "stage__position", "consensus_quality"
    ):
        cases[photo_id].consensus = (outcome, position, quality)
    entries = QueueEntry.objects.filter(photo__in=photo_ids).annotate(slots=F("open_slots") + Count("reservations"))
    for photo_id, slots in entries.values_list("photo_id", "slots"):
        cases[photo_id].wanted = slots + len(cases[photo_id].opinions)
    return cases


def _has_moved(policy: ProjectPolicy, case: _Case, *, is_held_out: bool) -> bool:
    verdict = policy.verdict_on(
        opinions=case.opinions,
        authors=case.authors,
        probabilities=[] if is_held_out else policy.probabilities_shown(case.shown),
        is_settled=case.consensus is not None,
    )
    if case.consensus is None:
        return not isinstance(verdict, AskMore) or verdict.wanted != case.wanted
    return _differs(verdict, case.consensus, has_enough=policy.has_enough(len(case.opinions)))


def _differs(verdict: Verdict, stands: tuple[str, int | None, float], *, has_enough: bool) -> bool:
    """Whether a verdict is another than what stands; a certainty that moved is written only where it would stay."""
    outcome, stage, quality = stands
    if not isinstance(verdict, Settled) or (verdict.outcome, verdict.stage) != (outcome, stage):
        return True
    return has_enough and abs(verdict.consensus_quality - quality) > MOVED
