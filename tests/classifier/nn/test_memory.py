"""The memory's arithmetic, and that a small network learns to use it; ``benchmarks.bench_memory`` takes a large one."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.nn

UNITS, SLOTS, WIDTH, HEADS = 7, 6, 4, 2
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def cell():
    from classifier.nn.few_shot.memory import LeastRecentlyUsedCell

    return LeastRecentlyUsedCell(UNITS, SLOTS, WIDTH, HEADS, decay=0.9)


def states_after(cell, steps, batch=3):
    states = cell.get_initial_state(batch)
    for _ in range(steps):
        _, states = cell(RNG.normal(size=(batch, 5)).astype(np.float32), states)
    return [np.asarray(state) for state in states]


def test_states_have_the_sizes_they_say(cell):
    output, states = cell(RNG.normal(size=(3, 5)).astype(np.float32), cell.get_initial_state(3))
    assert output.shape == (3, cell.output_size) == (3, UNITS + HEADS * WIDTH)
    assert [state.shape for state in states] == [(3, size) for size in cell.state_size]


def test_read_weights_are_a_distribution_over_slots(cell):
    read = states_after(cell, 4)[3].reshape(3, HEADS, SLOTS)
    assert (read >= 0).all()
    assert np.allclose(read.sum(axis=-1), 1, atol=1e-5)


def test_a_sharp_read_finds_the_slot_that_is_like_the_key(cell):
    memory = RNG.normal(size=(1, SLOTS, WIDTH)).astype(np.float32)
    keys = 3 * memory[:, [4, 1]]
    weights = np.asarray(cell.address(memory, keys, np.full((1, HEADS), 50.0, np.float32)))
    assert weights.argmax(axis=-1).tolist() == [[4, 1]]
    assert (weights.max(axis=-1) > 0.9).all()


def test_the_least_used_slots_are_emptied_and_written_and_others_kept(cell):
    memory = RNG.normal(size=(1, SLOTS, WIDTH)).astype(np.float32)
    usage = np.array([[5.0, 0.2, 3.0, 0.1, 4.0, 2.0]], np.float32)
    contents = RNG.normal(size=(1, HEADS, WIDTH)).astype(np.float32)
    read = np.eye(SLOTS, dtype=np.float32)[None, [0, 2]]
    new, write = (np.asarray(x) for x in cell.write(memory, read, usage, contents, np.zeros((1, HEADS), np.float32)))
    assert write.argmax(axis=-1).tolist() == [[3, 1]], "each head has a least used slot of its own"
    assert np.allclose(new[0, 3], contents[0, 0])
    assert np.allclose(new[0, 1], contents[0, 1])
    assert np.allclose(new[0, [0, 2, 4, 5]], memory[0, [0, 2, 4, 5]])
    new, write = (np.asarray(x) for x in cell.write(memory, read, usage, contents, np.ones((1, HEADS), np.float32)))
    assert write.argmax(axis=-1).tolist() == [[0, 2]], "or writes where the step before has read"
    assert np.allclose(new[0, 0], memory[0, 0] + contents[0, 0], atol=1e-6)
    assert np.allclose(new[0, [1, 3]], 0)


def test_usage_decays_and_grows_by_what_is_read_and_written(cell):
    before = states_after(cell, 3)
    _, after = cell(RNG.normal(size=(3, 5)).astype(np.float32), before)
    grown = np.asarray(after[4]) - 0.9 * before[4]
    read = np.asarray(after[3]).reshape(3, HEADS, SLOTS).sum(axis=1)
    written = grown - read
    assert (written >= -1e-5).all()
    assert np.allclose(grown.sum(axis=1), 2 * HEADS, atol=1e-4)


def test_more_heads_than_slots_are_refused():
    from classifier.nn.few_shot.memory import LeastRecentlyUsedCell

    with pytest.raises(ValueError, match="9 heads need as many slots"):
        LeastRecentlyUsedCell(slots=8, heads=9)


def test_labels_are_shown_one_step_late():
    from classifier.nn.few_shot.memory import with_past_labels

    found = with_past_labels(np.zeros((1, 3, 2)), np.array([[1, 0, 1]]), 2)
    assert found[0, :, 2:].tolist() == [[0, 0], [0, 1], [1, 0]]


def test_asking_after_showing_is_the_last_step_of_a_sequence(cell):
    """`recall` on many queries at once gives what the network gives one sequence at a time."""
    from classifier.nn.few_shot.memory import LeastRecentlyUsedCell, build_memory_network, recall, with_past_labels

    network = build_memory_network(5, 3, LeastRecentlyUsedCell(UNITS, SLOTS, WIDTH, HEADS))
    support, labels = RNG.normal(size=(4, 5)).astype(np.float32), np.array([2, 0, 1, 0])
    queries = RNG.normal(size=(3, 5)).astype(np.float32)
    found = recall(network, support, labels, queries)
    for query, logits in zip(queries, found, strict=True):
        steps = with_past_labels(np.concatenate([support, query[None]])[None], np.append(labels, 0)[None], 3)
        assert np.allclose(np.asarray(network(steps))[0, -1], logits, atol=1e-5)


WAYS, EACH, LENGTH = 3, 8, 16


def bound_anew(n, rng):
    """Sequences (n, T, d + ways) and labels (n, T): classes that were never seen before, eight noisy sights of each."""
    from classifier.nn.few_shot.memory import with_past_labels

    centres = rng.normal(size=(n, WAYS, LENGTH))
    labels = np.stack([rng.permutation(np.repeat(np.arange(WAYS), EACH)) for _ in range(n)])
    vectors = centres[np.arange(n)[:, None], labels] + 0.1 * rng.normal(size=(n, WAYS * EACH, LENGTH))
    return with_past_labels(vectors, labels, WAYS), labels


@pytest.fixture(scope="module")
def learned():
    """A network that has just learned to: about 400 updates, ten seconds; it stands still for 250 before."""
    import keras

    from classifier.core.contracts import TrainingStopped
    from classifier.nn.few_shot.episode_network import train_on_episodes
    from classifier.nn.few_shot.memory import LeastRecentlyUsedCell, build_memory_network

    keras.utils.set_random_seed(0)
    rng, seen = np.random.default_rng(0), {"accuracy": 0.0, "updates": 0}
    network = build_memory_network(LENGTH, WAYS, LeastRecentlyUsedCell(100, slots=24, width=40, heads=2))

    def on_step(done, figures):
        seen["updates"] = done
        if done % 25 == 0:
            seen["accuracy"] = figures["accuracy"]
            network.reset_metrics()

    with pytest.raises(TrainingStopped):
        train_on_episodes(
            network,
            lambda step: bound_anew(16, rng),
            steps=1500,
            learning_rate=6e-3,
            on_step=on_step,
            should_stop=lambda: seen["accuracy"] > 0.88 or seen["updates"] == 1000,
        )
    return network


def by_sight(network, inputs, labels):
    """Share right at the 1st, 2nd, ... sight."""
    from classifier.core.episodes import sights

    right = np.asarray(network(inputs)).argmax(axis=-1) == labels
    return [float(right[sights(labels) == sight].mean()) for sight in range(1, EACH + 1)]


def test_a_network_learns_to_remember_classes_it_never_saw(learned):
    inputs, labels = bound_anew(300, np.random.default_rng(1))
    found = by_sight(learned, inputs, labels)
    # Who has seen the other classes may rule them out, and more cannot be known: (1/3 + 1/2 + 1) / 3.
    assert found[0] < 0.611 + 0.05
    assert found[1] > 0.7
    assert found[-1] > 0.9


def test_what_it_knows_it_has_from_the_labels_and_from_the_memory(learned, monkeypatch):
    inputs, labels = bound_anew(300, np.random.default_rng(2))
    told = by_sight(learned, inputs, labels)[-1]
    untold = inputs.copy()
    untold[:, :, LENGTH:] = 0
    assert by_sight(learned, untold, labels)[-1] < 0.5
    cell = learned.get_layer("memory").cell

    def keep_nothing(memory, read_weights, usage, contents, gates):
        return memory, 0 * read_weights

    monkeypatch.setattr(cell, "write", keep_nothing)
    assert by_sight(learned, inputs, labels)[-1] < told - 0.3
