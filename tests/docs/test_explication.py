"""The table of outcomes on the page is the one of the code."""

from pathlib import Path

from periscolaire.attendance import OUTCOMES

from . import outcomes

TEXT = (Path(__file__).parents[2] / "docs" / "explication" / "du-jour-au-centime.md").read_text(encoding="utf-8")


def test_the_table_of_outcomes_is_that_of_the_code() -> None:
    assert outcomes.table() in TEXT
    assert f"les {len(OUTCOMES)} cases" in TEXT
