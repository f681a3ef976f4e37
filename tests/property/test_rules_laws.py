"""Laws of the rules file: writing then reading gives the règlement, and the schema accepts what is written."""

from __future__ import annotations

import tomllib
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings

from periscolaire import i18n
from periscolaire.files import read_reglement, rules_schema, write_reglement
from periscolaire.reglement import Reglement, lint
from periscolaire.testing.reglements import reglements

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
VALIDATOR = jsonschema.Draft202012Validator(rules_schema())


@MANY
@given(reglements())
def test_writing_then_reading_gives_the_reglement(reglement: Reglement) -> None:
    text = write_reglement(reglement)
    again = read_reglement(text)
    assert again == reglement
    assert again.content_hash == reglement.content_hash
    assert write_reglement(again) == text


@MANY
@given(reglements())
def test_the_schema_accepts_what_is_written(reglement: Reglement) -> None:
    raw: dict[str, Any] = tomllib.loads(write_reglement(reglement))
    VALIDATOR.validate(raw)


@MANY
@given(reglements())
def test_every_finding_has_its_words(reglement: Reglement) -> None:
    for finding in lint(reglement):
        assert i18n.text(finding.description, "fr")
        assert i18n.text(finding.description, "en")
