"""Reservations as an iCalendar file (RFC 5545), which any telephone or computer calendar takes in.

Written by hand: what is needed is one VEVENT a reservation and two rules of form (folding, escaping), less than a
dependency would cost every portal. Events carry UTC instants where the product has hours, else they last the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from periscolaire.booking._reservations import Reservation, SlotKey, State
from periscolaire.catalogue import Product
from periscolaire.clock import instant, utc

__all__ = ["icalendar"]

_STATUS = {
    State.CONFIRMED: "CONFIRMED",
    State.REQUESTED: "TENTATIVE",
    State.WAITING: "TENTATIVE",
}


def icalendar(
    reservations: Iterable[Reservation],
    product_of: Callable[[SlotKey], Product],
    title_of: Callable[[SlotKey], str],
    tz: ZoneInfo,
    *,
    name: str,
    at: dt.datetime,
    host: str = "periscolaire",
) -> str:
    """The text of a calendar file, lines ending in CRLF.

    Reservations that are over (cancelled, lapsed, replaced, refused) are there as cancelled events, so that a
    calendar that subscribes to the file takes them off. ``host`` makes the identifiers of events unique.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{host}//periscolaire//FR", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_escape(name)}")
    for reservation in sorted(reservations, key=lambda item: item.key):
        key = reservation.key
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_uid(key)}@{host}",
            f"DTSTAMP:{_stamp(at)}",
            f"LAST-MODIFIED:{_stamp(reservation.changed_at)}",
            *_when(key, product_of(key), tz),
            f"SUMMARY:{_escape(title_of(key))}",
            f"STATUS:{_STATUS.get(reservation.state, 'CANCELLED')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_fold(line) + "\r\n" for line in lines)


def _when(key: SlotKey, product: Product, tz: ZoneInfo) -> tuple[str, str]:
    slot = product.slot(key.slot) if key.slot else None
    start, end = (slot.start, slot.end) if slot is not None else (product.start, product.end)
    if start is None or end is None:
        after = key.day + dt.timedelta(days=1)
        return f"DTSTART;VALUE=DATE:{key.day:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"
    return f"DTSTART:{_stamp(instant(key.day, start, tz))}", f"DTEND:{_stamp(instant(key.day, end, tz))}"


def _uid(key: SlotKey) -> str:
    return "-".join(part for part in (key.child, key.product, key.day.isoformat(), key.slot) if part)


def _stamp(at: dt.datetime) -> str:
    return f"{utc(at):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _fold(line: str) -> str:
    """RFC 5545 3.1: at most 75 octets a line, never cutting a character in two."""
    folded, octets = [], 0
    for character in line:
        size = len(character.encode())
        if octets + size > 75:
            folded.append("\r\n ")
            octets = 1
        folded.append(character)
        octets += size
    return "".join(folded)
