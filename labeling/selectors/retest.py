"""Reads of test-retest: what may be asked again, what is asked now, and how far people agree with themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from labeling.domain.retest import RETEST_AFTER, ROUND_PHOTOS, DecidedPhoto, SelfAgreement, Tally, self_agreement
from labeling.models import Photo, Project, RetestAnswer, RetestRound, StageScale, User
from labeling.selectors.scales import positions_now

PER_SIDE = 40
"""Photos looked at of each stage and side: those never asked again, then those asked longest ago."""

_DECIDED = """
    select a.photo_id, s.id as stage_id, s.position, a.decided_at,
        coalesce(c.annotator_agreement < 1, false) or coalesce(abs(g.position - s.position) = 1, false) as is_boundary,
        (select max(w.created_at) from labeling_retestanswer w
         where w.project_id = p.project_id and w.user_id = a.annotator_id and w.photo_id = a.photo_id) as last_asked
    from labeling_annotation a
    join labeling_photo p on p.id = a.photo_id
    join labeling_stagescale v on v.project_id = p.project_id and v.status = 'current'
    left join labeling_stageimage i on i.stage_id = a.stage_id and i.scale_id = v.id
    join labeling_growthstage s on s.id = coalesce(i.image_id, a.stage_id) and s.scale_id = v.id
    left join labeling_consensus c on c.photo_id = a.photo_id
    left join labeling_suggestion g on g.photo_id = a.photo_id
    where p.project_id = %(project)s and a.annotator_id = %(user)s and a.withdrawn_at is null
      and a.kind = 'stage' and a.mode <> 'import' and p.status = 'ready'
      -- What hangs in the atlas would be recognised, with its stage.
      and not exists (select from labeling_referencephoto r where r.photo_id = a.photo_id)
      -- A photo that was sent back and decided anew is asked about its latest decision.
      and not exists (select from labeling_annotation n where n.photo_id = a.photo_id and n.round > a.round
                        and n.annotator_id = a.annotator_id and n.withdrawn_at is null)
"""
_READY_AT = f"greatest(decided_at, last_asked) + interval '{RETEST_AFTER.days} days'"


@dataclass(frozen=True)
class Askable:
    """What a person may be asked again: how many now, and when the next is old enough (None: nothing waits)."""

    n: int
    next_at: datetime | None


@dataclass(frozen=True)
class Asked:
    """A photo of an open round, with what was said of it first; only the photo is ever shown."""

    photo_id: int
    stage_id: int
    stage: int
    decided_at: datetime
    is_boundary: bool


@dataclass(frozen=True)
class Standing:
    """Where a person stands.

    Attributes:
        n_photos: of the open round; 0 where none is open.
        n_answered: of these.
        photo: what is asked now; None where no round is open.
        askable: what another round could ask.
        n_wanted: photos of a round, where so many may be asked.
    """

    n_photos: int
    n_answered: int
    photo: Photo | None
    askable: Askable
    n_wanted: int = ROUND_PHOTOS


def askable(*, project: Project, user_id: int) -> Askable:
    """How many photos a person may be asked about again now, and when the next one joins them."""
    statement = f"""
        with ready as (select {_READY_AT} as at from ({_DECIDED}) as decided)
        select count(*) filter (where at <= now()), min(at) filter (where at > now()) from ready
    """  # noqa: S608 - a constant
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "user": user_id})
        return Askable(*cursor.fetchone())


def decided_pool(*, project: Project, user_id: int) -> list[DecidedPhoto]:
    """Photos to draw a round from, at most ``PER_SIDE`` of each stage and side."""
    statement = f"""
        with placed as (
            select *, row_number() over (
                partition by position, is_boundary order by last_asked nulls first, md5(%(salt)s || photo_id)) as place
            from ({_DECIDED}) as decided where {_READY_AT} <= now()
        )
        select photo_id, position, is_boundary, last_asked from placed where place <= {PER_SIDE}
    """  # noqa: S608 - constants
    salt = f"{project.seed}:{user_id}:"
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "user": user_id, "salt": salt})
        return [DecidedPhoto(*row) for row in cursor.fetchall()]


def open_round(*, project: Project, user_id: int) -> RetestRound | None:
    """The round that a person is in."""
    return RetestRound.objects.filter(project=project, user_id=user_id, finished_at__isnull=True).first()


def asked_now(*, project: Project, retest_round: RetestRound) -> Asked | None:
    """The first photo of a round that waits for its answer and whose decision still stands; None where none is left."""
    statement = f"""
        select d.photo_id, d.stage_id, d.position, d.decided_at, d.is_boundary
        from ({_DECIDED} and a.photo_id = any(%(photos)s) and a.decided_at <= %(started)s) as d
        where not exists (select from labeling_retestanswer w
                          where w.retest_round_id = %(round)s and w.photo_id = d.photo_id)
        order by array_position(%(photos)s, d.photo_id) limit 1
    """  # noqa: S608 - a constant
    values: dict[str, Any] = {
        "project": project.pk, "user": retest_round.user_id, "photos": retest_round.photos, "round": retest_round.pk,
        "started": retest_round.started_at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return None if row is None else Asked(*row)


def retest_standing(*, project: Project, user: User) -> Standing:
    """Where a person stands, for their own page."""
    may_be_asked = askable(project=project, user_id=user.pk)
    current = open_round(project=project, user_id=user.pk)
    asked = None if current is None else asked_now(project=project, retest_round=current)
    if current is None or asked is None:
        return Standing(0, 0, None, may_be_asked)
    n_answered = current.answers.count()
    return Standing(len(current.photos), n_answered, Photo.objects.get(pk=asked.photo_id), may_be_asked)


@dataclass(frozen=True)
class PersonRetested:
    """How far one person agrees with themselves: each photo once, by its first retest in a finished round."""

    name: str
    is_me: bool
    n_rounds: int
    last_at: datetime
    figures: SelfAgreement


def people_retested(*, project: Project, reader: User, sees_all: bool) -> list[PersonRetested]:
    """Everybody's self-agreement, or the reader's own; two queries however many people.

    Later retests of a photo do not count: the difference was shown by then.
    """
    statement = """
        with told as (
            select distinct on (w.user_id, w.photo_id) w.*, r.finished_at
            from labeling_retestanswer w join labeling_retestround r on r.id = w.retest_round_id
            where w.project_id = %(project)s and r.finished_at is not null and (%(all)s or w.user_id = %(reader)s)
            order by w.user_id, w.photo_id, w.id
        )
        select t.user_id, coalesce(nullif(u.full_name, ''), u.email),
            (select count(*) from labeling_retestround r
             where r.project_id = %(project)s and r.user_id = t.user_id and r.finished_at is not null),
            max(t.finished_at),
            count(*) filter (where not is_boundary), count(*) filter (where not is_boundary and is_same),
            count(*) filter (where is_boundary), count(*) filter (where is_boundary and is_same),
            count(*) filter (where steps <= 1)
        from told t join labeling_user u on u.id = t.user_id
        group by t.user_id, u.full_name, u.email order by 2, 1
    """
    is_ordered = _is_ordered(project)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "reader": reader.pk, "all": sees_all})
        return [
            PersonRetested(
                name, user_id == reader.pk, n_rounds, last_at, self_agreement(Tally(*tally), is_ordered=is_ordered)
            )
            for user_id, name, n_rounds, last_at, *tally in cursor.fetchall()
        ]


@dataclass(frozen=True)
class Difference:
    """A photo said to be something else the second time; positions of the current scale, None where it has no place."""

    photo: Photo
    first: int | None
    first_answered_at: datetime
    kind: str
    stage: int | None
    stage_upper: int | None


@dataclass(frozen=True)
class RoundResult:
    """How a finished round went."""

    finished_at: datetime
    figures: SelfAgreement
    differences: list[Difference]


def last_result(*, project: Project, user: User) -> RoundResult | None:
    """How the person's latest round went. None while one is open: what they said first may be asked again in it."""
    rounds = RetestRound.objects.filter(project=project, user=user)
    latest = rounds.order_by("-id").first()
    if latest is None or latest.finished_at is None:
        return None
    answers = list(RetestAnswer.objects.filter(retest_round=latest).select_related("photo").order_by("id"))
    if not answers:
        return None
    places = positions_now(project_id=project.pk)

    def place(stage_id: int | None) -> int | None:
        return None if stage_id is None else places.get(stage_id)

    return RoundResult(
        finished_at=latest.finished_at,
        figures=self_agreement(_tally(answers), is_ordered=_is_ordered(project)),
        differences=[
            Difference(
                it.photo, place(it.first_stage_id), it.first_answered_at,
                it.kind, place(it.stage_id), place(it.stage_upper_id),
            )
            for it in answers if not it.is_same
        ],
    )  # fmt: skip


def _tally(answers: list[RetestAnswer]) -> Tally:
    sides: dict[bool, list[bool]] = {False: [], True: []}
    for it in answers:
        sides[it.is_boundary].append(it.is_same)
    n_within = sum(it.steps is not None and it.steps <= 1 for it in answers)
    return Tally(len(sides[False]), sum(sides[False]), len(sides[True]), sum(sides[True]), n_within)


def _is_ordered(project: Project) -> bool:
    current: dict[str, Any] = {"project": project, "status": StageScale.Status.CURRENT}
    return StageScale.objects.filter(**current, is_ordered=True).exists()
