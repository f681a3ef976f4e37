"""Reading counts: « 2 jours ouvrés avant », « 48 h avant le service », « la veille », « J-7 »."""

from __future__ import annotations

from periscolaire.calendar import CALENDAR
from periscolaire.catalogue._days import (
    ANCHOR_DAY,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    HoursFrom,
    MonthsFrom,
    SameDay,
    WeekdayOfWeek,
    WeeksFrom,
)
from periscolaire.catalogue.notation._clock import Clock
from periscolaire.catalogue.notation._months import MonthReader
from periscolaire.catalogue.notation._phrases import BEFORE
from periscolaire.catalogue.notation._words import MONTHS, WEEKDAY_FORMS

__all__ = ["CountReader"]


class CountReader(MonthReader):
    """Reads a number of days, hours, weeks or months on one side of an anchor."""

    def from_number(self, n: int) -> DayExpr:
        walker = self.walker
        if n == 0:
            walker.index -= 1
            raise walker.failure(("le jour même", "1 jour avant"))
        if walker.take("jours", "jour", "j"):
            return self._count_of_days(n)
        if walker.take("semaines", "semaine"):
            of_class = walker.take("de classe", "scolaires", "scolaire", "d' ecole")
            walker.take("calendaires", "calendaire")
            sign, anchor = self.side()
            mark = walker.index
            if walker.take(", le", "le") and (weekday := self.weekday()) is not None:  # « 2 semaines avant, le lundi »
                return WeekdayOfWeek(weekday, sign * n, of_class, anchor)
            walker.index = mark
            return WeeksFrom(sign * n, of_class, anchor)
        if walker.take("h", "heures", "heure"):
            return self._count_of_hours(n)
        if walker.sees("inclus du mois", "compris du mois"):
            walker.index += 1
        if walker.sees("du mois", "de chaque mois"):
            wanted = self.month_day(n)
            walker.take("du mois", "de chaque mois")
            return DayOfMonth(wanted, self.for_next_month(self.which()), self.since())
        if walker.take("mois"):
            sign, anchor = self.side()
            return MonthsFrom(sign * n, anchor)
        if walker.take("m") and walker.peek().norm in ("-", "+"):
            return DayOfMonth(self.month_day(n), self.which(), self.since())
        month = MONTHS.get(walker.peek().norm)
        if month is not None:
            walker.index += 1
            return self.annual(n, month)
        raise walker.failure((f"{n} jours avant", f"le {n} du mois précédent", f"{n} h avant"))

    def _count_of_days(self, n: int) -> DayExpr:
        walker = self.walker
        clear = walker.take("francs", "franc")
        kind = self.kind()
        clear = walker.take("francs", "franc", "pleins") or clear
        kind = kind or self.kind() or CALENDAR
        clear = walker.take("( francs )") or clear
        if kind == CALENDAR and walker.sees("( hors", "( ouvres", "( ouvrables"):
            start = walker.index
            walker.index += 1
            kind = self.kind() or kind
            if not walker.take(")"):
                walker.index = start
                raise walker.failure(("un genre de jour de la commune, nommé dans [calendrier] genres",))
        sign, anchor = self.side()
        return DaysFrom(sign * n, kind, clear, anchor)

    def _count_of_hours(self, n: int) -> DayExpr:
        walker = self.walker
        clear = walker.take("francs", "franches")
        kind = self.kind()
        if clear:
            walker.index -= 1
            raise walker.failure(("48 h ouvrées avant", "2 jours francs avant"))
        sign, unsaid = (1, ANCHOR_DAY) if walker.take("apres", "a compter de", "suivant") else (-1, ANCHOR_DAY)
        if sign < 0 and not walker.take(*BEFORE):
            sign, unsaid = self.otherwise
        elif sign < 0:
            walker.take("avant")
        self.suffix()  # « 72 h maximum »: a count of hours is exact
        if walker.take("le debut du service", "le service", "le debut du repas", "le debut de la prestation"):
            return HoursFrom(sign * n, kind, from_service=True, anchor=self.since())
        if self.sees_clock():
            clock = self.clock()
            return HoursFrom(sign * n, kind, from_minutes=clock.minutes, anchor=self.since())
        anchor = self.anchor_here() or self.of_anchor()
        return HoursFrom(sign * n, kind, anchor=unsaid if anchor == ANCHOR_DAY else anchor)

    def eve(self, n: int) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        kind = self.kind()
        clock: Clock | None = None
        mark = walker.index
        walker.take("a", "au")
        if self.sees_clock():
            clock = self.clock()
        else:
            walker.index = mark  # « la veille au plus tard »
        if walker.take("au soir", "soir"):
            walker.take("a minuit", "minuit")
        return DaysFrom(n, kind or CALENDAR, anchor=self.of_anchor()), clock

    def relative_letter(self) -> DayExpr | None:
        """``J-2``, ``J - 2 ouvrés``; ``S-1`` and ``M-1`` stand with a weekday or a day of the month."""
        walker = self.walker
        if walker.peek().norm == "s" and walker.peek(1).norm == "-" and walker.peek(3).norm in WEEKDAY_FORMS:
            n = self.which()  # « S-1 jeudi »
            return WeekdayOfWeek(WEEKDAY_FORMS[self._advance()], n)
        if walker.peek().norm != "j" or walker.peek(1).norm not in ("-", "+") or walker.peek(2).sort != "number":
            return SameDay() if walker.take("j") else None
        sign = -1 if walker.peek(1).norm == "-" else 1
        walker.index += 2
        n = sign * (self.number() or 0)
        kind = self.kind() or CALENDAR
        clear = walker.take("francs", "franc")
        kind = self.kind() or kind
        if n < 0 and walker.sees("avant") and not self.clock_follows_before():  # « J-15 avant les vacances »
            _, anchor = self.side()
            return DaysFrom(n, kind, clear, anchor)
        return DaysFrom(n, kind, clear) if n else SameDay()

    def _advance(self) -> str:
        token = self.walker.peek()
        self.walker.index += 1
        return token.norm

    def within(self) -> DayExpr | None:
        """``dans la semaine``, ``dans le mois``: where a count comes after something (a proof after an absence)."""
        sign, anchor = self.otherwise
        if sign < 0:
            return None
        if self.walker.take("dans la semaine"):
            return WeeksFrom(1, anchor=anchor)
        return MonthsFrom(1, anchor) if self.walker.take("dans le mois") else None
