"""Asking experts again about photos they decided earlier: opening a round, and answering it blind.

Nothing here writes an annotation, a consensus or a queue entry.

Lock: the ANNOTATOR lock of who answers, so that a replay waits for its original and one round is open at a time.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from labeling.domain.decisions import refused
from labeling.domain.errors import Conflict, DomainError
from labeling.domain.retest import ROUND_PHOTOS, repeated, round_drawn
from labeling.models import Project, RetestAnswer, RetestRound, User
from labeling.selectors.projects import current_stages
from labeling.selectors.retest import asked_now, decided_pool, open_round
from labeling.services.locks import Lock, hold, scale_held
from labeling.services.practice import AnswerInput, stages_named


@transaction.atomic
def retest_open(*, project: Project, user: User) -> RetestRound:
    """Draw a round; an open one of which photos are left is given back as it is.

    Raises:
        DomainError: "retest_nothing_old", nothing they decided is old enough.
    """
    hold(Lock.ANNOTATOR, user.pk)
    current = open_round(project=project, user_id=user.pk)
    if current is not None:
        if asked_now(project=project, retest_round=current) is not None:
            return current
        _finish(current)  # the rest of it was withdrawn, or cannot be asked any more
    n_before = RetestRound.objects.filter(project=project, user=user).count()
    drawn = round_drawn(
        decided_pool(project=project, user_id=user.pk), size=ROUND_PHOTOS, seed=f"{project.seed}:{user.pk}:{n_before}"
    )
    if not drawn:
        raise DomainError("retest_nothing_old", "None of your decisions is old enough to be asked again.")
    return RetestRound.objects.create(project=project, user=user, photos=[it.photo_id for it in drawn])


@transaction.atomic
def retest_answer(*, project: Project, user: User, answer: AnswerInput) -> None:
    """Keep a second answer; nothing is told. The last one of a round finishes it. A key seen before changes nothing.

    Raises:
        Conflict: "retest_question_changed", another photo is asked, or none; "scale_changed".
        DomainError: "unknown_stage", "not_adjacent" or "scale_unordered".
    """
    hold(Lock.ANNOTATOR, user.pk)
    if RetestAnswer.objects.filter(user=user, key=answer.key).exists():
        return
    scale_held(project_id=project.pk)
    stages = list(current_stages(project_id=project.pk))
    if answer.scale != stages[0].scale_id:
        raise refused("scale_changed", Conflict)
    lower, upper = stages_named(answer, stages)
    current = open_round(project=project, user_id=user.pk)
    asked = None if current is None else asked_now(project=project, retest_round=current)
    if current is None or asked is None or asked.photo_id != answer.photo_id:
        raise Conflict("retest_question_changed", "Another photo is asked by now.")
    told = repeated(first=asked.stage, lower=lower, upper=upper, is_ordered=stages[0].scale.is_ordered)
    RetestAnswer.objects.create(
        project=project, user=user, photo_id=asked.photo_id, retest_round=current, key=answer.key, kind=answer.kind,
        stage=None if lower is None else stages[lower],
        stage_upper=None if upper is None else stages[upper],
        first_stage_id=asked.stage_id, first_answered_at=asked.decided_at, is_boundary=asked.is_boundary,
        is_same=told.is_same, steps=told.steps, elapsed_ms=answer.elapsed_ms,
    )  # fmt: skip
    if asked_now(project=project, retest_round=current) is None:
        _finish(current)


def _finish(retest_round: RetestRound) -> None:
    retest_round.finished_at = timezone.now()
    retest_round.save(update_fields=["finished_at"])
