import numpy as np
import pytest

from classifier.nn.input_pipeline import (
    Augmentation,
    epoch_generator,
    mixed_up,
    steps_per_epoch,
    training_batches,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (23, 8, 8, 3), dtype=np.uint8)
TARGETS = np.eye(23, dtype=np.float32)
ROWS = np.arange(3, 23)


def batches(seed=1, epoch=0, batch_size=8):
    rng = epoch_generator(seed, epoch)
    return list(training_batches(IMAGES, TARGETS, ROWS, batch_size=batch_size, augmentation=Augmentation(), rng=rng))


def test_every_row_comes_and_no_other_and_sizes_are_equal():
    found = batches()
    assert len(found) == steps_per_epoch(20, 8) == 3
    assert {len(photos) for photos, _ in found} == {8}
    assert {int(row) for _, labels in found for row in labels.argmax(axis=1)} == set(ROWS.tolist())


def test_an_epoch_repeats_exactly_and_epochs_differ():
    first, again, later = batches(), batches(), batches(epoch=1)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a[1], b[1]) for a, b in zip(first, later, strict=True))


def test_small_sets_make_one_batch():
    assert [len(photos) for photos, _ in batches(batch_size=500)] == [20]


def test_augmentation_stays_in_range_and_off_means_off():
    rng = np.random.default_rng(0)
    bent = Augmentation().apply(IMAGES, rng)
    assert bent.dtype == np.float32
    assert bent.min() >= 0
    assert bent.max() <= 255
    off = Augmentation(flip=False, smallest_crop=1.0, brightness=0, contrast=0, channel_gain=0)
    assert np.allclose(off.apply(IMAGES, rng), IMAGES, atol=1e-3)


def test_hue_hardly_moves():
    grey = np.full((64, 4, 4, 3), 128, np.uint8)
    bent = Augmentation().apply(grey, np.random.default_rng(0))
    assert np.abs(bent / bent.mean(axis=-1, keepdims=True) - 1).max() < 0.05


def test_mixup_mixes_photos_and_distributions_alike():
    rng = np.random.default_rng(0)
    photos = np.arange(23, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 3), np.float32)
    mixed, targets = mixed_up(photos, TARGETS, 0.2, rng)
    assert np.allclose(targets.sum(axis=1), 1)
    assert np.allclose(mixed[:, 0, 0, 0], targets @ np.arange(23), atol=1e-4)
    assert ((targets > 0).sum(axis=1) <= 2).all()
    assert ((targets > 0.05).sum(axis=1) == 2).any()
    same, labels = mixed_up(photos, TARGETS, 0.0, rng)
    assert same is photos
    assert labels is TARGETS


def test_batches_made_ahead_are_the_same_ones_in_order():
    from classifier.nn.input_pipeline import MadeAhead

    with MadeAhead(iter(range(20)), depth=3) as ready:
        assert list(ready) == list(range(20))


def test_what_making_a_batch_raises_is_raised_where_it_is_taken():
    from classifier.nn.input_pipeline import MadeAhead

    def broken():
        yield 1
        raise OSError("the photos are gone")

    with MadeAhead(broken()) as ready, pytest.raises(OSError, match="are gone"):
        list(ready)


def test_leaving_early_ends_the_thread_and_makes_no_more():
    import threading

    from classifier.nn.input_pipeline import MadeAhead

    made = []

    def endless():
        while True:
            made.append(len(made))
            yield made[-1]

    before = threading.active_count()
    with MadeAhead(endless(), depth=2) as ready:
        assert next(iter(ready)) == 0
    assert threading.active_count() == before
    assert len(made) <= 4
