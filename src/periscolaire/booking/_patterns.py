"""Standing patterns of a registration: on which of a product's open days the child comes.

A pattern only ever chooses among days on which the product runs for the child; it never opens one.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable
from typing import TypeAlias

import attrs
from dateutil.rrule import rrule, rruleset, rrulestr

from periscolaire.calendar import Weekday
from periscolaire.errors import MisuseError
from periscolaire.reasons import Description

__all__ = [
    "EveryDay",
    "HouseholdDays",
    "Occasional",
    "OnWeekdays",
    "Pattern",
    "Recurrence",
    "Several",
    "Weeks",
    "chosen",
    "describe_pattern",
]


class Weeks(enum.Enum):
    """Which weeks, by the parity of their ISO number; a year of 53 weeks has two odd weeks in a row, as on the wall."""

    ALL = "toutes"
    EVEN = "paires"
    ODD = "impaires"

    def holds(self, day: dt.date) -> bool:
        """Whether ``day`` is in such a week."""
        return self is Weeks.ALL or (day.isocalendar().week % 2 == 0) == (self is Weeks.EVEN)


@attrs.frozen
class EveryDay:
    """Every day on which the product runs ("tous les jours de classe")."""


EVERY_DAY = EveryDay()


@attrs.frozen
class Occasional:
    """No standing day: the family books day by day."""


@attrs.frozen
class OnWeekdays:
    """These weekdays, of all weeks, even or odd ones."""

    weekdays: frozenset[Weekday]
    weeks: Weeks = Weeks.ALL

    def __attrs_post_init__(self) -> None:
        if not self.weekdays:
            raise MisuseError("a pattern on weekdays names at least one; without any, say Occasional")


@attrs.frozen
class HouseholdDays:
    """The days on which the child is with the registering household, by custody."""


@attrs.frozen
class Recurrence:
    """A repetition in the words of RFC 5545 (``FREQ=WEEKLY;INTERVAL=3;BYDAY=MO``), counted from ``start``.

    Hours play no part: a rule that repeats more often than daily is refused.
    """

    rule: str
    start: dt.date

    def __attrs_post_init__(self) -> None:
        _parse(self.rule, self.start)

    def days(self, first: dt.date, last: dt.date) -> frozenset[dt.date]:
        """The days of the repetition from ``first`` to ``last``, both included."""
        found = _parse(self.rule, self.start).between(_midnight(first), _midnight(last), inc=True)
        return frozenset(moment.date() for moment in found)


@attrs.frozen
class Several:
    """Any of several patterns (Monday every week, Thursday in odd weeks)."""

    patterns: tuple[Pattern, ...]


Pattern: TypeAlias = EveryDay | Occasional | OnWeekdays | HouseholdDays | Recurrence | Several


def chosen(
    pattern: Pattern, open_days: Iterable[dt.date], with_household: Callable[[dt.date], bool] | None = None
) -> frozenset[dt.date]:
    """The days of ``open_days`` that the pattern chooses.

    ``with_household`` says on which days the child is with the household that registered it; a pattern by custody
    needs it.

    :raises MisuseError: a pattern by custody without ``with_household``.
    """
    days = frozenset(open_days)
    match pattern:
        case EveryDay():
            return days
        case Occasional():
            return frozenset()
        case OnWeekdays(weekdays, weeks):
            return frozenset(day for day in days if Weekday(day.weekday()) in weekdays and weeks.holds(day))
        case HouseholdDays():
            if with_household is None:
                raise MisuseError("a pattern by custody: expected with_household, which says whose day it is")
            return frozenset(day for day in days if with_household(day))
        case Recurrence():
            return days & pattern.days(min(days), max(days)) if days else days
        case Several(patterns):
            return frozenset().union(*(chosen(each, days, with_household) for each in patterns))


def describe_pattern(pattern: Pattern) -> Description:
    """The pattern in words: « lundi et jeudi, semaines paires »."""
    match pattern:
        case EveryDay():
            return Description.of("pattern.every_day")
        case Occasional():
            return Description.of("pattern.occasional")
        case OnWeekdays(weekdays, weeks):
            names = tuple(Description.of(f"limit.weekday.{day.name.lower()}") for day in sorted(weekdays))
            if weeks is Weeks.ALL:
                return Description.of("pattern.weekdays", weekdays=names)
            parity = Description.of(f"pattern.weeks.{weeks.name.lower()}")
            return Description.of("pattern.weekdays_of_weeks", weekdays=names, weeks=parity)
        case HouseholdDays():
            return Description.of("pattern.household_days")
        case Recurrence(rule, start):
            return Description.of("pattern.recurrence", rule=rule, start=start)
        case Several(patterns):
            return Description.of("pattern.several", patterns=tuple(describe_pattern(each) for each in patterns))


def _parse(text: str, start: dt.date) -> rrule | rruleset:
    try:
        rule = rrulestr(text, dtstart=_midnight(start))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MisuseError(f"recurrence {text!r}: expected an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO") from error
    if any(word in text.upper() for word in ("HOURLY", "MINUTELY", "SECONDLY", "BYHOUR", "BYMINUTE", "BYSECOND")):
        raise MisuseError(f"recurrence {text!r}: expected whole days, not hours")
    return rule


def _midnight(day: dt.date) -> dt.datetime:
    # dateutil repeats naive datetimes; only their dates are ever read.
    return dt.datetime.combine(day, dt.time())
