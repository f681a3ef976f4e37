"""The parameter sheet: a rules file and back, through CSV and XLSX, every fault in its cell."""

# ruff: noqa: E501  # tables of cases and files in texts: one case a line reads best

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import (
    ELSEWHERE,
    SHEET_HEADINGS,
    SheetRow,
    load_reglement,
    load_sheet,
    reglement_of_sheet,
    save_sheet,
    sheet_rows,
)
from periscolaire.reglement import Reglement

ROWS = (
    SheetRow(
        ("Cantine", "jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00",
         "en ligne : 2 jours ouvrés avant 10:00\nmairie : la veille 9:00", "4,40", "+2,00", "prix de la prestation",
         "C", "180"), 2),
    SheetRow(("Garderie du soir", "la veille", "le jour même 9:00", "2,00", "×2", "0,00", "R", "lundi 60, mardi 70"), 3),
    SheetRow(("Étude", "sans limite", "jamais", "", "", "", "C", ""), 4),
)  # fmt: skip


def of(rows: tuple[SheetRow, ...]) -> Reglement:
    return reglement_of_sheet(rows, commune="X", version="1", en_vigueur=dt.date(2026, 9, 1), zone="B", file="f.csv")


def test_the_sheet_of_a_sheet_is_the_sheet() -> None:
    reglement = of(ROWS)
    assert [product.code for product in reglement.products] == ["cantine", "garderie-du-soir", "etude"]
    assert sheet_rows(reglement) == ROWS
    assert of(sheet_rows(reglement)) == reglement


@pytest.mark.parametrize("name", ["feuille.csv", "feuille.xlsx"])
def test_files_keep_every_cell(tmp_path: Path, name: str) -> None:
    save_sheet(ROWS, tmp_path / name)
    assert load_sheet(tmp_path / name) == ROWS


def test_numbers_of_a_spreadsheet_are_texts_of_the_sheet(tmp_path: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]  # the package ships no types

    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, SHEET_HEADINGS)
        sheet.write_row(1, 0, ["Cantine", "la veille", "la veille", 4.4, 5, "", "c", 180])
    cells = load_sheet(path)[0].cells
    assert cells[3:5] == ("4,4", "5")
    assert of(load_sheet(path)).products[0].places[0].maximum == 180


def test_faults_name_their_cells() -> None:
    bad = (ROWS[0], SheetRow(("Garderie", "hier", "", "4,4 0", "", "", "X", "beaucoup"), 3))
    with pytest.raises(BadFileError) as caught:
        of(bad)
    where = {problem.where for problem in caught.value.problems}
    assert where == {f"ligne 3, colonne « {SHEET_HEADINGS[column]} »" for column in (1, 3, 6, 7)}


def test_wrong_headings_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Produit;Délai de réservation\nCantine;la veille\n", encoding="utf-8")
    with pytest.raises(BadFileError) as caught:
        load_sheet(path)
    assert len(caught.value.problems) == 7
    assert "vouliez-vous écrire « Produits »" in str(caught.value)


def test_what_a_cell_cannot_say_is_shown_and_not_read_back() -> None:
    rows = sheet_rows(load_reglement(Path(__file__).parents[2] / "reglements" / "le-langon" / "reglement.toml"))
    assert rows[0].cells[3] == ELSEWHERE
    with pytest.raises(BadFileError, match="fichier de règles"):
        of(rows)
