"""When opinions are enough, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.consensus import Adjudicate, AskMore, Opinion, OpinionKind, Policy, Settled, decide

N = 7
CANNOT_TELL = Opinion(OpinionKind.CANNOT_TELL)
UNUSABLE = Opinion(OpinionKind.UNUSABLE)


def stage(position):
    return Opinion(OpinionKind.STAGE, position)


def between(lower):
    return Opinion(OpinionKind.BETWEEN, lower, lower + 1)


def verdict(*opinions, wanted=2, is_ordered=True):
    return decide(opinions, n_stages=N, is_ordered=is_ordered, policy=Policy(wanted))


stages = st.integers(0, N - 1).map(stage)
betweens = st.integers(0, N - 2).map(between)
opinions = st.lists(st.one_of(stages, betweens, st.just(CANNOT_TELL), st.just(UNUSABLE)), max_size=7)
wanteds = st.integers(1, 5)


@pytest.mark.parametrize(
    ("given_opinions", "wanted", "expected"),
    [
        ([], 1, AskMore(1)),
        ([stage(3)], 2, AskMore(2)),
        ([stage(2), stage(3)], 2, AskMore(3)),
        ([stage(2), stage(3), between(2), between(2)], 3, Adjudicate(1)),
        ([stage(2), stage(4)], 2, Adjudicate(2)),
        ([stage(2), stage(4)], 3, AskMore(3)),
        ([stage(0), stage(6), stage(0)], 3, Adjudicate(6)),
        ([between(1), stage(4)], 2, Adjudicate(2)),
        ([stage(3), CANNOT_TELL], 2, AskMore(3)),
        ([stage(3), CANNOT_TELL, UNUSABLE], 2, Adjudicate(0)),
        ([CANNOT_TELL, UNUSABLE], 2, AskMore(3)),
    ],
)
def test_what_is_not_settled(given_opinions, wanted, expected):
    assert verdict(*given_opinions, wanted=wanted) == expected


@pytest.mark.parametrize(
    ("given_opinions", "wanted", "expected_stage", "agreement"),
    [
        ([stage(3)], 1, 3, 1.0),
        ([between(3)], 1, 3, 1.0),
        ([stage(2), stage(3), stage(3)], 2, 3, 2 / 3),
        ([stage(4), between(3)], 2, 4, 1.0),
        ([between(2), between(3)], 2, 3, 1.0),
        ([stage(3), stage(3), CANNOT_TELL], 3, 3, 2 / 3),
        ([stage(1), stage(1), stage(2), UNUSABLE], 4, 1, 2 / 4),
    ],
)
def test_the_stage_that_is_settled_on(given_opinions, wanted, expected_stage, agreement):
    settled = verdict(*given_opinions, wanted=wanted)
    assert isinstance(settled, Settled)
    assert settled.stage == expected_stage
    assert settled.annotator_agreement == pytest.approx(agreement)


def test_a_majority_for_unusable_or_cannot_tell_settles():
    assert verdict(UNUSABLE, UNUSABLE, stage(1)).outcome == "unusable"
    assert verdict(CANNOT_TELL, CANNOT_TELL, stage(1)).outcome == "undecidable"


def test_without_an_order_neighbours_are_no_closer_than_others():
    assert verdict(stage(0), stage(6), is_ordered=False) == AskMore(3)
    assert verdict(stage(0), stage(6), stage(6), is_ordered=False).stage == 6
    assert verdict(stage(0), stage(1), stage(2), is_ordered=False) == Adjudicate(1)


@given(opinions, wanteds, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_opinions_is_no_matter(some, wanted, is_ordered, random):
    shuffled = random.sample(some, len(some))
    assert verdict(*some, wanted=wanted, is_ordered=is_ordered) == verdict(
        *shuffled, wanted=wanted, is_ordered=is_ordered
    )


@given(opinions, wanteds, st.booleans())
def test_a_settled_stage_has_a_distribution_that_sums_to_1_and_a_quality_read_from_it(some, wanted, is_ordered):
    settled = verdict(*some, wanted=wanted, is_ordered=is_ordered)
    if isinstance(settled, Settled) and settled.outcome == "stage":
        assert sum(settled.distribution) == pytest.approx(1)
        assert len(settled.distribution) == N
        assert settled.consensus_quality == settled.distribution[settled.stage] > 0
        assert 0 < settled.annotator_agreement <= 1


@given(stages, wanteds, st.integers(0, 3), st.booleans())
def test_the_unanimous_are_believed(opinion, wanted, more, is_ordered):
    settled = verdict(*[opinion] * (wanted + more), wanted=wanted, is_ordered=is_ordered)
    assert (settled.stage, settled.consensus_quality, settled.annotator_agreement) == (opinion.lower, 1.0, 1.0)


@given(opinions, wanteds, st.booleans())
def test_one_more_voice_for_what_is_settled_unsettles_nothing(some, wanted, is_ordered):
    settled = verdict(*some, wanted=wanted, is_ordered=is_ordered)
    if isinstance(settled, Settled) and settled.stage is not None:
        again = verdict(*some, stage(settled.stage), wanted=wanted, is_ordered=is_ordered)
        assert (again.outcome, again.stage) == ("stage", settled.stage)


@given(st.lists(st.integers(0, N - 2), min_size=1, max_size=6), wanteds)
def test_later_opinions_never_settle_on_an_earlier_stage(positions, wanted):
    low = verdict(*[stage(p) for p in positions], wanted=wanted)
    high = verdict(*[stage(p + 1) for p in positions], wanted=wanted)
    assert type(low) is type(high)
    if isinstance(low, Settled):
        assert high.stage == low.stage + 1


@given(opinions, wanteds, st.booleans())
def test_nobody_is_asked_for_more_than_one_opinion_beyond_what_is_wanted(some, wanted, is_ordered):
    more = verdict(*some, wanted=wanted, is_ordered=is_ordered)
    if isinstance(more, AskMore):
        assert len(some) < more.wanted <= wanted + 1


def test_a_stage_outside_the_scale_is_an_error():
    with pytest.raises(ValueError, match="no interval"):
        verdict(stage(N), wanted=1)


class TestCriticalBoundaries:
    """A difference of one is tolerated, unless it lies across one of these."""

    policy = Policy(2, critical_boundaries=frozenset({3}))

    @pytest.mark.parametrize("certainty", [None, 0.6])
    def test_a_difference_of_one_across_it_needs_an_adjudicator(self, certainty):
        policy = Policy(2, certainty_wanted=certainty, critical_boundaries=frozenset({3}))
        opinions = [stage(4), stage(3)]
        assert decide(opinions, n_stages=N, is_ordered=True, policy=policy, posterior=peak(4)) == Adjudicate(1)

    @pytest.mark.parametrize("pair", [(stage(2), stage(3)), (stage(4), stage(5)), (stage(3), between(3))])
    def test_elsewhere_or_with_an_overlap_it_does_not(self, pair):
        assert not isinstance(decide(pair, n_stages=N, is_ordered=True, policy=self.policy), Adjudicate)

    def test_without_an_order_there_are_no_boundaries(self):
        opinions = [stage(3), stage(4)]
        assert decide(opinions, n_stages=N, is_ordered=False, policy=self.policy) == AskMore(3)


def peak(position, certainty=0.9):
    posterior = [(1 - certainty) / (N - 1)] * N
    posterior[position] = certainty
    return posterior


class TestCertainty:
    """Asked until the posterior is sure enough."""

    def verdict(self, *opinions, posterior, wanted=1, most=4, certainty=0.85):
        policy = Policy(wanted, labels_max=most, certainty_wanted=certainty)
        return decide(opinions, n_stages=N, is_ordered=True, policy=policy, posterior=posterior)

    def test_sure_enough_it_is_settled_with_the_posterior_for_a_distribution(self):
        settled = self.verdict(stage(3), posterior=peak(3))
        assert (settled.stage, settled.consensus_quality, settled.annotator_agreement) == (3, 0.9, 1.0)
        assert list(settled.distribution) == peak(3)

    def test_the_minimum_is_asked_for_whatever_the_posterior(self):
        assert self.verdict(stage(3), posterior=peak(3), wanted=2) == AskMore(2)

    def test_one_more_at_a_time_until_the_most_then_an_adjudicator(self):
        unsure = peak(3, 0.6)
        assert self.verdict(stage(3), posterior=unsure) == AskMore(2)
        assert self.verdict(*[stage(3)] * 3, posterior=unsure) == AskMore(4)
        assert self.verdict(*[stage(3)] * 4, posterior=unsure) == Adjudicate(0)

    def test_a_stage_nobody_named_is_never_settled_on(self):
        assert self.verdict(stage(3), posterior=peak(4)) == AskMore(2)

    def test_two_stages_apart_is_for_an_adjudicator_however_sure_the_posterior(self):
        assert self.verdict(stage(3), stage(5), posterior=peak(3, 0.99)) == Adjudicate(2)

    def test_all_between_the_same_two_must_be_sure_of_the_two_together(self):
        shared = [0.0, 0.0, 0.04, 0.48, 0.44, 0.04, 0.0]
        settled = self.verdict(between(3), between(3), posterior=shared)
        assert (settled.stage, settled.consensus_quality) == (3, 0.48)
        assert self.verdict(between(3), between(3), posterior=shared, certainty=0.95) == AskMore(3)

    def test_who_cannot_tell_still_counts(self):
        assert self.verdict(CANNOT_TELL, CANNOT_TELL, stage(3), posterior=peak(3)).outcome == "undecidable"
        assert self.verdict(CANNOT_TELL, stage(3), posterior=peak(3)) == AskMore(3)

    def test_a_posterior_is_needed(self):
        with pytest.raises(ValueError, match="needs a posterior"):
            self.verdict(stage(3), posterior=None)

    @given(opinions, st.integers(1, 4), st.integers(0, 4), st.integers(0, N - 1), st.floats(0.5, 0.999))
    def test_nobody_is_asked_beyond_the_most_and_what_is_settled_is_as_sure_as_wanted(
        self, some, wanted, more, position, certainty
    ):
        posterior = peak(position)
        found = self.verdict(*some, posterior=posterior, wanted=wanted, most=wanted + more, certainty=certainty)
        if isinstance(found, AskMore):
            assert len(some) < found.wanted <= wanted + more
        if isinstance(found, Settled) and found.stage is not None and any(o.kind is OpinionKind.STAGE for o in some):
            assert found.distribution[found.stage] >= certainty


def test_the_most_that_is_asked_can_be_the_least():
    assert decide([stage(2), stage(3)], n_stages=N, is_ordered=True, policy=Policy(2, labels_max=2)) == Adjudicate(1)
