"""What commands at the counter share: the instant, the child, days and services as a clerk types them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.calendar import Span
from periscolaire.cli._store import Names, opened
from periscolaire.clock import instant
from periscolaire.errors import MisuseError, NotFoundError, UnknownYearError
from periscolaire.households import Child
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount, Currency, Money
from periscolaire.operations import published_reglements
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement, Reglements

__all__ = [
    "HEURE",
    "JOUR",
    "JOURS",
    "Counter",
    "at_counter",
    "at_option",
    "before",
    "days_of",
    "days_text",
    "find_child",
    "find_products",
    "moment",
    "money_or_dash",
    "short_instant",
    "titled",
    "zone_of",
]

F = TypeVar("F", bound=Callable[..., Any])
_TIMED = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2})[:h](\d{2})")


def _day(text: str) -> dt.date:
    try:
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        return dt.date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"« {text} » ; attendu un jour, comme 2026-10-12 ou 12/10/2026") from None


class _Day(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A day: ``2026-10-12`` or ``12/10/2026``."""

    name = "jour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        return value if isinstance(value, dt.date) else _day(str(value))


class _Days(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A day, or two days with ``..`` between them: both are in it."""

    name = "jours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        if isinstance(value, Span):
            return value
        first, dots, last = str(value).partition("..")
        begins = _day(first)
        ends = _day(last) if dots else begins
        if ends < begins:
            raise click.BadParameter(f"« {value} » finit avant de commencer")
        return Span(begins, ends)


class _Time(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """An hour: ``16:30`` or ``16h30``."""

    name = "heure"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.time:
        if isinstance(value, dt.time):
            return value
        try:
            return dt.time.fromisoformat(str(value).strip().lower().replace("h", ":").rjust(5, "0"))
        except ValueError:
            raise click.BadParameter(f"« {value} » ; attendu une heure, comme 16:30") from None


HEURE = _Time()
JOUR = _Day()
JOURS = _Days()


def at_option(command: F) -> F:
    """``--le``: at which instant it happens; now, by default."""
    return click.option(
        "--le",
        "at",
        metavar="INSTANT",
        help="À quel instant : 2026-10-08 12:00, à l'heure de la commune (ou avec un fuseau). Par défaut, maintenant.",
    )(command)


def moment(text: str | None, tz: ZoneInfo) -> dt.datetime:
    """The instant of ``--le``; a wall time without a zone is the commune's.

    :raises click.BadParameter: it is no instant.
    """
    if text is None:
        return dt.datetime.now(dt.UTC)
    if found := _TIMED.fullmatch(text.strip()):
        year, month, day, hour, minute = (int(part) for part in found.groups())
        try:
            return instant(dt.datetime(year, month, day, hour, minute).date(), hour * 60 + minute, tz)  # noqa: DTZ001  # only its fields are checked
        except ValueError:
            raise _no_instant(text) from None
    try:
        found_at = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise _no_instant(text) from None
    return found_at if found_at.tzinfo is not None else found_at.replace(tzinfo=tz)


def _no_instant(text: str) -> click.BadParameter:
    return click.BadParameter(f"« {text} » ; attendu un instant, comme 2026-10-08 12:00", param_hint="--le")


def zone_of(uow: UnitOfWork) -> tuple[Reglements, ZoneInfo]:
    """The published rules, and the commune's time zone.

    :raises NotFoundError: no règlement is published.
    """
    rules = published_reglements(uow)
    return rules, rules.versions[-1].calendar.tz


def find_child(text: str, uow: UnitOfWork) -> Child:
    """The child of that code, or of that name (« Clara », « Clara Martin »).

    :raises NotFoundError: none.
    :raises MisuseError: several bear that name; the message lists their codes.
    """
    stored = uow.children.find(ChildId(text))
    if stored is not None:
        return stored.model
    wanted = " ".join(text.casefold().split())
    found = [one.model for one in uow.children.stream() if wanted in _names(one.model)]
    if not found:
        raise NotFoundError(f"enfant « {text} » : inconnu ; donnez son code, ou son prénom et son nom")
    if len(found) > 1:
        listed = ", ".join(f"{one.id} ({one.first_name} {one.family_name})" for one in found[:8])
        raise MisuseError(f"enfant « {text} » : plusieurs portent ce nom ; donnez le code : {listed}")
    return found[0]


def _names(child: Child) -> set[str]:
    last = {child.family_name, child.usual_name or child.family_name}
    names = {child.first_name}
    names |= {f"{child.first_name} {name}" for name in last} | {f"{name} {child.first_name}" for name in last}
    return {name.casefold() for name in names}


def find_products(codes: Iterable[str], reglement: Reglement) -> tuple[ProductCode, ...]:
    """These services by code or by name; all that are booked when none is named.

    :raises NotFoundError: the règlement has none of that name.
    """
    found: list[ProductCode] = []
    for code in codes:
        named = [one for one in reglement.products if code.casefold() in (one.code.casefold(), one.name.casefold())]
        found.append(named[0].code if named else reglement.product(code).code)
    return tuple(found) or tuple(one.code for one in reglement.products if one.needs_booking)


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


def short_instant(at: dt.datetime, tz: ZoneInfo) -> str:
    """``jeu. 08/10 12:00``, by the commune's clock."""
    local = at.astimezone(tz)
    return f"{_SHORT[local.weekday()]} {local:%d/%m %H:%M}"


def before(at: dt.datetime, tz: ZoneInfo) -> str:
    """Until when, as people say it: « avant jeu. 08/10 12:00 », or « jusqu'au mer. 07/10 inclus » at midnight."""
    local = at.astimezone(tz)
    if (local.hour, local.minute) == (0, 0):
        eve = local.date() - dt.timedelta(days=1)
        return f"jusqu'au {_SHORT[eve.weekday()]} {eve:%d/%m} inclus"
    return f"avant {short_instant(at, tz)}"


def titled(screen: Console, title: str, made: Table) -> None:
    """Print a table under its title; a title of its own would be as narrow as the table."""
    screen.print(Text(title, style="bold"))
    screen.print(made)


_SHORT = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


@attrs.frozen
class Counter:
    """A clerk at work on an open store: the rules, the instant, today, and how people and services are called."""

    uow: UnitOfWork
    rules: Reglements
    now: dt.datetime
    names: Names

    @property
    def today(self) -> dt.date:
        """The day of the instant, in the commune."""
        return self.rules.versions[-1].calendar.today(self.now)

    @property
    def currency(self) -> Currency:
        """The commune's."""
        return self.names.currency

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


def days_text(first: dt.date, last: dt.date) -> str:
    """``le 03/11/2025``, or ``du 03/11/2025 au 07/11/2025``."""
    return f"le {first:%d/%m/%Y}" if first == last else f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
