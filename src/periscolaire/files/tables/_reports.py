"""Every report as CSV, JSON and workbook: the rows of its table, and totals that are those of the ledger.

Files are in French, whatever the language of the screen: what a town hall's tools read does not change with who asks.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

from periscolaire import i18n
from periscolaire.billing import Cell, ColumnKind, ReportColumn, ReportTable
from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.money import Currency, parse_decimal
from periscolaire.reasons import Description

__all__ = ["read_report_csv", "report_csv", "report_json", "write_report_xlsx"]

#: A spreadsheet takes a text that begins so for a formula: a name typed by a family must never be one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TOTAL = "TOTAL"


def report_csv(table: ReportTable, *, totals: bool = True) -> str:
    """The rows under the columns' names, then a row of totals; amounts in units with a comma, separated by ``;``.

    To be written in UTF-8 with its mark (``utf-8-sig``), as French spreadsheets expect.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_comma(cell, column, table.currency) for cell, column in zip(row, table.columns, strict=True)])
    if totals and table.totals:
        writer.writerow(_total_cells(table))
    return out.getvalue()


def _total_cells(table: ReportTable) -> list[str]:
    totals = table.totals
    summed = [_comma(totals.get(column.name), column, table.currency) for column in table.columns]
    return summed if table.columns[0].summed else [_TOTAL, *summed[1:]]


def report_json(table: ReportTable) -> str:
    """The report as one document: amounts in units, as text with a point (never floating-point numbers)."""
    document = {
        "etat": table.name,
        "titre": i18n.text(table.title),
        "periode": i18n.text(table.subtitle),
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
        "notes": [i18n.text(note) for note in table.notes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def write_report_xlsx(table: ReportTable, path: Path) -> None:
    """The report as a workbook: dates are dates, amounts numbers with a format; a total under each summed column.

    :raises MisuseError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped]  # the package ships no types
    except ImportError:
        raise MisuseError("a workbook needs XlsxWriter: pip install 'periscolaire[documents]'") from None
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        # A fixed date, so that the same report gives the same file.
        book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001  # a file property, no instant
        decimals = "0." + "0" * table.currency.digits if table.currency.digits else "0"
        forms = {ColumnKind.AMOUNT: {"num_format": f"#,##{decimals}"}, ColumnKind.DAY: {"num_format": "dd/mm/yyyy"}}
        plain = {kind: book.add_format(forms.get(kind, {})) for kind in ColumnKind}
        strong = {kind: book.add_format({**forms.get(kind, {}), "bold": True, "top": 1}) for kind in ColumnKind}
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        for x, column in enumerate(table.columns):
            sheet.write_string(0, x, i18n.text(column.heading), book.add_format({"bold": True, "bottom": 1}))
            widths = [len(str(_plain(row[x], column, table.currency))) for row in table.rows]
            sheet.set_column(x, x, min(40, 2 + max([len(i18n.text(column.heading)), *widths])))
        for y, row in enumerate(table.rows, start=1):
            for x, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                _put(sheet, y, x, cell, column, table.currency, plain[column.kind])
        if table.rows and table.totals:
            foot = len(table.rows) + 1
            for x, column in enumerate(table.columns):
                total: Cell = table.totals.get(column.name)
                _put(
                    sheet, foot, x, total if x or column.summed else _TOTAL, column, table.currency, strong[column.kind]
                )


def _put(sheet: object, y: int, x: int, cell: Cell, column: ReportColumn, currency: Currency, form: object) -> None:
    match cell:
        case dt.date():
            sheet.write_datetime(y, x, dt.datetime.combine(cell, dt.time()), form)  # type: ignore[attr-defined]  # untyped
        case int():
            number = currency.value(cell) if column.kind is ColumnKind.AMOUNT else cell
            sheet.write_number(y, x, number, form)  # type: ignore[attr-defined]  # untyped
        case None:
            sheet.write_blank(y, x, None, form)  # type: ignore[attr-defined]  # untyped
        case _:
            sheet.write_string(y, x, str(_plain(cell, column, currency)), form)  # type: ignore[attr-defined]  # untyped


def _plain(cell: Cell, column: ReportColumn, currency: Currency) -> str | int | None:
    match cell, column.kind:
        case Description(), _:
            return i18n.text(cell)
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
    return f"'{text}" if column.kind is ColumnKind.TEXT and text.startswith(_FORMULA) else text


def read_report_csv(source: Path | bytes | str, like: ReportTable, *, name: str | None = None) -> ReportTable:
    """``like`` with the rows that the file holds, texts as they are written there.

    ``like`` says the report: its columns and currency (its own rows do not count). What :func:`report_csv` wrote is
    read back to the same cells, descriptions as their French words.

    :raises BadFileError: with every fault: headings, number of cells, a cell of another kind, a total that is not the
        sum of its column.
    """
    label = name or (source.name if isinstance(source, Path) else f"{like.name}.csv")
    content = source.read_bytes() if isinstance(source, Path) else source
    text = content.removeprefix("\ufeff") if isinstance(content, str) else content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    problems: list[Problem] = []
    headings = [column.name for column in like.columns]
    if not lines or lines[0] != headings:
        said = ";".join(lines[0]) if lines else "un fichier vide"
        raise BadFileError([Problem(label, "ligne 1", said, ";".join(headings))])
    rows: list[tuple[Cell, ...]] = []
    foot: list[str] | None = None
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(headings):
            problems.append(Problem(label, f"ligne {number}", f"{len(cells)} cellules", f"{len(headings)} cellules"))
        elif number == len(lines) and cells[0] == _TOTAL and like.totals:
            foot = cells
        else:
            rows.append(tuple(_cells(cells, like, f"ligne {number}", label, problems)))
    if problems:
        raise BadFileError(problems)
    found = ReportTable(
        like.name, like.title, like.subtitle, like.columns, tuple(rows), like.currency, like.notes, like.signatures
    )
    if foot is not None and foot != (expected := _total_cells(found)):
        raise BadFileError([Problem(label, f"ligne {len(lines)}", ";".join(foot), ";".join(expected))])
    return found


_EXPECTED = {
    ColumnKind.DAY: "un jour, comme 2025-11-03",
    ColumnKind.COUNT: "un nombre entier",
    ColumnKind.AMOUNT: "un montant, comme 37,60",
}


def _cells(cells: list[str], like: ReportTable, where: str, label: str, problems: list[Problem]) -> list[Cell]:
    found: list[Cell] = []
    for cell, column in zip(cells, like.columns, strict=True):
        try:
            found.append(_cell(cell, column, like.currency))
        except ValueError:
            problems.append(Problem(label, f"{where}, colonne {column.name}", f"« {cell} »", _EXPECTED[column.kind]))
    return found


def _cell(cell: str, column: ReportColumn, currency: Currency) -> Cell:
    if column.kind is ColumnKind.TEXT:
        return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell
    if not cell:
        return None
    match column.kind:
        case ColumnKind.DAY:
            return dt.date.fromisoformat(cell)
        case ColumnKind.COUNT:
            return int(cell)
        case _:
            value: Decimal = parse_decimal(cell)
            return currency.amount(value)
