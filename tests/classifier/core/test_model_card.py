"""A card says what the report holds, in both languages, and its tables stay tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from classifier.core.model_card import CardFacts, model_card
from classifier.core.model_card_words import EN, ES
from tests.factories.classifier import report_content

FACTS = CardFacts("Ciruelos", 3, "promoted", datetime(2026, 3, 1, tzinfo=UTC), [f"Stage {i} | x" for i in range(7)])


def test_both_languages_say_the_same_things():
    assert set(ES) == set(EN)
    for key, text in ES.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", EN[key])), key
        assert text.count("|") == EN[key].count("|")


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_table_has_as_many_cells_as_titles(language):
    card = model_card(report_content(), FACTS, language=language)
    tables = re.findall(r"(?:^\|.*\|\n?)+", card, flags=re.MULTILINE)
    assert len(tables) >= 5
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.strip().splitlines()}
        assert len(widths) == 1


def test_figures_are_the_reports():
    content = report_content()
    card = model_card(content, FACTS, language="en")
    held_out = content["subsets"]["held_out"]
    assert f"| accuracy | {100 * held_out['figures']['accuracy']['value']:.1f} % |" in card
    assert f"| consensus | 120 | {100 * held_out['labels']['against'][1]['accuracy']['value']:.1f} % |" in card
    assert "+0.4 (-0.6 – +1.5)" in card
    assert "`" + "5" * 64 + "`" in card
    assert "{" not in card


def test_a_report_without_photos_or_specialists_is_a_card_too():
    content = {**report_content(), "subsets": {}, "specialists": None}
    assert "## Receipt" in model_card(content, FACTS, language="en")
