"""The state of counters, counted from reservations: how often a rule with ranks was used in the period of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from periscolaire.booking._reservations import Reservation
from periscolaire.calendar import CommuneCalendar
from periscolaire.catalogue import Counter, Per, Product, Reset
from periscolaire.ids import ChildId, HouseholdId, ProductCode

__all__ = ["Use", "counters_of", "same_period", "uses", "uses_in"]


@attrs.frozen
class Use:
    """One use of a counter: by whom, for which product and day of service."""

    counter: str
    household: HouseholdId
    child: ChildId
    product: ProductCode
    day: dt.date


def counters_of(product: Product) -> tuple[Counter, ...]:
    """The counters that the product's limits read, each once."""
    tables = (product.booking, product.cancellation, product.change or ())
    found = {
        tier.counter.name: tier.counter
        for table in tables
        for rule in table
        for tier in rule.tiers
        if tier.counter is not None
    }
    return tuple(found.values())


def uses_in(reservations: Iterable[Reservation]) -> Iterator[Use]:
    """The uses that reservations stand for.

    A booking through a counter counts as long as it lives, and still when it was cancelled too late to be undone; a
    cancellation through a counter counts as well.
    """
    for reservation in reservations:
        key, ended = reservation.key, reservation.cancellation
        if reservation.counter is not None and (reservation.state.is_live or reservation.late_cancellation):
            yield Use(reservation.counter, reservation.household, key.child, key.product, key.day)
        if ended is not None and ended.counter is not None:
            yield Use(ended.counter, reservation.household, key.child, key.product, key.day)


def uses(
    counter: Counter, new: Use, known: Iterable[Use], calendar: CommuneCalendar, in_basket: Iterable[Use] = ()
) -> int:
    """How many uses count before ``new``: those of the same child or family, in the same period.

    ``in_basket`` are the uses by earlier lines of the same basket, which a counter ``par demande`` counts alone.

    :raises UnknownYearError: a day is outside the known years, for a counter by period or school year.
    """

    def counts(other: Use) -> bool:
        return other.counter == counter.name and _same_subject(counter.per, new, other)

    def near(other: Use) -> bool:
        return same_period(counter.reset, new.day, other.day, calendar)

    earlier = sum(counts(other) and near(other) for other in known)
    return earlier + sum(counts(other) and (counter.reset is Reset.REQUEST or near(other)) for other in in_basket)


def same_period(reset: Reset, day: dt.date, other: dt.date, calendar: CommuneCalendar) -> bool:
    """Whether the counter is not reset between the two days.

    ``par demande`` counts inside one basket only, and ``par suite d'absence`` inside an episode, which attendance
    knows: neither looks back at earlier reservations.

    :raises UnknownYearError: a day is outside the known years, for a counter by period or school year.
    """
    match reset:
        case Reset.WEEK:
            return day.isocalendar()[:2] == other.isocalendar()[:2]
        case Reset.MONTH:
            return (day.year, day.month) == (other.year, other.month)
        case Reset.PERIOD:
            return other in calendar.period(day)
        case Reset.SCHOOL_YEAR:
            return calendar.school_year(day) == calendar.school_year(other)
        case Reset.CIVIL_YEAR:
            return day.year == other.year
        case Reset.NEVER:
            return True
        case Reset.REQUEST | Reset.ABSENCE:
            return False


def _same_subject(per: Per, new: Use, other: Use) -> bool:
    match per:
        case Per.CHILD:
            return new.child == other.child
        case Per.HOUSEHOLD:
            return new.household == other.household
        case Per.CHILD_PRODUCT:
            return (new.child, new.product) == (other.child, other.product)
