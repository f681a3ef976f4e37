"""What the table of open days of the rules page says, computed from the calendar."""

from __future__ import annotations

import datetime as dt

from periscolaire.calendar import OPEN, commune_calendar, parse_open_days

CALENDAR = commune_calendar(zone="B")
#: An ordinary week, one of autumn holidays, one with a public holiday on Wednesday, one of July.
WEEKS = (dt.date(2026, 10, 12), dt.date(2026, 10, 19), dt.date(2026, 11, 9), dt.date(2027, 7, 12))
LETTERS = ("lu", "ma", "me", "je", "ve", "sa", "di")


def cells(text: str) -> list[str]:
    """The open days of each week."""
    days = parse_open_days(text)
    return [
        " ".join(letter for n, letter in enumerate(LETTERS) if CALENDAR.is_a(monday + dt.timedelta(days=n), OPEN, days))
        or "–"
        for monday in WEEKS
    ]
