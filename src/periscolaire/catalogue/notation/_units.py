"""Reading units and spans of dates: « mois du 11 », « 6 semaines depuis 2025-09-01 », « du … au … »."""

from __future__ import annotations

import calendar as months
import datetime as dt

from periscolaire.calendar import Span
from periscolaire.catalogue._units import (
    EachBlock,
    EachDay,
    EachHoliday,
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    ListedSpans,
    Unit,
)
from periscolaire.catalogue.notation._names import NameReader
from periscolaire.catalogue.notation._words import MONTHS
from periscolaire.errors import MisuseError

__all__ = ["UnitReader"]


class UnitReader(NameReader):
    """Reads what a decision covers."""

    def whole(self) -> Unit:
        """The unit, which ends the text."""
        found = self.unit()
        if not self.walker.done:
            raise self.walker.failure()
        return found

    def unit(self) -> Unit:
        """A unit, wherever the text ends."""
        walker = self.walker
        simple: tuple[tuple[tuple[str, ...], Unit], ...] = (
            (("jour", "journee", "le jour"), EachDay()),
            (("semaine", "la semaine"), EachWeek()),
            (("periode", "la periode", "periode entre vacances"), EachPeriod()),
            (("vacances", "les vacances", "periode de vacances"), EachHoliday()),
            (("annee scolaire", "annee", "l' annee scolaire"), EachSchoolYear()),
        )
        for forms, unit in simple:
            if walker.take(*forms):
                return unit
        if walker.take("mois du", "mois a partir du"):
            token = walker.peek()
            digits = "".join(c for c in token.norm if c.isdigit())
            if token.sort in ("number", "rank") and digits and 1 <= int(digits) <= 28:
                walker.index += 1
                return EachMonth(int(digits))
            raise walker.failure(("mois du 11",))
        if walker.take("mois", "le mois"):
            return EachMonth()
        if walker.peek().norm == "du":
            return self._listed()
        weeks = walker.peek()
        if weeks.sort == "number" and weeks.norm.isdigit() and int(weeks.norm) > 0:
            walker.index += 1
            if walker.take("semaines", "semaine") and walker.take("depuis", "depuis le", "a partir du"):
                return EachBlock(int(weeks.norm), self.date())
        raise walker.failure(("jour", "semaine", "mois", "mois du 11", "période", "6 semaines depuis 2025-09-01"))

    def _listed(self) -> ListedSpans:
        spans = []
        while True:
            if (span := self.span()) is None:
                raise self.walker.failure(("du 2025-09-01 au 2025-12-19",))
            spans.append(span)
            if not self.walker.take(",", "et"):
                break
        try:
            return ListedSpans(tuple(spans))
        except MisuseError:
            raise self.walker.failure(("du 2025-09-01 au 2025-12-19, du 2026-01-05 au 2026-03-27",)) from None

    def span(self) -> Span | None:
        """A month, a day or « du … au … »; ``None``: something else stands here."""
        walker = self.walker
        token = walker.peek()
        if token.sort == "month":
            walker.index += 1
            year, month = (int(part) for part in token.norm.split("-"))
            return _month(year, month)
        if token.norm in MONTHS and walker.peek(1).sort == "number" and len(walker.peek(1).norm) == 4:
            walker.index += 2
            return _month(int(walker.peek(-1).norm), MONTHS[token.norm])
        if token.norm in ("du", "le") and walker.peek(1).sort == "date":
            walker.index += 1
            first = self.date()
            if token.norm == "le":
                return Span(first, first)
            if walker.take("au") and walker.peek().sort == "date":
                last = self.date()
                if first <= last:
                    return Span(first, last)
        return None


def _month(year: int, month: int) -> Span:
    return Span(dt.date(year, month, 1), dt.date(year, month, months.monthrange(year, month)[1]))
