from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.training_rules import RetrainingRule, SinceTraining, retraining_reason, upper_bound


def since(**values):
    return SinceTraining(**{"labels": 20, "labels_trained_on": 400, "age": timedelta(days=3), **values})


@pytest.mark.parametrize(
    ("rule", "values", "reason"),
    [
        (RetrainingRule(), {"labels": 99}, ""),
        (RetrainingRule(), {"labels": 100}, "100 new labels"),
        (RetrainingRule(), {"labels": 50, "labels_trained_on": 40}, "50 new labels"),
        (RetrainingRule(labels_new=20), {}, "20 new labels"),
        (RetrainingRule(labels_new=21), {}, ""),
        (RetrainingRule(days_most=3), {}, "3 days since the last training"),
        (RetrainingRule(days_most=4), {}, ""),
        (RetrainingRule(days_most=3), {"labels": 0}, ""),
        (RetrainingRule(is_on=False, labels_new=10, days_most=1), {}, ""),
    ],
)
def test_a_retraining_is_due_by_labels_or_by_time(rule, values, reason):
    assert retraining_reason(rule, since(**values)) == reason


class TestDrift:
    RULE = RetrainingRule(accuracy_drop=0.1)

    def test_a_model_that_is_right_much_less_often_than_measured_is_trained_again(self):
        reason = retraining_reason(self.RULE, since(random_right=20, random_n=40, accuracy=0.85))
        assert reason == "right on 20 of 40 photos of the random share, against 85% on the held-out ones"

    @pytest.mark.parametrize(
        "values",
        [
            {"random_right": 33, "random_n": 40, "accuracy": 0.85},
            # Too few photos, however wrong; nothing to compare with; a drop that chance explains.
            {"random_right": 0, "random_n": 29, "accuracy": 0.85},
            {"random_right": 20, "random_n": 40, "accuracy": None},
            {"random_right": 27, "random_n": 40, "accuracy": 0.85},
        ],
    )
    def test_less_than_that_is_no_drift(self, values):
        assert retraining_reason(self.RULE, since(**values)) == ""

    def test_it_is_not_looked_at_unless_asked_for(self):
        assert retraining_reason(RetrainingRule(), since(random_right=0, random_n=400, accuracy=0.9)) == ""


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bound_lies_above_the_share_and_within_one(right_of_n):
    right, n = right_of_n
    assert right / n - 1e-12 <= upper_bound(right, n) <= 1.0 + 1e-12
