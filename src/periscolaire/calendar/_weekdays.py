"""Days of the week and the week of a school."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.errors import MisuseError, NotationError

__all__ = ["FOUR_DAYS", "MONDAY_TO_FRIDAY", "MONDAY_TO_SATURDAY", "WHOLE_WEEK", "SchoolWeek", "Weekday"]

_FRENCH = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class Weekday(enum.IntEnum):
    """A day of the week, numbered as ``date.weekday()`` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def french(self) -> str:
        """``"lundi"`` … ``"dimanche"``: the word of files."""
        return _FRENCH[self]

    @classmethod
    def of(cls, day: dt.date) -> Weekday:
        """The weekday of ``day``."""
        return cls(day.weekday())

    @classmethod
    def parse(cls, word: str) -> Weekday:
        """The weekday that a French word names, singular or plural, in any case.

        :raises NotationError: another word; the message lists the seven.
        """
        bare = word.strip().lower()
        for index, name in enumerate(_FRENCH):
            if bare in (name, name + "s"):
                return cls(index)
        raise NotationError(word, word, 0, _FRENCH)


WHOLE_WEEK = frozenset(Weekday)
MONDAY_TO_FRIDAY = frozenset(list(Weekday)[:5])
MONDAY_TO_SATURDAY = frozenset(list(Weekday)[:6])
FOUR_DAYS = frozenset({Weekday.MONDAY, Weekday.TUESDAY, Weekday.THURSDAY, Weekday.FRIDAY})


def _weekdays(days: Iterable[Weekday]) -> frozenset[Weekday]:
    return frozenset(days)


@attrs.frozen
class SchoolWeek:
    """The days on which a school holds class: whole ``days`` and ``mornings`` only.

    Four days by default; 4.5 days are ``days`` of four and one morning (Wednesday or Saturday). The week is set per
    school by the DASEN (Code de l'éducation, D521-10 to D521-12).
    """

    days: frozenset[Weekday] = attrs.field(default=FOUR_DAYS, converter=_weekdays)
    mornings: frozenset[Weekday] = attrs.field(default=frozenset(), converter=_weekdays)

    def __attrs_post_init__(self) -> None:
        if both := self.days & self.mornings:
            names = ", ".join(day.french for day in sorted(both))
            raise MisuseError(f"school week: {names} cannot be both a whole day and a morning")

    @property
    def class_days(self) -> frozenset[Weekday]:
        """Days with class, be it only in the morning."""
        return self.days | self.mornings

    @classmethod
    def parse(cls, words: Iterable[str]) -> SchoolWeek:
        """Read ``["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"]``.

        :raises NotationError: a word that is no weekday.
        :raises MisuseError: a day given twice.
        """
        days: list[Weekday] = []
        mornings: list[Weekday] = []
        for text in words:
            parts = text.split()
            half = len(parts) == 2 and parts[1].lower() in ("matin", "matins")
            if not half and len(parts) != 1:
                raise NotationError(text, text, 0, (*_FRENCH, "mercredi matin"))
            (mornings if half else days).append(Weekday.parse(parts[0]))
        if len({*days, *mornings}) != len(days) + len(mornings):
            raise MisuseError("school week: the same day is given twice")
        return cls(frozenset(days), frozenset(mornings))

    def words(self) -> tuple[str, ...]:
        """The words that :meth:`parse` reads as this week."""
        return tuple(day.french + (" matin" if day in self.mornings else "") for day in sorted(self.class_days))
