"""The period view (*vue période*): weeks, days, one cell for each product the child may use. Plain frozen values.

A cell says what is (``state``), what may be done now (``may_book``, ``may_cancel``) and why not (``reasons``), until
when (``until``) and with which effect. It asks the very check that validation makes of a basket with that line alone:
the view says "may book" if and only if validating that line alone at that instant accepts it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Mapping

import attrs

from periscolaire.booking._basket import Basket, Line
from periscolaire.booking._check import check_line
from periscolaire.booking._context import BookingContext
from periscolaire.booking._desk import Desk
from periscolaire.booking._reservations import Reservation, SlotKey, State
from periscolaire.booking._verdicts import Alternative, Estimate, LineStatus, LineVerdict
from periscolaire.calendar import Span, Weekday, monday_of, week_label
from periscolaire.catalogue import Action, Effect, PaymentMode, Product
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Amount
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement

__all__ = ["Cell", "CellState", "DayView", "PeriodView", "WeekView", "period_view"]

_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)


class CellState(enum.Enum):
    """What a box shows; the values are the words of files and of plain values."""

    FREE = "libre"
    IN_BASKET = "dans le panier"
    REQUESTED = "demandée"
    CONFIRMED = "confirmée"
    WAITING = "en attente"
    CANCELLED = "annulée"
    LAPSED = "caduque"
    CLOSED = "fermé"
    FULL = "complet"


_OF_STATE = {
    State.REQUESTED: CellState.REQUESTED,
    State.CONFIRMED: CellState.CONFIRMED,
    State.WAITING: CellState.WAITING,
    State.CANCELLED_BY_FAMILY: CellState.CANCELLED,
    State.CANCELLED_BY_COMMUNE: CellState.CANCELLED,
    State.LAPSED: CellState.LAPSED,
}


@attrs.frozen
class Cell:
    """One box: a product (and slot) on a day.

    ``basket`` is the action of the basket's line about it, if any. ``reasons`` say why what one would do next (book
    what is free, cancel what is booked) may not be done, or what it would entail; ``until`` is the instant at which
    that action closes (exclusive, in the commune's time zone), ``limit`` the one already missed. ``outcome`` is
    handed in by the caller (see :mod:`periscolaire.attendance`). ``price`` is in minor units.
    """

    key: SlotKey
    product_name: str
    slot_name: str
    state: CellState
    may_book: bool
    may_cancel: bool
    basket: Action | None = None
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    until: dt.datetime | None = None
    effect: Effect | None = None
    would_be: LineStatus | None = None
    places_left: int | None = None
    price: Amount | None = None
    payment: PaymentMode = PaymentMode.CONSUMPTION
    hold_until: dt.datetime | None = None
    outcome: str | None = None


@attrs.frozen
class DayView:
    """A day on which at least one product runs, or would but for a closure; ``public_holiday`` is its name."""

    day: dt.date
    weekday: str
    is_today: bool
    cells: tuple[Cell, ...]
    public_holiday: str | None = None


@attrs.frozen
class WeekView:
    """A week with its label ("Semaine 3 du 14/01/2019 au 18/01/2019"); days on which nothing runs are left out."""

    label: str
    monday: dt.date
    days: tuple[DayView, ...]


@attrs.frozen
class PeriodView:
    """Weeks of one child; ``previous``, ``today`` and ``next`` are the Mondays to which the three buttons lead.

    ``previous`` and ``next`` are ``None`` where the calendar ends. ``basket_counts`` counts the basket's bookings of
    all children by product; ``estimate`` is that of the basket if the caller gives its check.
    """

    child: ChildId
    household: HouseholdId
    reglement: str
    at: dt.datetime
    first: dt.date
    last: dt.date
    weeks: tuple[WeekView, ...]
    previous: dt.date | None
    today: dt.date
    next: dt.date | None
    basket_counts: dict[ProductCode, int]
    estimate: Estimate | None = None

    def cell(self, key: SlotKey) -> Cell | None:
        """The box of ``key``."""
        for week in self.weeks:
            for day in week.days:
                if day.day == key.day:
                    return next((cell for cell in day.cells if cell.key == key), None)
        return None


def period_view(
    reglement: Reglement,
    child: ChildId,
    first: dt.date,
    last: dt.date,
    context: BookingContext,
    at: dt.datetime,
    *,
    basket: Basket | None = None,
    products: Collection[ProductCode | str] | None = None,
    show_places: bool = True,
    outcomes: Mapping[SlotKey, str] | None = None,
    estimate: Estimate | None = None,
    look_ahead: bool = False,
) -> PeriodView:
    """The whole weeks that hold ``first`` to ``last``, as the household sees them at ``at``.

    ``products`` are those that the child may use (all that are booked, by default), in the order of the règlement.
    Days before today are shown; what may be done on them is what the règlement says. With ``look_ahead`` each refusal
    also tells the next day that is open.

    :raises MisuseError: ``at`` is naive, ``last`` is before ``first``, or the child is not of the household.
    """
    if last < first:
        raise MisuseError(f"a view from {first} to {last}: expected the last day after the first")
    if child not in context.children:
        raise MisuseError(f"child {child!r} is not of household {context.household!r}")
    desk = Desk(reglement, context, at, look_ahead=look_ahead, brief=True)
    shown = [
        product
        for product in reglement.products
        if product.needs_booking and (products is None or product.code in products)
    ]
    basket = basket if basket is not None else Basket.of(context.household)
    painter = _Painter(desk, child, shown, basket, show_places, outcomes or {})
    first_monday, last_monday = monday_of(first), monday_of(last)
    known = desk.calendar.known
    weeks: list[WeekView] = []
    monday = first_monday
    while monday <= last_monday:
        weeks.append(painter.week(monday, known))
        monday += _WEEK
    return PeriodView(
        child=child,
        household=context.household,
        reglement=reglement.version,
        at=desk.calendar.local(at),
        first=first_monday,
        last=last_monday + 6 * _DAY,
        weeks=tuple(weeks),
        previous=_within(first_monday - len(weeks) * _WEEK, known),
        today=monday_of(painter.today),
        next=_within(last_monday + _WEEK, known),
        basket_counts=basket.count(),
        estimate=estimate,
    )


class _Painter:
    """Paints weeks; private to one view."""

    def __init__(
        self,
        desk: Desk,
        child: ChildId,
        products: list[Product],
        basket: Basket,
        show_places: bool,
        outcomes: Mapping[SlotKey, str],
    ) -> None:
        self.desk = desk
        self.child = child
        self.products = products
        self.basket = basket
        self.show_places = show_places
        self.outcomes = outcomes
        self.today = desk.calendar.today(desk.at)

    def week(self, monday: dt.date, known: Span) -> WeekView:
        days = [monday + n * _DAY for n in range(7)]
        painted = [self.day(day) for day in days if day in known]
        return WeekView(week_label(monday), monday, tuple(day for day in painted if day.cells))

    def day(self, day: dt.date) -> DayView:
        cells = []
        for product in self.products:
            for slot in self.slots(product):
                key = SlotKey(self.child, product.code, day, slot)
                running = self.desk.is_open(product, key)
                reservation = self.desk.reservation(key)
                if running or reservation is not None or self.desk.is_usual(product, day):
                    cells.append(self.cell(key, product, reservation, running))
        return DayView(
            day,
            Weekday(day.weekday()).french,
            day == self.today,
            tuple(cells),
            self.desk.calendar.public_holiday(day),
        )

    def slots(self, product: Product) -> tuple[str, ...]:
        return tuple(slot.code for slot in product.slots) or ("",)

    def cell(self, key: SlotKey, product: Product, reservation: Reservation | None, running: bool) -> Cell:
        live = reservation is not None and reservation.state.is_live
        verdict = check_line(Line(Action.CANCEL if live else Action.BOOK, key), self.desk)
        in_basket = self.basket.line(key)
        accepted = verdict.status.records
        slot = product.slot(key.slot)
        held = reservation.hold_until if reservation is not None else None
        return Cell(
            key=key,
            product_name=product.name,
            slot_name=slot.name if slot is not None else "",
            state=CellState.IN_BASKET if in_basket is not None else self.state(reservation, running, verdict),
            may_book=accepted and not live,
            may_cancel=accepted and live,
            basket=in_basket.action if in_basket is not None else None,
            reasons=verdict.reasons,
            alternatives=verdict.alternatives,
            until=verdict.closes,
            effect=verdict.effect,
            would_be=verdict.status,
            places_left=self.desk.places_left(key) if self.show_places and running else None,
            price=verdict.price,
            payment=product.payment,
            hold_until=self.desk.calendar.local(held) if held is not None else None,
            outcome=self.outcomes.get(key),
        )

    def state(self, reservation: Reservation | None, running: bool, verdict: LineVerdict) -> CellState:
        if reservation is not None and (shown := _OF_STATE.get(reservation.state)) is not None:
            return shown
        if not running:
            return CellState.CLOSED
        return CellState.FULL if self.desk.places_left(verdict.line.key) == 0 else CellState.FREE


def _within(monday: dt.date, known: Span) -> dt.date | None:
    """That Monday, if a day of its week is known."""
    return monday if monday <= known.last and monday + 6 * _DAY >= known.first else None
