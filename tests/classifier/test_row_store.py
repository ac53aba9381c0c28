import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.row_store import RowStore


def rows(ids):
    """Row i is (i, 2 i)."""
    ids = np.asarray(ids, np.int64)
    return ids, np.stack([ids, 2 * ids], axis=1).astype(np.float32)


def test_an_empty_store_has_no_rows(tmp_path):
    ids, values = RowStore(tmp_path / "none", np.float32).read()

    assert ids.shape == (0,)
    assert values.shape == (0, 0)


@given(portions=st.lists(st.lists(st.integers(0, 40), unique=True, max_size=8), max_size=6))
def test_what_was_appended_is_read_by_ascending_id_and_once(tmp_path_factory, portions):
    store = RowStore(tmp_path_factory.mktemp("store"), np.float32)
    for portion in portions:
        store.append(*rows(portion))

    ids, values = store.read()

    assert ids.tolist() == sorted({photo_id for portion in portions for photo_id in portion})
    assert values.tolist() == [[i, 2 * i] for i in ids.tolist()]


def test_rows_in_order_are_a_view_of_the_file(tmp_path):
    store = RowStore(tmp_path, np.float16)
    store.append(*rows([1, 2]))
    store.append(*rows([5]))

    assert isinstance(store.read()[1], np.memmap)


def test_an_append_that_died_half_way_is_neither_read_nor_in_the_way(tmp_path):
    store = RowStore(tmp_path, np.float32)
    store.append(*rows([1, 2]))
    with (tmp_path / "values").open("ab") as file:
        file.write(b"\x01" * 13)
    with (tmp_path / "ids").open("ab") as file:
        file.write(b"\x01" * 3)

    assert store.read()[0].tolist() == [1, 2]
    store.append(*rows([7, 9]))

    ids, values = store.read()
    assert ids.tolist() == [1, 2, 7, 9]
    assert values.tolist() == [[1, 2], [2, 4], [7, 14], [9, 18]]


def test_rows_of_another_width_are_refused(tmp_path):
    store = RowStore(tmp_path, np.float32)
    store.append(*rows([1]))

    with pytest.raises(ValueError, match="rows of 2 numbers cannot be followed by rows of 3"):
        store.append(np.array([2]), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="1 ids and values of shape"):
        store.append(np.array([2]), np.zeros(2))
