"""What commands about money share: amounts as a clerk types them, the series of the régie, reports on a screen."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.billing import ColumnKind, Means, ReportTable
from periscolaire.cli._output import Word, console, emit_json
from periscolaire.cli._show import table as plain_table
from periscolaire.documents import cell_text
from periscolaire.errors import MisuseError
from periscolaire.money import Amount, Currency, Money, parse_decimal
from periscolaire.operations import published_reglements, series_of
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["MEANS_CHOICE", "amount_of", "answer", "money_text", "series_option", "series_or_only", "show_report"]

MEANS_CHOICE = Word([means.value for means in Means])


#: Columns whose texts are numbers of documents: cut in two they cannot be copied.
_WHOLE = frozenset({"facture", "piece", "paiement"})


def series_option(command: Any) -> Any:
    """``--serie``: which series of invoices, where the commune has several."""
    return click.option("--serie", "series", help="La série de factures (par défaut, la seule de la commune).")(command)


def series_or_only(series: str | None, uow: UnitOfWork) -> str:
    """The series that was named, or the only one.

    :raises MisuseError: the commune has several, or none of that name.
    """
    known = [one.code for one in series_of(published_reglements(uow).versions[-1])]
    used = {stored.model.series for stored in uow.invoices.stream()} if series not in known else set()
    if series is None and len(known) == 1:
        return known[0]
    if series is None or series not in {*known, *used}:
        raise MisuseError(f"série « {series or ''} » ; attendu une de {', '.join(sorted({*known, *used}))}")
    return series


def amount_of(text: str, currency: Currency) -> Amount:
    """``37,60`` in minor units.

    :raises click.BadParameter: no amount, or finer than the currency.
    """
    try:
        return currency.amount(parse_decimal(text.strip().removesuffix("€").strip()))
    except ValueError:  # a MisuseError is one: an amount finer than a cent
        raise click.BadParameter(f"« {text} » ; attendu un montant, comme 37,60") from None


def money_text(amount: Amount, currency: Currency) -> str:
    """An amount as people write it."""
    return i18n.amount(Money(amount, currency))


def answer(as_json: bool, document: object, sentence: str) -> None:
    """The answer of a command: a document for scripts, or a sentence."""
    if as_json:
        emit_json(document)
    else:
        console().print(Text(sentence))


def show_report(report: ReportTable, language: str = "fr") -> None:
    """Print a report with its totals and notes."""

    def said(description: Description) -> str:
        return i18n.text(description, language)

    numbers = {said(one.heading) for one in report.columns if one.kind in (ColumnKind.AMOUNT, ColumnKind.COUNT)}
    made: Table = plain_table("", *(said(column.heading) for column in report.columns), right=numbers)
    made.title = None
    for shown, column in zip(made.columns, report.columns, strict=True):
        shown.no_wrap = column.kind is not ColumnKind.TEXT or column.name in _WHOLE
    for row in report.rows:
        pairs = zip(row, report.columns, strict=True)
        made.add_row(*(Text(cell_text(cell, column, report.currency, language)) for cell, column in pairs))
    totals = report.totals
    if report.rows and totals:
        made.add_section()
        cells = (cell_text(totals.get(one.name), one, report.currency, language) for one in report.columns)
        made.add_row(i18n.text(Description.of("report.total"), language), *list(cells)[1:], style="bold")
    screen = console()
    screen.print(Text(f"{said(report.title)} ({said(report.subtitle)})", style="bold"))
    screen.print(made)
    if not report.rows:
        screen.print(i18n.text(Description.of("report.empty"), language))
    for note in report.notes:
        screen.print(Text(said(note)))
