"""Reading a point in time: a day, an hour, a bound and a shift, in the orders in which they are written."""

from __future__ import annotations

import attrs

from periscolaire.calendar import CALENDAR
from periscolaire.catalogue._days import DayExpr, DaysFrom, HoursFrom, SameDay
from periscolaire.catalogue._limits import Bound, Point, Shift
from periscolaire.catalogue.notation._clock import Clock
from periscolaire.catalogue.notation._days import DayReader
from periscolaire.catalogue.notation._phrases import FOR_TOMORROW, NEXT, PREVIOUS

__all__ = ["PointReader"]


class PointReader(DayReader):
    """Reads points."""

    def point(self, *, table: bool = False) -> Point:
        """A day, an hour, a bound and a shift, in the orders in which they are written."""
        walker = self.walker
        bound = self.prefix()
        clock: Clock | None = None
        if self.hour_first(bound):
            clock = self.clock()
            if walker.take(*FOR_TOMORROW):
                return self.assemble(DaysFrom(-1, CALENDAR), clock, bound)
            walker.take("du", "de", "le")
            if not self.starts_day():
                return self.assemble(SameDay(), clock, bound)
        day, inner = self.day(table=table)
        clock = clock or inner
        day = self._qualified(day)
        if day == DaysFrom(-1, CALENDAR):
            walker.take(*FOR_TOMORROW)  # « la veille pour le lendemain, avant 16 h »
        if clock is None and not isinstance(day, HoursFrom):
            clock = self.clock_after()
        suffix = self.suffix()
        if day == DaysFrom(-1, CALENDAR):
            walker.take(*FOR_TOMORROW)  # « la veille avant 12 h pour le lendemain »
        return self.assemble(self._qualified(day), clock, suffix or bound)

    def _qualified(self, day: DayExpr) -> DayExpr:
        """A kind said afterwards: « 48 h avant (jours ouvrés) », « la veille avant 9 h, jours ouvrés »."""
        walker = self.walker
        start = walker.index
        walker.take(",", "en")
        bracket = walker.take("(")
        said = walker.take("jours", "jour") or walker.sees("hors") > 0
        if said and (kind := self.kind()) is not None and (not bracket or walker.take(")")):
            if isinstance(day, DaysFrom) and day.kind == CALENDAR:
                return attrs.evolve(day, kind=kind)
            if isinstance(day, HoursFrom) and day.kind is None:
                return attrs.evolve(day, kind=kind)
        walker.index = start
        return day

    def assemble(self, day: DayExpr, clock: Clock | None, bound: Bound | None) -> Point:
        bound = (clock.bound if clock is not None else None) or bound or self.suffix()
        shift = self._shift()
        if isinstance(day, HoursFrom):
            return Point(day, shift=shift)
        if clock is None or clock.minutes == 24 * 60:
            # « minuit » ends the day, whatever the bound (LIMITS A2).
            whole = bound if clock is None else None
            return Point(day, None, whole, shift)  # type: ignore[arg-type]  # None: the default reading
        if clock.minutes == 23 * 60 + 59:
            bound = Bound.UNTIL  # always the whole minute (LIMITS A2)
        return Point(day, clock.minutes, bound, shift)  # type: ignore[arg-type]  # None: the default reading

    def _shift(self) -> Shift | None:
        walker = self.walker
        start = walker.index
        walker.take(",")
        if not walker.take("reporte", "reportee", "avance", "avancee", "decale", "decalee"):
            walker.index = start
            return None
        walker.take("au", "a la", "a")
        if walker.take("veille"):
            return Shift(self.kind() or CALENDAR, forward=False, minutes=self._shift_hour())
        walker.take("premier", "dernier", "prochain")
        walker.take("jour")
        kind = self.kind()
        if kind is None:
            raise walker.failure(("reporté au jour ouvré précédent",))
        if walker.take(*PREVIOUS):
            forward = False
        elif walker.take(*NEXT):
            forward = True
        else:
            raise walker.failure(("précédent", "suivant"))
        return Shift(kind, forward, self._shift_hour())

    def _shift_hour(self) -> int | None:
        start = self.walker.index
        self.walker.take("a", "avant")
        if self.sees_clock():
            return self.clock().minutes
        self.walker.index = start
        return None
