"""The script that a commune copies does what it says, on the example commune."""

from __future__ import annotations

import csv
import runpy
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_script_loads_checks_drafts_compares_issues_and_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(ROOT / "examples" / "facturer_un_mois.py"))
    script["main"](tmp_path)
    said = capsys.readouterr().out
    assert "120 documents émis" in said
    assert "réservé et absent" in said
    november, december = tmp_path / "novembre", tmp_path / "decembre"
    with (november / "factures.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    total = sum(Decimal(line["montant"].replace(",", ".")) for line in lines)
    assert f"{total:.2f}".replace(".", ",") == "3529,25"
    assert len(list(november.glob("REGIE-*.html"))) == len({line["facture"] for line in lines}) == 120
    with (december / "factures.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {line["nature"] for line in csv.DictReader(file, delimiter=";")} == {"avoir"}
    assert (december / "encaissements.csv").read_text("utf-8-sig").splitlines()[-1].startswith("TOTAL;")
    assert not list((tmp_path / "encore").glob("REGIE-*.html"))
