"""Days of a commune: school years and weeks, holidays, public holidays, kinds of day, closures, counting.

Start with :func:`commune_calendar`; a :class:`CommuneCalendar` is one frozen value that answers everything, and
:data:`OpenDays` says on which days a product runs.
"""

from periscolaire.calendar._build import commune_calendar
from periscolaire.calendar._calendar import CommuneCalendar
from periscolaire.calendar._events import DayEffect, DayEvent, Focus
from periscolaire.calendar._kinds import (
    BUSINESS,
    CALENDAR,
    KINDS,
    OFFICE,
    OPEN,
    SCHOOL,
    WEEKDAY,
    WORKABLE,
    DayKind,
    kind_of,
)
from periscolaire.calendar._ministry import read_ministry_csv, read_ministry_json
from periscolaire.calendar._official import (
    Academie,
    academie,
    academie_of,
    academies,
    official_periods,
    official_zones,
)
from periscolaire.calendar._open_days import (
    AllYear,
    AnyOf,
    BridgeDays,
    But,
    ClassDays,
    Dates,
    DayView,
    HolidayDays,
    Months,
    Only,
    OpenDays,
    PublicHolidays,
    TermDays,
    YearlySpan,
)
from periscolaire.calendar._open_notation import parse_open_days
from periscolaire.calendar._open_print import print_open_days
from periscolaire.calendar._periods import HolidayPeriod, PeriodKind, SchoolYear, Season
from periscolaire.calendar._public import public_holidays
from periscolaire.calendar._spans import (
    Span,
    add_months,
    block_of,
    complete_weeks,
    monday_of,
    month_of,
    week_label,
    week_of,
    weekdays_in,
)
from periscolaire.calendar._territories import TERRITORIES, TIMEZONES, Territory, territory
from periscolaire.calendar._weekdays import (
    FOUR_DAYS,
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    WHOLE_WEEK,
    SchoolWeek,
    Weekday,
)

__all__ = [
    "BUSINESS",
    "CALENDAR",
    "FOUR_DAYS",
    "KINDS",
    "MONDAY_TO_FRIDAY",
    "MONDAY_TO_SATURDAY",
    "OFFICE",
    "OPEN",
    "SCHOOL",
    "TERRITORIES",
    "TIMEZONES",
    "WEEKDAY",
    "WHOLE_WEEK",
    "WORKABLE",
    "Academie",
    "AllYear",
    "AnyOf",
    "BridgeDays",
    "But",
    "ClassDays",
    "CommuneCalendar",
    "Dates",
    "DayEffect",
    "DayEvent",
    "DayKind",
    "DayView",
    "Focus",
    "HolidayDays",
    "HolidayPeriod",
    "Months",
    "Only",
    "OpenDays",
    "PeriodKind",
    "PublicHolidays",
    "SchoolWeek",
    "SchoolYear",
    "Season",
    "Span",
    "TermDays",
    "Territory",
    "Weekday",
    "YearlySpan",
    "academie",
    "academie_of",
    "academies",
    "add_months",
    "block_of",
    "commune_calendar",
    "complete_weeks",
    "kind_of",
    "monday_of",
    "month_of",
    "official_periods",
    "official_zones",
    "parse_open_days",
    "print_open_days",
    "public_holidays",
    "read_ministry_csv",
    "read_ministry_json",
    "territory",
    "week_label",
    "week_of",
    "weekdays_in",
]
