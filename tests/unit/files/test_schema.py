"""The published JSON Schema and reference are current, and agree with the reader."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from periscolaire.facts import VOCABULARY
from periscolaire.files import (
    facts_reference,
    glossary,
    read_reglement,
    read_scenario,
    reference,
    rules_schema,
    scenario_schema,
)

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "reference"
HEADER = {"format": "1", "commune": '"X"', "version": '"1"', "en_vigueur": '"2026-09-01"', "zone": '"B"'}
PRODUCT = '[[produits]]\ncode = "cantine"\njours = "jours de classe"\nreservation = "la veille"\n'


def plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case str() | int():
            return value
        case _:
            return value.isoformat()


def blocks(page: str) -> list[str]:
    found = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    return [re.sub(r"\Aexemples = \[.*?\n\]\n", "", text, flags=re.DOTALL) for text in found]  # played by docs/


def completed(text: str) -> str:
    held = tomllib.loads(text)
    head = "".join(
        f"{key} = {value}\n"
        for key, value in HEADER.items()
        if key not in held and not (key == "zone" and "territoire" in held)
    )
    return head + text + ("" if "produits" in held else f"\n{PRODUCT}")


@pytest.mark.parametrize(("name", "schema"), [("reglement", rules_schema()), ("scenarios", scenario_schema())])
def test_the_published_schema_is_current(name: str, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8")) == schema


@pytest.mark.parametrize(("page", "scenarios"), [("fichier-reglement.md", False), ("fichier-scenarios.md", True)])
def test_the_published_keys_are_current(page: str, scenarios: bool) -> None:
    assert (DOCS / page).read_text(encoding="utf-8").endswith(reference(scenarios=scenarios).rstrip() + "\n")


def test_the_published_facts_are_current() -> None:
    shown = (DOCS / "faits.md").read_text(encoding="utf-8")
    assert shown.endswith(facts_reference().rstrip() + "\n")
    assert [spec.key for spec in VOCABULARY if f"| `{spec.key}` |" not in shown] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/reglements/*/*.toml")), ids=str)
def test_the_schema_accepts_the_real_files(path: Path) -> None:
    if path.name == "ecarts.toml":
        return
    schema = rules_schema() if path.name == "reglement.toml" else scenario_schema()
    jsonschema.Draft202012Validator(schema).validate(plain(tomllib.loads(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("text", blocks("fichier-reglement.md"))
def test_every_block_of_the_rules_page_is_read(text: str) -> None:
    whole = completed(text)
    assert read_reglement(whole).products
    jsonschema.Draft202012Validator(rules_schema()).validate(plain(tomllib.loads(whole)))


@pytest.mark.parametrize("text", [text for text in blocks("fichier-scenarios.md") if "[[etapes]]" in text])
def test_every_block_of_the_scenario_page_is_read(text: str) -> None:
    assert read_scenario(text).steps
    jsonschema.Draft202012Validator(scenario_schema()).validate(plain(tomllib.loads(text)))


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"comune": "X"}, {"produits": []}, {"produits": [{"code": "x"}]}, {"en_vigueur": "demain"}],
)
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    base = tomllib.loads(completed(""))
    validator = jsonschema.Draft202012Validator(rules_schema())
    assert validator.is_valid(base)
    assert not validator.is_valid({**base, **change})


def test_one_french_word_has_one_meaning_in_code() -> None:
    facts = {english for french, english, _ in glossary() if french == "quotient"}
    assert facts == {"quotient"}
