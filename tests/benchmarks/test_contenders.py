from __future__ import annotations

import threading

import pytest

from benchmarks.client import Client, Reply
from benchmarks.contenders import Labelling, Task, Unexpected, expect, hand_outs, label, repeat

OK = Reply(200, b"{}", 0.001, 0.002)


class Pile:
    """A contender that hands out photos from a pile; ``everybody`` are handed to each expert first."""

    name = "pile"

    def __init__(self, photos: list[int], everybody: tuple[int, ...] = ()) -> None:
        self.photos = iter(photos)
        self.everybody = everybody
        self.given: dict[str, list[int]] = {}
        self.guard = threading.Lock()

    def expert(self, number: int) -> Client:
        return Client(f"http://{number}")

    def next(self, client: Client) -> tuple[Reply, list[Task]]:
        with self.guard:
            mine = self.given.setdefault(client.url, [])
            waiting = [photo for photo in self.everybody if photo not in mine]
            photo = waiting[0] if waiting else next(self.photos, None)
            if photo is None:
                return OK, []
            mine.append(photo)
        return OK, [Task(photo)]

    def submit(self, client: Client, task: Task) -> Reply:
        return OK


def test_no_photo_twice_is_no_duplicate() -> None:
    found = hand_outs(Pile(list(range(200))), n_experts=4, each=50)
    assert (found.n, found.duplicates) == (200, 0)
    assert len(found.next.samples) == len(found.submit.samples) == 200


def test_every_further_hand_out_of_a_photo_is_a_duplicate() -> None:
    found = hand_outs(Pile([], everybody=tuple(range(10))), n_experts=3, each=10)
    assert (found.n, found.duplicates) == (30, 20)


def test_what_everybody_is_meant_to_get_is_not_counted() -> None:
    pile = lambda: Pile(list(range(100)), everybody=(900, 901))  # noqa: E731
    counted = hand_outs(pile(), n_experts=4, each=20)
    assert (counted.n, counted.duplicates) == (80, 6)
    found = hand_outs(pile(), n_experts=4, each=20, meant_for_all=frozenset({900, 901}))
    assert (found.n, found.duplicates) == (72, 0)


def test_labelling_is_measured_after_a_warm_up() -> None:
    into = Labelling()
    label(Pile(list(range(20))), Client("http://x"), 10, into)
    assert into.next.samples == [2.0] * 10
    assert len(repeat(lambda client: OK, Client("http://x"), 7).samples) == 7
    with pytest.raises(Unexpected, match="nothing left"):
        label(Pile([1, 2]), Client("http://x"), 10, into)


def test_an_answer_that_was_not_expected_is_told() -> None:
    with pytest.raises(Unexpected, match=r"answered 404: b'no'"):
        expect(Reply(404, b"no", 0, 0), 200, 201)
