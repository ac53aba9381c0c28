"""The ordinal head CORN on fixed features, as a member of the ensemble."""

from __future__ import annotations

from classifier.core.contracts import CORN, TrainingConfig, TrainingData
from classifier.core.corn import CornHead, fit_corn
from classifier.nn.feature_member import FeatureMember, FeatureRows
from classifier.nn.members import MemberContext
from classifier.nn.registry import Unavailable


class CornOnFeatures(FeatureMember):
    """Asks stage by stage "and later?"; without an order of the stages there is nothing to ask.

    References:
        Shi, Cao, Raschka, "Deep Neural Networks for Rank-Consistent Ordinal Regression Based On Conditional
        Probabilities", Pattern Analysis and Applications 26, 2023.
    """

    name = CORN
    model_class = CornHead

    @classmethod
    def check_fits(cls, data: TrainingData) -> None:
        if not data.is_ordered:
            raise Unavailable("an ordinal head needs stages with an order")

    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> CornHead:
        return fit_corn(rows.X, rows.targets)
