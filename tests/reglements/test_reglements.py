"""Every real règlement written here reads, writes back, and agrees with its worked examples."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from periscolaire.files import load_reglement, read_reglement, write_reglement
from periscolaire.pricing import Severity
from periscolaire.reglement import lint
from periscolaire.scenarios import report_text

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("reglements_tally", HERE / "tally.py")
assert _spec is not None and _spec.loader is not None  # noqa: PT018  # one fact: the file is there
tally = importlib.util.module_from_spec(_spec)
sys.modules["reglements_tally"] = tally
_spec.loader.exec_module(tally)

SLUGS = tally.slugs()
#: Règlements of other communes, met after those of the tally: each adds a shape. Not counted.
OTHERS = tuple(sorted(f"autres/{folder.parent.name}" for folder in HERE.glob("autres/*/reglement.toml")))
FACTS = HERE.parents[1].parent / "shared" / "reglements"


def test_communes_are_written() -> None:
    assert len(SLUGS) >= 8


@pytest.mark.parametrize("slug", SLUGS + OTHERS)
def test_every_step_agrees(slug: str) -> None:
    report = tally.play(slug)
    if report is not None:
        assert report.agrees, report_text(report)


@pytest.mark.parametrize("slug", OTHERS)
def test_another_commune_is_played_and_cites_its_source(slug: str) -> None:
    report = tally.play(slug)
    assert report is not None
    assert len(report.steps) >= 2
    assert (load_reglement(HERE / slug / "reglement.toml").source or "").startswith("http")


@pytest.mark.parametrize("slug", SLUGS + OTHERS)
def test_the_rules_file_is_written_and_read_back(slug: str) -> None:
    reglement = load_reglement(HERE / slug / "reglement.toml")
    assert read_reglement(write_reglement(reglement)) == reglement


@pytest.mark.parametrize("slug", OTHERS)
def test_the_linter_finds_no_error_in_another_commune(slug: str) -> None:
    errors = [
        finding
        for finding in lint(load_reglement(HERE / slug / "reglement.toml"))
        if finding.severity is Severity.ERROR
    ]
    assert errors == []


@pytest.mark.parametrize("slug", SLUGS)
def test_an_example_is_either_played_or_admitted(slug: str) -> None:
    report = tally.play(slug)
    played = {example for step in (report.steps if report else ()) for example in step.step.examples}
    admitted = {gap.example for gap in tally.gaps(slug)}
    assert not {gap.example for gap in tally.gaps(slug) if not gap.contested} & played
    given = {example.id for example in tally.examples() if example.slug == slug}
    assert given <= played | admitted


def test_the_tally_adds_up() -> None:
    for row in tally.tally().values():
        assert row["given"] == row["expressed"] + row["not expressible"] + row["missing"]
    assert tally.tally()["total"]["given"] == 379


@pytest.mark.parametrize("slug", SLUGS)
def test_a_contested_example_quotes_a_doubt_of_its_source(slug: str) -> None:
    contested = [gap for gap in tally.gaps(slug) if gap.contested]
    if not contested:
        return
    source = FACTS / f"{slug}.json"
    if not source.exists():
        pytest.skip(f"{source} is not there: the quotations cannot be checked")
    doubts = json.dumps(json.loads(source.read_text(encoding="utf-8")), ensure_ascii=False)
    for gap in contested:
        assert json.dumps(gap.why, ensure_ascii=False)[1:-1] in doubts, f"{gap.example} quotes no doubt of {slug}"
