"""Registration (*inscription*): child × product × school year, with its formula and standing pattern, dated."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable

import attrs

from periscolaire.booking._patterns import Occasional, Pattern, chosen
from periscolaire.booking._reservations import Reservation, SlotKey
from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.catalogue import Product
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode

__all__ = ["Difference", "Formula", "PatternFrom", "Registration", "difference", "open_days"]


class Formula(enum.Enum):
    """How a child uses a product over the year; the values are those of the fact ``formule``."""

    REGULAR = "régulier"
    OCCASIONAL = "occasionnel"
    PACKAGE = "forfait"


@attrs.frozen
class PatternFrom:
    """A pattern that holds from ``first_day`` on, until the next one; ``at`` and ``author``: who decided it when."""

    first_day: dt.date
    pattern: Pattern
    at: dt.datetime
    author: str

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


@attrs.frozen
class Registration:
    """One child, one product, one school year, by one household (each parent registers its own days).

    ``patterns`` are in the order in which they were decided: on a day, the last decided of those that have begun
    counts. ``plus`` and ``minus`` are exceptions to it, day by day. ``span`` is closed.
    """

    id: FactId
    child: ChildId
    product: ProductCode
    household: HouseholdId
    school_year: str
    span: Span
    formula: Formula = Formula.REGULAR
    patterns: tuple[PatternFrom, ...] = ()
    plus: frozenset[dt.date] = frozenset()
    minus: frozenset[dt.date] = frozenset()
    slot: str = ""
    version: int = 0

    def __attrs_post_init__(self) -> None:
        both = self.plus & self.minus
        if both:
            raise MisuseError(f"registration {self.id}: {min(both)} is both added and left out")

    def covers(self, day: dt.date) -> bool:
        """Whether it speaks of ``day``."""
        return self.span.first <= day <= self.span.last

    def pattern_on(self, day: dt.date) -> Pattern:
        """The pattern that counts on ``day``."""
        begun = [decided.pattern for decided in self.patterns if decided.first_day <= day]
        return begun[-1] if begun else Occasional()

    def days(
        self, running: Iterable[dt.date], with_household: Callable[[dt.date], bool] | None = None
    ) -> tuple[dt.date, ...]:
        """The days, among those on which the product is ``running``, on which the child is to come, in order."""
        candidates = frozenset(day for day in running if self.covers(day))
        groups: dict[Pattern, set[dt.date]] = {}
        for day in candidates:
            groups.setdefault(self.pattern_on(day), set()).add(day)
        wanted = frozenset().union(
            *(chosen(pattern, days, with_household) for pattern, days in groups.items()),
        )
        return tuple(sorted((wanted - self.minus) | (self.plus & candidates)))

    def with_pattern(self, pattern: Pattern, first_day: dt.date, at: dt.datetime, author: str) -> Registration:
        """With ``pattern`` from ``first_day`` on. Whether that day respects the règlement's notice is the caller's to
        know (:func:`~periscolaire.booking.notice_day`).
        """
        return attrs.evolve(self, patterns=(*self.patterns, PatternFrom(first_day, pattern, at, author)))

    def adding(self, *days: dt.date) -> Registration:
        """With ``days`` as well."""
        return attrs.evolve(self, plus=self.plus | set(days), minus=self.minus - set(days))

    def without(self, *days: dt.date) -> Registration:
        """Without ``days``."""
        return attrs.evolve(self, plus=self.plus - set(days), minus=self.minus | set(days))

    def ending(self, last_day: dt.date) -> Registration:
        """Cut short after ``last_day``.

        :raises MisuseError: it would end before it begins.
        """
        return attrs.evolve(self, span=Span(self.span.first, min(last_day, self.span.last)))

    def key(self, day: dt.date) -> SlotKey:
        """The key of its reservation on ``day``."""
        return SlotKey(self.child, self.product, day, self.slot)


@attrs.frozen
class Difference:
    """What brings the reservations to what the registration says: keys to book and to cancel, in order."""

    book: tuple[SlotKey, ...]
    cancel: tuple[SlotKey, ...]


def open_days(product: Product, calendar: CommuneCalendar, span: Span) -> tuple[dt.date, ...]:
    """The days of ``span`` on which the product runs.

    :raises UnknownYearError: the span leaves the years that the calendar knows.
    """
    count = (span.last - span.first).days + 1
    days = (span.first + dt.timedelta(days=n) for n in range(count))
    return tuple(day for day in days if calendar.is_open(product.open_days, day))


def difference(
    registration: Registration,
    reservations: Iterable[Reservation],
    running: Iterable[dt.date],
    with_household: Callable[[dt.date], bool] | None = None,
) -> Difference:
    """What to book and to cancel on the ``running`` days so that the reservations follow the registration.

    Reservations of other households, children, products or slots are left alone.
    """
    running = tuple(running)
    wanted = {registration.key(day) for day in registration.days(running, with_household)}
    considered = {registration.key(day) for day in running if registration.covers(day)}
    live = {
        reservation.key
        for reservation in reservations
        if reservation.state.is_live
        and reservation.household == registration.household
        and reservation.key in considered
    }
    return Difference(tuple(sorted(wanted - live)), tuple(sorted(live - wanted)))
