"""The cycles of invoicing (``rythme``): the stretch of days that a run bills, one after the other without a hole."""

from __future__ import annotations

import datetime as dt

from periscolaire.calendar import CommuneCalendar, Span, add_months
from periscolaire.errors import UnknownYearError
from periscolaire.reasons import Reason
from periscolaire.reglement._billing import Cycle
from periscolaire.reglement._reglement import Reglement, Reglements

__all__ = ["billing_cycle", "last_cycle", "off_cycle"]

_DAY = dt.timedelta(days=1)
#: Civil months in a cycle, counted from January: two months are September and October, a quarter is July to September.
_MONTHS = {Cycle.MONTH: 1, Cycle.TWO_MONTHS: 2, Cycle.TERM: 3}


def billing_cycle(reglement: Reglement, day: dt.date) -> Span:
    """The cycle of invoicing in which ``day`` lies.

    :raises UnknownYearError: the cycle follows the school year, and that of ``day`` is not known.
    """
    cycle = reglement.billing.cycle
    if (months := _MONTHS.get(cycle)) is not None:
        first = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
        return Span(first, add_months(first, months) - _DAY)
    if cycle is Cycle.SCHOOL_YEAR:
        return reglement.calendar.school_year(day).span
    return _from_class_to_class(reglement.calendar, day)


def _from_class_to_class(calendar: CommuneCalendar, day: dt.date) -> Span:
    """The days of class up to the next holidays, and these: what is served in them goes with what was before."""
    span = calendar.period(day)
    if calendar.holiday(day) is None:
        after = calendar.period(span.last + _DAY) if span.last < calendar.known.last else span
        return Span(span.first, after.last)
    before = calendar.period(span.first - _DAY) if calendar.known.first < span.first else span
    return Span(before.first, span.last)


def last_cycle(reglements: Reglements, on: dt.date) -> Span:
    """The last cycle that was over when ``on`` began: what a run of that day bills when nobody says more.

    :raises UnknownYearError: the cycle follows the school year, and that of ``on`` is not known.
    """
    eve = billing_cycle(reglements.at(on), on).first - _DAY
    return billing_cycle(reglements.at(eve), eve)


def off_cycle(reglements: Reglements, period: Span) -> Reason | None:
    """What is to be told of a run over ``period``, when that is not a cycle of the règlement, nor several whole ones.

    A run in between is no mistake by itself (a family that leaves). Nothing is told where prices are paid by
    instalments, which come due in the midst of longer cycles, nor where the cycle follows a school year not known yet.
    """
    reglement = reglements.at(period.last)
    if reglement.instalments:
        return None
    try:
        first, last = billing_cycle(reglements.at(period.first), period.first), billing_cycle(reglement, period.last)
    except UnknownYearError:
        return None
    if (first.first, last.last) == (period.first, period.last):
        return None
    return Reason.of(
        "billing.run.off_cycle",
        reference=reglement.billing.reference,
        first=period.first,
        last=period.last,
        cycle=reglement.billing.cycle.value,
        cycle_first=first.first,
        cycle_last=last.last,
    )
