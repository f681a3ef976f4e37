"""Reading a day expression: which of the forms of the notation stands here."""

from __future__ import annotations

from periscolaire.calendar import CALENDAR
from periscolaire.catalogue._days import ANCHOR_DAY, DayExpr, DaysFrom, OnDate, SameDay
from periscolaire.catalogue.notation._clock import Clock
from periscolaire.catalogue.notation._phrases import ARTICLES, NEXT, PREVIOUS, SAME_DAY
from periscolaire.catalogue.notation._ranks import RankReader
from periscolaire.catalogue.notation._words import WEEKDAY_FORMS

__all__ = ["DayReader"]


class DayReader(RankReader):
    """Reads days."""

    def day(self, *, table: bool = False) -> tuple[DayExpr, Clock | None]:
        """A day expression, and the hour when it stands inside (``jeudi midi de la semaine précédente``)."""
        walker = self.walker
        start = walker.index
        if walker.take("chaque", "tous") and not walker.sees(
            *WEEKDAY_FORMS, *(f"les {form}" for form in WEEKDAY_FORMS)
        ):
            walker.index = start
        while walker.take(*ARTICLES) and not walker.done:
            pass
        articled = walker.index > start
        walker.take("seul", "seule")
        if walker.take(*SAME_DAY):
            return SameDay(), None
        if (found := self.relative_letter()) is not None:
            return found, None
        if walker.take("avant - veille", "avant veille"):
            return DaysFrom(-2, self.kind() or CALENDAR, anchor=self.of_anchor()), None
        if walker.take("veille"):
            return self.eve(-1)
        if walker.take("lendemain"):
            return self.eve(1)
        if walker.take("surlendemain"):
            return DaysFrom(2, self.kind() or CALENDAR, anchor=self.of_anchor()), None
        token = walker.peek()
        if token.sort in ("date", "month"):
            return OnDate(self.date()), None
        if (dated := self.dated_weekday()) is not None:
            return dated, None
        if walker.sees("fin", "debut", "dernier jour du mois") and (edge := self.edge()) is not None:
            return edge, None
        if walker.sees("semaine") and (week := self.whole_week()) is not None:
            return week, None
        if (weekday := self.weekday()) is not None:
            return self.from_weekday(weekday, table=table)
        if (rank := self.rank()) is not None:
            return self.from_rank(rank, table=table)
        if walker.sees("jour", "jours"):
            return self._from_kind()
        if (n := self.number()) is not None:
            return self.from_number(n), None
        if (count := self.within()) is not None:
            return count, None
        walker.index = start if articled else walker.index
        if articled and (anchor := self.anchor_here()) is not None:
            return SameDay(anchor), None
        while walker.take(*ARTICLES) and not walker.done:
            pass
        raise walker.failure()

    def _from_kind(self) -> tuple[DayExpr, Clock | None]:
        """``le jour ouvré précédent``, ``le jour de l'absence``, ``le jour de classe d'avant``."""
        walker = self.walker
        start = walker.index
        walker.take("jour", "jours")
        kind = self.kind()
        if walker.take(*(form for form in PREVIOUS if form != "avant")):
            return DaysFrom(-1, kind or CALENDAR, anchor=self.since()), None
        if walker.take("precedant"):
            return DaysFrom(-1, kind or CALENDAR, anchor=self.anchor_here() or ANCHOR_DAY), None
        if walker.take(*NEXT):
            return DaysFrom(1, kind or CALENDAR, anchor=self.since()), None
        if kind is None:
            mark = walker.index
            anchor = self.of_anchor()
            if walker.index > mark:
                return SameDay(anchor), None
        walker.index = start
        raise walker.failure(("le jour même", "jour ouvré précédent", "2 jours avant"))
