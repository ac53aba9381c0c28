"""Practice: known photos are asked, graded at once, count nowhere, and hold new experts back until the rule is met."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from labeling.domain.errors import Conflict, DomainError
from labeling.domain.practice import Grade
from labeling.models import Annotation, Consensus, Practice, PracticeAnswer, QueueEntry, ReferencePhoto
from labeling.selectors.practice import known_pool, must_practise, people_in_practice
from labeling.selectors.triage import GridOf
from labeling.services.practice import AnswerInput, practice_answer, practice_decide, practice_turn
from labeling.services.projects import project_update
from labeling.services.reservations import reservations_take
from labeling.services.triage import grid_take
from tests.factories.labeling import AnnotationFactory, MembershipFactory, PhotoFactory, ProjectFactory, stage_at
from tests.labeling.queue.scenes import decide, gold, queued, stage_decision

pytestmark = pytest.mark.django_db


def demanding(n_known=12, **settings):
    """A project that has new experts practise on ``n_known`` gold photos of three stages; and a new expert of it."""
    rule = {"practice_for_new": True, "practice_answers": 6, "practice_share": 0.8}
    project = project_update(project=ProjectFactory(**settings), **rule)
    for position in range(3):
        gold(project, n_known // 3, position=position)
    return project, MembershipFactory(project=project)


def answered(project, user, by=0, photo=None, **fields):
    """Answer what is asked, ``by`` stages off; the input and what was told."""
    photo = photo or practice_turn(project=project, user=user).photo
    scale = project.scales.get(status="current")
    known = photo.consensus.stage.position
    stage = known + by if known + by < 7 else known - by
    given = AnswerInput(key=uuid4(), photo_id=photo.pk, kind="stage", scale=scale.pk, stage=stage)
    given = replace(given, **fields)
    return given, practice_answer(project=project, user=user, answer=given)


def code_of(call):
    with pytest.raises(DomainError) as error:
        call()
    return error.value.code


def test_a_new_expert_is_handed_nothing_until_the_rule_is_met_and_nothing_said_in_practice_counts():
    project, member = demanding()
    queued(project, 3)
    before = list(Consensus.objects.order_by("photo_id").values())
    assert code_of(lambda: reservations_take(project=project, annotator=member.user, count=3)) == "practice_first"
    grid = GridOf(stage=0, boundary=None)
    assert code_of(lambda: grid_take(project=project, annotator=member.user, of=grid, count=3)) == "practice_first"
    for n in range(6):
        assert must_practise(project=project, user=member.user)
        _, told = answered(project, member.user, by=1 if n == 0 else 0)
        assert told.grade == (Grade.NEAR if n == 0 else Grade.EXACT)
    practice = Practice.objects.get(user=member.user)
    assert (practice.state, practice.decided_by) == ("counts", None)
    assert len(reservations_take(project=project, annotator=member.user, count=3)) == 3
    assert not Annotation.objects.filter(annotator=member.user).exists()
    assert list(Consensus.objects.order_by("photo_id").values()) == before
    assert QueueEntry.objects.filter(project=project, reason="gold").count() == 0


def test_a_poor_round_does_not_count_and_a_better_one_does():
    project, member = demanding()
    for _ in range(6):
        answered(project, member.user, by=2)
    assert must_practise(project=project, user=member.user)
    for _ in range(6):
        answered(project, member.user)
    assert not must_practise(project=project, user=member.user)


def test_a_decision_sent_past_the_gate_is_refused_unless_the_photo_is_held():
    project, member = demanding()
    first, second = queued(project, 2)
    assert decide(project, member.user, stage_decision(first)) == [("rejected", "practice_first")]
    Practice.objects.create(project=project, user=member.user, state="counts", decided_at=project.created_at)
    reservations_take(project=project, annotator=member.user, count=1)
    practice_decide(membership=member, counts=False, by=MembershipFactory(project=project, role="admin").user)
    assert decide(project, member.user, stage_decision(first)) == [("applied", "")]
    assert decide(project, member.user, stage_decision(second)) == [("rejected", "practice_first")]


@pytest.mark.parametrize("why", ["off", "too_few_known", "has_annotated", "adjudicator"])
def test_who_is_not_held_back(why):
    project, member = demanding(n_known=3 if why == "too_few_known" else 12)
    if why == "off":
        project = project_update(project=project, practice_for_new=False)
    elif why == "has_annotated":
        AnnotationFactory(photo=PhotoFactory(project=project), annotator=member.user)
    elif why == "adjudicator":
        member.role = "adjudicator"
        member.save()
    queued(project, 1)
    assert not must_practise(project=project, user=member.user)
    assert len(reservations_take(project=project, annotator=member.user, count=1)) == 1


def test_an_admin_lets_pass_and_sends_back_which_starts_a_new_round():
    project, member = demanding()
    admin = MembershipFactory(project=project, role="admin")
    practice_decide(membership=member, counts=True, by=admin.user)
    assert not must_practise(project=project, user=member.user)
    for _ in range(6):
        answered(project, member.user)
    practice_decide(membership=member, counts=False, by=admin.user)
    assert must_practise(project=project, user=member.user)
    assert practice_turn(project=project, user=member.user).standing.result.n_answers == 0
    [row] = people_in_practice(project=project)
    assert (row.state, row.n_answers, row.decided_by) == ("practising", 0, admin.user.full_name)
    assert code_of(lambda: practice_decide(membership=admin, counts=False, by=admin.user)) == "practice_not_expert"


def test_sent_people_practise_whatever_the_project_asks_of_new_ones():
    project, member = demanding()
    project = project_update(project=project, practice_for_new=False)
    admin = MembershipFactory(project=project, role="admin")
    AnnotationFactory(photo=PhotoFactory(project=project), annotator=member.user)
    practice_decide(membership=member, counts=False, by=admin.user)
    assert must_practise(project=project, user=member.user)


def test_the_question_stays_until_answered_and_a_replay_gets_the_same_grade():
    project, member = demanding()
    photo = practice_turn(project=project, user=member.user).photo
    assert practice_turn(project=project, user=member.user).photo == photo
    given, told = answered(project, member.user, by=2, photo=photo)
    assert practice_answer(project=project, user=member.user, answer=given) == told
    assert PracticeAnswer.objects.count() == 1
    again = replace(given, key=uuid4(), stage=told.known)
    with pytest.raises(Conflict, match="Another photo"):
        practice_answer(project=project, user=member.user, answer=again)
    assert practice_turn(project=project, user=member.user).photo != photo


def test_what_is_asked_is_known_not_in_the_atlas_not_held_out_and_not_ones_own():
    project, member = demanding(n_known=3)
    one, other, held_out, agreed, disputed, alone = PhotoFactory.create_batch(6, project=project)
    for photo in (one, other, held_out):
        Consensus.objects.create(
            photo=photo, project=project, outcome="stage", stage=stage_at(project, 4), distribution=[],
            consensus_quality=1, annotator_agreement=1, n_annotations=0, is_gold=True, decided_at=project.created_at,
        )  # fmt: skip
    for photo, agreement, n in ((agreed, 1, 2), (disputed, 0.5, 4), (alone, 1, 1)):
        Consensus.objects.create(
            photo=photo, project=project, outcome="stage", stage=stage_at(project, 5), distribution=[],
            consensus_quality=1, annotator_agreement=agreement, n_annotations=n, decided_at=project.created_at,
        )  # fmt: skip
    ReferencePhoto.objects.create(stage=stage_at(project, 4), photo=one)
    AnnotationFactory(photo=other, annotator=member.user)
    held_out.is_held_out = True
    held_out.save()
    asked = {it.photo_id for it in known_pool(project=project, user_id=member.user_id)}
    assert agreed.pk in asked
    assert not asked & {one.pk, other.pk, held_out.pk, disputed.pk, alone.pk}
    assert len(asked) == 4


def test_nobody_is_checked_on_a_photo_whose_stage_they_were_told():
    project, member = demanding(gold_share=0.5, labels_wanted=2)
    project = project_update(project=project, practice_for_new=False)
    told = {answered(project, member.user)[0].photo_id for _ in range(9)}
    queued(project, 20)
    batch = project.query_batches.create(source="test")
    QueueEntry.objects.bulk_create(
        QueueEntry(project=project, batch=batch, photo_id=photo_id, rank=2, open_slots=9, reason="gold")
        for photo_id in told
    )
    seen = {
        person: {it.entry.photo_id for it in reservations_take(project=project, annotator=person.user, count=20)}
        for person in (member, MembershipFactory(project=project))
    }
    other = next(it for it in seen if it != member)
    assert not seen[member] & told
    assert seen[other] & told, "others are still checked on them"


def test_between_and_cannot_tell_are_graded_and_the_scale_must_be_the_one_in_use():
    project, member = demanding()
    _, told = answered(project, member.user, kind="between", stage=0, stage_upper=1)
    assert told.grade in {Grade.NEAR, Grade.FAR}
    _, told = answered(project, member.user, kind="cannot_tell", stage=None)
    assert told.grade == Grade.UNSURE
    assert code_of(lambda: answered(project, member.user, scale=0)) == "scale_changed"
    assert code_of(lambda: answered(project, member.user, stage=99)) == "unknown_stage"
    assert code_of(lambda: answered(project, member.user, kind="between", stage=0, stage_upper=2)) == "not_adjacent"


def test_the_table_refuses_what_makes_no_sense():
    project, member = demanding()
    photo = practice_turn(project=project, user=member.user).photo
    good = {
        "project": project, "user": member.user, "photo": photo, "key": uuid4(), "kind": "stage", "grade": "exact",
        "stage": stage_at(project, 0), "known_stage": stage_at(project, 0), "is_boundary": False,
    }  # fmt: skip
    for wrong in ({"stage": None}, {"grade": "unsure"}, {"kind": "between"}, {"kind": "cannot_tell"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PracticeAnswer.objects.create(**{**good, **wrong})
    PracticeAnswer.objects.create(**good)
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeAnswer.objects.create(**good)


def test_the_pages_tell_where_one_stands_and_how_many_queries_it_takes(client):
    project, member = demanding()
    client.force_login(member.user)
    base = f"/api/v1/projects/{project.slug}"
    assert client.get(base).json()["must_practise"] is True
    asked = client.post(f"{base}/practice/question").json()
    assert asked["standing"]["n_answers"] == 0
    assert "known" not in str(asked["question"])
    scale = project.scales.get(status="current").pk
    answer = {
        "key": str(uuid4()),
        "photo_id": asked["question"]["photo_id"],
        "kind": "stage",
        "stage": 6,
        "scale": scale,
    }
    told = client.post(f"{base}/practice/answers", answer, content_type="application/json").json()
    assert told["grade"] == "far"
    assert told["standing"]["grades"] == ["far"]
    assert told["question"]["photo_id"] != asked["question"]["photo_id"]
    client.force_login(MembershipFactory(project=project, role="admin").user)
    costs = []
    for n in (0, 0, 5):  # the first request brings what is cached for good
        MembershipFactory.create_batch(n, project=project)
        with CaptureQueriesContext(connection) as queries:
            people = client.get(f"{base}/practice/people").json()
        costs.append(len(queries))
    assert costs[1] == costs[2] <= 8
    assert [it["state"] for it in people["people"]] == ["new"] * 6
    url = f"{base}/members/{member.pk}/practice"
    assert client.put(url, {"counts": True}, content_type="application/json").status_code == 204
    assert client.get(f"{base}/practice/people").json()["people"][0]["state"] == "counts"
