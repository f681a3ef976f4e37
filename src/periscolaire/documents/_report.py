"""Every report as a document: its table, its totals, its notes, and where it is signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from periscolaire import i18n
from periscolaire.billing import Cell, ColumnKind, Issuer, ReportColumn, ReportTable
from periscolaire.documents._model import Block, Document, Paragraph, Row, Signatures, Table, Words
from periscolaire.money import Currency, Money
from periscolaire.reasons import Description

__all__ = ["cell_text", "report_document"]

#: Beyond that many columns a page is turned.
_UPRIGHT = 6
_NUMBERS = (ColumnKind.AMOUNT, ColumnKind.COUNT)


def report_document(table: ReportTable, issuer: Issuer, *, printed_on: dt.date, language: str = "fr") -> Document:
    """The report as it is printed, with who signs it."""
    say = Words(language, "report")
    rows = [Row(tuple((text,) for text in _written(row, table, language))) for row in table.rows]
    if table.rows and table.totals:
        rows.append(Row(tuple((text,) for text in _totals(table, say)), "total"))
    blocks: list[Block] = [Paragraph(say("empty"))]
    if table.rows:
        blocks = [
            Table(
                tuple(say.text(column.heading) for column in table.columns),
                tuple(column.kind in _NUMBERS for column in table.columns),
                tuple(int(column.kind is ColumnKind.TEXT) for column in table.columns),
                tuple(rows),
            )
        ]
    blocks += [Paragraph(say.text(note)) for note in table.notes]
    blocks.append(Paragraph(say("printed", day=printed_on), small=True))
    if table.signatures:
        blocks.append(Signatures(tuple(say.text(who) for who in table.signatures)))
    subtitle = say.text(table.subtitle)
    return Document(
        language,
        say.text(table.title),
        issuer,
        printed_on,
        tuple(blocks),
        subtitle=subtitle[:1].upper() + subtitle[1:],
        wide=len(table.columns) > _UPRIGHT,
    )


def _written(row: Sequence[Cell], table: ReportTable, language: str) -> list[str]:
    return [cell_text(cell, column, table.currency, language) for cell, column in zip(row, table.columns, strict=True)]


def _totals(table: ReportTable, say: Words) -> list[str]:
    totals = table.totals
    cells = [cell_text(totals.get(column.name), column, table.currency, say.language) for column in table.columns]
    return cells if cells[0] else [say("total"), *cells[1:]]


def cell_text(cell: Cell, column: ReportColumn, currency: Currency, language: str) -> str:
    """A cell as people of ``language`` read it."""
    match cell, column.kind:
        case None, _:
            return ""
        case Description(), _:
            return i18n.text(cell, language)
        case int(), ColumnKind.AMOUNT:
            return i18n.amount(Money(cell, currency), language)
        case dt.date(), _:
            return i18n.write(cell, language, "short")
        case _:
            return i18n.write(cell, language)
