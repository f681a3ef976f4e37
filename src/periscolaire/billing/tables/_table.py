"""A report before any form: columns, rows, totals, and descriptions to be put in words.

The terminal, the CSV file, the JSON document, the workbook and the printed page are made of the same rows, so that
they cannot tell different totals; only their words depend on the language.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TypeAlias

import attrs

from periscolaire.billing.accounts._payments import Means
from periscolaire.errors import MisuseError
from periscolaire.money import EUR, Amount, Currency, Money
from periscolaire.reasons import Description, Parameter

__all__ = ["Cell", "ColumnKind", "ReportColumn", "ReportTable"]

Cell: TypeAlias = str | int | dt.date | Description | None


class ColumnKind(enum.Enum):
    """What a column holds: how it is written follows from that."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    AMOUNT = "amount"


@attrs.frozen
class ReportColumn:
    """A column: ``name`` heads it in files and never changes, ``heading`` is its words on a page.

    Columns that are ``summed`` have a total.
    """

    name: str
    heading: Description
    kind: ColumnKind = ColumnKind.TEXT
    summed: bool = False


@attrs.frozen
class ReportTable:
    """A report: ``name`` for files, its ``title`` and ``subtitle``, rows of cells, ``notes`` under them, who signs it.

    Amounts are in minor units of ``currency``.

    :raises MisuseError: a row with another number of cells than columns.
    """

    name: str
    title: Description
    subtitle: Description
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: Currency = EUR
    notes: tuple[Description, ...] = ()
    signatures: tuple[Description, ...] = ()

    def __attrs_post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise MisuseError(f"report {self.name}: expected {len(self.columns)} cells in each row")

    @property
    def totals(self) -> dict[str, int]:
        """The sum of each column that is summed, by its name."""
        return {
            column.name: sum(value for row in self.rows if isinstance(value := row[index], int))
            for index, column in enumerate(self.columns)
            if column.summed
        }


def say(code: str, **parameters: Parameter) -> Description:
    """A text of reports."""
    return Description.of(f"report.{code}", **parameters)


def column(name: str, kind: ColumnKind = ColumnKind.TEXT, *, summed: bool = False) -> ReportColumn:
    """A column whose heading is the text of its name."""
    return ReportColumn(name, say(f"column.{name}"), kind, summed)


def day(name: str) -> ReportColumn:
    """A column of days."""
    return column(name, ColumnKind.DAY)


def count(name: str, *, summed: bool = False) -> ReportColumn:
    """A column of numbers of things."""
    return column(name, ColumnKind.COUNT, summed=summed)


def amount(name: str, *, summed: bool = True) -> ReportColumn:
    """A column of money."""
    return column(name, ColumnKind.AMOUNT, summed=summed)


def span(first: dt.date, last: dt.date) -> Description:
    """« Du 1er au 31 … »: the period of a report."""
    return say("span", first=first, last=last)


def means_name(means: Means) -> Description:
    """A means of payment, in words."""
    return say(f"means.{means.name.lower()}")


def money(value: Amount, currency: Currency) -> Money:
    """An amount as a parameter of a text."""
    return Money(value, currency)
