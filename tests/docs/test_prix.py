"""The page of prices: every key of a price has its place there; the table of roundings is what rounding gives."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from periscolaire.files.rules._price_modifiers import MODIFIERS
from periscolaire.files.rules._prices import node_keys, read_rounding
from periscolaire.files.rules._tariffs import TARIFF_SECTIONS
from periscolaire.money import EUR, parse_decimal
from periscolaire.pricing import Among, Measure, PenaltyEffect, RankOrder, RoundingMode, Trigger, When, Who

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "prix.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = "\n".join(re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
#: Keys that only name or cite.
NAMING = {"libelle", "reference", "poids", "unite"}


@pytest.mark.parametrize("key", sorted({*node_keys(), *MODIFIERS, "si", "sur", "nom", "nature", "jusqu_a", "moins_de"}))
def test_every_key_of_a_price_has_an_example_that_runs(key: str) -> None:
    assert re.search(rf"\b{key}( = |\]\])", BLOCKS)
    assert f"`{key}`" in TEXT or f"`{key} = " in TEXT


@pytest.mark.parametrize("key", sorted({key.key for section in TARIFF_SECTIONS for key in section.keys}))
def test_every_key_of_a_tariff_is_told(key: str) -> None:
    assert f"`{key}`" in TEXT or f"`{key} = " in TEXT or f"`[{{ {key} = " in TEXT or f", {key} = " in TEXT
    assert key in NAMING or re.search(rf"\b{key} = ", BLOCKS)


@pytest.mark.parametrize("kind", [Who, When, Among, Measure, RankOrder, Trigger, PenaltyEffect])
def test_every_word_of_a_closed_list_is_told(kind: type[Who]) -> None:
    assert [member.value for member in kind if f'"{member.value}"' not in TEXT] == []


def test_the_roundings_are_those_of_the_table() -> None:
    rows = [line for line in TEXT.splitlines() if re.match(r'\| [`{]*["{]', line) and line.count(" | ") == 4]
    values = [parse_decimal(cell) for cell in ("1,521", "1,525", "1,575", "1,579")]
    seen = 0
    for line in rows:
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        written = cells[0].removesuffix(" (défaut)").strip("`")
        raw: object = written.strip('"')
        if written.startswith("{"):
            raw = {"mode": "supérieur", "pas": "0,10"}
        rounding = read_rounding(raw, (), [])
        assert rounding is not None, written
        found = [rounding.apply(value, EUR) for value in values]
        assert found == [Decimal(cell.replace(",", ".")) for cell in cells[1:]], line
        seen += 1
    assert seen == len(RoundingMode) + 2
