"""Correctness of the few-shot networks, in seconds and without data from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.core.episodes import Episode

pytestmark = pytest.mark.nn

RNG = np.random.default_rng(0)
SUPPORT = RNG.normal(size=(2, 4, 3, 8)).astype(np.float32)
QUERIES = RNG.normal(size=(2, 6, 8)).astype(np.float32)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def comparers():
    from classifier.nn.few_shot.comparers import AttentionComparer, PrototypeComparer

    return [PrototypeComparer(), PrototypeComparer(scale=3.0), AttentionComparer(), AttentionComparer(20.0)]


@pytest.mark.parametrize("number", range(4))
def test_comparers_keep_the_symmetries_of_a_task(number):
    comparer = comparers()[number]
    logits = np.asarray(comparer(SUPPORT, QUERIES))
    assert logits.shape == (2, 6, 4)
    shots = np.asarray(comparer(SUPPORT[:, :, [2, 0, 1]], QUERIES))
    assert np.allclose(shots, logits, atol=1e-4), "the order of the examples means nothing"
    renamed = np.asarray(comparer(SUPPORT[:, [3, 1, 0, 2]], QUERIES))
    assert np.allclose(renamed, logits[:, :, [3, 1, 0, 2]], atol=1e-4), "other names permute the answer"
    one_by_one = np.concatenate([np.asarray(comparer(SUPPORT, QUERIES[:, i : i + 1])) for i in range(6)], axis=1)
    assert np.allclose(one_by_one, logits, atol=1e-4), "queries do not see each other"


def test_comparers_are_their_papers_equations():
    prototype, _, attention, _ = comparers()
    means = SUPPORT.mean(axis=2)
    distance = ((QUERIES[:, :, None] - means[:, None]) ** 2).sum(axis=-1)
    assert np.allclose(np.asarray(prototype(SUPPORT, QUERIES)), -distance, atol=1e-3)
    flat = SUPPORT.reshape(2, 12, 8)
    unit = flat / np.linalg.norm(flat, axis=-1, keepdims=True)
    cosine = np.einsum("bmd,bnd->bmn", QUERIES / np.linalg.norm(QUERIES, axis=-1, keepdims=True), unit)
    attended = softmax(10 * cosine).reshape(2, 6, 4, 3).sum(axis=-1)
    assert np.allclose(softmax(np.asarray(attention(SUPPORT, QUERIES))), attended, atol=1e-4)


@pytest.mark.parametrize("number", range(4))
def test_what_is_shown_and_asked_about_is_recognised(number):
    logits = np.asarray(comparers()[number](SUPPORT[:, :, :1], SUPPORT[:, :, 0]))
    assert (logits.argmax(axis=-1) == np.arange(4)).all()


def test_a_network_scores_an_episode_and_its_encoder_keeps_its_statistics_fixed():
    from classifier.nn.few_shot.comparers import PrototypeComparer
    from classifier.nn.few_shot.encoders import build_conv4
    from classifier.nn.few_shot.episode_network import EpisodeNetwork, episode_batch

    pictures = RNG.random((12, 16, 16, 1))
    episode = Episode(np.arange(3), np.arange(6).reshape(3, 2), np.arange(6, 12).reshape(3, 2))
    inputs, labels = episode_batch([episode], pictures)
    assert labels.tolist() == [[0, 0, 1, 1, 2, 2]]
    network = EpisodeNetwork(build_conv4(16, filters=4), PrototypeComparer(), n_way=3, k_shot=2)
    together = np.asarray(network(inputs, training=False))
    assert together.shape == (1, 6, 3)
    alone = np.asarray(network({**inputs, "queries": inputs["queries"][:, :1]}, training=False))
    assert np.allclose(alone[0, 0], together[0, 0], atol=1e-5)


def test_training_on_episodes_learns_to_compare():
    """Classes differ in one number of many; after training, unseen classes are told apart by it."""
    from classifier.core.episodes import rows_by_class, sample_episode
    from classifier.nn.few_shot.comparers import PrototypeComparer
    from classifier.nn.few_shot.episode_network import EpisodeNetwork, episode_batch, train_on_episodes
    from classifier.nn.few_shot.feature_training import build_residual_network

    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 10)
    X = rng.normal(size=(400, 10)).astype(np.float32)
    X[:, 0] = 2 * rng.normal(size=40)[labels] + 0.1 * rng.normal(size=400)
    rows = rows_by_class(labels, 40)

    def next_batch(step, low=0):
        classes = low + rng.permutation(20)[:5]
        return episode_batch([sample_episode(rows, classes, k_shot=1, n_queries=2, rng=rng)], X)

    network = EpisodeNetwork(build_residual_network(10), PrototypeComparer(scale=5.0), n_way=5, k_shot=1)

    def accuracy():
        right = []
        for _ in range(60):
            inputs, wanted = next_batch(0, low=20)
            right.append(np.asarray(network(inputs)).argmax(axis=-1) == wanted)
        return np.mean(right)

    before = accuracy()
    train_on_episodes(network, next_batch, steps=200, learning_rate=1e-2)
    assert accuracy() > before + 0.15


def test_a_siamese_network_is_symmetric_and_sure_of_a_photo_and_itself():
    from classifier.nn.few_shot.encoders import build_koch_encoder
    from classifier.nn.few_shot.feature_training import build_siamese

    network = build_siamese(build_koch_encoder(24, blocks=((4, 5), (8, 4), (8, 3)), units=16))
    a, b = RNG.random((2, 5, 24, 24, 1)).astype(np.float32)
    assert np.allclose(network([a, b]), network([b, a]), atol=1e-6)
    bias = network.get_layer("same").get_weights()[1]
    assert np.allclose(network([a, a]), bias, atol=1e-6)


def test_koch_at_105_pixels_has_the_weights_of_the_paper():
    from classifier.nn.few_shot.encoders import build_koch_encoder

    assert build_koch_encoder(105).output_shape == (None, 4096)
    assert 38.9e6 < build_koch_encoder(105).count_params() < 39.0e6
    with pytest.raises(ValueError, match="too small for a kernel of 7 in layer 2"):
        build_koch_encoder(20)


def test_pairs_are_half_alike_never_a_photo_with_itself_and_seldom_of_one_group():
    from classifier.nn.few_shot.pairs import PairSampler

    stages = np.repeat([0, 1, 2, 3], [40, 4, 1, 10])
    groups = np.arange(55) // 2
    sampler = PairSampler(np.eye(5)[stages], groups, is_ordered=True, rng=np.random.default_rng(0))
    a, b, is_same = sampler.rows(2000)
    assert is_same.mean() == 0.5
    assert (a != b).all()
    assert ((stages[a] == stages[b]) == is_same).all()
    assert (groups[a] != groups[b])[is_same].all()
    assert np.allclose(np.bincount(stages[a][is_same]) / 1000, [1 / 3, 1 / 3, 0, 1 / 3], atol=0.06)
    apart = np.abs(stages[a] - stages[b])[~is_same]
    assert (apart == 1).mean() > 0.6
    assert not PairSampler.fits(np.eye(3)[[0, 1, 2]])
    assert not PairSampler.fits(np.eye(3)[[1, 1]])
    assert PairSampler.fits(np.eye(3)[[1, 1, 2]])
