"""CSV files: what is read, and that every fault of a file is told at once, where it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from periscolaire.clock import zone
from periscolaire.errors import BadFileError, Problem
from periscolaire.files import CSV_TABLES, describe_csv, read_csv, write_csv

REQUESTS = CSV_TABLES["demandes"]
HEADER = "instant;enfant;produit;jour;action;canal\n"
KNOWN = {"enfant": {"E1", "E2"}, "produit": {"cantine"}}


def problems(source: bytes | str, table: str = "demandes") -> list[Problem]:
    with pytest.raises(BadFileError) as caught:
        read_csv(CSV_TABLES[table], source, known=KNOWN)
    return list(caught.value.problems)


def test_a_line_is_read_with_its_types() -> None:
    (row,) = read_csv(REQUESTS, HEADER + "2026-01-05 18:00;E1;cantine;15/01/2026;réserver;en ligne\n", known=KNOWN)
    assert (row.line, row.child, row.day, row.channel, row.slot) == (2, "E1", dt.date(2026, 1, 15), "en ligne", "")
    assert row.at.at(zone("Europe/Paris")) == dt.datetime(2026, 1, 5, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-01-05T18:00:30+01:00", dt.datetime(2026, 1, 5, 17, 0, 30, tzinfo=dt.UTC)),
        ("05/01/2026 18h00", dt.datetime(2026, 1, 5, 17, tzinfo=dt.UTC)),
        # 2:30 happens twice on that night: the second time, as the house reads wall times.
        ("2026-10-25 02:30", dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)),
    ],
)
def test_instants_are_those_of_the_commune(written: str, hour: dt.datetime) -> None:
    (row,) = read_csv(REQUESTS, HEADER + f"{written};E1;cantine;2026-11-15;réserver;\n")
    assert row.at.at(zone("Europe/Paris")) == hour


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_both_separators_and_the_byte_order_mark_are_read(separator: str, mark: bytes) -> None:
    text = (HEADER + "2026-01-05 18:00;E1;cantine;2026-01-15;réserver;mairie\n").replace(";", separator)
    (row,) = read_csv(REQUESTS, mark + text.encode())
    assert row.action == "réserver"


def test_a_quoted_cell_may_hold_separators_and_line_ends_and_lines_are_counted_through_it() -> None:
    lines = (
        '2026-01-05 18:00;E1;cantine;2026-01-15;réserver;"en\nligne; vite"\n\n'
        "2026-01-05 18:00;E9;cantine;2026-01-15;réserver;\n"
    )
    (problem,) = problems(HEADER + lines)
    assert problem.where == "ligne 5, colonne enfant"


def test_all_faults_are_told_together() -> None:
    found = problems(
        HEADER
        + "2026-13-05 18:00;E1;cantine;2026-01-15;réserver;\n"
        + "2026-01-05 18:00;E3;cantine;15-01-2026;prendre;\n"
        + "2026-01-05 18:00;E1;;2026-01-15;réserver;\n"
        + "2026-01-05 18:00;E1;cantine;2026-01-15\n"
        + "2026-01-05 18:00;E2;cantine;2026-01-15;annuler;\n"
        + "2026-01-05 18:00;E2;cantine;2026-01-15;annuler;\n"
    )
    assert [problem.where for problem in found] == [
        "ligne 2, colonne instant",
        "ligne 3, colonne enfant",
        "ligne 3, colonne jour",
        "ligne 3, colonne action",
        "ligne 4, colonne produit",
        "ligne 5",
        "ligne 7",
    ]
    assert found[2] == Problem(
        "demandes.csv", "ligne 3, colonne jour", "« 15-01-2026 »", "une date : AAAA-MM-JJ ou JJ/MM/AAAA"
    )
    assert "ligne 6" in found[-1].found


def test_a_wrong_heading_names_the_nearest_one() -> None:
    found = problems("instants;enfant;produit;jour;action\n")
    assert [(problem.where, problem.expected) for problem in found] == [
        ("ligne 1, colonne 1", "« instant »"),
        ("ligne 1", "aussi « instant »"),
    ]


def test_a_heading_twice_is_a_fault() -> None:
    (problem,) = problems("instant;enfant;produit;jour;action;jour\n")
    assert problem.where == "ligne 1, colonne 6"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ((HEADER + "2026-01-05 18:00;E1;cantine;2026-01-15;réserver;\n").encode("cp1252"), "Windows-1252"),
        ((HEADER + "\n").encode("utf-16"), "UTF-16"),
        ((HEADER + "\n").encode("utf-16-le"), "octets nuls"),
        (HEADER.encode() + b"\x81\xe9\n", "ne sont pas de l'UTF-8"),
        (b"", "un fichier vide"),
        ((HEADER + '"2026-01-05" 18:00;E1;cantine\n').encode(), "guillemets"),
    ],
)
def test_what_is_no_utf8_csv_is_told(content: bytes, found: str) -> None:
    (problem,) = problems(content)
    assert found in problem.found


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFileError) as caught:
        read_csv(REQUESTS, tmp_path / "absent.csv")
    assert caught.value.problems[0].file == "absent.csv"


@pytest.mark.parametrize("cell", ["1.234,50", "NaN", "1e3", "douze"])
def test_amounts_are_plain_numbers(cell: str) -> None:
    header = "paiement;foyer;montant;moyen;instant\n"
    (problem,) = problems(header + f'P1;F1;"{cell}";chèque;2026-01-05 18:00\n', "encaissements")
    assert problem.where == "ligne 2, colonne montant"


def test_what_is_written_is_read_back() -> None:
    text = "foyer;nom;prenom_1;resident;quotient;depuis\r\nF1;Martin;Zoé;oui;612,50;2025-09-01\r\nF2;Le Goff;;non;;\r\n"
    rows = read_csv(CSV_TABLES["foyers"], text)
    assert rows[0].quotient == Decimal("612.50")
    assert rows[1].first_name_1 is None
    assert read_csv(CSV_TABLES["foyers"], write_csv(CSV_TABLES["foyers"], rows)) == rows


def test_every_file_of_the_example_is_read() -> None:
    folder = Path(__file__).parents[3] / "examples" / "le-langon"
    counts = {path.stem: len(read_csv(CSV_TABLES[path.stem], path)) for path in folder.glob("*.csv")}
    assert (counts["foyers"], counts["enfants"]) == (120, 200)
    assert set(counts) <= set(CSV_TABLES)


def test_the_documentation_holds_every_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "fichiers-csv.md").read_text(encoding="utf-8")
    for table in CSV_TABLES.values():
        assert f"## `{table.name}.csv`" in page
        assert describe_csv(table) in page
