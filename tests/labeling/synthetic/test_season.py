"""Seasons: time and age go together, everything is seeded, and the balanced sampler is balanced."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.synthetic.scale import AGE_MAX, AGE_MIN, N_STAGES, STAGES, stage_of
from labeling.synthetic.season import (
    STAGE_DEGREE_DAYS,
    age_at,
    balanced_specs,
    daily_temperatures,
    degree_days,
    simulate_season,
    stage_counts,
    world,
)

few = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**31)


@given(age=st.floats(-5, 15))
def test_a_stage_is_the_whole_part_of_the_age_within_the_scale(age: float) -> None:
    position = stage_of(age)
    assert 0 <= position < N_STAGES
    if 0 <= age < N_STAGES:
        assert position <= age < position + 1


def test_the_scale_is_complete_and_in_order() -> None:
    assert len({stage.slug for stage in STAGES}) == N_STAGES == 7
    assert len({stage.color for stage in STAGES}) == N_STAGES
    codes = [stage.bbch_first for stage in STAGES]
    assert codes == sorted(codes)


@given(seed=SEEDS, every=st.integers(1, 9), burst=st.integers(1, 3))
@few
def test_no_plant_ever_goes_back(seed: int, every: int, burst: int) -> None:
    specs = simulate_season(n_sites=2, plants_per_site=2, seed=seed, every=every, photos_per_visit=burst)
    assert [spec.taken_at for spec in specs] == sorted(spec.taken_at for spec in specs)
    for name in {spec.plant.name for spec in specs}:
        ages = [spec.age for spec in specs if spec.plant.name == name]
        assert all(earlier <= later for earlier, later in pairwise(ages))
        assert all(AGE_MIN <= age <= AGE_MAX for age in ages)


@given(seed=SEEDS)
@few
def test_a_season_sees_every_stage(seed: int) -> None:
    assert min(stage_counts(simulate_season(n_sites=1, plants_per_site=4, seed=seed, every=1))) > 0


def test_a_season_is_a_function_of_its_seed() -> None:
    first, again = (simulate_season(n_sites=2, plants_per_site=3, seed=5) for _ in range(2))
    other = simulate_season(n_sites=2, plants_per_site=3, seed=6)
    assert first == again
    assert first != other


@given(seed=SEEDS)
@few
def test_warmth_never_falls_and_is_nothing_in_winter(seed: int) -> None:
    site, _ = world(1, 1, seed)[0]
    total = degree_days(daily_temperatures(2025, 300, site, seed))
    assert total[30] == 0.0
    assert (np.diff(total) >= 0).all()


@given(seed=SEEDS, warmth=st.floats(0, 2000), more=st.floats(0, 500))
@few
def test_age_rises_with_warmth(seed: int, warmth: float, more: float) -> None:
    site, plant = world(1, 1, seed)[0]
    assert age_at(warmth, plant, site) <= age_at(warmth + more, plant, site)


def test_a_late_plant_is_behind_an_early_one() -> None:
    pairs = world(1, 30, 3)
    ages = sorted((plant.delay, float(age_at(float(STAGE_DEGREE_DAYS[3]), plant, site))) for site, plant in pairs)
    assert ages[0][1] > ages[-1][1]


@given(seed=SEEDS, per_stage=st.integers(1, 40))
@few
def test_the_balanced_sample_has_as_many_of_each_stage(seed: int, per_stage: int) -> None:
    specs = balanced_specs(per_stage=per_stage, seed=seed, n_plants=10, n_sites=2)
    assert stage_counts(specs) == [per_stage] * N_STAGES


def test_balanced_ages_fill_their_stage_evenly() -> None:
    ages = np.array([spec.age % 1.0 for spec in balanced_specs(per_stage=300, seed=1)])
    assert np.histogram(ages, bins=5, range=(0, 1))[0] / len(ages) == pytest.approx([0.2] * 5, abs=0.03)


def test_balanced_plants_show_several_stages() -> None:
    specs = balanced_specs(per_stage=140, seed=1, n_plants=35)
    stages = {name: {s.stage for s in specs if s.plant.name == name} for name in {s.plant.name for s in specs}}
    assert len(stages) == 35
    assert min(len(seen) for seen in stages.values()) == N_STAGES


def test_names_of_a_season_do_not_collide() -> None:
    specs = simulate_season(n_sites=3, plants_per_site=5, seed=9, photos_per_visit=2)
    assert len({spec.name for spec in specs}) == len(specs)
