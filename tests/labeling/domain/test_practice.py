"""Rules of practice: grades, which photo is asked, when somebody counts."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.practice import (
    Given,
    Grade,
    KnownPhoto,
    Rule,
    grade_of,
    question_drawn,
    result_of,
    target_share,
)

GRADES = st.sampled_from(list(Grade))
POOLS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=40).map(
    lambda rows: [KnownPhoto(i, stage, side, 0, f"{i * 7919 % 97:03}") for i, (stage, side) in enumerate(rows)]
)


@pytest.mark.parametrize(
    ("known", "lower", "upper", "grade"),
    [
        (3, 3, None, Grade.EXACT),
        (3, 2, None, Grade.NEAR),
        (3, 4, None, Grade.NEAR),
        (3, 1, None, Grade.FAR),
        (3, 3, 4, Grade.NEAR),
        (3, 1, 2, Grade.NEAR),
        (3, 0, 1, Grade.FAR),
        (3, None, None, Grade.UNSURE),
    ],
)
def test_an_answer_is_graded_by_how_near_it_comes(known, lower, upper, grade):
    assert grade_of(known=known, lower=lower, upper=upper, is_ordered=True) == grade


def test_without_an_order_no_stage_is_nearer_than_another():
    assert grade_of(known=3, lower=2, is_ordered=False) == Grade.FAR
    assert grade_of(known=3, lower=3, is_ordered=False) == Grade.EXACT


def answers(grades, stages=(0,)):
    return [Given(i, stages[i % len(stages)], False, grade) for i, grade in enumerate(grades)]


def test_the_last_answers_decide_and_every_known_stage_must_have_been_seen():
    rule = Rule(answers=20, share=0.8, stages=frozenset({0, 1}))
    good, bad = [Grade.EXACT] * 16, [Grade.NEAR] * 4
    assert result_of(answers(bad + good, (0, 1)), rule).has_passed
    assert not result_of(answers([*bad, Grade.NEAR, *good[1:]], (0, 1)), rule).has_passed
    assert not result_of(answers(bad + good, (0,)), rule).has_passed
    assert result_of(answers(bad + good, (0,)), rule).missing == {1}
    assert not result_of(answers(good), rule).has_passed, "too few, however good"
    assert result_of(answers([Grade.FAR] * 30 + bad + good, (0, 1)), rule).has_passed, "earlier ones are forgotten"


@given(st.lists(GRADES, max_size=60), st.integers(5, 30), st.floats(0.5, 1))
def test_one_more_right_answer_never_takes_the_pass_away(grades, n, share):
    rule = Rule(n, share, frozenset({0}))
    before, after = result_of(answers(grades), rule), result_of(answers([*grades, Grade.EXACT]), rule)
    assert after.has_passed or not before.has_passed
    assert after.n_exact >= before.n_exact


def test_nobody_is_asked_to_agree_more_than_the_experts_do():
    assert target_share(wanted=0.8, agreement=None) == 0.8
    assert target_share(wanted=0.8, agreement=0.9) == 0.8
    assert target_share(wanted=0.8, agreement=0.7) == 0.7
    assert target_share(wanted=0.8, agreement=0.2) == 0.5


def walked(pool, n, seed="7"):
    given_so_far, asked = [], Counter()
    for _ in range(n):
        now = [KnownPhoto(it.photo_id, it.stage, it.is_boundary, asked[it.photo_id], it.draw) for it in pool]
        photo = question_drawn(now, given_so_far, seed=seed)
        asked[photo.photo_id] += 1
        given_so_far.append(Given(photo.photo_id, photo.stage, photo.is_boundary, Grade.EXACT))
    return given_so_far


@given(POOLS)
def test_stages_come_first_once_each_and_no_photo_twice_before_all_were_asked(pool):
    walk = walked(pool, len(pool))
    stages = {it.stage for it in pool}
    assert {it.stage for it in walk[: len(stages)]} == stages
    assert {it.photo_id for it in walk} == {it.photo_id for it in pool}
    again = walked(pool, len(pool) + 3)
    assert all(len(pool) == 1 or one.photo_id != two.photo_id for one, two in pairwise(again))
    assert again[: len(pool)] == walk, "the same draw again"


def test_questions_are_spread_over_stages_and_over_both_sides():
    pool = [KnownPhoto(i, i % 5, i % 2 == 0, 0, f"{i * 31 % 101:03}") for i in range(100)]
    walk = walked(pool, 20)
    assert set(Counter(it.stage for it in walk).values()) == {4}
    assert set(Counter((it.stage, it.is_boundary) for it in walk).values()) == {2}


def test_nothing_known_nothing_asked():
    assert question_drawn([], [], seed="7") is None
