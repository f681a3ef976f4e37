"""What commands at the counter share: the open store at the instant of ``--le``, the child, the services meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.cli._finding import find_products
from periscolaire.cli._store import Names, opened
from periscolaire.cli._when import moment
from periscolaire.errors import MisuseError, NotFoundError, UnknownYearError
from periscolaire.ids import ProductCode
from periscolaire.money import Amount, Currency, Money
from periscolaire.operations import published_reglements
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement, Reglements

__all__ = [
    "Counter",
    "at_counter",
    "days_of",
    "money_or_dash",
    "services_option",
    "titled",
    "zone_of",
]

F = TypeVar("F", bound=Callable[..., Any])


def zone_of(uow: UnitOfWork) -> tuple[Reglements, ZoneInfo]:
    """The published rules, and the commune's time zone.

    :raises NotFoundError: no règlement is published.
    """
    rules = published_reglements(uow)
    return rules, rules.versions[-1].calendar.tz


def services_option(command: F) -> F:
    """``--service``: which services are meant; all of them, by default."""
    return click.option("--service", "products", multiple=True, help="Seulement ce service (répétable).")(command)


def days_of(spans: Sequence[Span], rules: Reglements, runs: Callable[[dt.date, Reglement], bool]) -> list[dt.date]:
    """The days that a clerk typed, in order, each once: a day typed alone always, of a span those of ``runs``."""
    found: set[dt.date] = set()
    for span in spans:
        days = [span.first + dt.timedelta(days=n) for n in range((span.last - span.first).days + 1)]
        found.update(day for day in days if len(days) == 1 or _runs(day, rules, runs))
    return sorted(found)


def _runs(day: dt.date, rules: Reglements, runs: Callable[[dt.date, Reglement], bool]) -> bool:
    try:
        return runs(day, rules.on(day))
    except (NotFoundError, UnknownYearError):
        return False


def money_or_dash(amount: Amount | None, currency: Currency, language: str) -> str:
    """An amount as people write it; a dash when it cannot be told."""
    return "–" if amount is None else i18n.amount(Money(amount, currency), language)


def titled(screen: Console, title: str, made: Table) -> None:
    """Print a table under its title; a title of its own would be as narrow as the table."""
    screen.print(Text(title, style="bold"))
    screen.print(made)


@attrs.frozen
class Counter:
    """A clerk at work on an open store: the rules, the instant, today, and how people and services are called."""

    uow: UnitOfWork
    rules: Reglements
    now: dt.datetime
    names: Names

    @property
    def calendar(self) -> CommuneCalendar:
        """The commune's, and its clock."""
        return self.rules.versions[-1].calendar

    @property
    def today(self) -> dt.date:
        """The day of the instant, in the commune."""
        return self.calendar.today(self.now)

    def happened(self, day: dt.date | None) -> dt.date:
        """The day on which what the clerk records happened: today when none is typed.

        :raises MisuseError: a day to come, as a slip of the year makes it.
        """
        if day is not None and day > self.today:
            raise MisuseError(f"{day} has not come yet", code="operation.day_to_come", day=day)
        return day or self.today

    @property
    def currency(self) -> Currency:
        """The commune's."""
        return self.names.currency

    def doubt_motive(self, motive: str | None, products: Sequence[ProductCode] | None, day: dt.date) -> None:
        """Say on the error output that no absence row of these services names that motive, where some name any."""
        rules = self.rules.on(day)
        codes = [product.code for product in rules.products] if products is None else products
        named = frozenset[str]().union(*(rules.absence_policy(code).motives for code in codes))
        if motive is not None and named and motive not in named:
            known = ", ".join(sorted(named))
            click.echo(f"attention : le règlement ne nomme pas le motif « {motive} » ; il nomme : {known}", err=True)

    def products(self, codes: Sequence[str], day: dt.date) -> tuple[ProductCode, ...] | None:
        """The services named by code or by name; ``None``, all of them, when none is named."""
        return find_products(codes, self.rules.on(day)) if codes else None


@contextmanager
def at_counter(base: str, at: str | None = None, *, write: bool = True, keep: bool = True) -> Iterator[Counter]:
    """The counter of the store at ``base``, at the instant of ``--le``; what it writes is kept if all goes well.

    Without ``keep`` nothing of it stays: a dry run of what has none of its own.
    """
    with opened(base) as store, store.unit(write=write) as uow:
        rules, tz = zone_of(uow)
        yield Counter(uow, rules, moment(at, tz), Names.of(uow))
        if write and keep:
            uow.commit()
