"""The member that reads photos through a frozen pretrained network and learns only a linear head."""

from __future__ import annotations

from typing import Self

from classifier.core.contracts import FROZEN_BACKBONE, TrainingConfig, TrainingData
from classifier.core.heads import Head, fit_head
from classifier.nn.backbones import obtain_backbone
from classifier.nn.embedders import BackboneEmbedder
from classifier.nn.feature_member import FeatureMember, FeatureRows
from classifier.nn.members import MemberContext


class FrozenBackboneHead(FeatureMember):
    """Soft-ordinal logistic head on the features of a ``keras.applications`` network.

    Without pretrained weights it is left out: on the descriptor the refresh head does the same.
    """

    name = FROZEN_BACKBONE
    file = "head.npz"
    model_class = Head

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        found = obtain_backbone(config.weights_dir, config.backbone, allow_download=config.allow_download)
        return cls(BackboneEmbedder.from_backbone(found), config)

    def _learn(self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int) -> Head:
        return fit_head(
            rows.X,
            rows.targets,
            groups=rows.groups,
            strength=None,
            tau=config.tau,
            is_ordered=rows.is_ordered,
            random_state=config.seed,
        )
