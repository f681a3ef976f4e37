"""Official periods without class, and school years."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.calendar._spans import Span
from periscolaire.errors import MisuseError

__all__ = ["HolidayPeriod", "PeriodKind", "SchoolYear", "Season"]

_DAY = dt.timedelta(days=1)


class PeriodKind(enum.Enum):
    """What a period is; the values are the words of the data files."""

    HOLIDAYS = "vacances"
    BRIDGE = "pont"
    DAYS_OFF = "jour"  # single days without class


class Season(enum.Enum):
    """The part of the school year in which a day lies; the values are those of the fact ``saison``.

    A Wednesday of the term on which no class is held is ``WEDNESDAY``; any other day of the term is ``TERM``.
    """

    TERM = "classe"
    WEDNESDAY = "mercredi"
    SHORT_HOLIDAYS = "petites vacances"
    SUMMER = "été"


@attrs.frozen
class HolidayPeriod:
    """A period without class in one zone or territory.

    ``after_class_of`` is the official day of departure: holidays begin **after class on that day**, which may itself
    be a day without class; ``None`` for single days off. ``first_day_off`` is the first day without class for a
    school that works Monday to Friday (the departure itself when it is a Saturday). ``last_day_off`` and ``resume``
    (the morning on which class starts again) are ``None`` while they are not published.

    ``status``: ``confirmed`` (another source agrees), ``confirmed*`` (confirmed, yet one source differs), ``single``
    (one source), ``disputed`` (sources differ), ``local`` (stated by the commune).
    """

    name: str
    zone: str
    school_year: str
    after_class_of: dt.date | None
    first_day_off: dt.date
    last_day_off: dt.date | None
    resume: dt.date | None
    kind: PeriodKind = PeriodKind.HOLIDAYS
    status: str = "local"
    source: str = ""
    population: str = "élèves"

    def __attrs_post_init__(self) -> None:
        if self.last_day_off is not None and self.last_day_off < self.first_day_off:
            raise MisuseError(f"{self.name} {self.school_year}: last day off before the first")

    @classmethod
    def stated(
        cls,
        name: str,
        school_year: str,
        after_class_of: dt.date,
        resume: dt.date | None,
        *,
        zone: str = "",
        kind: PeriodKind = PeriodKind.HOLIDAYS,
        source: str = "",
        status: str = "local",
        population: str = "élèves",
    ) -> HolidayPeriod:
        """The period as it is officially said: « après la classe du … », « reprise le … »."""
        saturday = after_class_of.weekday() == 5
        return cls(
            name=name,
            zone=zone,
            school_year=school_year,
            after_class_of=after_class_of,
            first_day_off=after_class_of if saturday else after_class_of + _DAY,
            last_day_off=None if resume is None else resume - _DAY,
            resume=resume,
            kind=kind,
            status=status,
            source=source,
            population=population,
        )

    @property
    def span(self) -> Span | None:
        """The official days off; ``None`` while the end is not published."""
        return None if self.last_day_off is None else Span(self.first_day_off, self.last_day_off)

    @property
    def season(self) -> Season:
        """Summer or short holidays. The austral summer of La Réunion (December, January) is its summer."""
        words = self.name.lower()
        return Season.SUMMER if "été" in words or "grandes vacances" in words else Season.SHORT_HOLIDAYS

    @property
    def closes_year(self) -> bool:
        """Whether the school year ends with this period (the austral winter in La Réunion)."""
        if self.kind is not PeriodKind.HOLIDAYS:
            return False
        words = self.name.lower()
        return "hiver austral" in words or (self.season is Season.SUMMER and "austral" not in words)


@attrs.frozen
class SchoolYear:
    """A school year: from the morning of its first class to the eve of the next year's (summer included).

    ``label`` is ``"2026-2027"``, or the civil year ``"2026"`` in New Caledonia and Wallis-et-Futuna.
    ``last_class_day`` is the official departure for the summer.
    """

    label: str
    first_day: dt.date
    last_day: dt.date
    last_class_day: dt.date

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.first_day, self.last_day)
