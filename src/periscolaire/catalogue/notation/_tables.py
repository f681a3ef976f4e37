"""Reading tables: « lundi ← jeudi 12:00 », « vendredi 9 h pour lundi et mardi », « 2026-10 ← 2026-09-24 »."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from periscolaire.calendar import Weekday
from periscolaire.catalogue._days import SameDay
from periscolaire.catalogue._limits import (
    Between,
    Hours,
    Limit,
    Never,
    NoLimit,
    Point,
    WeekdayRow,
    WeekdayTable,
)
from periscolaire.catalogue.notation._date_tables import DateTableReader
from periscolaire.catalogue.notation._phrases import FOR_WHAT, OTHER_WEEKDAYS
from periscolaire.catalogue.notation._words import WEEKDAY_FORMS
from periscolaire.errors import MisuseError, NotationError

__all__ = ["TableReader"]


class TableReader(DateTableReader):
    """Reads limits: a table, or what is plain."""

    def limit(self) -> Limit | Hours:
        if self._sees_row():
            return self._weekday_table()
        if self.sees_date_row():
            return self.date_table()
        if self._sees_reversed_row():
            return self._reversed_table()
        found = self.plain()
        if isinstance(found, Between) and found.opens is None and found.closes is not None:
            return self._exceptions(found.closes) or found
        return found

    def _sees_row(self) -> bool:
        """Whether weekdays and an arrow stand here; « lundi : jeudi 12 h » makes a row as well."""
        walker = self.walker
        start = walker.index
        try:
            self._weekdays()
            return walker.peek().sort == "arrow" or (walker.peek().norm == ":" and self._sees_limit(1))
        except NotationError:
            return False
        finally:
            walker.index = start

    def _sees_limit(self, ahead: int) -> bool:
        """Whether a day, and not an effect, stands there."""
        token = self.walker.peek(ahead)
        return token.norm in (*WEEKDAY_FORMS, "la", "le", "l'", "au", "avant", "jusqu'", "veille") or (
            token.sort == "number" and self.walker.peek(ahead + 1).norm in ("jours", "jour", "h", "heures", "semaines")
        )

    def _weekday_table(self) -> WeekdayTable:
        rows: list[WeekdayRow] = []
        while True:
            weekdays = self._rest(rows) if rows and self.walker.take(*OTHER_WEEKDAYS) else self._weekdays()
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
        return self._table(rows)

    def _weekdays(self, *, ends_at_row: bool = False) -> tuple[Weekday, ...]:
        """« lundi et mardi », « lundi au vendredi », « pour les repas du jeudi ou du vendredi ».

        With ``ends_at_row``, a comma before « mardi 9 h pour jeudi » ends the list.
        """
        walker, found = self.walker, list[Weekday]()
        while True:
            self._for_what()
            first = self.weekday()
            if first is None:
                raise walker.failure(("lundi",))
            if walker.peek().norm in ("-", "au", "a") and walker.peek(1).norm in WEEKDAY_FORMS:
                walker.index += 1
                last = self.weekday()
                assert last is not None  # seen
                found += [Weekday(day) for day in range(first, last + 1)]
            else:
                found.append(first)
            walker.take("suivant", "suivants", "qui suit")
            mark = walker.index
            if not walker.take(", et", "et", "ou", ",", "/", "+"):
                return tuple(found)
            if ends_at_row and not self._goes_on():
                walker.index = mark
                return tuple(found)

    def _goes_on(self) -> bool:
        """Whether another weekday of the list stands here, and not a row of its own."""
        if self._sees_reversed_row():
            return False
        start = self.walker.index
        self._for_what()
        found = self.weekday() is not None
        self.walker.index = start
        return found

    def _for_what(self) -> None:
        walker = self.walker
        walker.take("pour")
        walker.take("un", "une", "le", "les", "l'", "du", "des")
        if walker.take(*FOR_WHAT):
            walker.take("du", "des", "de", "le", "les")

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
            if not walker.sees("pour"):
                return False
            self._for_what()
            return walker.peek().norm in WEEKDAY_FORMS
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
        return self._table((*rows, WeekdayRow(self._rest(rows), Between(None, point))))

    def _reversed_table(self) -> WeekdayTable:
        """« vendredi 9 h pour lundi et mardi, mardi 9 h pour jeudi, la veille 9 h pour les autres jours ».

        An hour said last is that of every row without: « vendredi pour lundi, la veille pour les autres, avant 9 h ».
        """
        rows = list(self._reversed_rows())
        if (closes := self._for_others()) is not None:
            rows.append(WeekdayRow(self._rest(rows), Between(None, closes)))
        if (clock := self.clock_after()) is not None:
            hour = self.assemble(SameDay(), clock, None)
            rows = [WeekdayRow(row.weekdays, Between(None, _timed(row.limit, hour))) for row in rows]
        return self._table(rows)

    def _for_others(self) -> Point | None:
        """« la veille 9 h pour les autres jours »."""
        walker = self.walker
        start = walker.index
        walker.take(",", ";", "et")
        try:
            closes = self.point(table=True)
            walker.take(",")
            if walker.take("pour") and walker.take(*OTHER_WEEKDAYS):
                return closes
        except NotationError:
            pass
        walker.index = start
        return None

    def _reversed_rows(self, otherwise: Point | None = None) -> Iterator[WeekdayRow]:
        """Each « vendredi 9 h pour lundi »; a row that says no hour has that of ``otherwise``."""
        walker = self.walker
        while True:
            closes = self.point(table=True)
            if otherwise is not None and closes.minutes is None:
                closes = _timed(Between(None, closes), otherwise)
            walker.take(",")
            if not walker.sees("pour"):
                raise walker.failure(("vendredi 9:00 pour lundi",))
            yield WeekdayRow(self._weekdays(ends_at_row=True), Between(None, closes))
            start = walker.index
            if walker.take(", et", ",", ";", "et", "ou") and self._sees_reversed_row():
                continue
            walker.index = start
            return

    def _rest(self, rows: Iterable[WeekdayRow]) -> tuple[Weekday, ...]:
        """The weekdays that no row names."""
        said = {weekday for row in rows for weekday in row.weekdays}
        return tuple(weekday for weekday in Weekday if weekday not in said)

    def _table(self, rows: Iterable[WeekdayRow]) -> WeekdayTable:
        try:
            return WeekdayTable(tuple(rows))
        except MisuseError:
            raise self.walker.failure(("lundi ← jeudi 12:00, mardi ← vendredi 12:00",)) from None


def _timed(limit: Limit, other: Point) -> Point:
    """The point of ``limit``, at the hour of ``other`` when it says none."""
    assert isinstance(limit, Between)
    assert limit.closes is not None
    if limit.closes.minutes is not None or other.minutes is None:
        return limit.closes
    return attrs.evolve(limit.closes, minutes=other.minutes, bound=other.bound)
