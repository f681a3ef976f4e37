"""Reading tables of dates: « 2026-10 ← 2026-09-24 12:00 », « du 2026-11-02 au 2026-12-18 ← du … au … »."""

from __future__ import annotations

from periscolaire.catalogue._days import OnDate
from periscolaire.catalogue._limits import Between, DateRow, DateTable, Moment, Point
from periscolaire.catalogue.notation._units import UnitReader
from periscolaire.catalogue.notation._windows import WindowReader
from periscolaire.errors import MisuseError

__all__ = ["DateTableReader"]


class DateTableReader(WindowReader):
    """Reads the limit of each month or span of service days."""

    def sees_date_row(self) -> bool:
        walker = self.walker
        start = walker.index
        found = UnitReader(walker).span() is not None and walker.peek().sort == "arrow"
        walker.index = start
        return found

    def date_table(self) -> DateTable:
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
            if self.walker.take(",", ";") and self.sees_date_row():
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
