"""The row of facts that a price reads: the day, the consumption, and the dated facts of who pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias

from periscolaire.attendance import Booked, Consumption, Notice, Outcome
from periscolaire.billing.charging._books import Book
from periscolaire.calendar import Weekday
from periscolaire.facts import UNKNOWN, Expired, Facts, FactValue, Unknown
from periscolaire.ids import ChildId, HouseholdId

__all__ = ["COUNT_FACTS", "FactState", "FactsOf", "minutes_between", "row_of"]

FactState: TypeAlias = FactValue | Unknown | Expired
#: The dated facts of a household and a child on a day, as :meth:`households.DatedFacts.on` gives them.
FactsOf: TypeAlias = Callable[[HouseholdId, ChildId | None, dt.date], Facts]

#: Facts that count other days or children: computed by billing before pricing, never handed in.
COUNT_FACTS = frozenset(
    {
        "rank",
        "siblings",
        "unplanned_rank",
        "late_pickup_rank",
        "absence_rank",
        "absence_length",
        "days",
        "days_open",
        "slots",
        "attendance_ratio",
        "quantity",
    }
)

_HELD = frozenset({Booked.CONFIRMED, Booked.CONFIRMED_LATE, Booked.PACKAGE})


def minutes_between(start: dt.time, end: dt.time) -> int:
    """Whole minutes from one wall time to another of the same day."""
    return (end.hour * 60 + end.minute) - (start.hour * 60 + start.minute)


def _slot(one: Consumption, outcome: Outcome, book: Book) -> FactState:
    return one.slot_used or one.key.slot or UNKNOWN


def _minutes(one: Consumption, outcome: Outcome, book: Book) -> FactState:
    if one.arrival is not None and one.departure is not None:
        return minutes_between(one.arrival, one.departure)
    product = book.rules(one.key.product).product
    slot = product.slot(one.slot_used or one.key.slot)
    if slot is not None:
        return slot.end - slot.start
    if product.start is not None and product.end is not None:
        return product.end - product.start
    return UNKNOWN


def _or_unknown(value: FactValue | None) -> FactState:
    return UNKNOWN if value is None else value


_GETTERS: dict[str, Callable[[Consumption, Outcome, Book], FactState]] = {
    "day": lambda one, outcome, book: one.key.day,
    "weekday": lambda one, outcome, book: Weekday(one.key.day.weekday()).french,
    "season": lambda one, outcome, book: book.calendar.season(one.key.day).value,
    "school_year": lambda one, outcome, book: book.calendar.school_year(one.key.day).label,
    "week_holidays": lambda one, outcome, book: frozenset(
        weekday.french for weekday in book.calendar.week_holidays(one.key.day)
    ),
    "slot": _slot,
    "mode": lambda one, outcome, book: _or_unknown(one.mode),
    "tier": lambda one, outcome, book: UNKNOWN if one.tier is None else str(one.tier + 1),
    "booked": lambda one, outcome, book: one.booked in _HELD or one.booked is Booked.CANCELLED_LATE,
    "late": lambda one, outcome, book: one.booked is Booked.CONFIRMED_LATE,
    "order_rank": lambda one, outcome, book: _or_unknown(one.order_rank),
    "served": lambda one, outcome, book: _or_unknown(one.served),
    "arrival": lambda one, outcome, book: _or_unknown(one.arrival),
    "departure": lambda one, outcome, book: _or_unknown(one.departure),
    "minutes": _minutes,
    "outcome": lambda one, outcome, book: outcome.value,
    "motive": lambda one, outcome, book: _or_unknown(one.motive),
    "proof": lambda one, outcome, book: one.proof.value,
    "notified": lambda one, outcome, book: one.notice is Notice.TOLD,
    "refund_requested": lambda one, outcome, book: one.refund_requested,
}

#: What the door list says, not the dated facts, even where it says nothing.
OWN_FACTS = frozenset(_GETTERS)


def row_of(
    names: Iterable[str],
    one: Consumption,
    outcome: Outcome,
    book: Book,
    dated: Facts,
    counts: dict[str, FactState],
) -> tuple[FactState, ...]:
    """The values of the facts ``names``, in that order: of the consumption, counted, or dated.

    ``mode`` and the like come from the booking and fall back on the dated facts of the child when it does not say.
    """
    values: list[FactState] = []
    for name in names:
        if name in counts:
            values.append(counts[name])
            continue
        getter = _GETTERS.get(name)
        value: FactState = UNKNOWN if getter is None else getter(one, outcome, book)
        if isinstance(value, Unknown) and name not in COUNT_FACTS:
            value = dated.get(name, UNKNOWN)
            if name == "quotient" and book.floor_quotient and isinstance(value, Decimal):
                value = value.to_integral_value(ROUND_FLOOR)
        values.append(value)
    return tuple(values)
