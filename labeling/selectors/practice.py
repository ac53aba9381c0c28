"""Reads of practice: who has to, what is known and may be asked, how a round stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from labeling.domain.decisions import refused
from labeling.domain.practice import Given, Grade, KnownPhoto, Result, Rule, result_of, target_share
from labeling.models import AgreementReport, Membership, Practice, PracticeAnswer, Project, Role, User
from labeling.selectors.projects import current_stages

PER_SIDE = 40
"""Photos looked at of each stage and side; the least asked, ties by draw."""
FEWEST_EXPERTS = 2
LEAST_AGREEMENT = 0.8
"""A label is known where this many experts agree so far, where an adjudicator settled it, and where it is gold."""

_KNOWN = f"""
    select c.photo_id, s.position,
        c.annotator_agreement < 1 or coalesce(abs(g.position - s.position) = 1, false) as is_boundary
    from labeling_consensus c
    join labeling_growthstage s on s.id = c.stage_id
    join labeling_stagescale v on v.id = s.scale_id and v.status = 'current'
    join labeling_photo p on p.id = c.photo_id
    left join labeling_suggestion g on g.photo_id = c.photo_id
    where c.project_id = %(project)s and c.outcome = 'stage'
      and (c.is_gold or c.is_adjudicated
           or c.n_annotations >= {FEWEST_EXPERTS} and c.annotator_agreement >= {LEAST_AGREEMENT})
      and p.status = 'ready' and not p.is_held_out
      -- What hangs in the atlas is there to learn from, and would be recognised.
      and not exists (select from labeling_referencephoto r where r.photo_id = c.photo_id)
      -- Whoever helped to decide it would be graded by themselves.
      and not exists (select from labeling_annotation a where a.photo_id = c.photo_id
                        and a.annotator_id = %(user)s and a.withdrawn_at is null)
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Standing:
    """Where a person stands.

    Attributes:
        state: as decided, "undecided" where nobody has.
        must_practise: nothing is handed out to them before they count.
        n_known: photos that may be asked of them, at most ``n_wanted``.
        n_wanted: known photos that a project needs before it holds anybody back.
        rule: when they count.
        result: how the round stands.
        grades: of the round's answers, oldest first.
    """

    state: str
    must_practise: bool
    n_known: int
    n_wanted: int
    rule: Rule
    result: Result
    grades: list[str]


def practice_refuse(*, project: Project, user: User) -> None:
    """Raise unless the person may be asked for opinions that count.

    Raises:
        DomainError: "practice_first".
    """
    if must_practise(project=project, user=user):
        raise refused("practice_first")


def must_practise(*, project: Project, user: User) -> bool:
    """Whether an expert has to practise before anything is handed out to them. One query for those who need not.

    A project without enough known photos holds nobody back: there would be no way through.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(k.state, 'undecided') from labeling_membership m
            left join labeling_practice k on k.project_id = m.project_id and k.user_id = m.user_id
            where m.project_id = %s and m.user_id = %s and m.role = %s
            """,
            [project.pk, user.pk, Role.EXPERT],
        )
        row = cursor.fetchone()
    if row is None or not is_held_back(project=project, user_id=user.pk, state=row[0]):
        return False
    return known_count(project=project, user_id=user.pk) >= project.practice_answers


def is_held_back(*, project: Project, user_id: int, state: str) -> bool:
    """Whether an expert in this state would have to practise, were there photos enough."""
    if state != Practice.State.UNDECIDED:
        return state == Practice.State.PRACTISING
    return project.practice_for_new and not has_annotated(project_id=project.pk, user_id=user_id)


def has_annotated(*, project_id: int, user_id: int) -> bool:
    """Whether somebody gave an opinion in the project, withdrawn or not: whoever did is not new there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select exists (select from labeling_annotation a join labeling_photo p on p.id = a.photo_id
                           where a.annotator_id = %s and p.project_id = %s)
            """,
            [user_id, project_id],
        )
        return bool(cursor.fetchone()[0])


def known_count(*, project: Project, user_id: int | None) -> int:
    """Photos that a person may be asked in practice, counted up to ``Project.practice_answers``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from ({_KNOWN} limit %(limit)s) as known",  # noqa: S608 - a constant
            {"project": project.pk, "user": user_id, "limit": project.practice_answers},
        )
        return int(cursor.fetchone()[0])


def known_photo(*, project: Project, user_id: int, photo_id: int) -> KnownPhoto | None:
    """One photo as :func:`known_pool` has it, but for how often it was asked; None when it may not be asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select * from ({_KNOWN}) as known where photo_id = %(photo)s",  # noqa: S608 - a constant
            {"project": project.pk, "user": user_id, "photo": photo_id},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    found, stage, is_boundary = row
    return KnownPhoto(found, stage, is_boundary, n_asked=0, draw="")


def known_pool(*, project: Project, user_id: int) -> list[KnownPhoto]:
    """Photos to draw a question from: of each stage and side those the person was asked least, at most ``PER_SIDE``."""
    statement = f"""
        with known as ({_KNOWN}), asked as (
            select w.photo_id, count(*) as n from labeling_practiceanswer w
            where w.project_id = %(project)s and w.user_id = %(user)s group by w.photo_id
        ), drawn as (
            select k.photo_id, k.position, k.is_boundary, coalesce(a.n, 0) as n,
                md5(%(salt)s || k.photo_id) as draw from known k left join asked a on a.photo_id = k.photo_id
        ), placed as (
            select *, row_number() over (partition by position, is_boundary order by n, draw) as place from drawn
        )
        select photo_id, position, is_boundary, n, draw from placed where place <= {PER_SIDE}
    """  # noqa: S608 - constants
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "user": user_id, "salt": f"{project.seed}:{user_id}:"})
        return [KnownPhoto(*row) for row in cursor.fetchall()]


def round_of(*, practice: Practice) -> list[Given]:
    """The answers of a person's round, oldest first, on the stages in use."""
    positions = {stage.pk: stage.position for stage in current_stages(project_id=practice.project_id)}
    answers = PracticeAnswer.objects.filter(
        project_id=practice.project_id, user_id=practice.user_id, created_at__gte=practice.since
    ).order_by("id")
    return [
        Given(photo_id, positions.get(stage_id), is_boundary, Grade(grade))
        for photo_id, stage_id, is_boundary, grade in answers.values_list(
            "photo_id", "known_stage_id", "is_boundary", "grade"
        )
    ]


def rule_of(*, project: Project, stages: frozenset[int]) -> Rule:
    """The project's rule; ``stages`` are those of which photos are known."""
    return Rule(
        project.practice_answers,
        target_share(wanted=project.practice_share, agreement=experts_agreement(project_id=project.pk)),
        stages,
    )


def experts_agreement(*, project_id: int) -> float | None:
    """How often two experts name the same stage, by the latest report; None where too few photos tell."""
    content: dict[str, Any] | None = (
        AgreementReport.objects.filter(project_id=project_id).values_list("content", flat=True).first()
    )
    exact = ((content or {}).get("overall") or {}).get("exact")
    return None if exact is None else float(exact["value"])


def standing_of(*, project: Project, user: User, pool: Sequence[KnownPhoto]) -> Standing:
    """Where a person stands, for their own page; ``pool`` is what they may be asked."""
    practice = Practice.objects.filter(project=project, user=user).first() or Practice(project=project, user=user)
    given = [] if practice.pk is None else round_of(practice=practice)
    rule = rule_of(project=project, stages=frozenset(it.stage for it in pool))
    n_known = min(len(pool), project.practice_answers)
    is_expert = Membership.objects.filter(project=project, user=user, role=Role.EXPERT).exists()
    return Standing(
        state=practice.state,
        must_practise=is_expert
        and n_known >= project.practice_answers
        and is_held_back(project=project, user_id=user.pk, state=practice.state),
        n_known=n_known,
        n_wanted=project.practice_answers,
        rule=rule,
        result=result_of(given, rule),
        grades=[it.grade.value for it in given],
    )


@dataclass(frozen=True)
class PersonInPractice:
    """What an admin reads of one expert.

    Attributes:
        membership_id: whose.
        state: "counts", "practising" (sent by somebody), "new" (held back by the project's rule), or "free": nothing
            was asked of them.
        n_answers: of the round.
        n_exact: of the last ``Project.practice_answers`` of these.
        n_last: how many those are.
        decided_by: name of who decided; "" for the rule.
    """

    membership_id: int
    state: str
    n_answers: int
    n_exact: int
    n_last: int
    decided_by: str
    decided_at: datetime | None


def people_in_practice(*, project: Project) -> list[PersonInPractice]:
    """The experts of a project and how they stand; one query however many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with given as (
                select w.user_id, w.grade, row_number() over (partition by w.user_id order by w.id desc) as place
                from labeling_practiceanswer w
                join labeling_practice k on k.project_id = w.project_id and k.user_id = w.user_id
                where w.project_id = %(project)s and w.created_at >= k.since
            ), told as (
                select user_id, count(*) as n, count(*) filter (where place <= %(wanted)s) as n_last,
                    count(*) filter (where place <= %(wanted)s and grade = 'exact') as n_exact
                from given group by user_id
            )
            select m.id,
                case when k.state in ('counts', 'practising') then k.state
                     when %(for_new)s and not exists (
                         select from labeling_annotation a join labeling_photo p on p.id = a.photo_id
                         where a.annotator_id = m.user_id and p.project_id = m.project_id) then 'new'
                     else 'free' end,
                coalesce(t.n, 0), coalesce(t.n_exact, 0), coalesce(t.n_last, 0),
                coalesce(nullif(b.full_name, ''), b.email, ''), k.decided_at
            from labeling_membership m
            left join labeling_practice k on k.project_id = m.project_id and k.user_id = m.user_id
            left join labeling_user b on b.id = k.decided_by_id
            left join told t on t.user_id = m.user_id
            where m.project_id = %(project)s and m.role = 'expert'
            order by m.id
            """,
            {"project": project.pk, "wanted": project.practice_answers, "for_new": project.practice_for_new},
        )
        return [PersonInPractice(*row) for row in cursor.fetchall()]
