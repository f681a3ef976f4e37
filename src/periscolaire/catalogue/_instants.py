"""The cached table of instants: the same decisions as :func:`decide_tiers`, by the hundred thousand.

For every day of a span the table holds the instants at which the answer changes, and the answer between two of them.
An answer is then one bisection. The answers come from the reference itself, at each change, so that both agree.
"""

from __future__ import annotations

import bisect
import datetime as dt
import functools
from collections.abc import Iterable, Sequence

import attrs

from periscolaire.calendar import CommuneCalendar, OpenDays, Span
from periscolaire.catalogue._decide_tiers import choose_rule, decide_tiers
from periscolaire.catalogue._effects import REFUSE, REQUEST, Effect
from periscolaire.catalogue._rules import LimitRule, LimitTable
from periscolaire.catalogue._units import Action
from periscolaire.catalogue._windows import Frame, window
from periscolaire.clock import utc
from periscolaire.errors import MisuseError, UnknownYearError
from periscolaire.facts import Facts, FactValue
from periscolaire.frozen import FrozenMap
from periscolaire.reasons import Reason

__all__ = ["Answer", "InstantTable", "day_facts", "epoch", "instant_table"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)
#: One day: the instants (epoch seconds) at which the answer changes, and the answers, one more than the instants.
_Row = tuple[tuple[int, ...], tuple["Answer", ...]]
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@attrs.frozen
class Answer:
    """What the limits say: allowed or not, through which tier, with which effect."""

    allowed: bool
    tier: int | None
    effect: Effect


def epoch(at: dt.datetime) -> int:
    """``at`` in whole seconds since 1970, exactly, rounded down.

    :raises MisuseError: ``at`` is naive.
    """
    return (utc(at) - _EPOCH) // _SECOND


def day_facts(calendar: CommuneCalendar, day: dt.date) -> dict[str, FactValue]:
    """What the calendar says of a service day, as facts.

    :raises UnknownYearError: ``day`` is outside the known years.
    """
    return {
        "day": day,
        "weekday": _WEEKDAYS[day.weekday()],
        "season": calendar.season(day).value,
        "school_year": calendar.school_year(day).label,
        "week_holidays": frozenset(weekday.french for weekday in calendar.week_holidays(day)),
    }


@attrs.frozen(eq=False)
class InstantTable:
    """The answers for every day of ``span``, for one product, one action and one set of facts.

    A day whose tiers depend on opening hours, or whose limits leave the known years, is answered by the reference.
    """

    span: Span
    _rows: tuple[_Row | None, ...]
    _slow: _Asker

    def answer(self, day: dt.date, at: dt.datetime) -> Answer:
        """The answer for one day.

        :raises MisuseError: ``at`` is naive, or ``day`` is outside the span.
        """
        if day not in self.span:
            raise MisuseError(f"{day} is outside the table, from {self.span.first} to {self.span.last}")
        row = self._rows[day.toordinal() - self.span.first.toordinal()]
        if row is None:
            return self._slow.answer(day, at)
        return row[1][bisect.bisect_right(row[0], epoch(at))]

    def answers(self, first: dt.date, last: dt.date, at: dt.datetime) -> list[Answer]:
        """The answers for every day from ``first`` to ``last``, both included, at one instant.

        :raises MisuseError: ``at`` is naive, or a day is outside the span.
        """
        if first not in self.span or last not in self.span:
            raise MisuseError(f"{first} to {last} leaves the table, from {self.span.first} to {self.span.last}")
        start = first.toordinal() - self.span.first.toordinal()
        rows = self._rows[start : start + (last - first).days + 1]
        now, find = epoch(at), bisect.bisect_right
        if None in rows:
            return [self.answer(day, at) for day in Span(first, last)]
        return [row[1][find(row[0], now)] for row in rows]  # type: ignore[index]  # no None in rows

    def answers_at(self, day: dt.date, instants: Sequence[int]) -> list[Answer]:
        """The answers for one day at many instants, in epoch seconds (see :func:`epoch`)."""
        row = self._rows[day.toordinal() - self.span.first.toordinal()]
        if row is None:
            return [self._slow.answer(day, _EPOCH + at * _SECOND) for at in instants]
        cuts, found, find = row[0], row[1], bisect.bisect_right
        return [found[find(cuts, at)] for at in instants]


@attrs.frozen
class _Asker:
    """The reference, with all that it needs but the day and the instant."""

    table: LimitTable
    action: Action
    calendar: CommuneCalendar
    open_days: OpenDays | None
    start: int | None
    facts: Facts
    counters: FrozenMap[str, int]
    places_left: int | None
    events: FrozenMap[str, dt.date]
    only_open: bool

    def answer(self, day: dt.date, at: dt.datetime) -> Answer:
        """The reference's answer; refused when the product does not run, if that was asked."""
        found = self._limits(day, at)
        shut = self.only_open and self.open_days is not None and not self.calendar.is_open(self.open_days, day)
        return Answer(False, found.tier, REFUSE) if shut else found

    def _limits(self, day: dt.date, at: dt.datetime) -> Answer:
        local = self.facts.and_(day_facts(self.calendar, day))
        rule = choose_rule(self.table, local)
        if isinstance(rule, Reason):
            return Answer(False, None, REQUEST)
        frame = Frame(self.calendar, day, rule.unit, self.open_days, self.start, self.events)
        outcome = decide_tiers(rule, self.action, frame, at, local, self.counters, self.places_left)
        return Answer(outcome.allowed, outcome.tier, outcome.effect)

    def row(self, day: dt.date) -> _Row | None:
        """The row of one day; ``None`` when the answer does not change at a few fixed instants."""
        try:
            local = self.facts.and_(day_facts(self.calendar, day))
            rule = choose_rule(self.table, local)
            if isinstance(rule, Reason):
                return (), (Answer(False, None, REQUEST),)
            if any(tier.hours is not None for tier in rule.tiers):
                return None
            frame = Frame(self.calendar, day, rule.unit, self.open_days, self.start, self.events)
            cuts = sorted({epoch(instant) for instant in _changes(rule, frame)})
            before = [cuts[0] - 1, *cuts] if cuts else [0]
            return tuple(cuts), tuple(self.answer(day, _EPOCH + at * _SECOND) for at in before)
        except UnknownYearError:
            return None


def _changes(rule: LimitRule, frame: Frame) -> Iterable[dt.datetime]:
    for tier in rule.tiers:
        found = window(tier.limit, frame)
        yield from (instant for instant in (found.opens, found.closes) if instant is not None)


def instant_table(
    table: LimitTable,
    action: Action,
    calendar: CommuneCalendar,
    span: Span,
    *,
    open_days: OpenDays | None = None,
    start: int | None = None,
    facts: Facts = Facts(),  # noqa: B008  # immutable
    counters: FrozenMap[str, int] = FrozenMap(),  # noqa: B008  # immutable
    places_left: int | None = None,
    events: FrozenMap[str, dt.date] = FrozenMap(),  # noqa: B008  # immutable
    only_open: bool = False,
) -> InstantTable:
    """The table of one product and action over ``span``; built once for the facts and counters that the rules read.

    ``only_open``: a day on which the product does not run is refused.
    """
    read, named = _reads(table)
    asked_facts = Facts({name: value for name in read if (value := facts.get(name)) is not None})
    asked_counters: FrozenMap[str, int] = FrozenMap(
        {name: used for name in named if (used := counters.get(name)) is not None}
    )
    asker = _Asker(
        table, action, calendar, open_days, start, asked_facts, asked_counters, places_left, events, only_open
    )
    return _built(asker, span)


@functools.lru_cache(maxsize=1024)
def _reads(table: LimitTable) -> tuple[frozenset[str], frozenset[str]]:
    """The facts and the counters that the rules read."""
    tiers = [tier for rule in table for tier in rule.tiers]
    facts = {fact for rule in table for fact in rule.condition.facts_read}
    facts |= {fact for tier in tiers for fact in tier.condition.facts_read}
    return frozenset(facts), frozenset(tier.counter.name for tier in tiers if tier.counter is not None)


@functools.lru_cache(maxsize=256)
def _built(asker: _Asker, span: Span) -> InstantTable:
    return InstantTable(span, tuple(asker.row(day) for day in span), asker)
