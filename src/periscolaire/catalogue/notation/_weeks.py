"""Reading the days of a week: « jeudi midi de la semaine précédente », « vendredi précédent »."""

from __future__ import annotations

import attrs

from periscolaire.calendar import Weekday
from periscolaire.catalogue._days import ANCHOR_DAY, DayExpr, WeekdayFrom, WeekdayOfWeek, WeekOf
from periscolaire.catalogue._limits import Bound
from periscolaire.catalogue.notation._clock import Clock
from periscolaire.catalogue.notation._phrases import FOR_NEXT_WEEK, NEXT, PREVIOUS, UNTIL
from periscolaire.catalogue.notation._relative import RelativeReader

__all__ = ["WeekReader"]


class WeekReader(RelativeReader):
    """Reads a weekday with its week, and whole weeks."""

    def from_weekday(self, weekday: Weekday, *, table: bool, rank: int = 1) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        clock: Clock | None = None
        start = walker.index
        bound = Bound.BEFORE if walker.take("avant") else Bound.UNTIL if walker.take(*UNTIL) else None
        walker.take("a")
        if walker.take("au soir", "soir"):
            walker.take("a minuit", "minuit")
            clock = Clock(24 * 60, None)
        elif self.sees_clock():
            clock = self.clock()
            clock = attrs.evolve(clock, bound=clock.bound or bound)
        elif not walker.sees("de la", "d'", "precedent"):
            walker.index = start
        self.suffix() if clock is None else None  # « jusqu'au mercredi inclus de la semaine précédente »
        if walker.take(*FOR_NEXT_WEEK):
            return WeekdayOfWeek(weekday, -1), clock
        if walker.take("s") and walker.peek().norm in ("-", "+"):
            return WeekdayOfWeek(weekday, self.which(), anchor=self.since()), clock
        walker.take(",") if walker.sees(", la semaine", ", de la semaine") else None
        if walker.take("de la", "de", "la", "dans la") or walker.sees("semaine"):
            if not walker.take("semaine"):
                raise walker.failure((f"{weekday.french} de la semaine précédente",))
            of_class = walker.take("de classe", "scolaire", "d' ecole", "de cours")
            n = self.which()
            if n == -1 and (found := self.anchor_here()) is not None:  # « de la semaine précédant les vacances »
                return WeekdayOfWeek(weekday, n, of_class, found), clock
            if walker.take("precedant"):
                anchor = self.anchor_here()
                if anchor is None:
                    raise walker.failure(("la semaine", "les vacances"))
                # « la semaine précédant la semaine du repas » is the previous week of the day.
                anchor = ANCHOR_DAY if anchor.name == "la semaine" else anchor
                return WeekdayOfWeek(weekday, -1, of_class, anchor), clock
            return WeekdayOfWeek(weekday, n, of_class, self.since()), clock
        if walker.peek().norm == "-" and walker.peek(1).norm == "7":
            walker.index += 2
            return WeekdayFrom(weekday, -2), clock
        if walker.take("precedant"):
            return WeekdayFrom(weekday, -rank, self.anchor_here() or ANCHOR_DAY), clock
        if walker.sees("avant") and not self.clock_follows_before():
            walker.take("avant")
            return WeekdayFrom(weekday, -rank, self.anchor_here() or ANCHOR_DAY), clock
        if walker.take(*(form for form in PREVIOUS if form != "avant")):
            return WeekdayFrom(weekday, -rank, self.since()), clock
        if walker.take(*NEXT, "apres"):
            return WeekdayFrom(weekday, rank, self.anchor_here() or self.since()), clock
        if table:
            return WeekdayFrom(weekday, -1), clock
        raise walker.failure((f"{weekday.french} de la semaine précédente", f"{weekday.french} précédent"))

    def whole_week(self) -> DayExpr | None:
        walker = self.walker
        walker.take("semaine")
        of_class = walker.take("de classe", "scolaire", "d' ecole")
        n = self.which()
        start = walker.index
        walker.take(",")
        walker.take("le")
        if (weekday := self.weekday()) is not None:  # « la semaine précédente, le jeudi »
            return WeekdayOfWeek(weekday, n, of_class, self.since())
        walker.index = start
        return WeekOf(n, of_class, self.since())
