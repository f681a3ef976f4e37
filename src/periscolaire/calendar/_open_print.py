"""The canonical print of open days, which :func:`~periscolaire.calendar.parse_open_days` reads back as given."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
from periscolaire.calendar._open_words import MONTHS, RANK_WORDS, SHORT, SUMMER
from periscolaire.calendar._territories import plain
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, WHOLE_WEEK, Weekday

__all__ = ["print_open_days"]

_WEEKDAY_LED = re.compile("|".join(day.french for day in Weekday))


def print_open_days(days: OpenDays, *, term: bool = True) -> str:
    """The notation that :func:`parse_open_days` reads as ``days`` (with the same ``term``)."""
    return _print(days, term=term, every=False)


def _print(days: OpenDays, *, term: bool, every: bool) -> str:
    match days:
        case AnyOf(parts):
            words: list[str] = []
            # From the end: a part must know what follows it, which might be read together with it.
            for part in reversed(parts):
                words.insert(0, _inner(part, words[0] if words else "", term=term, every=every))
            return _join(words)
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


def _inner(part: OpenDays, following: str, *, term: bool, every: bool) -> str:
    """A part of a union, before the text ``following``."""
    if isinstance(part, AnyOf | But | Only):
        return f"({_print(part, term=term, every=every)})"
    if isinstance(part, Months) and following.startswith(MONTHS):
        return f"({_print(part, term=term, every=every)})"
    explicit = _WEEKDAY_LED.match(following) is not None  # « mercredis et lundis des vacances » is one group
    return _simple(part, term=term, every=every, explicit=explicit)


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
            return _join([MONTHS[month - 1] for month in sorted(months)])
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
        shown = (name if plain(name) in HOLIDAY_NAMES else f"« {name} »" for name in days.names)
        what, of = "vacances " + " ou ".join(_of(name) for name in shown), "des "
    elif days.seasons == SUMMER:
        what, of = "été", "de l'"
    else:
        what, of = ("petites vacances" if days.seasons == SHORT else "vacances"), "des "
    if days.weeks:
        ranks = sorted(days.weeks, key=lambda rank: (rank < 0, rank))
        words = _join([RANK_WORDS.get(rank, f"{rank}e") for rank in ranks])
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
    return f"{'1er' if day[1] == 1 else day[1]} {MONTHS[day[0] - 1]}"


def _of(name: str) -> str:
    """« d'Hiver », « de Noël »."""
    return f"d'{name}" if plain(name[0]) in "aeiouh" else f"de {name}"
