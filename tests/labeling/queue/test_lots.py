"""Lots of photos chosen on the map: every act, for every state of a photo, sent once or twice."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from labeling.models import Adjudication, AdjudicationEvent, Annotation, Consensus, KnownLabel, QueueEntry, Role
from labeling.services.gold import gold_declare
from labeling.services.lots import LotOrder, lot_apply
from tests.factories.labeling import (
    AnnotationFactory,
    MembershipFactory,
    PhotoFactory,
    ProjectFactory,
    QueueEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory(labels_wanted=1)


@pytest.fixture
def expert(project):
    return MembershipFactory(project=project, role="expert").user


@pytest.fixture
def adjudicator(project):
    return MembershipFactory(project=project, role="adjudicator").user


def lot(project, by, act, photos, *, stage=None, key=None):
    role = Role(project.memberships.get(user=by).role)
    order = LotOrder(key or uuid4(), act, tuple(photo.pk for photo in photos), stage)
    return lot_apply(project=project, by=by, role=role, order=order)


def settled(project, *, position=1, by=None):
    photo = PhotoFactory(project=project)
    QueueEntryFactory(photo=photo)
    voter = by or MembershipFactory(project=project, role="expert").user
    lot(project, voter, "label", [photo], stage=position)
    assert Consensus.objects.get(photo=photo).stage.position == position
    return photo


def test_an_expert_answers_open_photos_and_nothing_else(project, expert):
    queued, fresh = PhotoFactory(project=project), PhotoFactory(project=project)
    QueueEntryFactory(photo=queued)
    done, foreign = settled(project), PhotoFactory()
    results = lot(project, expert, "label", [queued, fresh, done, foreign], stage=2)
    assert [it.code for it in results] == ["", "", "already_settled", "photo_not_found"]
    mine = Annotation.objects.filter(annotator=expert)
    assert {it.photo_id: it.stage.position for it in mine} == {queued.pk: 2, fresh.pk: 2}
    assert Consensus.objects.get(photo=done).stage.position == 1
    assert not foreign.annotations.exists()


def test_an_adjudicator_confirms_and_relabels_what_is_settled(project, adjudicator):
    open_: Any = PhotoFactory(project=project)
    right, wrong = settled(project, position=2), settled(project, position=0)
    results = lot(project, adjudicator, "label", [right, wrong, open_], stage=2)
    assert {it.code for it in results} == {""}
    after = {it.photo_id: it for it in Consensus.objects.all()}
    assert [after[it.pk].stage.position for it in (right, wrong, open_)] == [2, 2, 2]
    assert [after[it.pk].is_adjudicated for it in (right, wrong, open_)] == [True, True, False]
    assert after[wrong.pk].annotator_agreement == 0
    event = AdjudicationEvent.objects.get(photo=wrong)
    assert (event.adjudicator, event.shown["second_look"]["reason"]) == (adjudicator, "map")


def test_a_lot_sent_twice_is_done_once(project, adjudicator):
    photos = [settled(project, position=0), PhotoFactory(project=project)]
    key = uuid4()
    first = lot(project, adjudicator, "label", photos, stage=2, key=key)
    rows = (Annotation.objects.count(), AdjudicationEvent.objects.count())
    again = lot(project, adjudicator, "label", photos, stage=2, key=key)
    assert sorted(again, key=lambda it: it.photo_id) == sorted(first, key=lambda it: it.photo_id)
    assert (Annotation.objects.count(), AdjudicationEvent.objects.count()) == rows


def test_a_dispute_is_settled_by_the_way(project, adjudicator):
    photo = PhotoFactory(project=project)
    for position in (0, 4):
        AnnotationFactory(photo=photo, position=position)
    Adjudication.objects.create(photo=photo, project=project, stage_gap=4)
    (result,) = lot(project, adjudicator, "label", [photo], stage=4)
    assert result.code == ""
    assert Adjudication.objects.get(photo=photo).state == "settled"
    assert Consensus.objects.get(photo=photo).annotator_agreement == 0.5


def test_sent_back_photos_are_asked_anew_and_open_ones_next(project, adjudicator):
    done, open_ = settled(project), PhotoFactory(project=project)
    QueueEntryFactory(photo=open_, rank=700)
    assert {it.code for it in lot(project, adjudicator, "send_back", [done, open_])} == {""}
    entries = {it.photo_id: it for it in QueueEntry.objects.all()}
    assert (entries[done.pk].rank, entries[done.pk].is_blind) == (0, True)
    assert (entries[open_.pk].rank, entries[open_.pk].open_slots) == (0, 1)
    assert not Consensus.objects.filter(photo=done).exists()


def test_gold_and_excluded(project, adjudicator):
    one, other, gold = settled(project), PhotoFactory(project=project), PhotoFactory(project=project)
    assert {it.code for it in lot(project, adjudicator, "gold", [gold], stage=3)} == {""}
    assert KnownLabel.objects.get(photo=gold).stage.position == 3
    results = lot(project, adjudicator, "exclude", [one, other, gold])
    assert [it.code for it in results] == ["", "", "photo_is_gold"]
    assert set(Consensus.objects.filter(photo__in=[one, other]).values_list("outcome", flat=True)) == {"unusable"}
    gold_declare(project=project, photo_id=other.pk, stage_position=1, by=adjudicator)
    assert Consensus.objects.get(photo=other).stage.position == 1


def test_the_door_asks_for_the_role_and_a_stage(project, expert, adjudicator, signed_in):
    photo = PhotoFactory(project=project)
    address = f"/api/v1/projects/{project.slug}/lots"
    body = {"key": str(uuid4()), "act": "exclude", "photo_ids": [photo.pk]}
    assert signed_in(expert).post(address, body, format="json").status_code == 403
    assert signed_in(adjudicator).post(address, {**body, "act": "gold"}, format="json").status_code == 400
    assert signed_in(expert).post(address, {**body, "act": "label"}, format="json").status_code == 400
    many = {**body, "act": "label", "stage": 0, "photo_ids": list(range(1, 102))}
    assert signed_in(expert).post(address, many, format="json").status_code == 400
    answer = signed_in(expert).post(address, {**body, "act": "label", "stage": 0}, format="json")
    assert answer.status_code == 200
    (result,) = answer.json()["results"]
    assert (result["code"], Annotation.objects.get(photo=photo).mode) == ("", "grid")
    undo = {
        "key": str(uuid4()),
        "kind": "undo",
        "photo_id": photo.pk,
        "undoes": result["decision"],
        "decided_at": "2026-05-01T10:00:00Z",
    }
    taken = signed_in(expert).post(f"/api/v1/projects/{project.slug}/decisions", {"decisions": [undo]}, format="json")
    assert taken.json()["results"][0]["outcome"] == "applied"
    assert not Consensus.objects.filter(photo=photo).exists()


def test_what_is_asked_blind_is_not_answered_on_the_map(project, expert, adjudicator):
    held_out, blind = PhotoFactory(project=project, is_held_out=True), PhotoFactory(project=project)
    QueueEntryFactory(photo=blind, is_blind=True)
    checked = PhotoFactory(project=project)
    gold_declare(project=project, photo_id=checked.pk, stage_position=0, by=adjudicator)
    QueueEntryFactory(photo=checked, reason=QueueEntry.Reason.GOLD, is_blind=True)
    results = lot(project, expert, "label", [held_out, blind, checked], stage=2)
    assert [it.code for it in results] == ["asked_blind"] * 3
    results = lot(project, adjudicator, "label", [held_out, blind, checked], stage=2)
    assert [it.code for it in results] == ["asked_blind", "asked_blind", "photo_is_gold"]
    assert not Annotation.objects.exists()
    known = settled(project, position=1)
    type(known).objects.filter(pk=known.pk).update(is_held_out=True)
    assert lot(project, adjudicator, "label", [known], stage=2)[0].code == "", "a wrong label may be mended"
