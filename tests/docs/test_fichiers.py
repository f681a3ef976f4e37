"""Every key of the files has its line in the reference and stands in an example that runs; the days are those said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from periscolaire.calendar import DayEffect
from periscolaire.files._schema import _ALL_RULES
from periscolaire.files.scenarios._keys import SCENARIO_SECTIONS
from periscolaire.files.toml._forms import ChoiceForm, Section
from periscolaire.scenarios import REFUSALS

from . import open_days

DOCS = Path(__file__).parents[2] / "docs"
RULES = (DOCS / "reference" / "fichier-reglement.md").read_text(encoding="utf-8")
SCENARIOS = (DOCS / "reference" / "fichier-scenarios.md").read_text(encoding="utf-8")
#: Keys whose example would say nothing more than their line does.
OBVIOUS = {"source", "note", "titre", "libelle", "poids", "nature"}


def blocks(*pages: str) -> str:
    return "\n".join(block for page in pages for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL))


PAGES = [path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))]
EVERY = blocks(*PAGES)
KEYS = sorted({(section.title, key.key) for section in _ALL_RULES for key in section.keys})
STEPS = sorted({(section.title, key.key) for section in SCENARIO_SECTIONS for key in section.keys})


def stands(key: str, text: str) -> bool:
    return re.search(rf"(^|[\s{{,.]){key} = |\[\[?([\w]+\.)*{key}[\].]", text, re.MULTILINE) is not None


@pytest.mark.parametrize(("title", "key"), KEYS)
def test_every_key_of_the_rules_has_its_line_and_an_example(title: str, key: str) -> None:
    part = RULES.split(f"### {title[0].upper()}{title[1:]}\n")[1].split("\n### ")[0]
    assert f"| `{key}`" in part
    assert key in OBVIOUS or stands(key, EVERY)


@pytest.mark.parametrize(("title", "key"), STEPS)
def test_every_key_of_the_scenarios_has_its_line_and_an_example(title: str, key: str) -> None:
    part = SCENARIOS.split(f"### {title[0].upper()}{title[1:]}\n")[1].split("\n### ")[0]
    assert f"| `{key}`" in part
    assert key in OBVIOUS or stands(key, EVERY)


def choices(section: Section) -> list[str]:
    return [str(word) for key in section.keys if isinstance(key.form, ChoiceForm) for word in key.form.values]


@pytest.mark.parametrize("section", [*_ALL_RULES, *SCENARIO_SECTIONS], ids=lambda section: section.code)
def test_every_word_of_a_closed_list_is_shown(section: Section) -> None:
    text = RULES + SCENARIOS
    assert [word for word in choices(section) if f"« {word} »" not in text] == []


def test_every_effect_of_an_event_and_every_refusal_is_told() -> None:
    assert [effect.value for effect in DayEffect if f'`"{effect.value}"`' not in RULES] == []
    assert [word for word in REFUSALS if f"- `{word}`" not in SCENARIOS] == []


DAYS = [line for line in RULES.splitlines() if re.match(r"\| `[^`]+` \|( [a-z –]+ \|){4}$", line)]


def test_the_table_of_open_days_is_there() -> None:
    assert len(DAYS) > 25


@pytest.mark.parametrize("line", DAYS)
def test_the_open_days_are_those_of_the_calendar(line: str) -> None:
    text, *cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
    assert cells == open_days.cells(text.strip("`"))
