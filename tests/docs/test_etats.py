"""The page of reports names every column, every key of the exports and of the issuer's file, as they are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from periscolaire.billing import (
    Balance,
    ColumnKind,
    DepositSlip,
    DeskClosing,
    Means,
    ReceiptRow,
    ReportColumn,
    ReportTable,
    Statement,
    absences_table,
    closing_table,
    deposit_table,
    invoiced_table,
    journal_table,
    late_payers_table,
    outstanding_table,
    receipts_table,
    statement_table,
)
from periscolaire.clock import utc
from periscolaire.files import ISSUER_SECTIONS
from periscolaire.i18n import text
from periscolaire.ids import FactId, HouseholdId

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "etats.md").read_text(encoding="utf-8")
DAY = dt.date(2025, 12, 1)
KINDS = {ColumnKind.TEXT: "texte", ColumnKind.DAY: "jour", ColumnKind.COUNT: "nombre", ColumnKind.AMOUNT: "montant"}
TABLES: tuple[ReportTable, ...] = (
    receipts_table([ReceiptRow(None, Means.CASH, 1, 100, DAY)], DAY, DAY),
    invoiced_table([], DAY, DAY),
    outstanding_table([], DAY),
    late_payers_table([], DAY),
    journal_table([], DAY, DAY, series="REGIE"),
    deposit_table(DepositSlip("REGIE", 1, DAY, "r", (), ()), {}),
    closing_table(DeskClosing(FactId("c"), "REGIE", DAY, utc(dt.datetime(2025, 12, 1, tzinfo=dt.UTC)), "r", (), ())),
    statement_table(Statement(HouseholdId("F1"), None, DAY, DAY, Balance(), ())),
    absences_table([], DAY, DAY, local=utc),
)


def row(table: ReportTable, column: ReportColumn) -> str:
    summed = " oui " if column.summed else " "
    return f"| `{table.name}` | `{column.name}` | {text(column.heading)} | {KINDS[column.kind]} |{summed}|"


def test_every_column_of_every_report_has_its_row_in_order() -> None:
    written = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| `") and line.count("|") == 6 and "un moyen de" not in line
    ]
    expected = [
        row(table, column).replace("| texte |", "| texte, avec `--par-mois` seulement |")
        if column.name == "mois"
        else row(table, column)
        for table in TABLES
        for column in table.columns
        if column.name != "espèces"
    ]
    assert written == expected


def test_every_key_of_the_issuer_is_told_as_its_table_says() -> None:
    for section in ISSUER_SECTIONS:
        for key in section.keys:
            assert f"| `{key.key}` | {key.meaning} |" in PAGE
