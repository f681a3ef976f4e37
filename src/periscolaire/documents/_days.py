"""Days as a line of an invoice tells them: month by month, what follows without a gap as a span."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from periscolaire.documents._model import Words

__all__ = ["days_in_words"]

#: From that many days without a gap on, a span is shorter to read than its days.
_RUN = 3


def days_in_words(days: Iterable[dt.date], say: Words) -> str:
    """« 3 au 7, 10 et 14 novembre 2025 »."""
    months: dict[tuple[int, int], list[dt.date]] = {}
    for day in sorted(set(days)):
        months.setdefault((day.year, day.month), []).append(day)
    return " ; ".join(
        f"{say.listed(tuple(_spans(found, say)))} {say('month', day=found[0])}" for found in months.values()
    )


def _spans(days: list[dt.date], say: Words) -> Iterable[str]:
    runs: list[list[dt.date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == dt.timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    for run in runs:
        if len(run) >= _RUN:
            yield say("days.span", first=_number(run[0], say), last=_number(run[-1], say))
        else:
            yield from (_number(day, say) for day in run)


def _number(day: dt.date, say: Words) -> str:
    return "1er" if day.day == 1 and say.language == "fr" else str(day.day)
