import numpy as np

from classifier.core.promotion import Paired, decide

N = 200
GROUPS = np.arange(N) // 2
RNG = np.random.default_rng(0)


def correct(share):
    return np.arange(N) % 100 < 100 * share


def test_first_version_must_beat_chance():
    assert decide(correct(0.6), None, GROUPS, chance=0.3).promote
    weak = decide(correct(0.32), None, GROUPS, chance=0.3)
    assert not weak.promote
    assert "chance" in weak.reason or "commonest" in weak.reason


def test_a_tie_is_promoted_and_a_loss_is_not():
    tie = decide(correct(0.7), correct(0.7), GROUPS, chance=0.2)
    assert tie.promote
    assert (tie.difference, tie.negative_flips) == (0.0, 0)
    worse = decide(correct(0.6), correct(0.7), GROUPS, chance=0.2)
    assert not worse.promote
    assert worse.negative_flips == 20
    assert worse.low <= worse.difference <= worse.high < 0


def test_few_held_out_labels_fall_back_and_say_so():
    few = correct(0.9)[:5]
    fallback = Paired(correct(0.6), None, GROUPS)
    decision = decide(few, None, GROUPS[:5], chance=0.3, out_of_fold=fallback)
    assert decision.promote
    assert decision.subset == "out_of_fold"
    assert decision.n == N
    assert "5 held-out" in decision.reason


def test_no_labels_promote_nothing():
    assert not decide(np.zeros(0, bool), None, np.zeros(0), chance=0.3).promote
