from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

from classifier.study.photo_sets import Embedding, GeneratedOptions, NoPhotos, exact_reader, generated_set, real_set
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import Difficulty


class Means:
    """Embeds photos as their mean colours, and counts them."""

    def __init__(self):
        self.n = 0

    def __call__(self, photos):
        assert photos.shape[1:] == (224, 224, 3)
        self.n += len(photos)
        return photos.mean(axis=(1, 2)).astype(np.float16)


def _folder(tmp_path):
    folder = tmp_path / "data" / "leaves"
    rows = []
    for number, (stage, red) in enumerate([("old", 200), ("young", 40), ("old", 210)]):
        path = folder / stage / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", (50, 30), (red, 0, 0))
        picture.paste((red, 255, 0), (20, 12, 30, 18))
        picture.save(path)
        rows.append({"path": f"{stage}/{number}.png", "class": stage, "group": f"g{number // 2}"})
    for name, table in (("classes", [{"slug": "young"}, {"slug": "old"}]), ("split", rows)):
        with (folder / f"{name}.csv").open("w", newline="") as handle:
            writer = csv.DictWriter(handle, table[0])
            writer.writeheader()
            writer.writerows(table)
    return tmp_path


def test_a_folder_gives_stages_in_its_order_groups_and_an_enlarged_middle(tmp_path):
    means = Means()
    made = {"side": 16, "embedding": Embedding("means", means, is_pretrained=False), "cache": tmp_path / "cache"}
    photos = real_set("leaves", shared=_folder(tmp_path), **made)
    assert photos.truth.tolist() == [1, 0, 1]
    assert photos.groups.tolist() == ["g0", "g0", "g1"]
    assert photos.images.shape == photos.crops.shape == (3, 16, 16, 3)
    assert photos.images[1, 0, 0].tolist() == [40, 0, 0]
    assert photos.crops[..., 1].mean() > 2 * photos.images[..., 1].mean(), "the middle is not enlarged"
    assert np.allclose(photos.features[:, 0], [200, 40, 210], atol=1)
    again = real_set("leaves", shared=tmp_path, **made)
    assert (again.features == photos.features).all()
    assert means.n == 3, "photos were read again"


def test_photos_that_are_not_there_are_named(tmp_path):
    with pytest.raises(NoPhotos, match=r"banana-ripeness: no photos in .*/data/banana-ripeness"):
        real_set(
            "banana-ripeness", shared=tmp_path, side=8, cache=tmp_path,
            embedding=Embedding("means", Means(), is_pretrained=False),
        )  # fmt: skip


def test_generated_photos_of_seven_stages(tmp_path):
    options = GeneratedOptions(per_stage=1, n_plants=7)
    embedding = Embedding("means", Means(), is_pretrained=False)
    photos = generated_set(options, side=16, embedding=embedding, cache=tmp_path)
    assert photos.truth.tolist() == list(range(7))
    assert photos.n_stages == 7
    assert photos.exact_reader == 1.0


def test_an_exact_reader_errs_as_far_as_looks_run_ahead_of_age():
    exact = balanced_specs(per_stage=40, seed=1, difficulty=Difficulty(age_slack=0.0))
    slack = balanced_specs(per_stage=40, seed=1, difficulty=Difficulty(age_slack=0.25))
    assert exact_reader(exact) == 1.0
    assert exact_reader(slack) == pytest.approx(0.828, abs=0.02), "docs/generator.md says 82.8 %"
