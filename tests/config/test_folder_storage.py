"""The folder of photos and models: whole objects or none, whoever writes at the same time."""

from __future__ import annotations

import threading

import pytest
from django.core.files.base import ContentFile

from config.folder_storage import FolderStorage


@pytest.fixture
def storage(tmp_path):
    return FolderStorage(location=tmp_path)


def test_saving_again_replaces_and_keeps_the_name(storage):
    assert storage.save("a/b", ContentFile(b"first")) == "a/b"
    assert storage.save("a/b", ContentFile(b"second")) == "a/b"
    assert storage.open("a/b").read() == b"second"
    assert storage.listdir("a") == ([], ["b"])


def test_a_writer_that_fails_leaves_what_was_there(storage):
    class Torn(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("the line was cut")

    storage.save("key", ContentFile(b"whole"))
    with pytest.raises(OSError, match="line was cut"):
        storage.save("key", Torn(b""))
    assert storage.open("key").read() == b"whole"
    assert storage.listdir("") == ([], ["key"])


def test_readers_and_writers_of_one_key_never_meet_half_an_object(storage):
    data = b"x" * 400_000
    storage.save("key", ContentFile(data))
    faults: list[object] = []

    def write():
        for _ in range(20):
            storage.save("key", ContentFile(data))

    def read():
        for _ in range(60):
            with storage.open("key") as stored:
                if len(stored.read()) != len(data):
                    faults.append("half an object")

    threads = [threading.Thread(target=each) for each in (write, write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert storage.size("key") == len(data)


def test_what_a_dead_writer_left_is_not_listed(storage, tmp_path):
    storage.save("key", ContentFile(b"1"))
    (tmp_path / "0123.part").write_bytes(b"half")
    assert storage.listdir("") == ([], ["key"])
