"""Reading the days of a month and of the year: « le 20 du mois précédent », « la fin du mois », « le 17 août »."""

from __future__ import annotations

import datetime as dt
import re

import attrs

from periscolaire.calendar import CALENDAR, Weekday
from periscolaire.catalogue._days import AnnualDate, DayExpr, DayOfMonth, NthIn, OnDate, SameDay, WeekdayOfWeek
from periscolaire.catalogue._units import EachPeriod
from periscolaire.catalogue.notation._weeks import WeekReader
from periscolaire.catalogue.notation._words import MONTHS, WEEKDAY_FORMS
from periscolaire.errors import MisuseError

__all__ = ["MonthReader"]


class MonthReader(WeekReader):
    """Reads days of a month, dates of the year, and the edges of a month, a week or a period."""

    def month_day(self, n: int) -> int:
        if not 1 <= n <= 31:
            self.walker.index -= 1
            raise self.walker.failure(("le 20 du mois précédent",))
        return n

    def for_next_month(self, which: int) -> int:
        """« le 25 du mois pour le mois suivant »: the month before that of the service."""
        return -1 if which == 0 and self.walker.take("pour le mois suivant", "pour le mois d' apres") else which

    def annual(self, day: int, month: int) -> DayExpr:
        walker = self.walker
        year = walker.peek()
        try:
            if year.sort == "number" and len(year.norm) == 4:
                walker.index += 1
                return OnDate(dt.date(int(year.norm), month, day))
            walker.take("de chaque annee", "chaque annee")
            return AnnualDate(month, day, self.since())
        except (ValueError, MisuseError):
            walker.index -= 1
            raise walker.failure(("le 17 août",)) from None

    def dated_weekday(self) -> DayExpr | None:
        """``lundi 2 janvier 2023``: the date, when it is that day of the week."""
        walker = self.walker
        weekday = WEEKDAY_FORMS.get(walker.peek().norm)
        if weekday is None or walker.peek(1).sort not in ("number", "rank", "date"):
            return None
        start = walker.index
        walker.index += 1
        if walker.peek().sort == "date":
            found: DayExpr = OnDate(self.date())
        else:
            digits = re.match(r"\d+", walker.peek().norm)
            month = MONTHS.get(walker.peek(1).norm)
            if digits is None or month is None:
                walker.index = start
                return None
            walker.index += 2
            found = self.annual(int(digits.group()), month)
        if isinstance(found, OnDate) and found.date.weekday() != weekday:
            walker.index = start
            raise walker.failure((Weekday(found.date.weekday()).french,))
        return found

    def edge(self) -> DayExpr | None:
        """``la fin du mois précédent``, ``le début de la période``, ``le dernier jour du mois``."""
        walker = self.walker
        start = walker.index
        if walker.take("dernier jour du mois"):
            return DayOfMonth(-1, self.which(), self.since())
        last = not walker.take("debut")
        if last:
            walker.take("fin")
        mark = walker.index
        if walker.take("du mois") and (n := self.which()):
            return DayOfMonth(-1 if last else 1, n, self.since())
        walker.index = mark
        if walker.take("de la periode") and (n := self.which()):
            return NthIn(-1 if last else 1, CALENDAR, EachPeriod(), n, self.since())
        walker.index = mark
        if walker.take("de la semaine", "de semaine"):
            of_class = walker.take("de classe", "scolaire")
            if n := self.which():
                return WeekdayOfWeek(Weekday.SUNDAY if last else Weekday.MONDAY, n, of_class, self.since())
        walker.index = mark
        anchor = self.of_anchor()
        if walker.index > mark:
            return SameDay(attrs.evolve(anchor, end=last))
        walker.index = start
        return None
