"""Reading the days, hours and points of the notation (the grammar is in the docs of the rules language)."""

from __future__ import annotations

import datetime as dt
import re

import attrs

from periscolaire.calendar import CALENDAR, DayKind, Weekday
from periscolaire.catalogue._days import (
    ANCHOR_DAY,
    Anchor,
    AnnualDate,
    CompleteWeek,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    HoursFrom,
    MonthsFrom,
    NthIn,
    OnDate,
    SameDay,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekOf,
    WeeksFrom,
)
from periscolaire.catalogue._limits import Bound, Point, Shift
from periscolaire.catalogue._units import EachHoliday, EachMonth, EachPeriod, EachSchoolYear, EachWeek, Unit
from periscolaire.catalogue.notation._read_clock import AFTER, BEFORE, UNTIL, Clock, ClockReader
from periscolaire.catalogue.notation._words import FIRST_DAY_OF_ABSENCE, MONTHS, RANKS, WEEKDAY_FORMS
from periscolaire.errors import MisuseError

__all__ = ["DayReader"]

_PREVIOUS = (
    "precedent", "precedente", "precedents", "precedentes", "d' avant", "avant", "qui precede", "passe", "passee",
)  # fmt: skip
_NEXT = ("suivant", "suivante", "d' apres", "prochain", "prochaine", "qui suit", "a venir")
_THIS = ("en cours", "meme", "du service", "concerne", "concernee", "du repas", "courante", "courant")
_SAME_DAY = (
    "jour meme", "meme jour", "jour j", "jour du service", "jour du repas", "jour de la prestation", "matin meme",
    "jour concerne", "jour de presence",
)  # fmt: skip
_FOR_TOMORROW = (
    "pour le lendemain", "pour le repas du lendemain", "pour les repas du lendemain", "pour le jour suivant",
)  # fmt: skip
_FOR_NEXT_WEEK = tuple(
    f"{comma}pour la semaine {which}"
    for comma in ("", ", ")
    for which in ("suivante", "d' apres", "qui suit", "prochaine", "a venir")
)
_ARTICLES = ("le", "la", "l'", "les", "au", "du", "a", "de", "d'", "des", "aux")


@attrs.define
class DayReader(ClockReader):
    """Reads days and points."""

    # Points

    def point(self, *, table: bool = False) -> Point:
        """A day, an hour, a bound and a shift, in the orders in which they are written."""
        walker = self.walker
        bound = self.prefix()
        clock: Clock | None = None
        if self.hour_first(bound):
            clock = self.clock()
            if walker.take(*_FOR_TOMORROW):
                return self.assemble(DaysFrom(-1, CALENDAR), clock, bound)
            walker.take("du", "de", "le")
            if not self.starts_day():
                return self.assemble(SameDay(), clock, bound)
        day, inner = self.day(table=table)
        clock = clock or inner
        day = self._qualified(day)
        if clock is None and not isinstance(day, HoursFrom):
            clock = self.clock_after()
        suffix = self.suffix()
        if day == DaysFrom(-1, CALENDAR):
            walker.take(*_FOR_TOMORROW)  # « la veille avant 12 h pour le lendemain »
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
        if walker.take(*_PREVIOUS):
            forward = False
        elif walker.take(*_NEXT):
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

    # Days

    def day(self, *, table: bool = False) -> tuple[DayExpr, Clock | None]:
        """A day expression, and the hour when it stands inside (``jeudi midi de la semaine précédente``)."""
        walker = self.walker
        start = walker.index
        if walker.take("chaque", "tous") and not walker.sees(
            *WEEKDAY_FORMS, *(f"les {form}" for form in WEEKDAY_FORMS)
        ):
            walker.index = start
        while walker.take(*_ARTICLES) and not walker.done:
            pass
        articled = walker.index > start
        walker.take("seul", "seule")
        if walker.take(*_SAME_DAY):
            return SameDay(), None
        if (found := self._relative_letter()) is not None:
            return found, None
        if walker.take("avant - veille", "avant veille"):
            return DaysFrom(-2, self.kind() or CALENDAR, anchor=self.of_anchor()), None
        if walker.take("veille"):
            return self._eve(-1)
        if walker.take("lendemain"):
            return self._eve(1)
        if walker.take("surlendemain"):
            return DaysFrom(2, self.kind() or CALENDAR, anchor=self.of_anchor()), None
        token = walker.peek()
        if token.sort in ("date", "month"):
            return OnDate(self.date()), None
        if (dated := self._dated_weekday()) is not None:
            return dated, None
        if walker.sees("fin", "debut", "dernier jour du mois") and (edge := self._edge()) is not None:
            return edge, None
        if walker.sees("semaine") and (week := self._whole_week()) is not None:
            return week, None
        if (weekday := self._weekday()) is not None:
            return self._from_weekday(weekday, table=table)
        if (rank := self._rank()) is not None:
            return self._from_rank(rank, table=table)
        if walker.sees("jour", "jours"):
            return self._from_kind()
        if (n := self.number()) is not None:
            return self._from_number(n), None
        walker.index = start if articled else walker.index
        if articled and (anchor := self.anchor_here()) is not None:
            return SameDay(anchor), None
        while walker.take(*_ARTICLES) and not walker.done:
            pass
        raise walker.failure()

    def _relative_letter(self) -> DayExpr | None:
        """``J-2``, ``J - 2 ouvrés``; ``S-1`` and ``M-1`` stand with a weekday or a day of the month."""
        walker = self.walker
        if walker.peek().norm == "s" and walker.peek(1).norm == "-" and walker.peek(3).norm in WEEKDAY_FORMS:
            n = self._which()  # « S-1 jeudi »
            return WeekdayOfWeek(WEEKDAY_FORMS[self._advance()], n)
        if walker.peek().norm != "j" or walker.peek(1).norm not in ("-", "+") or walker.peek(2).sort != "number":
            return SameDay() if walker.take("j") else None
        sign = -1 if walker.peek(1).norm == "-" else 1
        walker.index += 2
        n = sign * (self.number() or 0)
        kind = self.kind() or CALENDAR
        clear = walker.take("francs", "franc")
        kind = self.kind() or kind
        if n < 0 and walker.sees("avant") and not self._clock_follows_before():  # « J-15 avant les vacances »
            _, anchor = self._side()
            return DaysFrom(n, kind, clear, anchor)
        return DaysFrom(n, kind, clear) if n else SameDay()

    def _advance(self) -> str:
        token = self.walker.peek()
        self.walker.index += 1
        return token.norm

    def _eve(self, n: int) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        kind = self.kind()
        clock: Clock | None = None
        if (walker.take("a", "au") and self.sees_clock()) or self.sees_clock():
            clock = self.clock()
        walker.take("au soir")
        return DaysFrom(n, kind or CALENDAR, anchor=self.of_anchor()), clock

    def _edge(self) -> DayExpr | None:
        """``la fin du mois précédent``, ``le début de la période``, ``le dernier jour du mois``."""
        walker = self.walker
        start = walker.index
        if walker.take("dernier jour du mois"):
            return DayOfMonth(-1, self._which(), self._since())
        last = not walker.take("debut")
        if last:
            walker.take("fin")
        mark = walker.index
        if walker.take("du mois") and (n := self._which()):
            return DayOfMonth(-1 if last else 1, n, self._since())
        walker.index = mark
        if walker.take("de la periode") and (n := self._which()):
            return NthIn(-1 if last else 1, CALENDAR, EachPeriod(), n, self._since())
        walker.index = mark
        if walker.take("de la semaine", "de semaine"):
            of_class = walker.take("de classe", "scolaire")
            if n := self._which():
                return WeekdayOfWeek(Weekday.SUNDAY if last else Weekday.MONDAY, n, of_class, self._since())
        walker.index = mark
        anchor = self.of_anchor()
        if walker.index > mark:
            return SameDay(attrs.evolve(anchor, end=last))
        walker.index = start
        return None

    def _dated_weekday(self) -> DayExpr | None:
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
            found = self._annual(int(digits.group()), month)
        if isinstance(found, OnDate) and found.date.weekday() != weekday:
            walker.index = start
            raise walker.failure((Weekday(found.date.weekday()).french,))
        return found

    def _which(self, default: int = 0) -> int:
        """``précédent`` -1, ``suivant`` 1, ``-2``, ``N-1``; the current one when nothing is said."""
        walker = self.walker
        walker.take("n", "s", "m")
        sign, number = walker.peek().norm, walker.peek(1)
        if sign in ("-", "+") and number.sort == "number":
            walker.index += 1
            return (self.number() or 0) * (-1 if sign == "-" else 1)
        start = walker.index
        if walker.take(*_PREVIOUS):
            if walker.tokens[walker.index - 1].norm == "avant" and self.sees_clock():
                walker.index = start  # « du mois avant 10 h »: the hour's own word
                return default
            return -1
        if walker.take(*_NEXT):
            return 1
        if walker.sees("precedant") and not walker.sees(*(f"precedant {article}" for article in _ARTICLES)):
            walker.index += 1  # « le 15 du mois précédant »: often written so
            return -1
        walker.take(*_THIS)
        return default

    def _since(self) -> Anchor:
        walker = self.walker
        if walker.take("depuis", "a compter de", "par rapport a"):
            anchor = self.anchor_here()
            if anchor is None:
                raise walker.failure(("l'absence", "les vacances", "la facture"))
            return anchor
        return ANCHOR_DAY

    def _whole_week(self) -> DayExpr | None:
        walker = self.walker
        walker.take("semaine")
        of_class = walker.take("de classe", "scolaire", "d' ecole")
        n = self._which()
        start = walker.index
        walker.take(",")
        walker.take("le")
        if (weekday := self._weekday()) is not None:  # « la semaine précédente, le jeudi »
            return WeekdayOfWeek(weekday, n, of_class, self._since())
        walker.index = start
        return WeekOf(n, of_class, self._since())

    def _weekday(self) -> Weekday | None:
        token = self.walker.peek()
        if token.sort == "word" and token.norm in WEEKDAY_FORMS:
            self.walker.index += 1
            return WEEKDAY_FORMS[token.norm]
        return None

    def _from_weekday(self, weekday: Weekday, *, table: bool, rank: int = 1) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        clock: Clock | None = None
        start = walker.index
        bound = Bound.BEFORE if walker.take("avant") else Bound.UNTIL if walker.take(*UNTIL) else None
        walker.take("a")
        if walker.take("au soir", "soir"):
            clock = Clock(24 * 60, None)
        elif self.sees_clock():
            clock = self.clock()
            clock = attrs.evolve(clock, bound=clock.bound or bound)
        elif not walker.sees("de la", "d'", "precedent"):
            walker.index = start
        self.suffix() if clock is None else None  # « jusqu'au mercredi inclus de la semaine précédente »
        if walker.take(*_FOR_NEXT_WEEK):
            return WeekdayOfWeek(weekday, -1), clock
        if walker.take("s") and walker.peek().norm in ("-", "+"):
            return WeekdayOfWeek(weekday, self._which(), anchor=self._since()), clock
        walker.take(",") if walker.sees(", la semaine", ", de la semaine") else None
        if walker.take("de la", "de", "la", "dans la") or walker.sees("semaine"):
            if not walker.take("semaine"):
                raise walker.failure((f"{weekday.french} de la semaine précédente",))
            of_class = walker.take("de classe", "scolaire", "d' ecole", "de cours")
            n = self._which()
            if n == -1 and (found := self.anchor_here()) is not None:  # « de la semaine précédant les vacances »
                return WeekdayOfWeek(weekday, n, of_class, found), clock
            if walker.take("precedant"):
                anchor = self.anchor_here()
                if anchor is None:
                    raise walker.failure(("la semaine", "les vacances"))
                # « la semaine précédant la semaine du repas » is the previous week of the day.
                anchor = ANCHOR_DAY if anchor.name == "la semaine" else anchor
                return WeekdayOfWeek(weekday, -1, of_class, anchor), clock
            return WeekdayOfWeek(weekday, n, of_class, self._since()), clock
        if walker.peek().norm == "-" and walker.peek(1).norm == "7":
            walker.index += 2
            return WeekdayFrom(weekday, -2), clock
        if walker.take("precedant"):
            return WeekdayFrom(weekday, -rank, self.anchor_here() or ANCHOR_DAY), clock
        if walker.sees("avant") and not self._clock_follows_before():
            walker.take("avant")
            return WeekdayFrom(weekday, -rank, self.anchor_here() or ANCHOR_DAY), clock
        if walker.take(*(form for form in _PREVIOUS if form != "avant")):
            return WeekdayFrom(weekday, -rank, self._since()), clock
        if walker.take(*_NEXT, "apres"):
            return WeekdayFrom(weekday, rank, self.anchor_here() or self._since()), clock
        if table:
            return WeekdayFrom(weekday, -1), clock
        raise walker.failure((f"{weekday.french} de la semaine précédente", f"{weekday.french} précédent"))

    def _clock_follows_before(self) -> bool:
        self.walker.index += 1
        found = self.sees_clock() or self.walker.sees("a") > 0
        self.walker.index -= 1
        return found

    def _rank(self) -> int | None:
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

    def _from_rank(self, rank: int, *, table: bool) -> tuple[DayExpr, Clock | None]:
        walker = self.walker
        if walker.sees("du mois", "mois"):  # « le 1er du mois »
            walker.take("du mois", "mois")
            return DayOfMonth(rank, self._which(), self._since()), None
        month = MONTHS.get(walker.peek().norm)
        if month is not None:  # « le 1er septembre »
            walker.index += 1
            return self._annual(rank, month), None
        if walker.take("semaine complete", "semaine entiere"):
            week = CompleteWeek(self._through())
            return self._nth(rank, week), None
        if (weekday := self._weekday()) is not None:
            if walker.sees("du mois", "de la periode", "de l' annee", "de l' unite", "des vacances", "de la semaine"):
                return self._nth(rank, weekday), None
            return self._from_weekday(weekday, table=table, rank=abs(rank))
        if walker.take("jour", "jours"):
            clear_kind = self.kind()
            if walker.sees("du mois", "de la periode", "de l' annee", "de l' unite", "des vacances", "de la semaine"):
                if clear_kind is None and walker.sees("du mois"):
                    walker.take("du mois")
                    return DayOfMonth(rank, self._which(), self._since()), None
                return self._nth(rank, clear_kind or CALENDAR), None
            if clear_kind is not None and rank < 0:  # « dernier jour ouvré [précédent | avant les vacances] »
                return DaysFrom(rank, clear_kind, anchor=self._before_anchor()), None
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

    def _before_anchor(self) -> Anchor:
        walker = self.walker
        start = walker.index
        if walker.take("precedant", "qui precede"):
            return self.anchor_here() or ANCHOR_DAY
        if walker.sees("avant") and not self._clock_follows_before():
            walker.take("avant")
            found = self.anchor_here()
            return found or ANCHOR_DAY
        if walker.take(*(form for form in _PREVIOUS if form != "avant")):
            return self._since()
        walker.index = start
        return self.of_anchor()

    def _through(self) -> Weekday:
        walker = self.walker
        if walker.take("( lun - ven )", "lun - ven", "du lundi au vendredi", "lundi au vendredi"):
            return Weekday.FRIDAY
        walker.take("( lun - dim )", "lun - dim", "du lundi au dimanche", "lundi au dimanche")
        return Weekday.SUNDAY

    def _nth(self, rank: int, what: Weekday | DayKind | CompleteWeek) -> NthIn:
        unit, n = self._unit_place()
        return NthIn(rank, what, unit, n, self._since())

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
                return unit, self._which()
        if walker.take("de l' unite"):
            n = self._which()
            quoted = walker.take_sort("quoted")
            if quoted is not None:
                from periscolaire.catalogue.notation._read import (
                    parse_unit,  # late: the reader of units reads days as well
                )

                return parse_unit(quoted.raw.strip('"«»“” ')), n
        raise walker.failure(("du mois précédent", "de la période", "de l'année scolaire"))

    def _from_kind(self) -> tuple[DayExpr, Clock | None]:
        """``le jour ouvré précédent``, ``le jour de l'absence``, ``le jour de classe d'avant``."""
        walker = self.walker
        start = walker.index
        walker.take("jour", "jours")
        kind = self.kind()
        if walker.take(*(form for form in _PREVIOUS if form != "avant")):
            return DaysFrom(-1, kind or CALENDAR, anchor=self._since()), None
        if walker.take("precedant"):
            return DaysFrom(-1, kind or CALENDAR, anchor=self.anchor_here() or ANCHOR_DAY), None
        if walker.take(*_NEXT):
            return DaysFrom(1, kind or CALENDAR, anchor=self._since()), None
        if kind is None:
            mark = walker.index
            anchor = self.of_anchor()
            if walker.index > mark:
                return SameDay(anchor), None
        walker.index = start
        raise walker.failure(("le jour même", "jour ouvré précédent", "2 jours avant"))

    def _from_number(self, n: int) -> DayExpr:
        walker = self.walker
        if n == 0:
            walker.index -= 1
            raise walker.failure(("le jour même", "1 jour avant"))
        if walker.take("jours", "jour", "j"):
            return self._days(n)
        if walker.take("semaines", "semaine"):
            of_class = walker.take("de classe", "scolaires", "scolaire", "d' ecole")
            walker.take("calendaires", "calendaire")
            sign, anchor = self._side()
            mark = walker.index
            if walker.take(", le", "le") and (weekday := self._weekday()) is not None:  # « 2 semaines avant, le lundi »
                return WeekdayOfWeek(weekday, sign * n, of_class, anchor)
            walker.index = mark
            return WeeksFrom(sign * n, of_class, anchor)
        if walker.take("h", "heures", "heure"):
            return self._hours(n)
        if walker.sees("inclus du mois", "compris du mois"):
            walker.index += 1
        if walker.sees("du mois", "de chaque mois"):
            wanted = self._month_day(n)
            walker.take("du mois", "de chaque mois")
            return DayOfMonth(wanted, self._for_next_month(self._which()), self._since())
        if walker.take("mois"):
            sign, anchor = self._side()
            return MonthsFrom(sign * n, anchor)
        if walker.take("m") and walker.peek().norm in ("-", "+"):
            return DayOfMonth(self._month_day(n), self._which(), self._since())
        month = MONTHS.get(walker.peek().norm)
        if month is not None:
            walker.index += 1
            return self._annual(n, month)
        raise walker.failure((f"{n} jours avant", f"le {n} du mois précédent", f"{n} h avant"))

    def _for_next_month(self, which: int) -> int:
        """« le 25 du mois pour le mois suivant »: the month before that of the service."""
        return -1 if which == 0 and self.walker.take("pour le mois suivant", "pour le mois d' apres") else which

    def _month_day(self, n: int) -> int:
        if not 1 <= n <= 31:
            self.walker.index -= 1
            raise self.walker.failure(("le 20 du mois précédent",))
        return n

    def _annual(self, day: int, month: int) -> DayExpr:
        walker = self.walker
        year = walker.peek()
        try:
            if year.sort == "number" and len(year.norm) == 4:
                walker.index += 1
                return OnDate(dt.date(int(year.norm), month, day))
            walker.take("de chaque annee", "chaque annee")
            return AnnualDate(month, day, self._since())
        except (ValueError, MisuseError):
            walker.index -= 1
            raise walker.failure(("le 17 août",)) from None

    def _days(self, n: int) -> DayExpr:
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
        sign, anchor = self._side()
        return DaysFrom(sign * n, kind, clear, anchor)

    def _side(self) -> tuple[int, Anchor]:
        """``avant [ancre]`` or ``après [ancre]``; before the day when nothing is said."""
        walker = self.walker
        if walker.take("apres", "suivant", "a compter de"):
            return 1, self.anchor_here() or self.of_anchor()
        start = walker.index
        if walker.sees("avant") and self._clock_follows_before_alone():
            # « 2 jours avant 10 h » and « 2 jours avant, avant 10 h »: the first « avant » is the side.
            walker.index = start + 1
            return -1, ANCHOR_DAY
        if walker.take(*BEFORE):
            walker.take(*BEFORE)  # « 48 h à l'avance avant le repas »
            return -1, self.anchor_here() or self.of_anchor()
        return self.otherwise

    def _clock_follows_before_alone(self) -> bool:
        self.walker.index += 1
        found = self.sees_clock()
        self.walker.index -= 1
        return found

    def _hours(self, n: int) -> DayExpr:
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
            return HoursFrom(sign * n, kind, from_service=True, anchor=self._since())
        if self.sees_clock():
            clock = self.clock()
            return HoursFrom(sign * n, kind, from_minutes=clock.minutes, anchor=self._since())
        anchor = self.anchor_here() or self.of_anchor()
        return HoursFrom(sign * n, kind, anchor=unsaid if anchor == ANCHOR_DAY else anchor)
