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
``été en juillet`` · ``été du 6 juillet au …``       only then
``… fériés compris``                                 public holidays are not left out
===================================================  ==========================================================

Parentheses group. A bare weekday after ``sauf`` is every such day.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Sequence

from periscolaire.calendar._open_days import (
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
from periscolaire.calendar._periods import Season
from periscolaire.calendar._spans import Span
from periscolaire.calendar._territories import plain
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, WHOLE_WEEK, Weekday
from periscolaire.errors import MisuseError, NotationError

__all__ = ["parse_open_days", "print_open_days"]

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTH_NUMBERS = {plain(name): index for index, name in enumerate(_MONTHS, 1)}
_HOLIDAY_NAMES = {
    plain(name): name
    for name in (
        "Toussaint", "Noël", "Hiver", "Printemps", "Carnaval", "Pâques", "Février", "Mai", "Septembre", "Novembre",
        "1ère période", "2ème période", "3ème période", "4ème période", "Hiver austral", "Été austral",
    )
}  # fmt: skip
_RANKS = {"première": 1, "deuxième": 2, "troisième": 3, "quatrième": 4, "dernière": -1, "avant-dernière": -2}
_RANK_WORDS = {rank: word for word, rank in _RANKS.items()}
_SHORT, _SUMMER = frozenset({Season.SHORT_HOLIDAYS}), frozenset({Season.SUMMER})
_BOTH = _SHORT | _SUMMER
_FORMS = (
    "jours de classe", "jours de classe entiers", "demi-journées de classe", "mercredis", "mercredis de classe",
    "mercredis toute l'année", "lundi, mardi, jeudi, vendredi", "petites vacances", "vacances", "été",
    "vacances de Noël", "première semaine des petites vacances", "jours ouvrés", "jours ouvrables", "tous les jours",
    "ponts", "jours fériés", "du 2026-07-06 au 2026-07-31", "sauf", "avec", "et", "en juillet", "fériés compris",
    *(day.french for day in Weekday), *_MONTHS,
)  # fmt: skip

_WEEKDAY = r"(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?"
_MONTH = "(" + "|".join(name.replace("é", "[ée]").replace("û", "[ûu]") for name in _MONTHS) + ")"
_ISO = r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
_DAY_OF_YEAR = rf"(\d{{1,2}})(?:er)?\s+{_MONTH}"
_RANK = r"(premi[èe]re|1re|1[èe]re|deuxi[èe]me|troisi[èe]me|quatri[èe]me|avant-derni[èe]re|derni[èe]re|(\d)e)s?"
_OF = r"(?:des?\s+la\s+|des?\s+l'\s*|des\s+|de\s+|d'\s*|pendant\s+(?:les?\s+|l'\s*)?)"


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
        rest = self.text[self.at :]
        stripped = rest.lstrip()
        if not stripped:
            return NotationError(self.text, "(fin)", len(self.text), _FORMS[:4])
        word = re.split(r"[\s,;()]", stripped, maxsplit=1)[0] or stripped[0]
        near = difflib.get_close_matches(stripped.lower(), _FORMS, 3, 0.6)
        near += difflib.get_close_matches(word.lower(), _FORMS, 3, 0.6)
        return NotationError(
            self.text, word, self.at + len(rest) - len(stripped), list(dict.fromkeys(near)) or _FORMS[:6]
        )

    # Grammar

    def expression(self, *, every: bool) -> OpenDays:
        found = self.union(every=every)
        while True:
            if self.eat(r"sauf(?:\s+(?:les?|la|pendant les?|en))?"):
                found = But(found, self.union(every=True))
            elif self.eat(r"avec(?:\s+(?:les?|la))?"):
                found = _either([found, self.union(every=every)])
            elif self.eat(r"limit[ée]e?s?\s+(?:à|a)(?:ux?)?"):
                found = Only(found, self.union(every=True))
            elif self.eat(r"en(?=\s+" + _MONTH + ")"):
                found = Only(found, self.months() or self.fail())
            elif (limit := self.dates()) is not None:
                found = Only(found, limit)
            else:
                return found

    def union(self, *, every: bool) -> OpenDays:
        parts = [self.item(every=every)]
        while self.eat(r"et(?:\s+aussi)?(?:\s+(?:les?|la|pendant les?|pendant l'))?") or self.eat_sign():
            parts.append(self.item(every=every))
        return _either(parts)

    def eat_sign(self) -> bool:
        match = re.compile(r"\s*[,;+]\s*(?:et\s)?").match(self.lower, self.at)
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
        )
        return found if found is not None else self.fail()

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
        if self.eat(r"(?:en\s+)?p[ée]riodes?\s+scolaires?"):
            return TermDays(public_holidays=self.public_holidays())
        return None

    def class_days(self, weekdays: frozenset[Weekday] | None) -> OpenDays | None:
        if weekdays is None:
            if self.eat(r"(?:demi-journ[ée]es|matins?|matin[ée]es)\s+(?:de\s+classe|d'[ée]cole)"):
                return ClassDays(None, half=True)
            if not self.eat(r"(?:les\s+)?jours?\s+(?:de\s+classe|d'[ée]cole|scolaires?)"):
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
        if self.eat(r"scolaires?|hors\s+(?:des\s+)?vacances(?:\s+scolaires)?|(?:en|de)\s+p[ée]riodes?\s+scolaires?"):
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
            if days and not (self.eat(r"et(?:\s+les?)?") or self.eat_sign()):
                break
            if match := self.eat(rf"(?:du|le)\s+{_WEEKDAY}\s+au\s+{_WEEKDAY}"):
                first, last = Weekday.parse(match[1]), Weekday.parse(match[2])
                days.update(Weekday((first + step) % 7) for step in range((last - first) % 7 + 1))
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
        seasons = _BOTH
        names: tuple[str, ...] = ()
        if self.eat(rf"{lead}petites\s+vacances(?:\s+scolaires)?"):
            seasons = _SHORT
        elif self.eat(
            rf"{lead}(?:vacances\s+d'|grandes\s+vacances|)(?:[ée]t[ée]|(?<=grandes\svacances))(?!\s+austral)"
        ):
            seasons = _SUMMER
        elif self.eat(rf"{lead}vacances"):
            names = self.names()
            self.eat("scolaires?")
        else:
            return None
        return HolidayDays(seasons, names, weekdays, weeks, self.public_holidays())

    def names(self) -> tuple[str, ...]:
        """Names of holidays after « vacances »: « de Noël », « de la Toussaint ou d'Hiver », « de « Fête » »."""
        found: list[str] = []
        known = "|".join(sorted((_spelled(name) for name in _HOLIDAY_NAMES.values()), key=len, reverse=True))
        joint = ""
        while True:
            before = self.at
            article = r"(?:de\s+la\s+|de\s+l'\s*|du\s+|de\s+|d'\s*|après\s+(?:la\s+)?)"
            own = re.compile(rf"\s*{joint}(?:{article})?«\s*([^«»]+?)\s*»").match(self.lower, self.at)
            if own is not None:
                found.append(self.text[own.start(1) : own.end(1)])
                self.at = own.end()
            elif match := self.eat(rf"{joint}{article}({known})"):
                found.append(_HOLIDAY_NAMES[plain(match[1])])
            else:
                self.at = before
                return tuple(found)
            joint = r"ou\s+"

    def months(self) -> Months | None:
        found: set[int] = set()
        while True:
            before = self.at
            if found and not (self.eat("et") or self.eat_sign()):
                break
            match = self.eat(_MONTH)
            if match is None:
                self.at = before
                break
            found.add(_MONTH_NUMBERS[plain(match[1])])
        return Months(frozenset(found)) if found else None

    def dates(self) -> OpenDays | None:
        before = self.at
        try:
            if match := self.eat(rf"du\s+{_ISO}\s+au\s+{_ISO}"):
                return Dates(Span(_date(match[1]), _date(match[2])))
            if match := self.eat(rf"(?:le\s+)?{_ISO}"):
                return Dates(Span.one(_date(match[1])))
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


def _rank(word: str, digit: str | None) -> int:
    if digit is not None:
        return int(digit)
    bare = plain(word.removesuffix("s"))
    return next((rank for name, rank in _RANKS.items() if plain(name) == bare), 1)  # 1re, 1ère


def _spelled(name: str) -> str:
    """``name`` as a pattern that takes the accents or not."""
    return "".join(f"[{char}{plain(char)}]" if plain(char) != char else re.escape(char) for char in name.lower())


def _date(text: str) -> dt.date:
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)


def _day_of_year(month: str, day: str) -> tuple[int, int]:
    return _MONTH_NUMBERS[plain(month)], int(day)


# Printing


def print_open_days(days: OpenDays, *, term: bool = True) -> str:
    """The notation that :func:`parse_open_days` reads as ``days`` (with the same ``term``)."""
    return _print(days, term=term, every=False)


def _print(days: OpenDays, *, term: bool, every: bool) -> str:
    match days:
        case AnyOf(parts):
            return _join(
                [
                    _inner(part, term=term, every=every, explicit=_gathers(part, parts[index + 1 : index + 2]))
                    for index, part in enumerate(parts)
                ]
            )
        case But(base, excluded):
            return f"{_left(base, term=term, every=every)} sauf {_inner_union(excluded, term=term)}"
        case Only(base, Months() as months):
            return f"{_left(base, term=term, every=every)} en {_print(months, term=term, every=every)}"
        case Only(base, Dates() | YearlySpan() as dates):
            return f"{_left(base, term=term, every=every)} {_print(dates, term=term, every=every)}"
        case Only(base, limit):
            return f"{_left(base, term=term, every=every)} limité à {_inner_union(limit, term=term)}"
        case _:
            return _simple(days, term=term, every=every, explicit=False)


def _left(base: OpenDays, *, term: bool, every: bool) -> str:
    """``base`` before « sauf » or a limit; its own chain reads from the left, so it needs no parentheses."""
    text = _print(base, term=term, every=every)
    # « juillet en août » or a union whose last part would swallow the limit stay grouped.
    return f"({text})" if isinstance(base, Months | Dates | YearlySpan) else text


def _inner_union(days: OpenDays, *, term: bool) -> str:
    if isinstance(days, But | Only):
        return f"({_print(days, term=term, every=True)})"
    return _print(days, term=term, every=True)


def _inner(part: OpenDays, *, term: bool, every: bool, explicit: bool) -> str:
    if isinstance(part, AnyOf | But | Only):
        return f"({_print(part, term=term, every=every)})"
    text = _simple(part, term=term, every=every, explicit=explicit)
    return f"({text})" if explicit and isinstance(part, Months) else text


def _gathers(part: OpenDays, following: Sequence[OpenDays]) -> bool:
    """Whether what follows would be read together with ``part``."""
    if not following:
        return False
    if isinstance(part, Months):
        return isinstance(following[0], Months)
    return isinstance(part, TermDays | AllYear) and not isinstance(following[0], AnyOf | But | Only)


def _simple(days: OpenDays, *, term: bool, every: bool, explicit: bool) -> str:
    match days:
        case ClassDays(None, half):
            return {None: "jours de classe", False: "jours de classe entiers", True: "demi-journées de classe"}[half]
        case ClassDays(weekdays, half) if weekdays is not None:
            tail = {None: "", False: " entiers", True: " à demi-journée"}[half]
            return f"{_plural(weekdays)} de classe{tail}"
        case TermDays(weekdays, public):
            if term and not every and not explicit:
                return _plural(weekdays) + _public(public)
            return f"{_plural(weekdays)} en période scolaire" + _public(public)
        case AllYear(weekdays, public):
            if weekdays == WHOLE_WEEK and public:
                return "tous les jours"
            if every and public and not explicit:
                return _plural(weekdays)
            return f"{_plural(weekdays)} toute l'année" + _public(public)
        case HolidayDays():
            return _holidays(days)
        case BridgeDays():
            return "ponts"
        case PublicHolidays():
            return "jours fériés"
        case Months(months):
            return _join([_MONTHS[month - 1] for month in sorted(months)])
        case Dates(span):
            if span.first == span.last:
                return f"le {span.first.isoformat()}"
            return f"du {span.first.isoformat()} au {span.last.isoformat()}"
        case YearlySpan(first, last):
            if first == last:
                return f"le {_year_day(first)}"
            return f"du {_year_day(first)} au {_year_day(last)}"
        case _:
            return f"({_print(days, term=term, every=every)})"


def _holidays(days: HolidayDays) -> str:
    if days.names:
        shown = (name if plain(name) in _HOLIDAY_NAMES else f"« {name} »" for name in days.names)
        what, of = "vacances " + " ou ".join(f"de {name}" for name in shown), "des "
    elif days.seasons == _SUMMER:
        what, of = "été", "de l'"
    else:
        what, of = ("petites vacances" if days.seasons == _SHORT else "vacances"), "des "
    if days.weeks:
        ranks = sorted(days.weeks, key=lambda rank: (rank < 0, rank))
        words = _join([_RANK_WORDS.get(rank, f"{rank}e") for rank in ranks])
        what, of = f"{words} semaine{'s' if len(ranks) > 1 else ''} {of}{what}", "de la "
    if days.weekdays != MONDAY_TO_FRIDAY:
        what = f"{_plural(days.weekdays)} {of}{what}"
    return what + _public(days.public_holidays)


def _plural(weekdays: frozenset[Weekday]) -> str:
    return _join([day.french + "s" for day in sorted(weekdays)])


def _public(included: bool) -> str:
    return " fériés compris" if included else ""


def _join(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " et " + listed[-1]


def _year_day(day: tuple[int, int]) -> str:
    return f"{'1er' if day[1] == 1 else day[1]} {_MONTHS[day[0] - 1]}"
