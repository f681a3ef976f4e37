"""Every report as CSV and as JSON: the rows of its table, and totals that are those of the ledger."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

from periscolaire.billing import Cell, ColumnKind, ReportColumn, ReportTable
from periscolaire.money import Currency

__all__ = ["report_csv", "report_json"]


def report_csv(table: ReportTable) -> str:
    """The rows under the columns' names, then a row of totals; amounts in units with a comma, separated by ``;``."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_comma(cell, column, table.currency) for cell, column in zip(row, table.columns, strict=True)])
    totals = table.totals
    if totals:
        summed = [_comma(totals.get(column.name), column, table.currency) for column in table.columns]
        if not table.columns[0].summed:
            summed[0] = "TOTAL"
        writer.writerow(summed)
    return out.getvalue()


def report_json(table: ReportTable) -> str:
    """The report as one document: amounts in units, as text with a point (never floating-point numbers)."""
    document = {
        "etat": table.name,
        "titre": table.title,
        "periode": table.subtitle,
        "monnaie": table.currency.code,
        "lignes": [
            {column.name: _plain(cell, column, table.currency) for cell, column in zip(row, table.columns, strict=True)}
            for row in table.rows
        ],
        "totaux": {
            column.name: _plain(table.totals[column.name], column, table.currency)
            for column in table.columns
            if column.summed
        },
        "notes": list(table.notes),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(cell: Cell, column: ReportColumn, currency: Currency) -> str | int | None:
    match cell, column.kind:
        case int(), ColumnKind.AMOUNT:
            return str(currency.value(cell))
        case dt.date(), _:
            return cell.isoformat()
        case _:
            return cell


def _comma(cell: Cell, column: ReportColumn, currency: Currency) -> str:
    value = _plain(cell, column, currency)
    if value is None:
        return ""
    text = str(value)
    if column.kind is ColumnKind.AMOUNT:
        return text.replace(".", ",")
    # A spreadsheet takes a text that begins so for a formula: a name typed by a family must never be one.
    return f"'{text}" if column.kind is ColumnKind.TEXT and text[:1] in tuple("=+-@\t\r") else text
