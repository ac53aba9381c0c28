"""How many gold checks, where, and which place of an expert is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.gold_checks import check_reach, checks_placed, checks_wanted, is_check
from labeling.domain.pairs import pair_sides

SHARES = st.floats(0.001, 0.5)


@given(st.integers(1, 10_000), SHARES)
def test_enough_checks_for_the_share_and_not_one_more(n_entries, share):
    n = checks_wanted(n_entries, share=share)
    assert n / (n + n_entries) >= share - 1e-6
    assert (n - 1) / (n - 1 + n_entries) < share


@pytest.mark.parametrize(("n_entries", "share"), [(0, 0.5), (100, 0.0), (0, 0.0)])
def test_nothing_wanted_nothing_planted(n_entries, share):
    assert checks_wanted(n_entries, share=share) == 0
    assert checks_placed(n_entries, []) == []


@given(st.integers(1, 300), st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=300))
def test_checks_stand_behind_an_entry_one_in_each_stretch(n_entries, draws):
    draws = draws[:n_entries]
    places = checks_placed(n_entries, draws)
    assert places == sorted(places)
    assert 1 <= places[0] <= places[-1] <= n_entries
    width = n_entries / len(draws)
    for index, place in enumerate(places):
        assert index * width < place <= (index + 1) * width + 1


def test_every_place_of_a_batch_is_as_likely():
    counts = [0] * 20
    for step in range(2000):
        (place,) = checks_placed(20, [step / 2000])
        counts[place - 1] += 1
    assert set(counts) == {100}


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3])
def test_an_experts_places_are_checks_at_the_share_whoever_it_is_and_however_they_are_asked(share):
    for annotator_id in (1, 2):
        one_by_one = [is_check(seed=7, annotator_id=annotator_id, turn=n, place=0, share=share) for n in range(20_000)]
        ahead = [
            is_check(seed=7, annotator_id=annotator_id, turn=n // 5, place=n % 5, share=share) for n in range(20_000)
        ]
        for drawn in (one_by_one, ahead):
            assert sum(drawn) / len(drawn) == pytest.approx(share, abs=0.012)


def test_a_place_is_the_same_when_asked_again_and_another_for_another_expert():
    drawn = [
        [is_check(seed=1, annotator_id=who, turn=turn, place=2, share=0.5) for turn in range(64)] for who in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


@given(SHARES)
def test_the_reach_is_bounded_and_covers_a_few_checks(share):
    assert 1 / share <= check_reach(share=share) <= 10_000
    assert check_reach(share=0) == 0


@given(st.integers(1, 10**9), st.integers(1, 10**6), st.integers(0, 20))
def test_the_sides_of_a_pair_are_its_two_stages_the_same_again(photo_id, annotator_id, boundary):
    pair = pair_sides(photo_id=photo_id, annotator_id=annotator_id, boundary=boundary)
    assert {pair.left, pair.right} == {boundary, boundary + 1}
    assert pair == pair_sides(photo_id=photo_id, annotator_id=annotator_id, boundary=boundary)


def test_sides_are_even_between_photos_and_between_people():
    for ids in ([(photo, 1) for photo in range(4000)], [(1, annotator) for annotator in range(4000)]):
        n_left = sum(pair_sides(photo_id=p, annotator_id=a, boundary=3).left == 3 for p, a in ids)
        assert n_left / 4000 == pytest.approx(0.5, abs=0.03)
