"""Reading rules in the compact notation: tiers, windows, tables, effects, units.

::

    règle    = palier { ";" [ "puis" ] palier }                     the first open tier wins; after the last: refus
    palier   = limite [ ", aux heures" 7:30-10:30 [ jours ] ] [ ":" effet | compteur ] [ ", selon places" ]
    limite   = "jamais" | "sans limite" | "sur place" | "non dit" | point | fenêtre | table
    fenêtre  = "du" point "au" point | "à partir de" point [ "jusqu'à" point ]
             | "pendant" semaine | "le seul" jour | jour "de" heure "à" heure
    point    = [ "avant" | "jusqu'à" | "au plus tard" ] jour [ [ "jusqu'à" ] heure ] [ "exclu" ] [ report ]
    jour     = "le jour même" | "la veille" [ genre ] | n "jours" [ genre ] [ "francs" ] côté
             | n "semaines" [ "de classe" ] côté | n "mois" côté | n "h" [ genre ] côté [ "le service" | heure ]
             | nomjour "précédent" | nomjour "de la semaine" [ "de classe" ] ( "précédente" | "-" n )
             | "le" quantième "du mois" [ "précédent" | "-" n ] | rang ( nomjour | "jour" genre ) "du mois" …
             | "la semaine précédente" | rang "semaine complète" [ "lun-ven" ] "du mois" … | "le" date
             | ( "le début" | "la fin" ) ancre
    côté     = ( "avant" | "après" ) [ ancre ]
    report   = ", reporté au jour" genre ( "précédent" | "suivant" ) [ heure ]
    table    = nomjours "←" point { "," … } | ( mois | "du" date "au" date ) "←" fenêtre { "," … }
    compteur = effet "jusqu'au" n "e" { "," … } ", ensuite" effet ", compteur" nom [ par qui ] "par" durée

Synonyms, accents, plurals and the order of words are free where no other reading is possible; a text with two
readings (« vendredi 12:00 ») is refused with both.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Iterator
from typing import TypeVar

import attrs

from periscolaire.calendar import DayKind, Span, Weekday
from periscolaire.catalogue._days import ANCHOR_DAY, Anchor, AnnualDate, DayExpr, DayOfMonth, OnDate, SameDay
from periscolaire.catalogue._effects import (
    ACCEPT,
    Effect,
)
from periscolaire.catalogue._limits import (
    Between,
    DateRow,
    DateTable,
    Hours,
    Limit,
    Moment,
    Never,
    NoLimit,
    OnTheSpot,
    Point,
    Silent,
    WeekdayRow,
    WeekdayTable,
)
from periscolaire.catalogue._rules import Tier
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
from periscolaire.catalogue.notation._read_day import DayReader
from periscolaire.catalogue.notation._read_effects import EffectReader
from periscolaire.catalogue.notation._tokens import Walker
from periscolaire.catalogue.notation._words import (
    MONTHS,
    VERB_FORMS,
    WEEKDAY_FORMS,
)
from periscolaire.errors import MisuseError, NotationError

_T = TypeVar("_T")

__all__ = ["parse_effect", "parse_limit", "parse_point", "parse_unit"]

_PLACES = (
    "selon places", "selon les places", "selon les places disponibles", "selon places disponibles",
    "sous reserve de places", "sous reserve de place", "sous reserve de places disponibles",
    "dans la limite des places", "dans la limite des places disponibles", "s' il reste des places",
)  # fmt: skip
_OTHERS = ("les autres jours", "autres jours", "les autres", "tous les autres jours")
_FOR = (
    "pour le",
    "pour",
    "pour une inscription le",
    "pour une reservation le",
    "pour le repas du",
    "pour les repas du",
)
_OPENS = (
    "a partir de", "a partir du", "a partir", "des le", "des la", "des", "ouvert des", "ouvert a partir de",
    "ouverture", "ouverture le",
)  # fmt: skip
#: After « ; » or a comma, or alone: the limit before is over.
_ALONE = (
    "au - dela", "au dela", "au - dela de ce delai", "au dela de ce delai", "passe ce delai", "passe cette limite",
    "passe cette date", "passe cette heure", "apres ce delai", "apres cette date", "apres cette heure",
    "hors de ce delai", "en dehors de ce delai", "en dehors de ces delais",
)  # fmt: skip
_ABSENT: tuple[tuple[tuple[str, ...], Limit], ...] = (
    (
        (
            "jamais", "impossible", "aucune annulation", "aucune annulation possible", "pas d' annulation",
            "pas d' annulation possible", "annulation impossible", "non autorise", "non autorisee",
        ),
        Never(),
    ),
    (
        (
            "sans limite", "sans limites", "sans delai", "a tout moment", "toujours", "aucune limite", "illimite",
            "pas de limite", "aucun delai", "libre", "librement", "pas de delai", "sans preavis",
            "sans condition de delai",
        ),
        NoLimit(),
    ),
    (
        (
            "sur place", "sans reservation", "sans inscription", "sans reservation prealable",
            "sans inscription prealable", "pas de reservation", "acces libre", "libre acces",
        ),
        OnTheSpot(),
    ),
    (("non dit", "non precise", "muet", "non indique"), Silent()),
)  # fmt: skip


def parse_limit(
    text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = (), *, after: str | None = None
) -> tuple[Tier, ...]:
    """The tiers that ``text`` says; ``kinds`` and ``events`` are the commune's own day kinds and anchors.

    A count that says no side (« sous 8 jours ») is before the service, or after the anchor ``after``.

    >>> print_limit(parse_limit("jusqu'au jeudi midi de la semaine précédente"))
    "jeudi de la semaine précédente jusqu'à 12:00"

    :raises NotationError: a word is not understood; it is named, with the nearest forms.
    """
    reader = _Reader.of(text, kinds, events)
    if after is not None:
        reader.days.otherwise = (1, Anchor(after))
    return reader.tiers()


def parse_point(text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> Point:
    """A single point in time (``8 jours après l'absence``).

    :raises NotationError: a word is not understood.
    """
    reader = _Reader.of(text, kinds, events)
    point = reader.days.point()
    return reader.finished(point)


def parse_effect(text: str) -> Effect:
    """An effect (``+2,00 par commande``, ``demande``, ``dû 50 %``).

    :raises NotationError: a word is not understood.
    """
    reader = _Reader.of(text)
    effect = reader.effects.effect()
    return reader.finished(effect)


def parse_unit(text: str) -> Unit:
    """A unit (``jour``, ``mois du 11``, ``6 semaines depuis 2025-09-01``).

    :raises NotationError: a word is not understood.
    """
    reader = _Reader.of(text)
    unit = reader.unit()
    return reader.finished(unit)


@attrs.frozen
class _Reader:
    """Recursive descent over one text."""

    walker: Walker
    days: DayReader
    effects: EffectReader

    @classmethod
    def of(cls, text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> _Reader:
        days = DayReader.of(text, kinds, events)
        return cls(days.walker, days, EffectReader(days.walker))

    def finished(self, value: _T) -> _T:
        """``value``, when nothing follows it."""
        if not self.walker.done:
            raise self.walker.failure()
        return value

    # Tiers

    def tiers(self) -> tuple[Tier, ...]:
        """All tiers, to the end of the text."""
        walker = self.walker
        tiers = [self._tier()]
        while True:
            if walker.take(";", "."):
                if walker.done:
                    break
                self._beyond()
            elif not (walker.take(", puis", ", sinon", "puis", "sinon")):
                start = walker.index
                walker.take(",")
                if not self._beyond(*_ALONE):
                    walker.index = start
                    break
            tiers.append(self._tier())
        return self.finished(tuple(tiers))

    def _beyond(self, *words: str) -> bool:
        """« puis », « sinon », « au-delà : », « passé ce délai, »: what comes before the next tier."""
        walker = self.walker
        found = walker.take(*(words or (*_ALONE, "puis", "ensuite", "sinon", "apres", "hors delai")))
        if found:
            walker.take(":", ",")
        return found

    def _tier(self) -> Tier:
        walker = self.walker
        if self._sees_effect_alone():  # « … ; sinon demande »
            effect, counter = self.effects.effect_or_counter()
            return Tier(NoLimit(), effect, self._places(), None, counter)
        found = self._limit()
        limit: Limit = NoLimit() if isinstance(found, Hours) else found
        hours = found if isinstance(found, Hours) else None
        if hours is None and walker.take(", aux heures", "aux heures"):
            hours = self._hours()
        places = self._places()
        effect, counter = ACCEPT, None
        if walker.take(":", "=") or self._sees_effect():
            effect, counter = self.effects.effect_or_counter()
        return Tier(limit, effect, places or self._places(), hours, counter)

    def _places(self) -> bool:
        walker = self.walker
        start = walker.index
        walker.take(",")
        if walker.take(*_PLACES):
            return True
        walker.index = start
        return False

    def _sees_effect_alone(self) -> bool:
        walker = self.walker
        if walker.peek().norm == "du":  # « dû » is an effect, « du » opens a window
            return "û" in walker.peek().raw.lower()
        if self.effects.sees_share():
            return True
        return walker.peek().norm in ("+", "x", "×") or walker.sees("tarif", "prix", "majoration", *VERB_FORMS) > 0

    def _sees_effect(self) -> bool:
        """« la veille 10:00, +2,00 »: an effect after a comma, without its colon."""
        walker = self.walker
        start = walker.index
        walker.take(",")
        token = walker.peek()
        if token.norm == "+" or walker.sees("majoration", "majore", "tarif"):
            return True
        walker.index = start
        return False

    # Limits

    def _limit(self) -> Limit | Hours:
        if self._sees_row():
            return self._weekday_table()
        if self._sees_date_row():
            return self._date_table()
        if self._sees_reversed_row():
            return self._reversed_table()
        return self._plain()

    def _plain(self, *, table: bool = False) -> Limit | Hours:
        walker = self.walker
        for forms, limit in _ABSENT:
            if walker.take(*forms):
                return limit
        if walker.peek().sort == "clock" and (walker.peek(1).norm in ("-", "a")):
            return self._hours()
        during = walker.take("pendant", "durant")
        if during or walker.take("le seul", "la seule", "seulement le", "uniquement le", "uniquement"):
            day, clock = self.days.day(table=table)
            if during and isinstance(day, SameDay) and day.anchor != ANCHOR_DAY and not day.anchor.is_event:
                # « pendant les vacances précédentes »: from their first to their last day.
                return Between(Point(day), Point(SameDay(attrs.evolve(day.anchor, end=True))))
            if clock is not None:
                raise walker.failure(("le seul vendredi de la semaine précédente",))
            return Between(Point(day), Point(day))
        if walker.take(*_OPENS):
            return self._from_opening(table=table)
        start = walker.index
        if not walker.sees("d' ici") and walker.take("du", "de", "d'", "entre le", "entre"):
            return self._hours_first(table=table) if self.days.sees_clock() else self._window(table=table)
        walker.index = start
        point = self.days.point(table=table)
        if not table and (exceptions := self._exceptions(point)) is not None:
            return exceptions
        if walker.take("au plus tot"):
            walker.take(", et", "et", ",")
            return Between(_opening(point), self.days.point(table=table))
        start = walker.index
        walker.take(",")
        if walker.take("de", "entre") and self.days.sees_clock():
            return self._hours_of_day(point)
        walker.index = start
        return Between(None, point)

    def _from_opening(self, *, table: bool) -> Between:
        """After « à partir de »: a point, and maybe « jusqu'à » another, whose month may be left out."""
        walker = self.walker
        opens = self.days.point(table=table)
        mark = walker.index
        walker.take(", et", ",", "et")
        if walker.take("cloture", "fermeture", "cloture le", "fermeture le"):
            return Between(_opening(opens), self.days.point(table=table))
        if not walker.sees("jusqu' a", "jusqu' au", "au plus tard", "jusqu'"):
            walker.index = mark
            return Between(_opening(opens), None)
        start = walker.index
        walker.take("jusqu' au", "jusqu' a", "au plus tard le", "au plus tard")
        lone = self._bare_day_of_month()
        if lone is not None and isinstance(opens.day, DayOfMonth):
            return Between(_opening(opens), Point(attrs.evolve(opens.day, day=lone)))
        walker.index = start
        return Between(_opening(opens), self.days.point(table=table))

    def _hours_first(self, *, table: bool) -> Between:
        """``entre 7:30 et 9:00 le jour même``: the hours, then the day."""
        walker = self.walker
        start = walker.index
        self.days.clock()
        if not walker.take("a", "et", "-", "jusqu' a"):
            raise walker.failure(("le jour même de 8:00 à 8:30",))
        self.days.clock()
        if not self.days.starts_day() or walker.peek().norm in (",", ";", ":"):
            raise walker.failure(("le jour même de 8:00 à 8:30", "la veille, aux heures 7:30-10:30"))
        day = self.days.point(table=table)
        end, walker.index = walker.index, start
        window = self._hours_of_day(day)
        walker.index = end
        return window

    def _hours_of_day(self, point: Point) -> Between:
        """``le jour même de 8:00 à 8:30``."""
        walker = self.walker
        first = self.days.clock()
        if not walker.take("a", "et", "-", "jusqu' a"):
            raise walker.failure(("le jour même de 8:00 à 8:30",))
        last = self.days.clock()
        closing = None if last.minutes == 24 * 60 else last.minutes
        return Between(
            Point(point.day, first.minutes),
            Point(point.day, closing, last.bound),  # type: ignore[arg-type]  # None: the default reading
        )

    def _window(self, *, table: bool) -> Between:
        """After « du »: a point, « au », a point; either may leave its month to the other."""
        walker = self.walker
        borrowed = self._bare_day_of_month()
        opens = None if borrowed is not None else self.days.point(table=table)
        walker.take(",")
        if not walker.take("au", "a", "jusqu' au", "jusqu' a", "et le", "et", "jusqu'"):
            raise walker.failure(("du 2025-09-03 20:00 au 2025-09-24", "du 1 du mois au 10 du mois"))
        lone = self._bare_day_of_month()
        if lone is not None and opens is not None and isinstance(opens.day, DayOfMonth):
            closes = Point(attrs.evolve(opens.day, day=lone))
            clock = self.days.clock_after()
            if clock is not None:
                closes = self.days.assemble(closes.day, clock, None)
        else:
            if lone is not None:
                raise walker.failure(("du mois", "du mois précédent"))
            closes = self.days.point(table=table)
        if borrowed is not None:
            opens = self._lent(borrowed, closes.day)
        assert opens is not None
        return Between(_opening(opens), closes)

    def _lent(self, day: int, closes: DayExpr) -> Point:
        """« du 1er au 15 juin 2026 »: the month and the year of the closing, and another day."""
        try:
            match closes:
                case DayOfMonth() | AnnualDate():
                    return Point(attrs.evolve(closes, day=day))
                case OnDate(date):
                    return Point(OnDate(date.replace(day=day)))
        except (ValueError, MisuseError):
            pass
        raise self.walker.failure(("du 1 du mois au 10 du mois", "du 1 juin au 15 juin"))

    def _bare_day_of_month(self) -> int | None:
        """A day number with nothing that says its month: followed by « au », a comma or the end."""
        walker = self.walker
        start = walker.index
        if walker.peek().norm in WEEKDAY_FORMS:  # « du lundi 2 au dimanche 22 janvier »
            walker.index += 1
            found = self._bare_day_of_month()
            walker.index = walker.index if found is not None else start
            return found
        token, following = walker.peek(), walker.peek(1)
        if token.sort not in ("number", "rank") or not (digits := "".join(c for c in token.norm if c.isdigit())):
            return None
        if following.norm in ("au", "a", ",", ";", ":", "", "inclus", "et") and 1 <= int(digits) <= 31:
            walker.index += 1
            return int(digits)
        return None

    # Tables

    def _sees_row(self) -> bool:
        """Whether weekdays and an arrow stand here."""
        walker = self.walker
        ahead = 0
        if walker.peek().norm not in WEEKDAY_FORMS and walker.peek().norm not in ("le", "pour", "du", "les"):
            return False
        while walker.peek(ahead).norm in WEEKDAY_FORMS or walker.peek(ahead).norm in (
            "et", ",", "/", "le", "les", "pour", "-", "au", "a", "du", "+",
        ):  # fmt: skip
            ahead += 1
        return walker.peek(ahead).sort == "arrow" or (
            walker.peek(ahead).norm == ":"
            and walker.peek(ahead - 1).norm in WEEKDAY_FORMS
            and self._row_after(ahead + 1)
        )

    def _row_after(self, ahead: int) -> bool:
        """After « lundi : », a day (and not an effect) makes a row of it."""
        norm = self.walker.peek(ahead).norm
        return norm in WEEKDAY_FORMS or norm in ("la", "le", "avant", "jusqu'", "veille")

    def _weekday_table(self) -> WeekdayTable:
        rows: list[WeekdayRow] = []
        while True:
            if rows and self.walker.take(*_OTHERS):
                said = {weekday for row in rows for weekday in row.weekdays}
                weekdays = tuple(weekday for weekday in Weekday if weekday not in said)
            else:
                weekdays = self._weekday_list()
            if not (self.walker.take_sort("arrow") or self.walker.take(":")):
                raise self.walker.failure(("lundi ← jeudi 12:00",))
            limit = self._plain(table=True)
            if not isinstance(limit, Between | Never | NoLimit):
                raise self.walker.failure(("lundi ← jeudi 12:00",))
            rows.append(WeekdayRow(weekdays, limit))
            start = self.walker.index
            if self.walker.take(",", ";") and (self._sees_row() or self.walker.sees(*_OTHERS)):
                continue
            self.walker.index = start
            if not self._sees_row():
                break
        return self._table(tuple(rows))

    def _sees_reversed_row(self) -> bool:
        """Whether « vendredi 9 h pour lundi » stands here."""
        walker = self.walker
        start = walker.index
        try:
            self.days.prefix()
            walker.take("le")
            if walker.peek().norm not in WEEKDAY_FORMS:
                return False
            self.days.point(table=True)
            walker.take(",")
            return walker.take(*_FOR) and walker.peek().norm in WEEKDAY_FORMS
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
        if (clock := self.days.clock_after()) is not None:  # « la veille ou le vendredi pour le lundi, avant 10 h »
            point = self.days.assemble(point.day, clock, None)
            rows = [WeekdayRow(row.weekdays, Between(None, _timed(row.limit, point))) for row in rows]
        said = {weekday for row in rows for weekday in row.weekdays}
        others = tuple(weekday for weekday in Weekday if weekday not in said)
        return self._table((*rows, WeekdayRow(others, Between(None, point))))

    def _reversed_table(self) -> WeekdayTable:
        """« vendredi 9 h pour lundi et mardi, mardi 9 h pour jeudi, la veille 9 h pour les autres jours »."""
        walker = self.walker
        rows = list(self._reversed_rows())
        start = walker.index
        walker.take(",", ";", "et")
        try:
            closes = self.days.point(table=True)
            walker.take(",")
            if walker.take("pour") and walker.take(*_OTHERS):
                said = {weekday for row in rows for weekday in row.weekdays}
                others = tuple(weekday for weekday in Weekday if weekday not in said)
                return self._table((*rows, WeekdayRow(others, Between(None, closes))))
        except NotationError:
            pass
        walker.index = start
        return self._table(tuple(rows))

    def _reversed_rows(self, otherwise: Point | None = None) -> Iterator[WeekdayRow]:
        """Each « vendredi 9 h pour lundi »; a row that says no hour has that of ``otherwise``."""
        walker = self.walker
        while True:
            closes = self.days.point(table=True)
            if otherwise is not None and closes.minutes is None:
                closes = _timed(Between(None, closes), otherwise)
            walker.take(",")
            weekdays: list[Weekday] = []
            while walker.take(*(("et le", "et", *_FOR) if weekdays else _FOR)):
                if walker.peek().norm not in WEEKDAY_FORMS:
                    walker.index -= 1
                    break
                weekdays.append(WEEKDAY_FORMS[walker.peek().norm])
                walker.index += 1
                walker.take("suivant", "suivants", "qui suit")
            if not weekdays:
                raise walker.failure(("vendredi 9:00 pour lundi",))
            yield WeekdayRow(tuple(weekdays), Between(None, closes))
            start = walker.index
            if walker.take(", et", ",", ";", "et", "ou") and self._sees_reversed_row():
                continue
            walker.index = start
            return

    def _table(self, rows: tuple[WeekdayRow, ...]) -> WeekdayTable:
        try:
            return WeekdayTable(rows)
        except MisuseError:
            raise self.walker.failure(("lundi ← jeudi 12:00, mardi ← vendredi 12:00",)) from None

    def _weekday_list(self) -> tuple[Weekday, ...]:
        walker, found = self.walker, list[Weekday]()
        while True:
            walker.take("pour", "le", "les", "du")
            token = walker.peek()
            if token.norm not in WEEKDAY_FORMS:
                raise walker.failure(("lundi",))
            walker.index += 1
            weekday = WEEKDAY_FORMS[token.norm]
            if walker.peek().norm in ("-", "au", "a") and walker.peek(1).norm in WEEKDAY_FORMS:
                last = WEEKDAY_FORMS[walker.peek(1).norm]
                walker.index += 2
                found += [Weekday(day) for day in range(weekday, last + 1)]
            else:
                found.append(weekday)
            if not walker.take("et", ",", "/", "+"):
                return tuple(found)

    def _sees_date_row(self) -> bool:
        walker = self.walker
        start = walker.index
        try:
            self._span()
            return walker.peek().sort == "arrow"
        except _NoSpanError:
            return False
        finally:
            walker.index = start

    def _span(self) -> Span:
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
            first = self.days.date()
            if token.norm == "le":
                return Span(first, first)
            if walker.take("au") and walker.peek().sort == "date":
                last = self.days.date()
                if first <= last:
                    return Span(first, last)
        raise _NoSpanError

    def _date_table(self) -> DateTable:
        rows = []
        while True:
            days = self._span()
            self.walker.take_sort("arrow")
            limit = self._plain()
            if not isinstance(limit, Between):
                raise self.walker.failure(("2025-10 ← 2025-09-24 12:00",))
            rows.append(DateRow(days, self._moment(limit.opens), self._moment(limit.closes)))
            start = self.walker.index
            if self.walker.take(",", ";") and self._sees_date_row():
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

    # Hours of a channel

    def _hours(self) -> Hours:
        walker = self.walker
        walker.take("de")
        first = self.days.clock().minutes
        if not walker.take("-", "a"):
            raise walker.failure(("7:30-10:30 lun-ven",))
        last = self.days.clock().minutes
        weekdays: frozenset[Weekday] | None = None
        kind: DayKind | None = None
        if walker.take("les jours", "jours"):
            kind = self.days.kind()
            if kind is None:
                raise walker.failure(("jours ouvrés", "jours de guichet"))
        elif walker.peek().norm in WEEKDAY_FORMS or walker.sees("du", "le", "les"):
            weekdays = frozenset(self._days_of_hours())
        if last <= first:
            walker.index -= 1
            raise walker.failure(("7:30-10:30 lun-ven",))
        return Hours(first, last, weekdays, kind)

    def _days_of_hours(self) -> list[Weekday]:
        walker, found = self.walker, list[Weekday]()
        walker.take("du", "le", "les")
        while walker.peek().norm in WEEKDAY_FORMS:
            weekday = WEEKDAY_FORMS[walker.peek().norm]
            walker.index += 1
            if walker.peek().norm in ("-", "au", "a") and walker.peek(1).norm in WEEKDAY_FORMS:
                last = WEEKDAY_FORMS[walker.peek(1).norm]
                walker.index += 2
                found += [Weekday(day) for day in range(weekday, last + 1)]
            else:
                found.append(weekday)
            walker.take("et", "/")
        if not found:
            raise walker.failure(("lun-ven",))
        return found

    # Units

    def unit(self) -> Unit:
        """What a decision covers."""
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
                return EachBlock(int(weeks.norm), self.days.date())
        raise walker.failure(("jour", "semaine", "mois", "mois du 11", "période", "6 semaines depuis 2025-09-01"))

    def _listed(self) -> ListedSpans:
        spans = []
        while True:
            try:
                spans.append(self._span())
            except _NoSpanError:
                raise self.walker.failure(("du 2025-09-01 au 2025-12-19",)) from None
            if not self.walker.take(",", "et"):
                break
        try:
            return ListedSpans(tuple(spans))
        except MisuseError:
            raise self.walker.failure(("du 2025-09-01 au 2025-12-19, du 2026-01-05 au 2026-03-27",)) from None


def _timed(limit: Limit, other: Point) -> Point:
    """The point of ``limit``, at the hour of ``other`` when it says none."""
    assert isinstance(limit, Between)
    assert limit.closes is not None
    if limit.closes.minutes is not None or other.minutes is None:
        return limit.closes
    return attrs.evolve(limit.closes, minutes=other.minutes, bound=other.bound)


class _NoSpanError(Exception):
    """No span of dates stands here: another reading is tried."""


def _opening(point: Point) -> Point:
    """An opening has no bound: a day opens when it begins, an hour at that hour."""
    return Point(point.day, point.minutes, shift=point.shift)


def _month(year: int, month: int) -> Span:
    return Span(dt.date(year, month, 1), dt.date(year, month, months.monthrange(year, month)[1]))
