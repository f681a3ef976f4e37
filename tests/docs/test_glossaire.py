"""Every name that the glossary gives for the code is one that a reader can import, a fact, or a key of files."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import attrs
import pytest

import periscolaire
from periscolaire.facts import VOCABULARY

SOURCE = Path(periscolaire.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "glossaire.md"
ROOMS = {path.parent.name for path in SOURCE.glob("*/__init__.py")} | {"ids", "money", "reasons"}
FACTS = {said for fact in VOCABULARY for said in (fact.name, fact.key)}


def rows() -> list[tuple[str, str]]:
    """The word and the cell of its names, line by line."""
    cells = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [(row[0].removeprefix("| "), row[1]) for row in cells[1:] if not row[0].startswith("| ---")]


def found(name: str) -> bool:
    """A room, a name of a room, a member of such a name, or a fact as code or files say it."""
    if name in ROOMS or name in FACTS:
        return True
    first, _, member = name.partition(".")
    for room in {first} & ROOMS or ROOMS - {"cli", "testing"}:
        thing = importlib.import_module(f"periscolaire.{room}")
        held = thing if first in ROOMS else getattr(thing, first, None)
        if held is not None and (not member or hasattr(held, member) or _has_field(held, member)):
            return True
    return False


def _has_field(thing: object, name: str) -> bool:
    return isinstance(thing, type) and attrs.has(thing) and name in attrs.fields_dict(thing)


def test_the_page_is_read() -> None:
    assert len(rows()) > 60
    assert not found("booking.nothing")
    assert not found("Household.nothing")


@pytest.mark.parametrize(("word", "cell"), rows(), ids=lambda value: value)
def test_every_name_of_the_code_is_true(word: str, cell: str) -> None:
    names = [name for name in re.findall(r"`([^`]+)`", cell) if not name.startswith("[")]
    assert [name for name in names if not found(name)] == [], word
