"""Which day: expressions that lead from the service day (or another anchor) to the day of a limit.

``n`` is signed everywhere: negative before the anchor, positive after it.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

import attrs

from periscolaire.calendar import DayKind, Weekday
from periscolaire.catalogue._units import EachMonth, Unit
from periscolaire.errors import MisuseError

__all__ = [
    "ANCHOR_DAY",
    "CALENDAR_ANCHORS",
    "Anchor",
    "AnnualDate",
    "CompleteWeek",
    "DayExpr",
    "DayOfMonth",
    "DaysFrom",
    "HoursFrom",
    "MonthsFrom",
    "NthIn",
    "OnDate",
    "Ranked",
    "SameDay",
    "WeekOf",
    "WeekdayFrom",
    "WeekdayOfWeek",
    "WeeksFrom",
]

#: Anchors that the calendar knows; any other name is an event, whose date comes with the request.
CALENDAR_ANCHORS = (
    "le jour",
    "la semaine",
    "le mois",
    "la période",
    "les vacances",
    "les vacances précédentes",
    "l'année scolaire",
)


@attrs.frozen
class Anchor:
    """What days are counted from, and from which end of it.

    ``name`` is one of :data:`CALENDAR_ANCHORS` or an event named by the règlement (``la première réservation``,
    ``l'absence``, ``la facture``, ``l'inscription``), whose date is handed in with the request. ``les vacances`` are
    those that hold the day, ``les vacances précédentes`` those before it; both begin on the first official day off
    (LIMITS A16). ``le jour`` is the service day, or the first day of the unit under decision.
    """

    name: str = "le jour"
    end: bool = False

    @property
    def is_event(self) -> bool:
        """Whether the date must be handed in."""
        return self.name not in CALENDAR_ANCHORS


ANCHOR_DAY = Anchor()


@attrs.frozen
class SameDay:
    """The anchor itself (``le jour même``)."""

    anchor: Anchor = ANCHOR_DAY


@attrs.frozen
class DaysFrom:
    """The n-th day of a kind from the anchor, which is never counted (LIMITS A4); ``clear``: jours francs."""

    n: int
    kind: DayKind
    clear: bool = False
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        if self.n == 0:
            raise MisuseError("0 days from the anchor: say SameDay")


@attrs.frozen
class WeeksFrom:
    """The same weekday n weeks from the anchor; ``of_class``: only weeks with at least one class day count."""

    n: int
    of_class: bool = False
    anchor: Anchor = ANCHOR_DAY


@attrs.frozen
class MonthsFrom:
    """The same day n months from the anchor, or the last of a shorter month."""

    n: int
    anchor: Anchor = ANCHOR_DAY


@attrs.frozen
class HoursFrom:
    """n hours from the anchor, on the wall clock; with a ``kind``, only the hours of days of that kind count.

    They are counted from 00:00 of the anchor (from its 24:00 when forward), from ``from_minutes`` since midnight, or
    from the start of the service (``from_service``), LIMITS A9. The point is exact: it takes no wall time.
    """

    n: int
    kind: DayKind | None = None
    from_minutes: int | None = None
    from_service: bool = False
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        if self.n == 0:
            raise MisuseError("0 hours from the anchor")
        if self.from_service and self.from_minutes is not None:
            raise MisuseError("hours count from the service or from an hour, not both")


@attrs.frozen
class WeekdayFrom:
    """The n-th such weekday strictly before or after the anchor (``vendredi précédent``: n = -1), LIMITS A8."""

    weekday: Weekday
    n: int = -1
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        if self.n == 0:
            raise MisuseError("the 0-th weekday from the anchor: say SameDay")


@attrs.frozen
class WeekdayOfWeek:
    """A weekday of the ISO week n weeks from the anchor's (``jeudi de la semaine précédente``: n = -1).

    ``of_class``: only weeks with at least one class day count (``de la semaine de classe précédente``), LIMITS A7.
    """

    weekday: Weekday
    n: int = -1
    of_class: bool = False
    anchor: Anchor = ANCHOR_DAY


@attrs.frozen
class WeekOf:
    """The whole ISO week n weeks from the anchor's: a span, not one day (``la semaine précédente``)."""

    n: int = -1
    of_class: bool = False
    anchor: Anchor = ANCHOR_DAY


@attrs.frozen
class DayOfMonth:
    """A day of the calendar month n months from the anchor's; ``day`` -1 is the last, as is one too high."""

    day: int
    n: int = 0
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        if self.day != -1 and not 1 <= self.day <= 31:
            raise MisuseError(f"day {self.day} of a month: expected 1 to 31, or -1 for the last")


@attrs.frozen
class CompleteWeek:
    """A week that lies whole inside a unit, from Monday ``through`` Friday or Sunday."""

    through: Weekday = Weekday.SUNDAY


#: What may be ranked inside a unit: a weekday, a day of a kind, a complete week.
Ranked: TypeAlias = Weekday | DayKind | CompleteWeek


@attrs.frozen
class NthIn:
    """The rank-th weekday, day of a kind or complete week of a unit; negative from its end (LIMITS X8).

    ``of`` is the unit (the calendar month by default), ``n`` which one from the anchor's (-1 the previous).
    """

    rank: int
    what: Ranked
    of: Unit = attrs.field(factory=EachMonth)
    n: int = 0
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        if self.rank == 0:
            raise MisuseError("rank 0: expected 1 for the first, -1 for the last")


@attrs.frozen
class OnDate:
    """A date written in the règlement."""

    date: dt.date


@attrs.frozen
class AnnualDate:
    """The latest such date of any year on or before the anchor (``le 17 août``)."""

    month: int
    day: int
    anchor: Anchor = ANCHOR_DAY

    def __attrs_post_init__(self) -> None:
        try:
            dt.date(2000, self.month, self.day)
        except ValueError:
            raise MisuseError(f"{self.day}/{self.month} is no date") from None


DayExpr: TypeAlias = (
    SameDay
    | DaysFrom
    | WeeksFrom
    | MonthsFrom
    | HoursFrom
    | WeekdayFrom
    | WeekdayOfWeek
    | WeekOf
    | DayOfMonth
    | NthIn
    | OnDate
    | AnnualDate
)
