"""Penalties, fees, deposits, instalments, ticket books: tariffs with another trigger, scope or moment."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition
from periscolaire.ids import ProductCode
from periscolaire.money import Amount, Currency, Rounding, split
from periscolaire.pricing._nodes import Node
from periscolaire.pricing._run import HALF_UP, rounded
from periscolaire.pricing._scope import DAILY, Scope


class Trigger(enum.Enum):
    """``declencheur``: what a penalty punishes."""

    LATE_PICKUP = "départ après"
    LATE_REGISTRATION = "inscription hors délai"
    UNANNOUNCED_ABSENCE = "absence sans prévenir"
    UNPLANNED = "présence non prévue"
    LOST_ITEM = "pièce perdue"
    UNPAID_INVOICE = "facture impayée"
    OTHER = "autre"


class PenaltyEffect(enum.Enum):
    """``effet``: charged at once, or proposed to an agent who confirms (« peut »)."""

    CHARGED = "facturée"
    PROPOSED = "proposée"


@attrs.frozen
class FollowUp:
    """``suites``: from the ``from_rank``-th time on, what the commune says happens besides."""

    from_rank: int
    effect: str


@attrs.frozen
class Penalty:
    """``[[penalites]]``: a price that punishes, under its own trigger and scope.

    ``limit`` is a wall time for a late pick-up; ``grace`` (minutes) is the tolerance after it: nothing is due before
    ``limit`` + ``grace`` (Coëtmieux closes at 18:45 and charges from 18:50), and all minutes since ``limit`` count
    from there on. The node reads the fact ``late_minutes``.
    """

    code: str
    trigger: Trigger
    price: Node
    limit: dt.time | None = None
    grace: int = 0
    scope: Scope = DAILY
    effect: PenaltyEffect = PenaltyEffect.CHARGED
    follow_ups: tuple[FollowUp, ...] = ()
    condition: Condition = ALWAYS
    reference: str | None = None
    label: str | None = None

    def late_minutes(self, departure: dt.time) -> int:
        """Minutes late at pick-up: 0 up to the limit and inside the tolerance (the first late minute included).

        :raises MisuseError: this penalty has no limit of time.
        """
        if self.limit is None:
            raise MisuseError(f"penalty {self.code} has no limit of time")
        late = departure.hour * 60 + departure.minute - self.limit.hour * 60 - self.limit.minute
        return late if late > 0 and late >= self.grace else 0

    def follow_up(self, rank: int) -> FollowUp | None:
        """What the ``rank``-th time brings besides the price."""
        reached = [step for step in self.follow_ups if rank >= step.from_rank]
        return max(reached, key=lambda step: step.from_rank, default=None)


@attrs.frozen
class Fee:
    """``[[frais]]``: a price that is not for a day of service (membership, PAI basket by the month)."""

    code: str
    price: Node
    scope: Scope
    condition: Condition = ALWAYS
    reference: str | None = None
    label: str | None = None


@attrs.frozen
class Deposit:
    """``acompte``: what is paid to confirm; the balance is due ``balance_days`` before the service (0: that very day).

    ``share`` is a part of the price (0,30), ``amount`` a fixed sum in units; 1 is payment at reservation (R), 0 at
    consumption (C). It is kept when the booking is cancelled in time unless it is ``refundable``.
    """

    share: Decimal | None = None
    amount: Decimal | None = None
    balance_days: int = 0
    refundable: bool = True

    def __attrs_post_init__(self) -> None:
        if (self.share is None) == (self.amount is None):
            raise MisuseError("a deposit is a share or an amount")
        if self.share is not None and not 0 <= self.share <= 1:
            raise MisuseError(f"deposit of {self.share}: expected a share between 0 and 1")

    def split(self, price: Amount, currency: Currency, rounding: Rounding = HALF_UP) -> tuple[Amount, Amount]:
        """(deposit, balance) in minor units; they add up to ``price``."""
        if self.amount is not None:
            asked = currency.amount(self.amount)
        else:
            asked = currency.amount(rounded((self.share or Decimal(0)) * currency.value(price), rounding, currency))
        deposit = max(0, min(asked, price))
        return deposit, price - deposit


@attrs.frozen
class Instalments:
    """``echeancier``: a price paid in ``count`` parts that add up to it, the odd cents on the first ones.

    ``dates`` are (month, day) within the school year; without them one part is due each month, from the first day of
    what is paid for (the first of the following months).
    """

    count: int
    weights: tuple[Decimal, ...] = ()
    dates: tuple[tuple[int, int], ...] = ()

    def __attrs_post_init__(self) -> None:
        for given in (self.weights, self.dates):
            if self.count < 1 or (given and len(given) != self.count):
                raise MisuseError("instalments: expected at least one, and one weight and one date for each")

    def split(self, price: Amount) -> tuple[Amount, ...]:
        """The instalments, in minor units."""
        return split(price, self.weights or [1] * self.count)

    def due_dates(self, day: dt.date, year: dt.date) -> tuple[dt.date, ...]:
        """When each is due for what begins on ``day``, in the school year that begins on ``year``."""
        if self.dates:
            return tuple(
                dt.date(year.year + ((month, number) < (year.month, year.day)), month, number)
                for month, number in self.dates
            )
        months = [day.year * 12 + day.month - 1 + offset for offset in range(1, self.count)]
        return (day, *(dt.date(month // 12, month % 12 + 1, 1) for month in months))


@attrs.frozen
class Schedule:
    """When parts of a price come due: a deposit at booking, then the balance, at once or by instalments."""

    deposit: Deposit | None = None
    instalments: Instalments | None = None

    def due(self, price: Amount, day: dt.date, on: dt.date, year: dt.date, currency: Currency) -> Amount:
        """How much of ``price`` is due by ``on`` for what begins on ``day``, in the school year begun on ``year``."""
        deposit, balance = (0, price) if self.deposit is None else self.deposit.split(price, currency)
        if self.instalments is not None:
            dates = self.instalments.due_dates(day, year)
            parts = zip(dates, self.instalments.split(balance), strict=True)
            return deposit + sum(part for date, part in parts if date <= on)
        days = 0 if self.deposit is None else self.deposit.balance_days
        return price if on >= day - dt.timedelta(days=days) else deposit


@attrs.frozen
class BookPurchase:
    """What a family buys so as to hold enough tickets: ``books``, and the tickets ``left`` afterwards."""

    books: int
    left: int


@attrs.frozen
class TicketBook:
    """A balance in kind: meals or hours bought by the book (Ourton: 10 meals 35 €), used one by one, carried over.

    A ticket pays a day of ``product``; without one the book has a price and serves nothing. Each book that a household
    buys is charged once.
    """

    code: str
    size: int
    price: Node
    unit: str = "repas"
    product: ProductCode | None = None
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.size < 1:
            raise MisuseError(f"ticket book of {self.size}: expected at least one ticket")

    def purchase(self, wanted: int, held: int = 0) -> BookPurchase:
        """The books to buy for ``wanted`` units when ``held`` tickets are left (Ourton: 12 meals, 2 books, 8 left).

        :raises MisuseError: one of them is negative.
        """
        if wanted < 0 or held < 0:
            raise MisuseError("tickets wanted and held are never negative")
        missing = max(0, wanted - held)
        books = -(-missing // self.size)
        return BookPurchase(books, held + books * self.size - wanted)
