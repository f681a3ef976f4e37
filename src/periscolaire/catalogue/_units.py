"""Units: what one decision covers. A limit counts from the first day of the unit that holds the service day."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from typing import TypeAlias

import attrs

from periscolaire.calendar import Span
from periscolaire.errors import MisuseError

__all__ = [
    "Action",
    "EachBlock",
    "EachDay",
    "EachHoliday",
    "EachMonth",
    "EachPeriod",
    "EachSchoolYear",
    "EachWeek",
    "ListedSpans",
    "Unit",
]


class Action(enum.Enum):
    """What a family (or an agent) asks for; the values are the words of scenario files."""

    BOOK = "réserver"
    CANCEL = "annuler"
    CHANGE = "modifier"


@attrs.frozen
class EachDay:
    """Every service day is decided for itself (``jour``)."""


@attrs.frozen
class EachWeek:
    """ISO weeks, Monday to Sunday (``semaine``)."""


@attrs.frozen
class EachMonth:
    """Calendar months, or months that begin on the ``first_day``-th (``mois``, ``mois du 11``)."""

    first_day: int = 1

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.first_day <= 28:
            raise MisuseError(f"a month begins on a day from 1 to 28, not {self.first_day}")


@attrs.frozen
class EachPeriod:
    """The class days between two school holidays (``période``)."""


@attrs.frozen
class EachHoliday:
    """A school holiday, from its first to its last day (``vacances``)."""


@attrs.frozen
class EachBlock:
    """Blocks of ``weeks`` weeks counted from ``since`` (``6 semaines depuis 2025-09-01``)."""

    weeks: int
    since: dt.date

    def __attrs_post_init__(self) -> None:
        if self.weeks < 1:
            raise MisuseError(f"a block has at least one week, not {self.weeks}")


@attrs.frozen
class EachSchoolYear:
    """A school year, from its first to its last day (``année scolaire``)."""


@attrs.frozen
class ListedSpans:
    """Spans that the commune lists: terms, sessions of a centre (``du 2025-09-01 au 2025-12-19, du …``)."""

    spans: tuple[Span, ...]

    def __attrs_post_init__(self) -> None:
        if not self.spans or any(a.last >= b.first for a, b in itertools.pairwise(self.spans)):
            raise MisuseError("listed spans are in order and do not overlap; at least one")


Unit: TypeAlias = EachDay | EachWeek | EachMonth | EachPeriod | EachHoliday | EachBlock | EachSchoolYear | ListedSpans
