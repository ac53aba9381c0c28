"""Test-retest: own decisions old enough are asked again, blind; none of it counts, and the end tells how it went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.models import Annotation, Consensus, ReferencePhoto, RetestAnswer, RetestRound
from labeling.selectors.retest import askable, decided_pool, last_result, people_retested, retest_standing
from labeling.services.practice import AnswerInput
from labeling.services.retest import retest_answer, retest_open
from tests.factories.labeling import AnnotationFactory, MembershipFactory, PhotoFactory, ProjectFactory, stage_at

pytestmark = pytest.mark.django_db


def decided(project, user, n=1, days=8, **fields):
    """``n`` photos the person decided ``days`` ago."""
    at = timezone.now() - timedelta(days=days)
    return [
        AnnotationFactory(
            photo=PhotoFactory(project=project), annotator=user, decided_at=at, **{"position": i % 3, **fields}
        ).photo
        for i in range(n)
    ]


@pytest.fixture
def expert():
    return MembershipFactory(project=ProjectFactory())


def answered(expert, by=0, **fields):
    """Answer what is asked, ``by`` stages later than the first time."""
    photo = retest_standing(project=expert.project, user=expert.user).photo
    first = Annotation.objects.standing().filter(photo=photo, annotator=expert.user, kind="stage").latest("id")
    scale = expert.project.scales.get(status="current")
    given = AnswerInput(key=uuid4(), photo_id=photo.pk, kind="stage", scale=scale.pk, stage=first.stage.position + by)
    given = replace(given, **fields)
    retest_answer(project=expert.project, user=expert.user, answer=given)
    return given


def opened(expert):
    return retest_open(project=expert.project, user=expert.user)


def code_of(call):
    with pytest.raises(DomainError) as error:
        call()
    return error.value.code


def test_a_round_is_answered_blind_told_at_its_end_and_counts_nowhere(expert):
    project, user = expert.project, expert.user
    photos = decided(project, user, n=4)
    before = (Annotation.objects.count(), Consensus.objects.count())
    assert set(opened(expert).photos) == {it.pk for it in photos}
    for by in (0, 1, 0):
        answered(expert, by=by)
        assert last_result(project=project, user=user) is None
        assert people_retested(project=project, reader=user, sees_all=True) == []
    answered(expert, by=2)
    assert RetestRound.objects.get().finished_at is not None
    result = last_result(project=project, user=user)
    assert (result.figures.exact.value, result.figures.within_one.value, result.figures.exact.n) == (0.5, 0.75, 4)
    assert sorted(it.stage - it.first for it in result.differences) == [1, 2]
    [row] = people_retested(project=project, reader=user, sees_all=False)
    assert (row.is_me, row.n_rounds, row.figures) == (True, 1, result.figures)
    assert (Annotation.objects.count(), Consensus.objects.count()) == before


def test_only_ones_own_standing_stage_answers_that_are_old_enough_are_asked(expert):
    project, user = expert.project, expert.user
    [old] = decided(project, user)
    decided(project, user, days=6)
    decided(project, user, kind="cannot_tell", stage=None, reason="blurred")
    decided(project, user, mode="import")
    decided(project, MembershipFactory(project=project).user)
    decided(ProjectFactory(), user)
    [withdrawn] = decided(project, user)
    Annotation.objects.filter(photo=withdrawn).update(withdrawn_at=timezone.now())
    [shown] = decided(project, user)
    ReferencePhoto.objects.create(stage=stage_at(project, 0), photo=shown)
    [again] = decided(project, user)
    AnnotationFactory(photo=again, annotator=user, round=2, decided_at=timezone.now())
    assert [it.photo_id for it in decided_pool(project=project, user_id=user.pk)] == [old.pk]
    old.is_held_out = True
    old.save()
    assert askable(project=project, user_id=user.pk).n == 1, "nothing is told of it"


def test_who_decided_nothing_old_is_told_when_to_come_back(expert):
    assert askable(project=expert.project, user_id=expert.user_id).next_at is None
    decided(expert.project, expert.user, days=5)
    decided(expert.project, expert.user, days=3)
    assert code_of(lambda: opened(expert)) == "retest_nothing_old"
    found = askable(project=expert.project, user_id=expert.user_id)
    assert found.n == 0
    assert abs(found.next_at - timezone.now() - timedelta(days=2)) < timedelta(minutes=5)


def test_a_round_holds_twenty_and_goes_on_where_it_was_left(expert):
    decided(expert.project, expert.user, n=23)
    first = opened(expert)
    assert len(first.photos) == 20
    answered(expert)
    assert opened(expert) == first
    standing = retest_standing(project=expert.project, user=expert.user)
    assert (standing.n_photos, standing.n_answered, standing.photo.pk) == (20, 1, first.photos[1])
    for _ in range(19):
        answered(expert)
    assert set(opened(expert).photos).isdisjoint(first.photos), "what was just asked is not asked again"


def test_what_was_taken_back_meanwhile_is_passed_over(expert):
    decided(expert.project, expert.user, n=3)
    current = opened(expert)
    Annotation.objects.filter(photo_id__in=current.photos[:2]).update(withdrawn_at=timezone.now())
    assert retest_standing(project=expert.project, user=expert.user).photo.pk == current.photos[2]
    answered(expert)
    assert RetestRound.objects.get().finished_at is not None
    decided(expert.project, expert.user)
    current = opened(expert)
    Annotation.objects.filter(photo_id__in=current.photos).update(withdrawn_at=timezone.now())
    assert retest_standing(project=expert.project, user=expert.user).photo is None
    decided(expert.project, expert.user)
    assert opened(expert) != current


def test_a_photo_asked_twice_counts_once_as_it_was_the_first_time(expert):
    decided(expert.project, expert.user)
    opened(expert)
    answered(expert, by=1)
    assert code_of(lambda: opened(expert)) == "retest_nothing_old"
    RetestAnswer.objects.update(created_at=timezone.now() - timedelta(days=8))
    opened(expert)
    answered(expert)
    [row] = people_retested(project=expert.project, reader=expert.user, sees_all=True)
    assert (row.n_rounds, row.figures.exact.value, row.figures.exact.n) == (2, 0, 1)


def test_a_replay_changes_nothing_and_only_what_is_asked_is_answered(expert):
    decided(expert.project, expert.user, n=3)
    current = opened(expert)
    given = answered(expert, by=1)
    retest_answer(project=expert.project, user=expert.user, answer=replace(given, stage=0))
    assert RetestAnswer.objects.count() == 1
    with pytest.raises(Conflict, match="Another photo"):
        retest_answer(project=expert.project, user=expert.user, answer=replace(given, key=uuid4()))
    assert code_of(lambda: answered(expert, photo_id=current.photos[2])) == "retest_question_changed"
    assert code_of(lambda: answered(expert, scale=0)) == "scale_changed"
    assert code_of(lambda: answered(expert, stage=99)) == "unknown_stage"
    assert code_of(lambda: answered(expert, kind="between", stage=0, stage_upper=2)) == "not_adjacent"
    answered(expert, kind="between", stage=0, stage_upper=1)
    answered(expert, kind="cannot_tell", stage=None)
    assert list(RetestAnswer.objects.order_by("id").values_list("is_same", flat=True)) == [False] * 3
    assert RetestAnswer.objects.get(kind="between").steps >= 1


def test_the_sides_are_photos_on_which_somebody_or_the_model_saw_another_stage(expert):
    project = expert.project
    clear, disputed = decided(project, expert.user, n=2, position=2)
    for photo, agreement in ((clear, 1), (disputed, 0.5)):
        Consensus.objects.create(
            photo=photo, project=project, outcome="stage", stage=stage_at(project, 2), distribution=[],
            consensus_quality=1, annotator_agreement=agreement, n_annotations=2, decided_at=project.created_at,
        )  # fmt: skip
    pool = decided_pool(project=project, user_id=expert.user_id)
    assert {it.photo_id: it.is_boundary for it in pool} == {clear.pk: False, disputed.pk: True}
    opened(expert)
    for _ in range(2):
        asked = retest_standing(project=project, user=expert.user).photo
        answered(expert, by=1 if asked == disputed else 0)
    figures = last_result(project=project, user=expert.user).figures
    assert (figures.clear.value, figures.boundary.value) == (1, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": None},
        {"kind": "between"},
        {"kind": "cannot_tell"},
        {"steps": None},
        {"steps": 1},
        {"is_same": False},
        {"is_same": False, "steps": 1},
        {"other": 1},
        {"other": 1, "is_same": False, "steps": 0},
    ],
)
def test_the_table_refuses_what_makes_no_sense(expert, wrong):
    [photo] = decided(expert.project, expert.user)
    stage = stage_at(expert.project, wrong.get("other", 0))
    good = {
        "project": expert.project, "user": expert.user, "photo": photo, "key": uuid4(), "kind": "stage",
        "retest_round": opened(expert), "stage": stage, "first_stage": stage_at(expert.project, 0),
        "first_answered_at": timezone.now(), "is_boundary": False, "is_same": True, "steps": 0,
    }  # fmt: skip
    row = {**good, **{name: value for name, value in wrong.items() if name != "other"}}
    with pytest.raises(IntegrityError), transaction.atomic():
        RetestAnswer.objects.create(**row)


def test_the_pages_tell_nothing_before_the_end_and_how_many_queries_they_take(client, expert):
    project = expert.project
    decided(project, expert.user, n=3)
    client.force_login(expert.user)
    base = f"/api/v1/projects/{project.slug}/retest"
    assert client.get(base).json() == {
        "question": None, "n_photos": 0, "n_answered": 0, "n_askable": 3, "n_wanted": 20, "next_at": None,
    }  # fmt: skip
    asked = client.post(base).json()
    scale = project.scales.get(status="current").pk
    while asked["question"]:
        assert set(asked["question"]) == {
            "photo_id", "width", "height", "thumb_url", "view_url", "full_url", "taken_at",
        }  # fmt: skip
        assert client.get(f"{base}/last").json() == {"last": None}
        body = {"key": str(uuid4()), "photo_id": asked["question"]["photo_id"], "kind": "stage", "stage": 6}
        answer = client.post(f"{base}/answers", {**body, "scale": scale}, content_type="application/json")
        assert answer.status_code == 201
        asked = answer.json()
    last = client.get(f"{base}/last").json()["last"]
    assert (last["figures"]["exact"]["value"], [it["stage"] for it in last["differences"]]) == (0, [6, 6, 6])
    costs = []
    for n in (0, 1, 3):  # the first request brings what is cached for good
        for other in MembershipFactory.create_batch(n, project=project):
            decided(project, other.user)
            opened(other)
            answered(other)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(f"{base}/results").json()["people"]) == 1
        client.force_login(MembershipFactory(project=project, role="adjudicator").user)
        client.get(f"{base}/results")
        with CaptureQueriesContext(connection) as queries:
            people = client.get(f"{base}/results").json()["people"]
        costs.append(len(queries))
        client.force_login(expert.user)
    assert len(people) == 5
    assert costs[1] == costs[2] <= 8
