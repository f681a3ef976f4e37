"""Every report as a printed page: its table, its totals, its notes, and where it is signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from periscolaire import i18n
from periscolaire.billing import Cell, ColumnKind, ReportColumn, ReportTable
from periscolaire.documents._page import banner, esc, page
from periscolaire.documents._sheet import Letterhead, word
from periscolaire.money import Currency, Money

__all__ = ["report_page"]

#: Beyond that many columns a page is turned.
_UPRIGHT = 6


def report_page(
    table: ReportTable,
    letterhead: Letterhead,
    *,
    printed_on: dt.date,
    signatures: Sequence[str] = (),
    language: str = "fr",
) -> str:
    """The whole page. ``signatures`` are those who sign it (« Le régisseur », « Le comptable public »)."""
    rows = "".join(f"<tr>{_cells(row, table, language)}</tr>\n" for row in table.rows)
    if not table.rows:
        rows = f'<tr><td colspan="{len(table.columns)}">{esc(word("report.empty", language))}</td></tr>\n'
    parts = [
        banner(letterhead),
        "<main>\n",
        f'<h1>{esc(table.title)}</h1>\n<p class="subtitle">{esc(table.subtitle)}</p>\n<table>\n<thead>\n<tr>',
        *(f'<th scope="col"{_class(column)}>{esc(column.heading)}</th>' for column in table.columns),
        f"</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n",
        _foot(table, language),
        "</table>\n",
        *(f"<p>{esc(note)}</p>\n" for note in table.notes),
        f'<p class="subtitle">{esc(word("report.printed", language, day=printed_on))}</p>\n',
        _signatures(signatures),
        "</main>\n",
    ]
    return page(
        f"{table.title} – {letterhead.commune}", "".join(parts), language=language, wide=len(table.columns) > _UPRIGHT
    )


def _class(column: ReportColumn) -> str:
    return ' class="number"' if column.kind in (ColumnKind.AMOUNT, ColumnKind.COUNT) else ""


def _cells(row: Sequence[Cell], table: ReportTable, language: str) -> str:
    cells = [
        f"<td{_class(column)}>{esc(_written(cell, column, table.currency, language))}</td>"
        for cell, column in zip(row, table.columns, strict=True)
    ]
    cells[0] = cells[0].replace("<td", '<th scope="row"', 1).replace("</td>", "</th>")
    return "".join(cells)


def _written(cell: Cell, column: ReportColumn, currency: Currency, language: str) -> str:
    match cell, column.kind:
        case None, _:
            return ""
        case int(), ColumnKind.AMOUNT:
            return i18n.amount(Money(cell, currency), language)
        case dt.date(), _:
            return i18n.write(cell, language, "short")
        case _:
            return i18n.write(cell, language)


def _foot(table: ReportTable, language: str) -> str:
    totals = table.totals
    if not totals:
        return ""
    first = next(index for index, column in enumerate(table.columns) if column.summed)
    cells = [f'<th scope="row" colspan="{first}">{esc(word("report.total", language))}</th>'] if first else []
    cells += [
        f"<td{_class(column)}>{esc(_written(totals.get(column.name), column, table.currency, language))}</td>"
        for column in table.columns[first:]
    ]
    return f"<tfoot>\n<tr>{''.join(cells)}</tr>\n</tfoot>\n"


def _signatures(who: Sequence[str]) -> str:
    if not who:
        return ""
    return '<div class="sign">\n' + "".join(f"<p>{esc(one)}</p>\n" for one in who) + "</div>\n"
