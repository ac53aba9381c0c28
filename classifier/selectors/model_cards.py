"""Model cards: a stored report with the names that people gave."""

from __future__ import annotations

from classifier.core.model_card import CardFacts, model_card
from classifier.models import EvaluationReport
from labeling.models import GrowthStage


def model_card_of(*, report: EvaluationReport, language: str) -> str:
    """The card of a version, as Markdown, in Spanish (``es``) or English (``en``)."""
    version = report.model_version
    stages = GrowthStage.objects.filter(scale_id=version.scale_id).order_by("position")
    facts = CardFacts(
        project=version.project.name,
        number=version.number,
        state=version.state,
        made_at=version.created_at,
        stages=list(stages.values_list(f"name_{language}", flat=True)),
    )
    return model_card(report.content, facts, language=language)
