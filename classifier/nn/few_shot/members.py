"""Few-shot learners on fixed features as members of the ensemble; they work from the first label of a stage on."""

from __future__ import annotations

from collections.abc import Callable

from classifier.core.contracts import MATCHING, PROTOTYPES, SIAMESE, TrainingConfig
from classifier.core.few_shot import ResidualEncoder
from classifier.core.few_shot_models import AttentionModel, PairModel, PrototypeModel
from classifier.nn.feature_member import FeatureMember, FeatureRows
from classifier.nn.few_shot.comparers import AttentionComparer, PrototypeComparer
from classifier.nn.few_shot.feature_training import STEPS, trained_on_episodes, trained_on_pairs
from classifier.nn.members import MemberContext


class Prototypes(FeatureMember):
    """Distance to the mean of each stage, on features re-weighted by episodes once there are photos enough.

    References:
        Snell et al., "Prototypical Networks for Few-shot Learning", NeurIPS 2017.
    """

    name = PROTOTYPES
    model_class = PrototypeModel
    rows_per_second = 200.0

    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> PrototypeModel:
        plain = ResidualEncoder.standardising(rows.X)
        scale = PrototypeModel.fit(plain, rows.X, rows.targets, rows.groups).scale
        encoder = trained_on_episodes(
            plain,
            rows.X,
            rows.targets,
            PrototypeComparer(scale=scale),
            is_ordered=rows.is_ordered,
            random_state=random_state,
            on_step=_reporting(context, self.name),
            should_stop=context.should_stop,
        )
        return PrototypeModel.fit(encoder, rows.X, rows.targets, rows.groups)


class Matching(FeatureMember):
    """Attention by cosine to labelled photos, on features re-weighted by episodes.

    Without full-context embeddings, which brought nothing on Omniglot in the paper and little elsewhere.

    References:
        Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016.
    """

    name = MATCHING
    model_class = AttentionModel
    rows_per_second = 200.0

    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> AttentionModel:
        plain = ResidualEncoder.standardising(rows.X)
        scale = AttentionModel.fit(plain, rows.X, rows.targets, rows.groups, random_state=random_state).scale
        encoder = trained_on_episodes(
            plain,
            rows.X,
            rows.targets,
            AttentionComparer(initial_scale=scale),
            is_ordered=rows.is_ordered,
            random_state=random_state,
            on_step=_reporting(context, self.name),
            should_stop=context.should_stop,
        )
        return AttentionModel.fit(encoder, rows.X, rows.targets, rows.groups, random_state=random_state)


class SiameseOnFeatures(FeatureMember):
    """Whether two photos show the same stage, by a weighted L1 distance learned from pairs.

    References:
        Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
    """

    name = SIAMESE
    model_class = PairModel
    rows_per_second = 200.0

    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> PairModel:
        encoder, weights, bias = trained_on_pairs(
            ResidualEncoder.standardising(rows.X),
            rows.X,
            rows.targets,
            rows.groups,
            is_ordered=rows.is_ordered,
            random_state=random_state,
            on_step=_reporting(context, self.name),
            should_stop=context.should_stop,
        )
        return PairModel.fit(encoder, weights, bias, rows.X, rows.targets, rows.groups, random_state=random_state)


def _reporting(context: MemberContext, name: str) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done % 50 == 0:
            context.report(done / STEPS, f"{name}: step {done}/{STEPS}", None)

    return report
