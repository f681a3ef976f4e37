"""The first minutes of a commune: its files are written, checked and imported as they stand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from periscolaire.cli._app import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "commune"


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("name", ["Ma Commune", "L'Île-\"d'Yeu\" \\ été"])
def test_what_is_written_is_right_and_imported_as_it_stands(folder: Path, name: str) -> None:
    told = said("init", "commune", "--commune", name, "--zone", "b", "--annee", "2026")
    assert "periscolaire import base.sqlite --creer" in told
    rules = tomllib.loads((folder / "reglement.toml").read_text("utf-8"))
    assert (rules["commune"], rules["zone"], rules["en_vigueur"]) == (name, "B", "2026-09-01")
    assert "0 erreur(s), 0 avertissement(s)" in said("check", "commune/reglement.toml")
    files = [f"commune/{one}.csv" for one in ("foyers", "enfants")]
    made = ("--creer", "--reglement", "commune/reglement.toml", "--emetteur", "commune/emetteur.toml")
    assert "foyers.csv : 0 lignes" in said("import", "base.sqlite", *files, *made)


def test_nothing_is_replaced(folder: Path) -> None:
    folder.mkdir()
    (folder / "enfants.csv").write_text("à moi", encoding="utf-8")
    assert "enfants.csv : existe déjà" in said("init", "commune", "--commune", "X", "--zone", "A", code=2)
    assert [one.name for one in folder.iterdir()] == ["enfants.csv"]
    assert "--zone" in said("init", "ailleurs", "--commune", "X", code=2)


def test_the_first_month_by_commands_alone(folder: Path) -> None:
    """What a new clerk types, from the empty folder to the reminder, with the words of the commune."""
    said("init", "commune", "--commune", "Saint-Aubin", "--zone", "B", "--annee", "2026")
    for name, row in (
        ("foyers", {"foyer": "F1", "nom": "Leroy", "prenom_1": "Anne", "quotient": "980", "depuis": "01/09/2026"}),
        (
            "enfants",
            {"enfant": "E1", "foyer": "F1", "nom": "Leroy", "prenom": "Noé", "ecole": "Centre", "niveau": "CM1"},
        ),
    ):
        file = folder / f"{name}.csv"
        heading = file.read_text("utf-8-sig").strip()
        cells = ";".join(row.get(one, "") for one in heading.split(";"))
        file.write_text(f"{heading}\n{cells}\n", encoding="utf-8")
    base = "commune/base.sqlite"
    made = ("--creer", "--reglement", "commune/reglement.toml", "--emetteur", "commune/emetteur.toml")
    said("import", base, "commune/foyers.csv", "commune/enfants.csv", *made)

    assert "3,10" in said("reserve", base, "Noé", "cantine", "02/11/2026..06/11/2026", "--le", "12/10/2026 10:00")
    assert "Repas à préparer : 1" in said("orders", base, "02/11/2026", "--le", "02/11/2026 8:00")
    for day in ("02/11/2026", "03/11/2026", "05/11/2026"):
        said("attend", base, "cantine", day, "--present", "noé", "--complet", "--le", f"{day} 13:00")
    said("attend", base, "cantine", "06/11/2026", "--complet", "--le", "06/11/2026 13:00")
    said("attend", base, "garderie", "06/11/2026", "--present", "Noé", "--arrivee", "16:30", "--depart", "17h45",
         "--le", "06/11/2026 18:40")  # fmt: skip
    said("proof", "hand-in", base, "Noé", "06/11/2026", "--nature", "certificat médical", "--le", "09/11/2026 9:00")
    assert "acceptée" in said("proof", "accept", base, "Noé", "--le", "09/11/2026 9:05")

    assert "12,00" in said("bill", base, "--mois", "11/2026", "--le", "01/12/2026", "--apercu")  # 3 × 3,10 + 3 × 0,90
    said("bill", base, "--mois", "11/2026", "--le", "01/12/2026")
    assert "0 document" in said("bill", base, "--mois", "11/2026", "--le", "01/12/2026")
    assert "3 × 0,90" in said("explain", base, "REGIE-2026-000001:2")
    assert "absence justifiée" in said("explain", base, "Noé/cantine/06/11/2026")

    paid = said(
        "pay", "record", base, "Leroy", "12,00", "--moyen", "cheque", "--numero", "C1", "--le", "05/12/2026 9:00"
    )
    assert "reste à régler 0,00" in paid
    said("pay", "reject", base, "C1", "--motif", "sans provision", "--le", "10/12/2026 9:00")
    assert "rejeté" in said("ledger", base, "Leroy", "--au", "31/12/2026")
    said("remind", base, "--courrier", "lettres", "--forme", "txt", "--le", "15/01/2027 9:00")
    (letter,) = Path("lettres").iterdir()
    assert "REGIE-2026-000001" in letter.read_text("utf-8")
    for report, words in (("facture", "Garderie du soir"), ("encaissements", "Total"), ("restes", "12,00")):
        assert words in said("report", base, report, "--du", "01/11/2026", "--au", "31/01/2027")
