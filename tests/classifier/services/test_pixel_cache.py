"""Squares that are kept for the next version."""

import os
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.files.storage import default_storage

from classifier.services import photo_arrays, pixel_cache
from classifier.services.photo_arrays import PhotosAhead, photos_decode, photos_memmap
from classifier.services.pixel_cache import IDLE_SECONDS, PixelCache
from labeling.models import Photo
from labeling.storage_keys import rendition_key
from tests.classifier.scripted import renditions_store
from tests.factories.labeling import PhotoFactory

SIZE = 8
N_BYTES = SIZE * SIZE * 3


def names(start, stop):
    return [f"{number:064x}" for number in range(start, stop)]


def squares(start, stop):
    made = np.random.default_rng(0).integers(0, 256, (50, SIZE, SIZE, 3), np.uint8)
    return made[start:stop]


def filled(cache, sha256s):
    """Pixels and the rows that were not there, which are left 0."""
    pixels = np.zeros((len(sha256s), SIZE, SIZE, 3), np.uint8)
    return pixels, cache.fill(pixels, sha256s)


class TestPixelCache:
    def test_what_one_process_keeps_another_finds(self, tmp_path):
        reader = PixelCache(tmp_path, SIZE)
        assert filled(reader, names(0, 3))[1] == [0, 1, 2]
        writer = PixelCache(tmp_path, SIZE)
        assert writer.keep(squares(0, 5), names(0, 5))
        assert writer.keep(squares(5, 9), names(5, 9))

        pixels, missing = filled(reader, [*names(7, 9), *names(20, 21), *names(1, 3)])

        assert missing == [2]
        assert (pixels == np.concatenate([squares(7, 9), np.zeros_like(squares(0, 1)), squares(1, 3)])).all()

    def test_sizes_are_apart(self, tmp_path):
        PixelCache(tmp_path, SIZE).keep(squares(0, 5), names(0, 5))
        other = np.zeros((5, 4, 4, 3), np.uint8)
        assert PixelCache(tmp_path, 4).fill(other, names(0, 5)) == [0, 1, 2, 3, 4]

    def test_blocks_with_photos_that_are_gone_are_dropped(self, tmp_path):
        cache = PixelCache(tmp_path, SIZE)
        cache.keep(squares(0, 5), names(0, 5))
        cache.keep(squares(5, 9), names(5, 9))
        assert pixel_cache.blocks_drop(tmp_path, present=lambda sha256s: set(sha256s) - set(names(6, 7))) == 1
        assert filled(cache, names(0, 9))[1] == [5, 6, 7, 8]
        assert pixel_cache.blocks_drop(tmp_path, present=set) == 0

    def test_a_block_that_went_is_decoded_again(self, tmp_path):
        cache = PixelCache(tmp_path, SIZE)
        cache.keep(squares(0, 5), names(0, 5))
        assert filled(cache, names(0, 5))[1] == []
        for block in tmp_path.rglob("*.block"):
            block.unlink()
        assert filled(cache, names(0, 5))[1] == [0, 1, 2, 3, 4]

    def test_a_full_disk_keeps_what_is_in_use_and_replaces_what_is_idle(self, tmp_path, monkeypatch):
        monkeypatch.setattr(pixel_cache, "KEPT_BYTES", 11 * (N_BYTES + 32))
        cache = PixelCache(tmp_path, SIZE)
        assert cache.keep(squares(0, 5), names(0, 5))
        assert cache.keep(squares(5, 10), names(5, 10))
        assert not cache.keep(squares(10, 15), names(10, 15))
        for block in tmp_path.rglob("*.block"):
            os.utime(block, (0, block.stat().st_mtime - IDLE_SECONDS - 1))
        assert filled(cache, names(5, 10))[1] == []  # and is in use from now on

        assert cache.keep(squares(10, 15), names(10, 15))

        assert filled(cache, names(0, 15))[1] == [0, 1, 2, 3, 4]
        assert not list(tmp_path.rglob("*.part"))

    def test_nothing_is_kept_on_a_disk_that_is_nearly_full(self, tmp_path, monkeypatch):
        monkeypatch.setattr(pixel_cache, "FREE_SHARE", 1.0)
        assert not PixelCache(tmp_path, SIZE).keep(squares(0, 5), names(0, 5))


@pytest.fixture
def hashes(settings, tmp_path):
    """Hashes of six photos in storage."""
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": tmp_path / "media"},
    }}  # fmt: skip
    photos = [SimpleNamespace(sha256=sha256) for sha256 in names(0, 6)]
    renditions_store(photos)
    return [photo.sha256 for photo in photos]


@pytest.fixture
def decoded(monkeypatch):
    """The photos that are decoded from now on."""
    seen, square = [], photo_arrays._square

    def counted(sha256, size):
        seen.append(sha256)
        return square(sha256, size)

    monkeypatch.setattr(photo_arrays, "_square", counted)
    return seen


class TestPhotos:
    def test_the_second_time_only_new_photos_are_decoded(self, hashes, decoded):
        array = photos_decode(sha256s=hashes, size=16)
        with PhotosAhead(sha256s=hashes[:4], size=16, is_kept=True) as ahead:
            assert np.array_equal(ahead[:], array[:4])
        decoded.clear()

        with PhotosAhead(sha256s=hashes, size=16, is_kept=True) as ahead:
            assert np.array_equal(np.stack(list(ahead)), array)
            assert np.array_equal(ahead[3:5], array[3:5])

        assert sorted(decoded) == sorted(hashes[4:])

    def test_one_that_cannot_be_read_is_not_kept(self, hashes, decoded):
        default_storage.delete(rendition_key(hashes[4], "model"))
        with PhotosAhead(sha256s=hashes, size=16, is_kept=True) as ahead:
            assert len(ahead[:4]) == 4
        decoded.clear()
        with PhotosAhead(sha256s=hashes, size=16) as ahead:
            assert len(ahead[5:]) == 1
        assert decoded == [hashes[4]]

    def test_a_training_reads_what_scoring_kept(self, hashes, decoded):
        array = photos_decode(sha256s=hashes, size=16)
        with PhotosAhead(sha256s=hashes[2:], size=16, is_kept=True):
            pass
        decoded.clear()
        assert np.array_equal(photos_memmap(sha256s=hashes, size=16), array)
        assert sorted(decoded) == sorted(hashes[:2])


@pytest.mark.django_db
def test_squares_of_erased_photos_do_not_stay(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    gone, other = (str(PhotoFactory().sha256) for _ in range(2))
    cache = photo_arrays.pixel_cache(SIZE)
    cache.keep(squares(0, 1), [gone])
    cache.keep(squares(1, 2), [other])
    old = photo_arrays.work_folder("pixels") / "run.npy"
    old.write_bytes(b"")
    assert photo_arrays.pixels_forget() == 0

    os.utime(old, (0, 0))
    Photo.objects.get(sha256=gone).delete()

    assert photo_arrays.pixels_forget() == 2
    assert filled(cache, [gone, other])[1] == [0]
