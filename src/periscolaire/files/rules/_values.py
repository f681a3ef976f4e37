"""Single values of a rules file: hours, numbers, units, days, instants, durations."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from periscolaire.calendar import Weekday
from periscolaire.catalogue import Bound, Moment, parse_unit, print_unit
from periscolaire.errors import MisuseError
from periscolaire.files.toml._forms import CodedForm, ListForm
from periscolaire.money import parse_decimal

__all__ = [
    "CLOCK",
    "DECIMAL",
    "DURATION",
    "HOURS_SPAN",
    "MOMENT",
    "MONTH_DAY",
    "TIME",
    "UNIT",
    "WEEKDAYS",
    "print_decimal",
    "print_moment",
]

_CLOCK = re.compile(r"(\d{1,2})\s*(?::|h)\s*(\d{2})?")


def parse_clock(text: str) -> int:
    """``"16:30"``, ``"8h15"`` or ``"24:00"`` as minutes since midnight."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[2] or 0) > 59 or int(match[1]) * 60 + int(match[2] or 0) > 24 * 60:
        raise MisuseError(text)
    return int(match[1]) * 60 + int(match[2] or 0)


def print_clock(minutes: int) -> str:
    """``990`` as ``"16:30"``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def print_decimal(value: Decimal) -> str:
    """A number as people write it: ``4,40``."""
    return format(value, "f").replace(".", ",")


CLOCK = CodedForm(parse_clock, print_clock, "une heure, comme « 16:30 »", ref="clock")


DECIMAL = CodedForm(parse_decimal, print_decimal, "un nombre entre guillemets, comme « 4,40 »", ref="decimal")


UNIT = CodedForm(
    parse_unit, print_unit, "une unité : « jour », « semaine », « mois », « mois du 11 », « période », …", ref="unit"
)


WEEKDAYS = ListForm(CodedForm(Weekday.parse, lambda day: day.french, "un jour de la semaine"), least=1, of=frozenset)


_MOMENT = re.compile(
    r"(?P<avant>avant\s+(?:le\s+)?)?(?P<date>\d{4}-\d{2}-\d{2})(?:\s+(?P<until>jusqu'à\s+)?(?P<hour>\S+))?"
)


def parse_moment(text: str) -> Moment:
    """``"2024-09-23"``, ``"2024-09-23 12:00"``, ``"2024-09-23 jusqu'à 12:00"`` or ``"avant le 2024-09-23"``."""
    match = _MOMENT.fullmatch(text.strip().replace("’", "'"))
    if match is None or (match["avant"] and match["hour"]):
        raise MisuseError(text)
    try:
        date = dt.date.fromisoformat(match["date"])
    except ValueError:
        raise MisuseError(text) from None
    if match["hour"] is None:
        return Moment(date, None, Bound.BEFORE if match["avant"] else Bound.UNTIL)
    minutes = parse_clock(match["hour"])
    return Moment(date, minutes, Bound.UNTIL if match["until"] else Bound.BEFORE)


def print_moment(moment: Moment) -> str:
    """The text that :func:`parse_moment` reads as ``moment``."""
    if moment.minutes is None:
        return f"{'avant le ' if moment.bound is Bound.BEFORE else ''}{moment.date.isoformat()}"
    until = "jusqu'à " if moment.bound is Bound.UNTIL else ""
    return f"{moment.date.isoformat()} {until}{print_clock(moment.minutes)}"


MOMENT = CodedForm(parse_moment, print_moment, "une date et une heure, comme « 2024-09-23 » ou « 2024-09-03 20:00 »")


_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")


def parse_month_day(text: str) -> tuple[int, int]:
    """``"09-01"`` as (9, 1)."""
    match = _MONTH_DAY.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    month, day = int(match[1]), int(match[2])
    try:
        dt.date(2024, month, day)
    except ValueError:
        raise MisuseError(text) from None
    return month, day


MONTH_DAY = CodedForm(
    parse_month_day, lambda pair: f"{pair[0]:02d}-{pair[1]:02d}", "un mois et un jour, comme « 09-01 »", ref="month_day"
)


def _time(text: str) -> dt.time:
    minutes = parse_clock(text)
    if minutes >= 24 * 60:
        raise MisuseError(text)
    return dt.time(minutes // 60, minutes % 60)


TIME = CodedForm(_time, lambda time: time.strftime("%H:%M"), "une heure, comme « 18:45 »", ref="clock")


_DURATION = re.compile(r"(\d+)\s*min(?:utes?)?")


def _minutes(text: str) -> int:
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    return int(match[1])


DURATION = CodedForm(_minutes, lambda minutes: f"{minutes} min", "une durée, comme « 5 min »")


def _hours(text: str) -> tuple[int, int]:
    start, mark, end = text.partition("-")
    if not mark:
        raise MisuseError(text)
    return parse_clock(start), parse_clock(end)


HOURS_SPAN = CodedForm(
    _hours,
    lambda span: f"{print_clock(span[0])}-{print_clock(span[1])}",
    "des heures, comme « 12:00-13:30 »",
    ref="hours_span",
)
