"""The draw of the held-out set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.held_out import is_held_out

seeds = st.integers(0, 2**31 - 1)
keys = st.text(min_size=1, max_size=80)
shares = st.floats(0, 1)


@given(seeds, keys, shares)
def test_the_same_group_is_always_on_the_same_side(seed, key, share):
    assert is_held_out(seed=seed, group_key=key, share=share) == is_held_out(seed=seed, group_key=key, share=share)


@given(seeds, keys, shares, shares)
def test_a_larger_share_only_adds_groups(seed, key, one, other):
    small, large = sorted((one, other))
    assert is_held_out(seed=seed, group_key=key, share=large) >= is_held_out(seed=seed, group_key=key, share=small)


@given(seeds, keys)
def test_nothing_and_everything(seed, key):
    assert not is_held_out(seed=seed, group_key=key, share=0)
    assert is_held_out(seed=seed, group_key=key, share=1)


@pytest.mark.parametrize("seed", [0, 7, 123456])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_is_met(seed, share):
    n = 20_000
    drawn = sum(is_held_out(seed=seed, group_key=f"plant:{i}", share=share) for i in range(n))
    assert abs(drawn / n - share) < 4 * (share * (1 - share) / n) ** 0.5


def test_projects_draw_independently():
    both = sum(all(is_held_out(seed=s, group_key=f"photo:{i}", share=0.5) for s in (1, 2)) for i in range(8000))
    assert abs(both / 8000 - 0.25) < 0.02


@pytest.mark.parametrize(("key", "share"), [("", 0.2), ("plant:1", -0.1), ("plant:1", 1.1)])
def test_what_cannot_be_drawn_is_an_error(key, share):
    with pytest.raises(ValueError, match=r"share|group"):
        is_held_out(seed=1, group_key=key, share=share)
