"""Photos: the same specification gives the same bytes, the look follows the age, the header tells time and camera."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labeling.synthetic.flower import render, render_jpeg
from labeling.synthetic.organs import FlowerState, SpurState, flower_state, spur_state
from labeling.synthetic.scale import N_STAGES, STAGES
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import CAMERAS, Difficulty, PhotoSpec, plant_sample, site_sample
from labeling.synthetic.writer import LABELS_FILE, rendered, write_photos

EASY = Difficulty(age_slack=0.0, asynchrony=0.0, clutter=0.0, occlusion=0.0, camera=0.0)


def spec(age: float, *, seed: int = 1, plant: int = 0, difficulty: Difficulty | None = None) -> PhotoSpec:
    site = site_sample(0, 1)
    return PhotoSpec(
        seed=seed,
        age=age,
        site=site,
        plant=plant_sample(plant, site, 1),
        camera=CAMERAS[seed % len(CAMERAS)],
        taken_at=datetime(2025, 4, 12, 9, 30, 5, tzinfo=UTC),
        size=(160, 120),
        difficulty=difficulty or Difficulty(),
    )


@given(seed=st.integers(0, 2**32 - 1), age=st.floats(0, 6.99))
@settings(max_examples=15, deadline=None)
def test_the_same_specification_gives_the_same_bytes(seed: int, age: float) -> None:
    assert render_jpeg(spec(age, seed=seed)) == render_jpeg(spec(age, seed=seed))


def test_other_seeds_plants_and_ages_give_other_photos() -> None:
    photos = {render_jpeg(s) for s in (spec(3.5), spec(3.5, seed=2), spec(3.5, plant=1), spec(4.5))}
    assert len(photos) == 4


@given(
    seed=st.integers(0, 2**32 - 1),
    age=st.floats(0, 6.99),
    knobs=st.lists(st.floats(0, 2), min_size=4, max_size=4),
    size=st.sampled_from([(64, 48), (320, 240), (240, 320)]),
)
@settings(max_examples=25, deadline=None)
def test_any_difficulty_draws_a_photo_of_the_size_asked_for(
    seed: int, age: float, knobs: list[float], size: tuple[int, int]
) -> None:
    hard = Difficulty(knobs[0], knobs[1], knobs[2], min(knobs[3], 1.0), knobs[3])
    image = render(replace(spec(age, seed=seed, difficulty=hard), size=size))
    assert image.size == size
    assert image.mode == "RGB"
    assert np.asarray(image).std() > 3  # something is on it


def _features(s: PhotoSpec) -> np.ndarray:
    """Colours of a coarse grid, brightness taken out: enough to tell a brown bud from a white flower."""
    pixels = np.asarray(render(s).resize((8, 6), Image.Resampling.BOX), float)
    return (pixels - pixels.mean()).ravel()


def test_neighbouring_stages_look_more_alike_than_far_ones() -> None:
    ages = [k + 0.5 for k in range(N_STAGES)]
    gaps: dict[int, list[float]] = {}
    for seed in range(6):
        looks = [_features(spec(age, seed=seed, plant=seed, difficulty=EASY)) for age in ages]
        for i in range(N_STAGES):
            for j in range(i + 1, N_STAGES):
                gaps.setdefault(j - i, []).append(float(np.linalg.norm(looks[i] - looks[j])))
    near, far = np.mean(gaps[1]), np.mean([np.mean(gaps[k]) for k in (3, 4)])
    assert near < 0.85 * far


def test_the_look_is_continuous_across_a_boundary() -> None:
    for boundary in range(1, N_STAGES):
        across = [_features(spec(boundary + d, difficulty=EASY)) for d in (-0.005, 0.005)]
        apart = [_features(spec(boundary + d, difficulty=EASY)) for d in (-0.5, 0.5)]
        assert np.linalg.norm(across[0] - across[1]) < 0.35 * np.linalg.norm(apart[0] - apart[1]), boundary


@given(age=st.floats(0, 7))
def test_organs_move_by_little_in_little_time(age: float) -> None:
    for state_of in (flower_state, spur_state):
        before, after = state_of(age), state_of(age + 0.01)
        for name, value in vars(before).items():
            assert abs(vars(after)[name] - value) < 0.04, name


@given(age=st.floats(0, 6), later=st.floats(0.1, 1))
def test_what_has_fallen_or_opened_stays_so(age: float, later: float) -> None:
    flower: tuple[FlowerState, FlowerState] = (flower_state(age), flower_state(age + later))
    spur: tuple[SpurState, SpurState] = (spur_state(age), spur_state(age + later))
    assert flower[1].petals_left <= flower[0].petals_left
    assert flower[1].ovary >= flower[0].ovary
    assert flower[1].anther_age >= flower[0].anther_age
    assert spur[1].scales <= spur[0].scales
    assert spur[1].leaf_length >= spur[0].leaf_length


def test_exif_tells_time_and_camera() -> None:
    s = spec(4.5)
    exif = Image.open(io.BytesIO(render_jpeg(s))).getexif()
    assert exif[0x0110] == s.camera.model
    assert exif.get_ifd(0x8769)[0x9003] == "2025:04:12 09:30:05"
    assert exif.get_ifd(0x8769)[0x9011] == "+00:00"


def test_true_stage_depends_on_age_alone() -> None:
    assert [spec(k + 0.99, seed=k, plant=k).stage for k in range(N_STAGES)] == list(range(N_STAGES))


def test_folder_per_class_with_a_table(tmp_path: Path) -> None:
    specs = balanced_specs(per_stage=1, seed=4, n_plants=7, n_sites=2)
    table = write_photos(specs, tmp_path)
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert table.name == LABELS_FILE
    assert [row["label"] for row in rows] == [stage.slug for stage in STAGES]
    for row, s in zip(rows, specs, strict=True):
        assert (tmp_path / row["path"]).read_bytes() == render_jpeg(s)
        assert (row["plant"], row["site"]) == (s.plant.name, s.site.name)
        assert datetime.fromisoformat(row["taken_at"]) == s.taken_at


def test_a_table_that_was_not_finished_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> list[bytes]:
        raise OSError("disk full")

    monkeypatch.setattr("labeling.synthetic.writer.rendered", broken)
    with pytest.raises(OSError, match="disk full"):
        write_photos(balanced_specs(per_stage=1, seed=4), tmp_path)
    assert not (tmp_path / LABELS_FILE).exists()


def test_many_processes_give_the_same_bytes_in_order() -> None:
    specs = [spec(k / 2, seed=k) for k in range(6)]
    assert list(rendered(specs, processes=2)) == list(rendered(specs))
