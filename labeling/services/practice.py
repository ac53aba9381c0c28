"""Practising on photos of known stage: asking, grading at once, and deciding who counts.

Nothing here writes an annotation, a consensus or a queue entry.

Lock: the ANNOTATOR lock of who practises, so that a replay waits for its original and one question stands at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from labeling.domain.decisions import refused
from labeling.domain.errors import Conflict, DomainError
from labeling.domain.practice import Grade, KnownPhoto, grade_of, question_drawn, result_of
from labeling.models import GrowthStage, Membership, Photo, Practice, PracticeAnswer, Project, Role, User
from labeling.selectors.practice import Standing, known_photo, known_pool, round_of, rule_of, standing_of
from labeling.selectors.projects import current_stages
from labeling.services.locks import Lock, hold, scale_held

State = Practice.State


@dataclass(frozen=True)
class AnswerInput:
    """An answer as it comes from the page; stages are positions of the scale ``scale``."""

    key: UUID
    photo_id: int
    kind: str
    scale: int
    stage: int | None = None
    stage_upper: int | None = None
    elapsed_ms: int | None = None


@dataclass(frozen=True)
class Graded:
    """What is told at once: the grade, and the stage that is known."""

    grade: Grade
    known: int


@dataclass(frozen=True)
class Turn:
    """The photo that is asked now, None where none is known, and where the person stands."""

    photo: Photo | None
    standing: Standing


@transaction.atomic
def practice_turn(*, project: Project, user: User) -> Turn:
    """Draw the next question, the same until it is answered."""
    hold(Lock.ANNOTATOR, user.pk)
    practice, _ = Practice.objects.get_or_create(project=project, user=user)
    pool = known_pool(project=project, user_id=user.pk)
    asked = _asked(practice, pool)
    photo = None if asked is None else Photo.objects.get(pk=asked.photo_id)
    return Turn(photo, standing_of(project=project, user=user, pool=pool))


@transaction.atomic
def practice_answer(*, project: Project, user: User, answer: AnswerInput) -> Graded:
    """Grade an answer and say at once what is known. A key seen before gets the answer it got then.

    Who meets the rule by it counts from now on.

    Raises:
        Conflict: "practice_question_changed", another photo is asked; "scale_changed".
        DomainError: "unknown_stage", "not_adjacent" or "scale_unordered".
    """
    hold(Lock.ANNOTATOR, user.pk)
    earlier = PracticeAnswer.objects.filter(user=user, key=answer.key).select_related("known_stage").first()
    if earlier is not None:
        return Graded(Grade(earlier.grade), earlier.known_stage.position)
    practice, _ = Practice.objects.get_or_create(project=project, user=user)
    scale_held(project_id=project.pk)
    stages = list(current_stages(project_id=project.pk))
    if answer.scale != stages[0].scale_id:
        raise refused("scale_changed", Conflict)
    lower, upper = _named(answer, stages)
    asked = None
    if practice.asked_photo_id == answer.photo_id:
        asked = known_photo(project=project, user_id=user.pk, photo_id=answer.photo_id)
    if asked is None:
        raise Conflict("practice_question_changed", "Another photo is asked by now.")
    grade = grade_of(known=asked.stage, lower=lower, upper=upper, is_ordered=stages[0].scale.is_ordered)
    PracticeAnswer.objects.create(
        project=project, user=user, photo_id=asked.photo_id, key=answer.key, kind=answer.kind,
        stage=None if lower is None else stages[lower],
        stage_upper=None if upper is None else stages[upper],
        known_stage=stages[asked.stage], is_boundary=asked.is_boundary, grade=grade, elapsed_ms=answer.elapsed_ms,
    )  # fmt: skip
    practice.asked_photo = None
    if practice.state != State.COUNTS and _has_passed(practice):
        practice.state, practice.decided_at, practice.decided_by = State.COUNTS, timezone.now(), None
    practice.save()
    return Graded(grade, asked.stage)


@transaction.atomic
def practice_decide(*, membership: Membership, counts: bool, by: User) -> Practice:
    """Let an expert pass, or send them (back) to practise; a new round begins with being sent.

    What they hold meanwhile they may still answer; nothing more is handed out to them.

    Raises:
        DomainError: "practice_not_expert", only experts practise: others are trusted with more than that.
    """
    if membership.role != Role.EXPERT:
        raise DomainError("practice_not_expert", "Only experts are sent to practise.")
    hold(Lock.ANNOTATOR, membership.user_id)
    practice, _ = Practice.objects.get_or_create(project=membership.project, user=membership.user)
    state = State.COUNTS if counts else State.PRACTISING
    if practice.state == state:
        return practice
    now = timezone.now()
    practice.state, practice.decided_at, practice.decided_by = state, now, by
    if not counts:
        practice.since, practice.asked_photo = now, None
    practice.save()
    return practice


def _asked(practice: Practice, pool: list[KnownPhoto]) -> KnownPhoto | None:
    """The question that stands, or a new one where its photo is not known (or not for this person) any more."""
    standing = next((it for it in pool if it.photo_id == practice.asked_photo_id), None)
    if standing is not None:
        return standing
    drawn = question_drawn(
        pool, round_of(practice=practice), seed=f"{practice.project.seed}:{practice.user_id}:{practice.since}"
    )
    practice.asked_photo_id = None if drawn is None else drawn.photo_id
    practice.save(update_fields=["asked_photo"])
    return drawn


def _has_passed(practice: Practice) -> bool:
    given, project = round_of(practice=practice), practice.project
    if not result_of(given, rule_of(project=project, stages=frozenset())).has_passed:
        return False  # which stages are known is only read where it decides
    pool = known_pool(project=project, user_id=practice.user_id)
    return result_of(given, rule_of(project=project, stages=frozenset(it.stage for it in pool))).has_passed


def _named(answer: AnswerInput, stages: list[GrowthStage]) -> tuple[int | None, int | None]:
    if answer.kind == PracticeAnswer.Kind.CANNOT_TELL:
        return None, None
    named = [answer.stage] if answer.kind == PracticeAnswer.Kind.STAGE else [answer.stage, answer.stage_upper]
    positions = [it for it in named if it is not None and 0 <= it < len(stages)]
    if len(positions) < len(named):
        raise refused("unknown_stage")
    if len(positions) == 1:
        return positions[0], None
    if not stages[0].scale.is_ordered:
        raise refused("scale_unordered")
    if positions[1] - positions[0] != 1:
        raise refused("not_adjacent")
    return positions[0], positions[1]
