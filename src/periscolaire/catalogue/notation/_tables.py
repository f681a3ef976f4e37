"""Reading tables: « lundi ← jeudi 12:00 », « vendredi 9 h pour lundi et mardi », « 2026-10 ← 2026-09-24 »."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from periscolaire.calendar import Weekday
from periscolaire.catalogue._days import OnDate
from periscolaire.catalogue._limits import (
    Between,
    DateRow,
    DateTable,
    Hours,
    Limit,
    Moment,
    Never,
    NoLimit,
    Point,
    WeekdayRow,
    WeekdayTable,
)
from periscolaire.catalogue.notation._phrases import FOR_WEEKDAYS, OTHER_WEEKDAYS
from periscolaire.catalogue.notation._units import UnitReader
from periscolaire.catalogue.notation._windows import WindowReader
from periscolaire.catalogue.notation._words import WEEKDAY_FORMS
from periscolaire.errors import MisuseError, NotationError

__all__ = ["TableReader"]


class TableReader(WindowReader):
    """Reads limits: a table, or what is plain."""

    def limit(self) -> Limit | Hours:
        if self._sees_row():
            return self._weekday_table()
        if self._sees_date_row():
            return self._date_table()
        if self._sees_reversed_row():
            return self._reversed_table()
        found = self.plain()
        if isinstance(found, Between) and found.opens is None and found.closes is not None:
            return self._exceptions(found.closes) or found
        return found

    def _sees_row(self) -> bool:
        """Whether weekdays and an arrow stand here."""
        walker = self.walker
        ahead = 0
        if walker.peek().norm not in WEEKDAY_FORMS and walker.peek().norm not in ("le", "pour", "du", "les"):
            return False
        while walker.peek(ahead).norm in WEEKDAY_FORMS or walker.peek(ahead).norm in (
            "et", ",", "/", "le", "les", "pour", "-", "au", "a", "du", "+",
        ):  # fmt: skip
            ahead += 1
        return walker.peek(ahead).sort == "arrow" or (
            walker.peek(ahead).norm == ":"
            and walker.peek(ahead - 1).norm in WEEKDAY_FORMS
            and self._row_after(ahead + 1)
        )

    def _row_after(self, ahead: int) -> bool:
        """After « lundi : », a day (and not an effect) makes a row of it."""
        norm = self.walker.peek(ahead).norm
        return norm in WEEKDAY_FORMS or norm in ("la", "le", "avant", "jusqu'", "veille")

    def _weekday_table(self) -> WeekdayTable:
        rows: list[WeekdayRow] = []
        while True:
            if rows and self.walker.take(*OTHER_WEEKDAYS):
                said = {weekday for row in rows for weekday in row.weekdays}
                weekdays = tuple(weekday for weekday in Weekday if weekday not in said)
            else:
                weekdays = self._weekday_list()
            if not (self.walker.take_sort("arrow") or self.walker.take(":")):
                raise self.walker.failure(("lundi ← jeudi 12:00",))
            limit = self.plain(table=True)
            if not isinstance(limit, Between | Never | NoLimit):
                raise self.walker.failure(("lundi ← jeudi 12:00",))
            rows.append(WeekdayRow(weekdays, limit))
            start = self.walker.index
            if self.walker.take(",", ";") and (self._sees_row() or self.walker.sees(*OTHER_WEEKDAYS)):
                continue
            self.walker.index = start
            if not self._sees_row():
                break
        return self._table(tuple(rows))

    def _weekday_list(self) -> tuple[Weekday, ...]:
        walker, found = self.walker, list[Weekday]()
        while True:
            walker.take("pour", "le", "les", "du")
            token = walker.peek()
            if token.norm not in WEEKDAY_FORMS:
                raise walker.failure(("lundi",))
            walker.index += 1
            weekday = WEEKDAY_FORMS[token.norm]
            if walker.peek().norm in ("-", "au", "a") and walker.peek(1).norm in WEEKDAY_FORMS:
                last = WEEKDAY_FORMS[walker.peek(1).norm]
                walker.index += 2
                found += [Weekday(day) for day in range(weekday, last + 1)]
            else:
                found.append(weekday)
            if not walker.take("et", ",", "/", "+"):
                return tuple(found)

    def _sees_reversed_row(self) -> bool:
        """Whether « vendredi 9 h pour lundi » stands here."""
        walker = self.walker
        start = walker.index
        try:
            self.prefix()
            walker.take("le")
            if walker.peek().norm not in WEEKDAY_FORMS:
                return False
            self.point(table=True)
            walker.take(",")
            return walker.take(*FOR_WEEKDAYS) and walker.peek().norm in WEEKDAY_FORMS
        except NotationError:
            return False
        finally:
            walker.index = start

    def _exceptions(self, point: Point) -> Limit | None:
        """« la veille 10 h (le vendredi pour le lundi) »: a point for most days, another for some weekdays."""
        walker = self.walker
        start = walker.index
        bracket = walker.take("(")
        if not bracket:
            walker.take(",")
            walker.take("ou", "et", "sauf", "mais")
        walker.take("ou", "et", "sauf", "soit", "c' est - a - dire")
        if not self._sees_reversed_row():
            walker.index = start
            return None
        rows = list(self._reversed_rows(point))
        if bracket and not walker.take(")"):
            raise walker.failure((")",))
        if (clock := self.clock_after()) is not None:  # « la veille ou le vendredi pour le lundi, avant 10 h »
            point = self.assemble(point.day, clock, None)
            rows = [WeekdayRow(row.weekdays, Between(None, _timed(row.limit, point))) for row in rows]
        said = {weekday for row in rows for weekday in row.weekdays}
        others = tuple(weekday for weekday in Weekday if weekday not in said)
        return self._table((*rows, WeekdayRow(others, Between(None, point))))

    def _reversed_table(self) -> WeekdayTable:
        """« vendredi 9 h pour lundi et mardi, mardi 9 h pour jeudi, la veille 9 h pour les autres jours »."""
        walker = self.walker
        rows = list(self._reversed_rows())
        start = walker.index
        walker.take(",", ";", "et")
        try:
            closes = self.point(table=True)
            walker.take(",")
            if walker.take("pour") and walker.take(*OTHER_WEEKDAYS):
                said = {weekday for row in rows for weekday in row.weekdays}
                others = tuple(weekday for weekday in Weekday if weekday not in said)
                return self._table((*rows, WeekdayRow(others, Between(None, closes))))
        except NotationError:
            pass
        walker.index = start
        return self._table(tuple(rows))

    def _reversed_rows(self, otherwise: Point | None = None) -> Iterator[WeekdayRow]:
        """Each « vendredi 9 h pour lundi »; a row that says no hour has that of ``otherwise``."""
        walker = self.walker
        while True:
            closes = self.point(table=True)
            if otherwise is not None and closes.minutes is None:
                closes = _timed(Between(None, closes), otherwise)
            walker.take(",")
            weekdays: list[Weekday] = []
            while walker.take(*(("et le", "et", *FOR_WEEKDAYS) if weekdays else FOR_WEEKDAYS)):
                if walker.peek().norm not in WEEKDAY_FORMS:
                    walker.index -= 1
                    break
                weekdays.append(WEEKDAY_FORMS[walker.peek().norm])
                walker.index += 1
                walker.take("suivant", "suivants", "qui suit")
            if not weekdays:
                raise walker.failure(("vendredi 9:00 pour lundi",))
            yield WeekdayRow(tuple(weekdays), Between(None, closes))
            start = walker.index
            if walker.take(", et", ",", ";", "et", "ou") and self._sees_reversed_row():
                continue
            walker.index = start
            return

    def _table(self, rows: tuple[WeekdayRow, ...]) -> WeekdayTable:
        try:
            return WeekdayTable(rows)
        except MisuseError:
            raise self.walker.failure(("lundi ← jeudi 12:00, mardi ← vendredi 12:00",)) from None

    def _sees_date_row(self) -> bool:
        walker = self.walker
        start = walker.index
        found = UnitReader(walker).span() is not None and walker.peek().sort == "arrow"
        walker.index = start
        return found

    def _date_table(self) -> DateTable:
        rows = []
        while True:
            days = UnitReader(self.walker).span()
            assert days is not None  # a row was seen
            self.walker.take_sort("arrow")
            limit = self.plain()
            if not isinstance(limit, Between):
                raise self.walker.failure(("2025-10 ← 2025-09-24 12:00",))
            rows.append(DateRow(days, self._moment(limit.opens), self._moment(limit.closes)))
            start = self.walker.index
            if self.walker.take(",", ";") and self._sees_date_row():
                continue
            self.walker.index = start
            break
        try:
            return DateTable(tuple(rows))
        except MisuseError:
            raise self.walker.failure(("2025-10 ← 2025-09-24, 2025-11 ← 2025-10-24",)) from None

    def _moment(self, point: Point | None) -> Moment | None:
        if point is None:
            return None
        if not isinstance(point.day, OnDate) or point.shift is not None:
            raise self.walker.failure(("2025-09-24 12:00",))
        return Moment(point.day.date, point.minutes, point.bound)


def _timed(limit: Limit, other: Point) -> Point:
    """The point of ``limit``, at the hour of ``other`` when it says none."""
    assert isinstance(limit, Between)
    assert limit.closes is not None
    if limit.closes.minutes is not None or other.minutes is None:
        return limit.closes
    return attrs.evolve(limit.closes, minutes=other.minutes, bound=other.bound)
