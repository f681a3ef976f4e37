"""The French notation of open days: what a rules file writes under ``jours``.

===================================================  ==========================================================
``jours de classe``                                  class is held (be it only in the morning)
``jours de classe entiers``                          and all the day; ``demi-journées de classe``: only the morning
``mercredis de classe``                              Wednesdays on which class is held
``lundi, mardi, jeudi, vendredi`` · ``mercredis``    these weekdays in term (outside holidays, bridges, days off)
``mercredis toute l'année``                          in holidays too; ``du lundi au vendredi toute l'année``
``petites vacances`` · ``été`` · ``vacances``        Monday to Friday of the school holidays
``lundis et mardis des petites vacances``            these weekdays of them
``vacances de Noël``                                 of the holidays of that name (« … » around a commune's own name)
``première semaine des petites vacances``            their first week; ``3 premières semaines de l'été``
``jours ouvrés`` · ``jours ouvrables``               Monday to Friday · Saturday, but public holidays
``tous les jours``                                   every day, public holidays included
``ponts`` · ``jours fériés``                         bridges and official days off · public holidays
``2026-10-12`` · ``du 6 juillet au 31 juillet``      dates; of one year (``du 2026-07-06 au …``) or of every year
``A et B`` · ``A, B``                                either
``A sauf B`` · ``A avec B``                          without B · or B
``été en juillet`` · ``été du 6 juillet au …``       only then; ``été en juillet, vacances d'hiver``: and those
``… fériés compris``                                 public holidays are not left out
===================================================  ==========================================================

Parentheses group. A bare weekday after ``sauf`` is every such day.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Sequence

from periscolaire.calendar._open_days import (
    HOLIDAY_NAMES,
    AllYear,
    AnyOf,
    BridgeDays,
    But,
    ClassDays,
    Dates,
    HolidayDays,
    Months,
    Only,
    OpenDays,
    PublicHolidays,
    TermDays,
    YearlySpan,
)
from periscolaire.calendar._open_words import BOTH_SEASONS, MONTH_NUMBERS, MONTHS, RANKS, SHORT, SUMMER
from periscolaire.calendar._spans import Span
from periscolaire.calendar._territories import plain
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, WHOLE_WEEK, Weekday
from periscolaire.errors import MisuseError, NotationError

__all__ = ["parse_open_days"]

_FORMS = (
    "jours de classe", "jours de classe entiers", "demi-journées de classe", "mercredis", "mercredis de classe",
    "mercredis toute l'année", "lundi, mardi, jeudi, vendredi", "petites vacances", "vacances", "été",
    "vacances de Noël", "première semaine des petites vacances", "jours ouvrés", "jours ouvrables", "tous les jours",
    "ponts", "jours fériés", "du 2026-07-06 au 2026-07-31", "sauf", "avec", "et", "en juillet", "fériés compris",
    *(day.french for day in Weekday), *MONTHS,
)  # fmt: skip

_WORD = re.compile(r"[^\s,;()+«»']+")
_VOCABULARY = frozenset(plain(word) for form in (*_FORMS, *HOLIDAY_NAMES) for word in _WORD.findall(form)) | {
    word + "s" for word in ("lundi", "mardi", "jeudi", "vendredi", "samedi", "dimanche")
} | {"le", "la", "les", "d", "l", "des", "pendant", "tous", "de", "du", "au"}  # fmt: skip
_WEEKDAY = r"(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?"
_MONTH = "(" + "|".join(name.replace("é", "[ée]").replace("û", "[ûu]") for name in MONTHS) + ")"
_ISO = r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
_DAY_OF_YEAR = rf"(\d{{1,2}})(?:er)?\s+{_MONTH}"
_DAY_OF_MONTH = r"(\d{1,2})(?:er)?"
_EXCEPT = r"(?:sauf|hors|except[ée]|[àa]\s+l'exception\s+(?:des?|du))(?:\s+(?:les?|la|pendant les?|en))?"
_TERM = (
    r"(?:hors\s+(?:des\s+)?vacances(?:\s+scolaires)?|(?:en|de)\s+p[ée]riodes?\s+scolaires?"
    r"|de\s+l'ann[ée]e\s+scolaire)"
)
_RANK = r"(premi[èe]re|1re|1[èe]re|deuxi[èe]me|troisi[èe]me|quatri[èe]me|avant-derni[èe]re|derni[èe]re|(\d)e)s?"
_OF = r"(?:des?\s+la\s+|des?\s+l'\s*|des\s+|de\s+|d'\s*|pendant\s+(?:les?\s+|l'\s*)?)"


def _spelled(name: str) -> str:
    """``name`` as a pattern that takes the accents or not."""
    return "".join(f"[{char}{plain(char)}]" if plain(char) != char else re.escape(char) for char in name.lower())


_KNOWN = "|".join(sorted((_spelled(name) for name in HOLIDAY_NAMES.values()), key=len, reverse=True))


def parse_open_days(raw: str | Sequence[str], *, term: bool = True) -> OpenDays:
    """Read the notation; a list is the union of its items.

    ``term`` says how bare weekdays are read: those of the school term (a product), or of all the year (the opening
    of the counter, the commune's own kinds of day).

    :raises NotationError: a word is not understood; it is named, with its place and the nearest forms.
    """
    text = raw if isinstance(raw, str) else ", ".join(raw)
    return _Parser(text, term).whole()


class _Parser:
    """Recursive descent over the text; ``at`` is the place in the text as written."""

    def __init__(self, text: str, term: bool) -> None:
        self.text = text
        self.lower = text.replace("’", "'").lower()
        self.at = 0
        self.term = term

    def whole(self) -> OpenDays:
        found = self.expression(every=False)
        self.eat(r"[.\s]*")
        if self.at < len(self.lower):
            raise self.error()
        return found

    # Words

    def eat(self, pattern: str) -> re.Match[str] | None:
        """Skip blanks, then match ``pattern`` up to a word's end; the place moves only when it matches."""
        blank = re.compile(r"\s*").match(self.lower, self.at)
        start = self.at if blank is None else blank.end()
        match = re.compile(rf"(?:{pattern})(?!\w)").match(self.lower, start)
        if match is not None and match.end() > start:
            self.at = match.end()
            return match
        return None

    def error(self) -> NotationError:
        """Names the first word from here on that no form holds, else the one at this place."""
        words = [(match[0], match.start()) for match in _WORD.finditer(self.text, self.at)]
        if not words:
            return NotationError(self.text, "(fin)", len(self.text), _FORMS[:4])
        word, place = next((found for found in words if plain(found[0]) not in _VOCABULARY), words[0])
        near = difflib.get_close_matches(self.lower[self.at :].strip(), _FORMS, 3, 0.7)
        near += difflib.get_close_matches(
            word.lower(), (*_FORMS, *(name.lower() for name in HOLIDAY_NAMES.values())), 3, 0.6
        )
        return NotationError(self.text, word, place, list(dict.fromkeys(near)) or _FORMS[:6])

    # Grammar

    def expression(self, *, every: bool) -> OpenDays:
        found = self.union(every=every)
        while True:
            if self.eat(_EXCEPT):
                found = But(found, self.union(every=True))
            elif (inside := re.compile(rf"\s*\((?=\s*{_EXCEPT})").match(self.lower, self.at)) is not None:
                self.at = inside.end()  # « jours de classe (sauf mercredi) »
                self.eat(_EXCEPT)
                found = But(found, self.union(every=True))
                close = re.compile(r"\s*\)").match(self.lower, self.at)
                if close is None:
                    raise self.error()
                self.at = close.end()
            elif self.eat(r"avec(?:\s+(?:les?|la))?"):
                found = _either([found, self.union(every=every)])
            elif self.eat(r"limit[ée]e?s?\s+(?:à|a)(?:ux?)?"):
                found = Only(found, self.union(every=True))
            elif self.eat(r"en(?=\s+" + _MONTH + ")"):
                found = Only(found, self.months() or self.fail())
            elif (limit := self.dates()) is not None:
                found = Only(found, limit)
            elif self.eat_and():  # « été en juillet, vacances de la Toussaint »: what is limited, and more
                found = _either([found, self.union(every=every)])
            else:
                return found

    def union(self, *, every: bool) -> OpenDays:
        parts = [self.item(every=every)]
        while self.eat_and():
            parts.append(self.item(every=every))
        return _either(parts)

    def eat_and(self) -> bool:
        joined = self.eat(r"et(?:\s+aussi)?(?:\s+(?:les?|la|pendant les?|pendant l'))?")
        return joined is not None or self.eat_sign()

    def eat_sign(self) -> bool:
        match = re.compile(r"\s*[,;+]\s*(?:et\s)?").match(self.lower, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True

    def eat_gap(self) -> bool:
        """« lundi mardi », « lundi-mardi », « lundi/mardi »: nothing, or a line, between two weekdays."""
        match = re.compile(rf"\s*[-/]?\s*(?={_WEEKDAY}(?!\w))").match(self.lower, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True

    def item(self, *, every: bool) -> OpenDays:
        match = re.compile(r"\s*\(").match(self.lower, self.at)
        if match is not None:
            self.at = match.end()
            inside = self.expression(every=every)
            close = re.compile(r"\s*\)").match(self.lower, self.at)
            if close is None:
                raise self.error()
            self.at = close.end()
            return inside
        found = (
            self.class_days(None)
            or self.fixed()
            or self.dates()
            or self.weekdays(every=every)
            or self.holidays(MONDAY_TO_FRIDAY, of=False)
            or self.months()
            or self.bare_names()
        )
        return found if found is not None else self.fail()

    def bare_names(self) -> OpenDays | None:
        """« sauf Noël », « Toussaint, Hiver »: the name of holidays, by itself."""
        match = self.eat(rf"(?:la\s+)?({_KNOWN})")
        return None if match is None else HolidayDays(BOTH_SEASONS, (HOLIDAY_NAMES[plain(match[1])],))

    def fail(self) -> OpenDays:
        raise self.error()

    def fixed(self) -> OpenDays | None:
        """The forms that stand alone."""
        if self.eat(r"jours?\s+ouvr[ée]e?s?|ouvr[ée]s"):
            return AllYear(MONDAY_TO_FRIDAY)
        if self.eat(r"jours?\s+ouvrables?|ouvrables"):
            return AllYear(MONDAY_TO_SATURDAY)
        if self.eat(r"tous\s+les\s+jours"):
            return AllYear(WHOLE_WEEK, public_holidays=True)
        if self.eat(r"ponts?"):
            return BridgeDays()
        if self.eat(r"(?:jours?\s+)?f[ée]ri[ée]s?"):
            return PublicHolidays()
        if self.eat(r"(?:en\s+)?p[ée]riodes?\s+scolaires?|hors\s+(?:des\s+)?vacances(?:\s+scolaires)?"):
            return TermDays(public_holidays=self.public_holidays())
        return None

    def class_days(self, weekdays: frozenset[Weekday] | None) -> OpenDays | None:
        if weekdays is None:
            if self.eat(r"(?:demi-journ[ée]es|matins?|matin[ée]es)\s+(?:de\s+classe|d'[ée]cole)"):
                return ClassDays(None, half=True)
            if not self.eat(r"(?:(?:tous\s+)?les\s+|chaque\s+)?jours?\s+(?:de\s+classe|d'[ée]cole|scolaires?)"):
                return None
        elif not self.eat(r"de\s+classe|d'[ée]cole"):
            return None
        if self.eat(r"entiers?"):
            return ClassDays(weekdays, half=False)
        return ClassDays(weekdays, half=True if self.eat(r"à\s+demi-journ[ée]e|le\s+matin") else None)

    def weekdays(self, *, every: bool) -> OpenDays | None:
        """Weekdays, one or several, and what says when."""
        named = self.named_weekdays()
        if named is None:
            return None
        days, every_one = named
        if (found := self.class_days(days)) is not None:
            return found
        if self.eat(r"toute\s+l'ann[ée]e"):
            return AllYear(days, public_holidays=self.public_holidays())
        if self.eat(rf"scolaires?|{_TERM}|\(\s*{_TERM}\s*\)"):
            return TermDays(days, public_holidays=self.public_holidays())
        if (found := self.holidays(days, of=True)) is not None:
            return found
        public = self.public_holidays()
        if every or every_one:
            return AllYear(days, public_holidays=public or every)
        return TermDays(days, public) if self.term else AllYear(days, public)

    def named_weekdays(self) -> tuple[frozenset[Weekday], bool] | None:
        """The weekdays at this place, and whether they were said to be « tous les »."""
        days: set[Weekday] = set()
        every_one = False
        while True:
            before = self.at
            if days and not (self.eat(r"et(?:\s+les?)?") or self.eat_sign() or self.eat_gap()):
                break
            if match := self.eat(rf"(?:(?:du|le)\s+)?{_WEEKDAY}\s+au\s+{_WEEKDAY}"):
                days |= _range(match[1], match[2])
            elif self.eat(r"(?:les?\s+)?week-?\s?ends?"):
                days |= {Weekday.SATURDAY, Weekday.SUNDAY}
            elif match := self.eat(rf"(tous\s+)?(?:les?\s+)?{_WEEKDAY}"):
                every_one = every_one or match[1] is not None
                days.add(Weekday.parse(match[2]))
            else:
                self.at = before
                break
        return (frozenset(days), every_one) if days else None

    def holidays(self, weekdays: frozenset[Weekday], *, of: bool) -> OpenDays | None:
        """School holidays; ``of``: after weekdays, hence with « des », « de l' »."""
        before = self.at
        prefix = _OF if of else r"(?:pendant\s+)?(?:(?:toutes\s+)?les\s+|la\s+|l'\s*)?"
        weeks = self.weeks(prefix)
        lead = _OF if weeks or of else prefix
        found = self.holiday_name(lead, weekdays, weeks)
        if found is None:
            self.at = before
        return found

    def weeks(self, prefix: str) -> frozenset[int]:
        """Ranks of weeks: « première et dernière semaines », « 3 premières semaines »."""
        before = self.at
        if match := self.eat(rf"{prefix}(\d)\s+premi[èe]res\s+semaines"):
            return frozenset(range(1, int(match[1]) + 1))
        ranks: set[int] = set()
        while match := self.eat((prefix if not ranks else r"(?:et\s+|,\s*)") + _RANK):
            ranks.add(_rank(match[1], match[2]))
            if self.eat(r"semaines?"):
                return frozenset(ranks)
        self.at = before
        return frozenset()

    def holiday_name(self, lead: str, weekdays: frozenset[Weekday], weeks: frozenset[int]) -> OpenDays | None:
        seasons = BOTH_SEASONS
        names: tuple[str, ...] = ()
        if self.eat(rf"{lead}petites\s+vacances(?:\s+scolaires)?"):
            seasons = SHORT
        elif self.eat(
            rf"{lead}(?:vacances\s+d'|grandes\s+vacances|)(?:[ée]t[ée]|(?<=grandes\svacances))(?!\s+austral)"
        ):
            seasons = SUMMER
        elif self.eat(rf"{lead}vacances"):
            names = self.names()
            self.eat("scolaires?")
        else:
            return None
        # « petites vacances, du lundi au jeudi » says which days of them, not other days.
        if match := self.eat(rf",?\s*du\s+{_WEEKDAY}\s+au\s+{_WEEKDAY}"):
            weekdays = _range(match[1], match[2])
        return HolidayDays(seasons, names, weekdays, weeks, self.public_holidays())

    def names(self) -> tuple[str, ...]:
        """Names of holidays after « vacances »: « de Noël », « de la Toussaint ou d'Hiver », « de « Fête » »."""
        found: list[str] = []
        joint = ""
        while True:
            before = self.at
            article = r"(?:de\s+la\s+|de\s+l'\s*|du\s+|de\s+|d'\s*|après\s+(?:la\s+)?)"
            own = re.compile(rf"\s*{joint}(?:{article})?«\s*([^«»]+?)\s*»").match(self.lower, self.at)
            if own is not None:
                found.append(self.text[own.start(1) : own.end(1)])
                self.at = own.end()
            elif match := self.eat(rf"{joint}{article}({_KNOWN})"):
                found.append(HOLIDAY_NAMES[plain(match[1])])
            else:
                self.at = before
                return tuple(found)
            joint = r"(?:(?:ou|et)\s+|,\s*(?:et\s+)?)"

    def months(self) -> Months | None:
        found: set[int] = set()
        while True:
            before = self.at
            if found and not (self.eat("et") or self.eat_sign()):
                break
            match = self.eat(rf"(?:(?:les?\s+)?mois\s+(?:de\s+|d'))?{_MONTH}")
            if match is None:
                self.at = before
                break
            found.add(MONTH_NUMBERS[plain(match[1])])
        return Months(frozenset(found)) if found else None

    def dates(self) -> OpenDays | None:
        before = self.at
        try:
            if match := self.eat(rf"du\s+{_ISO}\s+au\s+{_ISO}"):
                return Dates(Span(_date(match[1]), _date(match[2])))
            if match := self.eat(rf"(?:le\s+)?{_ISO}"):
                return Dates(Span.one(_date(match[1])))
            if match := self.eat(
                rf"du\s+{_DAY_OF_MONTH}(?:\s+{_MONTH}(?:\s+(\d{{4}}))?)?\s+au\s+{_DAY_OF_YEAR}\s+(\d{{4}})"
            ):
                return Dates(_dated_span(*match.groups()))
            if match := self.eat(rf"du\s+{_DAY_OF_MONTH}\s+au\s+{_DAY_OF_YEAR}"):
                return YearlySpan(_day_of_year(match[3], match[1]), _day_of_year(match[3], match[2]))
            if match := self.eat(rf"du\s+{_DAY_OF_YEAR}\s+au\s+{_DAY_OF_YEAR}"):
                return YearlySpan(_day_of_year(match[2], match[1]), _day_of_year(match[4], match[3]))
            if match := self.eat(rf"(?:le\s+)?{_DAY_OF_YEAR}"):
                only = _day_of_year(match[2], match[1])
                return YearlySpan(only, only)
        except (MisuseError, ValueError):
            self.at = before
            raise self.error() from None
        return None

    def public_holidays(self) -> bool:
        return self.eat(r",?\s*(?:jours\s+)?f[ée]ri[ée]s\s+(?:compris|inclus)") is not None


def _either(parts: Sequence[OpenDays]) -> OpenDays:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _range(first_word: str, last_word: str) -> frozenset[Weekday]:
    """The weekdays from one to another, as « du vendredi au lundi » counts them."""
    first, last = Weekday.parse(first_word), Weekday.parse(last_word)
    return frozenset(Weekday((first + step) % 7) for step in range((last - first) % 7 + 1))


def _rank(word: str, digit: str | None) -> int:
    if digit is not None:
        return int(digit)
    bare = plain(word.removesuffix("s"))
    return next((rank for name, rank in RANKS.items() if plain(name) == bare), 1)  # 1re, 1ère


def _date(text: str) -> dt.date:
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)


def _day_of_year(month: str, day: str) -> tuple[int, int]:
    return MONTH_NUMBERS[plain(month)], int(day)


def _dated_span(first: str, month: str | None, year: str | None, last: str, last_month: str, last_year: str) -> Span:
    """« du 6 [juillet [2026]] au 31 juillet 2026 »: what the first date leaves out is in the last."""
    end = dt.date(int(last_year), MONTH_NUMBERS[plain(last_month)], int(last))
    start = dt.date(int(year or last_year), MONTH_NUMBERS[plain(month or last_month)], int(first))
    return Span(start, end)
