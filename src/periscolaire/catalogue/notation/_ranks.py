"""Reading ranks: « dernier mardi du mois », « premier jour de classe de la période », « le 3e jour d'absence »."""

from __future__ import annotations

import re

import attrs

from periscolaire.calendar import CALENDAR, DayKind, Weekday
from periscolaire.catalogue._days import ANCHOR_DAY, Anchor, CompleteWeek, DayExpr, DayOfMonth, DaysFrom, NthIn, SameDay
from periscolaire.catalogue._units import EachHoliday, EachMonth, EachPeriod, EachSchoolYear, EachWeek, Unit
from periscolaire.catalogue.notation._clock import Clock
from periscolaire.catalogue.notation._counts import CountReader
from periscolaire.catalogue.notation._phrases import AFTER
from periscolaire.catalogue.notation._units import UnitReader
from periscolaire.catalogue.notation._words import FIRST_DAY_OF_ABSENCE, MONTHS, RANKS

__all__ = ["RankReader"]


class RankReader(CountReader):
    """Reads the n-th of something in its unit."""

    def rank(self) -> int | None:
        walker = self.walker
        token = walker.peek()
        if token.sort == "rank":
            n = int(re.match(r"\d+", token.norm).group()[:5])  # type: ignore[union-attr]  # a rank begins with digits
            if n > 999:
                raise walker.failure(("un rang de 3 chiffres au plus",))
            walker.index += 1
            if walker.take("dernier", "derniere"):
                return -n
            return n
        if walker.sees("avant - dernier", "avant - derniere"):
            walker.index += 3
            return -2
        if token.sort == "word" and token.norm in RANKS:
            walker.index += 1
            return RANKS[token.norm]
        return None

    def from_rank(self, rank: int, *, table: bool) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        if walker.sees("du mois", "mois"):  # « le 1er du mois »
            walker.take("du mois", "mois")
            return DayOfMonth(rank, self.which(), self.since()), None
        month = MONTHS.get(walker.peek().norm)
        if month is not None:  # « le 1er septembre »
            walker.index += 1
            return self.annual(rank, month), None
        if walker.take("semaine complete", "semaine entiere"):
            week = CompleteWeek(self._through())
            return self._nth(rank, week), None
        if (weekday := self.weekday()) is not None:
            if walker.sees("du mois", "de la periode", "de l' annee", "de l' unite", "des vacances", "de la semaine"):
                return self._nth(rank, weekday), None
            return self.from_weekday(weekday, table=table, rank=abs(rank))
        if walker.take("jour", "jours"):
            clear_kind = self.kind()
            if walker.sees("du mois", "de la periode", "de l' annee", "de l' unite", "des vacances", "de la semaine"):
                if clear_kind is None and walker.sees("du mois"):
                    walker.take("du mois")
                    return DayOfMonth(rank, self.which(), self.since()), None
                return self._nth(rank, clear_kind or CALENDAR), None
            if clear_kind is not None and rank < 0:  # « dernier jour ouvré [précédent | avant les vacances] »
                return DaysFrom(rank, clear_kind, anchor=self.before_anchor()), None
            if clear_kind is None and (of := self._day_of(rank)) is not None:
                return of, None
            if clear_kind is not None:
                walker.take(*AFTER)
                return DaysFrom(rank, clear_kind, anchor=self.anchor_here() or ANCHOR_DAY), None
        raise walker.failure(("dernier jour ouvré", "dernier mardi du mois précédent", "le 1er du mois"))

    def _day_of(self, rank: int) -> DayExpr | None:
        """« le premier jour d'absence », « le 3e jour d'absence », « le dernier jour du séjour »."""
        start = self.walker.index
        anchor = self.of_anchor()
        if self.walker.index == start:
            return None
        if anchor.name == "l'absence" and rank > 0:
            first = Anchor(FIRST_DAY_OF_ABSENCE)
            return SameDay(first) if rank == 1 else DaysFrom(rank - 1, CALENDAR, anchor=first)
        if abs(rank) == 1:
            return SameDay(attrs.evolve(anchor, end=rank < 0))
        return DaysFrom(rank - 1 if rank > 0 else rank + 1, CALENDAR, anchor=attrs.evolve(anchor, end=rank < 0))

    def _through(self) -> Weekday:
        walker = self.walker
        if walker.take("( lun - ven )", "lun - ven", "du lundi au vendredi", "lundi au vendredi"):
            return Weekday.FRIDAY
        walker.take("( lun - dim )", "lun - dim", "du lundi au dimanche", "lundi au dimanche")
        return Weekday.SUNDAY

    def _nth(self, rank: int, what: Weekday | DayKind | CompleteWeek) -> NthIn:
        unit, n = self._unit_place()
        return NthIn(rank, what, unit, n, self.since())

    def _unit_place(self) -> tuple[Unit, int]:
        walker = self.walker
        units: tuple[tuple[tuple[str, ...], Unit], ...] = (
            (("du mois",), EachMonth()),
            (("de la semaine", "de semaine"), EachWeek()),
            (("de la periode",), EachPeriod()),
            (("des vacances",), EachHoliday()),
            (("de l' annee scolaire", "de l' annee"), EachSchoolYear()),
        )
        for forms, unit in units:
            if walker.take(*forms):
                return unit, self.for_next_month(self.which()) if unit == EachMonth() else self.which()
        if walker.take("de l' unite"):
            n = self.which()
            quoted = walker.take_sort("quoted")
            if quoted is not None:
                return UnitReader.of(quoted.raw.strip('"«»“” ')).whole(), n
        raise walker.failure(("du mois précédent", "de la période", "de l'année scolaire"))
