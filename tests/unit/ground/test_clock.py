"""Wall times and instants around every kind of clock change of the Republic."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire import clock
from periscolaire.errors import MisuseError

PARIS, MIQUELON = clock.zone("Europe/Paris"), clock.zone("America/Miquelon")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "minutes", "expected"),
    [
        ("2026-10-12", 10 * 60, "2026-10-12 08:00"),
        ("2026-01-12", 10 * 60, "2026-01-12 09:00"),
        ("2026-10-12", clock.END_OF_DAY, "2026-10-12 22:00"),
        ("2026-10-12", -60, "2026-10-11 21:00"),
        ("2026-10-12", 2 * clock.END_OF_DAY + 30, "2026-10-13 22:30"),
        # 29 March 2026: 02:00 becomes 03:00, at 01:00 UTC.
        ("2026-03-29", 119, "2026-03-29 00:59"),
        ("2026-03-29", 120, "2026-03-29 01:00"),
        ("2026-03-29", 150, "2026-03-29 01:00"),  # 02:30 never happens: the jump over it
        ("2026-03-29", 180, "2026-03-29 01:00"),
        ("2026-03-29", 181, "2026-03-29 01:01"),
        ("2026-03-29", clock.END_OF_DAY, "2026-03-29 22:00"),  # a day of 23 hours
        # 25 October 2026: 03:00 becomes 02:00, at 01:00 UTC.
        ("2026-10-25", 119, "2026-10-24 23:59"),
        ("2026-10-25", 120, "2026-10-25 01:00"),  # 02:00 happens twice: the second time
        ("2026-10-25", 150, "2026-10-25 01:30"),
        ("2026-10-25", 180, "2026-10-25 02:00"),
        ("2026-10-25", clock.END_OF_DAY, "2026-10-25 23:00"),  # a day of 25 hours
    ],
)
def test_paris(day: str, minutes: int, expected: str) -> None:
    assert clock.instant(dt.date.fromisoformat(day), minutes, PARIS) == utc(expected)


def test_saint_pierre_et_miquelon_changes_on_the_north_american_dates() -> None:
    before, after = dt.date(2026, 3, 7), dt.date(2026, 3, 9)  # Paris changes on the 29th
    assert clock.instant(before, 720, MIQUELON) == utc("2026-03-07 15:00")
    assert clock.instant(after, 720, MIQUELON) == utc("2026-03-09 14:00")
    assert clock.instant(dt.date(2026, 3, 8), 150, MIQUELON) == utc("2026-03-08 05:00")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("America/Cayenne", "2026-03-29 05:30"),
        ("Indian/Reunion", "2026-03-28 22:30"),
        ("Pacific/Noumea", "2026-03-28 15:30"),
        ("Pacific/Marquesas", "2026-03-29 12:00"),
    ],
)
def test_most_overseas_clocks_never_change(name: str, expected: str) -> None:
    assert clock.instant(dt.date(2026, 3, 29), 150, clock.zone(name)) == utc(expected)


def test_two_instants_an_hour_apart_may_show_the_same_wall_time() -> None:
    first, second = utc("2026-10-25 00:30").astimezone(PARIS), utc("2026-10-25 01:30").astimezone(PARIS)
    assert first.replace(fold=0) == second.replace(fold=0)  # why instants are compared in UTC
    assert clock.utc(first) < clock.utc(second)


def test_a_naive_instant_is_misuse() -> None:
    naive = dt.datetime(2026, 10, 12)  # noqa: DTZ001 (that is the point)
    for refuse in (clock.utc, clock.require_aware):
        with pytest.raises(MisuseError, match="naive"):
            refuse(naive)


@pytest.mark.parametrize("name", ["Europe/Nantes", "", "../etc"])
def test_an_unknown_zone_is_misuse(name: str) -> None:
    with pytest.raises(MisuseError, match="time zone"):
        clock.zone(name)
