"""The table of the laws of billing names tests and steps of machines that exist, at least one for each law."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guides" / "eprouver.md"


def laws() -> list[tuple[str, list[str]]]:
    """Each law of the table, with the names in its second cell."""
    table = PAGE.read_text("utf-8").partition("| loi | essais |\n")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[1:]]
    return [(law, re.findall(r"`((?:tests/|testing\.)[^`]+)`", tests)) for law, tests in rows]


def exists(name: str) -> bool:
    """``tests/….py::function``, or ``testing.module.Machine.step``."""
    path, _, function = name.partition("::")
    if function:
        nodes = ast.parse((ROOT / path).read_text("utf-8")).body
        return any(isinstance(node, ast.FunctionDef) and node.name == function for node in nodes)
    module, machine, step = name.rsplit(".", 2)
    return hasattr(getattr(importlib.import_module(f"periscolaire.{module}"), machine), step)


def test_the_table_is_read() -> None:
    assert len(laws()) == 11
    assert not exists("tests/docs/test_lois.py::test_of_nothing")


@pytest.mark.parametrize(("law", "tests"), laws(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_law_names_tests_that_exist(law: str, tests: list[str]) -> None:
    assert tests, law
    assert [name for name in tests if not exists(name)] == []
