"""Instants and wall times.

An instant is an aware ``datetime``; it is compared and stored in UTC, because two aware datetimes of one zone
compare by their wall clock, which is wrong around a clock change. What a clock change does to a wall time:

- a wall time that happens **twice** (autumn) is the **second** time it happens: a limit stays open as long as the
  clock on the wall may still show an earlier hour;
- a wall time that **never happens** (spring) is the instant at which the clock jumps over it.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from periscolaire.errors import MisuseError

__all__ = ["END_OF_DAY", "instant", "require_aware", "utc", "zone"]

#: Stands for 24:00, the end of a day, where a wall time is expected in minutes since midnight.
END_OF_DAY = 24 * 60


def zone(name: str) -> ZoneInfo:
    """The IANA time zone ``name``.

    :raises MisuseError: no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise MisuseError(f"time zone {name!r}: expected an IANA name such as Europe/Paris") from None


def require_aware(at: dt.datetime, name: str = "at") -> dt.datetime:
    """``at`` itself.

    :raises MisuseError: it is naive.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise MisuseError(f"{name}={at.isoformat()} is naive: expected a datetime with a time zone")
    return at


def utc(at: dt.datetime) -> dt.datetime:
    """The same instant, expressed in UTC.

    :raises MisuseError: ``at`` is naive.
    """
    return require_aware(at).astimezone(dt.UTC)


def instant(day: dt.date, minutes: int, tz: ZoneInfo) -> dt.datetime:
    """The UTC instant at which the wall clock of ``tz`` shows ``minutes`` since the midnight that begins ``day``.

    ``minutes`` counts wall time and may pass a day's length either way (1440 is the midnight that ends ``day``).
    """
    days, rest = divmod(minutes, END_OF_DAY)
    hour, minute = divmod(rest, 60)
    wall = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(hour, minute), tzinfo=tz)
    second = wall.replace(fold=1)
    if second.utcoffset() == wall.utcoffset():
        return wall.astimezone(dt.UTC)
    after = second.astimezone(dt.UTC)
    if after.astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return after  # it happens twice: the second time
    return _jump(wall, tz)


def _jump(wall: dt.datetime, tz: ZoneInfo) -> dt.datetime:
    """The instant of the clock change that skips ``wall``: the first whose wall time is past it."""
    # Both readings of a skipped wall time lie on either side of the change: halve the interval.
    low = wall.replace(fold=1).astimezone(dt.UTC)
    high = wall.astimezone(dt.UTC)
    target = wall.replace(tzinfo=None)
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).replace(tzinfo=None) >= target:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)
