"""The weekday table that town halls publish (« lundi ← jeudi 12 h »): printed from a rule, read as a rule or a test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from periscolaire.calendar import CommuneCalendar, OpenDays, Span, Weekday, week_of
from periscolaire.catalogue._decide_tiers import choose_rule
from periscolaire.catalogue._effects import Effect
from periscolaire.catalogue._instants import day_facts
from periscolaire.catalogue._limits import Between, Limit, WeekdayTable
from periscolaire.catalogue._rules import LimitRule, LimitTable, Tier
from periscolaire.catalogue._windows import Frame, State, Window, Written, window
from periscolaire.catalogue.notation._print import clock_text, print_effect
from periscolaire.catalogue.notation._read import parse_limit
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts

__all__ = ["WeekLine", "agrees_with", "equivalents", "print_week", "read_weekday_table", "weekday_table"]

_DAY = dt.timedelta(days=1)
#: Forms tried as equivalents of a printed table, from the plainest; each with the hour of the table.
_CANDIDATES = (
    "{n} jour{s} avant",
    "{n} jour{s} de semaine avant",
    "{n} jour{s} ouvré{s} avant",
    "{n} jour{s} ouvrable{s} avant",
    "{n} jour{s} de classe avant",
    "{n} jour{s} d'ouverture avant",
    "{n} jour{s} de guichet avant",
)


@attrs.frozen
class WeekLine:
    """One service day of the week: until when (``None``: no end, or not at all), by which tier, with which effect."""

    day: dt.date
    tier: int
    effect: Effect
    window: Window

    @property
    def closes(self) -> Written | None:
        """The close as written."""
        return self.window.written


def weekday_table(
    table: LimitTable,
    calendar: CommuneCalendar,
    open_days: OpenDays,
    week: dt.date,
    *,
    start: int | None = None,
    facts: Facts = Facts(),  # noqa: B008  # immutable
) -> tuple[WeekLine, ...]:
    """The limits of the days on which the product runs in the ISO week of ``week``, tier by tier.

    :raises MisuseError: the limits differ by channel and ``facts`` give none.
    :raises UnknownYearError: the calendar does not reach the days that the limits count.
    """
    span = week_of(week)
    lines = []
    for day in (day for day in span if calendar.is_open(open_days, day)):
        rule = choose_rule(table, facts.and_(day_facts(calendar, day)))
        if isinstance(rule, LimitRule):
            frame = Frame(calendar, day, rule.unit, open_days, start)
            lines += [
                WeekLine(day, index, tier.effect, window(tier.limit, frame)) for index, tier in enumerate(rule.tiers)
            ]
    return tuple(lines)


def print_week(lines: Iterable[WeekLine], *, dates: bool = False) -> str:
    """The printed table: « lundi ← jeudi 12:00 », a line for each day and tier; with ``dates``, the dates as well.

    A limit in the eight days before needs no date; an earlier one always bears it.
    """
    return "\n".join(_line(line, dates) for line in lines)


def _line(line: WeekLine, dates: bool) -> str:
    text = f"{_day(line.day, dates)} ← {_limit(line, dates)}"
    return text if line.tier == 0 else f"{text} : {print_effect(line.effect)}"


def _limit(line: WeekLine, dates: bool) -> str:
    found = line.window
    if found.state is not State.WINDOW:
        return {State.NEVER: "jamais", State.SILENT: "non dit", State.ANCHOR_UNKNOWN: "à fixer"}[found.state]
    if found.written is None:
        return "sans limite"
    written = found.written
    # A close when a day begins is the end of its eve, as people say it.
    whole = written.minutes is None or (written.minutes == 0 and not written.inclusive)
    day = written.day - _DAY if whole and not written.inclusive else written.day
    far = not dt.timedelta(0) <= line.day - day < dt.timedelta(days=7)
    name = "le jour même" if day == line.day and not dates else _day(day, dates or far)
    if whole or written.minutes is None:
        return name
    return f"{name}{' jusqu’à ' if written.inclusive else ' '}{clock_text(written.minutes)}".replace("’", "'")


def _day(day: dt.date, dated: bool) -> str:
    name = Weekday(day.weekday()).french
    return f"{name} {day:%d/%m/%Y}" if dated else name


def read_weekday_table(text: str) -> WeekdayTable:
    """A printed table, a line a day or separated by commas, as a rule: each weekday means the last one before.

    :raises NotationError: a word is not understood.
    :raises MisuseError: it is no table of weekdays.
    """
    lines = ", ".join(line.strip().rstrip(",;") for line in text.strip().splitlines() if line.strip())
    tiers = parse_limit(lines)
    if len(tiers) != 1 or not isinstance(tiers[0].limit, WeekdayTable):
        raise MisuseError(f"{text!r} is no weekday table; expected « lundi ← jeudi 12:00, mardi ← vendredi 12:00 »")
    return tiers[0].limit


def agrees_with(
    printed: WeekdayTable, limit: Limit, calendar: CommuneCalendar, open_days: OpenDays, days: Span
) -> tuple[dt.date, ...]:
    """A printed table as a test: the service days of ``days`` on which ``limit`` closes at another instant."""
    differing = []
    for day in calendar.days(days.first, days.last, open_days=open_days):
        frame = Frame(calendar, day, open_days=open_days)
        expected = window(printed, frame)
        if expected.state is State.WINDOW and expected.closes != window(limit, frame).closes:
            differing.append(day)
    return tuple(differing)


def equivalents(
    printed: WeekdayTable, calendar: CommuneCalendar, open_days: OpenDays, days: Span
) -> tuple[tuple[Tier, ...], ...]:
    """Rules in words that say the same as a printed table on every service day of ``days``.

    Reading a table never infers one of them (LIMITS A8): they are proposed, and the commune chooses.
    """
    suffixes = {_hour(row.limit) for row in printed.rows}
    if len(suffixes) != 1:
        return ()
    hour = suffixes.pop()
    found = []
    for n in range(1, 8):
        for candidate in _CANDIDATES:
            tiers = parse_limit(candidate.format(n=n, s="s" if n > 1 else "") + hour)
            if not agrees_with(printed, tiers[0].limit, calendar, open_days, days):
                found.append(tiers)
    return tuple(found)


def _hour(limit: Limit) -> str:
    if not isinstance(limit, Between) or limit.closes is None or limit.closes.minutes is None:
        return ""
    bound = " jusqu'à" if limit.closes.bound.value == "jusqu'à" else ""
    return f"{bound} {clock_text(limit.closes.minutes)}"
