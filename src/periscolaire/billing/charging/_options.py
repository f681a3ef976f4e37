"""What a commune settles besides its règlement, and what is known of a family besides its consumptions."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.attendance import Consumption
from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import Amount, Currency, Rounding
from periscolaire.pricing import Deposit, Instalments

__all__ = [
    "CustodyPrice",
    "DepositSchedule",
    "Incident",
    "InstalmentSchedule",
    "Options",
    "PackageRule",
    "PayersOf",
    "Prorata",
    "Reprise",
    "Schedule",
    "SeniorityOf",
    "SinceOf",
    "prorata",
]

_HALF_UP = Rounding()

#: Who pays for a consumption: see :func:`periscolaire.households.payers`. Nobody at all: nobody can be told.
PayersOf: TypeAlias = Callable[[Consumption], Sequence[Payer]]
#: What orders siblings, the eldest first: usually the birth date, then the code of the child.
SeniorityOf: TypeAlias = Callable[[ChildId], tuple[object, ...]]
#: From when to when a child is registered for a product; an end that is ``None`` is open.
RegisteredOf: TypeAlias = Callable[[ChildId, ProductCode], tuple[dt.date | None, dt.date | None]]

#: From when a child is first registered for a product, if it is.
SinceOf: TypeAlias = Callable[[ChildId, ProductCode], dt.date | None]


class CustodyPrice(enum.Enum):
    """With whose facts a day shared by several households is priced."""

    EACH = "quotient de chaque parent"  # each one's own price, times its part, rounded: nothing is conserved
    DESIGNATED = "quotient d'un foyer désigné"  # the first payer's price, split; odd cents to the first


@attrs.frozen
class Reprise:
    """A dated act of the commune that makes the rules in force today reach days that were billed by former ones."""

    reference: str
    first: dt.date
    last: dt.date
    products: frozenset[ProductCode] | None = None

    def covers(self, product: ProductCode, day: dt.date) -> bool:
        """Whether the act reaches that day of that product."""
        return self.first <= day <= self.last and (self.products is None or product in self.products)


@attrs.frozen
class Incident:
    """Something that a penalty of the règlement punishes and that no consumption tells: a lost badge, a late file.

    ``penalty`` is its code; ``facts`` are what its price reads. It is appended; ``withdrawn`` takes it back.
    """

    id: FactId
    penalty: str
    household: HouseholdId
    day: dt.date
    at: dt.datetime
    author: str
    child: ChildId | None = None
    facts: Facts = Facts()  # noqa: RUF009 - Facts is immutable, hence shared safely
    withdrawn: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


@attrs.frozen
class DepositSchedule:
    """A deposit at booking; the balance is due ``balance_days`` before the day of service (0: that very day)."""

    deposit: Deposit
    balance_days: int = 0

    def due(self, price: Amount, day: dt.date, on: dt.date, currency: Currency) -> Amount:
        """How much of ``price`` is due by ``on``."""
        if on >= day - dt.timedelta(days=self.balance_days):
            return price
        return self.deposit.split(price, currency)[0]


@attrs.frozen
class InstalmentSchedule:
    """A price due in parts, one on each of the dates.

    :raises MisuseError: not one date for each part, or dates out of order.
    """

    instalments: Instalments
    dates: tuple[dt.date, ...]

    def __attrs_post_init__(self) -> None:
        if len(self.dates) != self.instalments.count or list(self.dates) != sorted(self.dates):
            raise MisuseError(f"{self.instalments.count} instalments: expected as many dates, in order")

    def due(self, price: Amount, day: dt.date, on: dt.date, currency: Currency) -> Amount:
        """How much of ``price`` is due by ``on``."""
        parts = zip(self.dates, self.instalments.split(price), strict=True)
        return sum(part for date, part in parts if date <= on)


Schedule: TypeAlias = DepositSchedule | InstalmentSchedule


class Prorata(enum.Enum):
    """What a package costs when a child enters or leaves in mid-period; the values are the words of files."""

    NONE = "aucun"  # the whole package
    OPEN_DAYS = "jours d'ouverture"  # open days registered, out of those of the period
    STARTED_MONTH = "mois commencé"  # months begun, out of those of the period


@attrs.frozen
class PackageRule:
    """How a package is charged: entry and exit in mid-period, and what an excused absence gives back.

    ``day_value`` (units) is credited for each day of an absence with an accepted proof (``valeur_du_jour``).
    """

    prorata: Prorata = Prorata.NONE
    day_value: Decimal | None = None


def prorata(
    amount: Amount,
    rule: Prorata,
    period: tuple[dt.date, dt.date],
    held: tuple[dt.date | None, dt.date | None],
    is_open: Callable[[dt.date], bool],
    currency: Currency,
    rounding: Rounding = _HALF_UP,
) -> Amount:
    """``amount`` for the part of ``period`` in which the child is registered (``held``), rounded once."""
    first, last = period
    enters = max(first, held[0] or first)
    leaves = min(last, held[1] or last)
    if rule is Prorata.NONE or (enters, leaves) == (first, last):
        return amount
    if leaves < enters:
        return 0
    if rule is Prorata.STARTED_MONTH:
        part, whole = _months(enters, leaves), _months(first, last)
    else:
        part, whole = _open_days(enters, leaves, is_open), _open_days(first, last, is_open)
    if not whole:
        return amount
    return currency.amount(currency.value(amount) * part / whole, rounding)


def _months(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _open_days(first: dt.date, last: dt.date, is_open: Callable[[dt.date], bool]) -> int:
    return sum(is_open(first + dt.timedelta(days=offset)) for offset in range((last - first).days + 1))


def _none_since(child: ChildId, product: ProductCode) -> dt.date | None:
    return None


def _always(child: ChildId, product: ProductCode) -> tuple[dt.date | None, dt.date | None]:
    return None, None


def _by_code(child: ChildId) -> tuple[object, ...]:
    return ()


@attrs.frozen
class Options:
    """Everything else that billing may be told; the defaults suit a commune with none of it.

    ``payers`` say who pays for a consumption (its household when not given) and ``custody`` with whose facts;
    ``seniority`` orders siblings; ``contested`` slots wait until the appeal is decided; slots paid ``in_kind`` (a
    ticket, a day carried over) cost no money; ``reprises`` lift the pin of billed days; ``schedules`` make prices due
    in parts, ``packages`` settle entry, exit and excused days, with
    ``registered``; ``since`` is the first registration, for rolling years; ``incidents`` are punished by penalties,
    and ``confirmed`` are the proposed penalties that staff has confirmed, by (penalty, child or None, first day).
    """

    payers: PayersOf | None = None
    custody: CustodyPrice = CustodyPrice.EACH
    seniority: SeniorityOf = _by_code
    contested: Collection[SlotKey] = frozenset()
    in_kind: Collection[SlotKey] = frozenset()
    reprises: tuple[Reprise, ...] = ()
    schedules: Mapping[ProductCode, Schedule] = FrozenMap()
    packages: Mapping[ProductCode, PackageRule] = FrozenMap()
    registered: RegisteredOf = _always
    since: SinceOf = _none_since
    incidents: tuple[Incident, ...] = ()
    confirmed: Collection[tuple[str, ChildId | None, dt.date]] = frozenset()
