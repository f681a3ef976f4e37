"""The page on personal data says what the code keeps, how long and on what ground: its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from periscolaire.access import RETENTION

from . import retention

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explication" / "donnees-personnelles.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_code() -> None:
    assert retention.table() in PAGE
    assert retention.grounds() in PAGE


def test_what_tells_of_nobody_is_named() -> None:
    assert retention.nobody() in " ".join(PAGE.split())


def test_the_number_of_proposals_is_told() -> None:
    """A duration that no text gives is a proposal, and the page says how many there are."""
    proposals = sum(line.source.startswith("proposition") for line in RETENTION)
    assert f"{proposals} des {len(RETENTION)} lignes sont des propositions" in " ".join(PAGE.split())


def test_the_tests_that_it_names_exist() -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE):
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), name
