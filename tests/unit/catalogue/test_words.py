"""Every fact of the vocabulary has its words, since refusals name facts."""

from __future__ import annotations

import pytest

from periscolaire.catalogue import LimitRule, describe_fact, describe_rule, parse_limit
from periscolaire.facts import VOCABULARY, Condition, FactSpec, Op, Test
from periscolaire.i18n import text


@pytest.mark.parametrize("spec", tuple(VOCABULARY), ids=lambda spec: spec.name)
def test_a_fact_is_said_as_the_vocabulary_means_it(spec: FactSpec) -> None:
    assert text(describe_fact(spec.name), "fr") == spec.meaning_fr
    assert text(describe_fact(spec.name), "en") == spec.meaning_en


def test_a_fact_of_the_commune_is_said_by_its_name() -> None:
    assert text(describe_fact("jardin")) == "« jardin »"


def test_a_rule_says_its_tiers_its_case_and_its_article() -> None:
    rule = LimitRule(
        parse_limit("2 jours ouvrés avant 10:00 ; puis la veille : +2,00"),
        condition=Condition((Test("channel", Op.EQ, ("mairie",)),)),
        reference="art. 4",
    )
    french = text(describe_rule(rule), "fr")
    assert "2 jours ouvrés avant le jour du service, avant 10:00" in french
    assert "la veille (jour compris), avec une majoration de 2,00 €" in french
    assert "mairie" in french
    assert french.endswith("(art. 4)")
    assert "2 business days" in text(describe_rule(rule), "en")
