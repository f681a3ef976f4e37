"""What a city owes, computed again with nothing but ``if``: no tariff, table, group, key nor pin of the engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

import attrs

from periscolaire.testing.city._sheet import Sheet

__all__ = ["CCAS", "CHILDREN", "Days", "Known", "Owed", "Slot", "Stay", "owed"]

#: (child, product, day).
Slot: TypeAlias = tuple[str, str, dt.date]
#: Which version speaks of a slot: the one in force, or the one that it was billed by.
Days: TypeAlias = Callable[[str, str, dt.date], Sheet]

CCAS = "CCAS"
#: The children, the eldest first. S is of H1 and H2 where it is shared, D goes from H2 to H3 in mid-month.
CHILDREN = ("A", "B", "C", "D", "S")
MOVES = dt.date(2025, 11, 27)
HALF = Decimal("0.5")


@attrs.define
class Stay:
    """What happened on one slot; ``late`` is the surcharge that was announced when it was booked."""

    booked: bool = False
    late: int = 0
    cancelled_late: bool = False
    withdrawn: bool = False  # cancelled by the family, and not booked again since
    present: bool | None = None
    leaves: int = 0  # minutes after 16:30

    @property
    def held(self) -> bool:
        """Booked, or cancelled too late: somebody is expected."""
        return self.booked or self.cancelled_late


@attrs.define
class Known:
    """All that the commune knows."""

    custody: str = "H1"  # "H1", "weeks" or "halves"
    stays: dict[Slot, Stay] = attrs.field(factory=dict)
    quotients: dict[str, list[tuple[dt.date, int]]] = attrs.field(factory=dict)  # in the order of their recording
    proved: set[tuple[str, dt.date]] = attrs.field(factory=set)
    told: set[tuple[str, dt.date]] = attrs.field(factory=set)

    def payers(self, child: str, day: dt.date) -> list[tuple[str, Decimal]]:
        """The households that pay for a child on a day, each with its part."""
        if child == "S" and self.custody == "weeks":
            return [("H1" if day.isocalendar().week % 2 == 0 else "H2", Decimal(1))]
        if child == "S" and self.custody == "halves":
            return [("H1", HALF), ("H2", HALF)]
        if child == "D":
            return [("H2" if day < MOVES else "H3", Decimal(1))]
        return [("H2" if child == "C" else "H1", Decimal(1))]

    def quotient(self, home: str, day: dt.date) -> int | None:
        """What was recorded last of those that speak of the day."""
        known = [value for first, value in self.quotients.get(home, ()) if first <= day]
        return known[-1] if known else None


@attrs.define
class Owed:
    """Cents by (payer, child or "", product, first day); ``waiting`` cannot be told, and stand as they are."""

    cents: dict[tuple[str, str, str, dt.date], int] = attrs.field(factory=dict)
    waiting: set[tuple[str, str, dt.date]] = attrs.field(factory=set)

    def add(self, payer: str, child: str, product: str, day: dt.date, cents: int) -> None:
        """One more amount."""
        key = (payer, child, product, day)
        self.cents[key] = self.cents.get(key, 0) + cents


def owed(known: Known, sheet_of: Days, last: dt.date, billed: Collection[Slot] = ()) -> Owed:
    """What should have been billed for the days up to ``last``, and for what is paid as it is booked, later days too.

    Such a day is told once it was ``billed``, such a month once it has begun or was ``billed``.
    """
    found = Owed()
    used: dict[str, dt.date] = {}
    waits = False
    for slot in sorted(known.stays):
        child, product, day = slot
        stay = known.stays[slot]
        if not _is_told(slot, sheet_of, last, billed):
            continue
        ending = _ending(known, slot, sheet_of(*slot))
        if ending == "waits":
            waits = True
            found.waiting.add((child, product, day.replace(day=1) if product == "étude" else day))
            found.waiting.add((child, "retard", day))
        if ending in ("waits", "nothing"):
            continue
        for payer, _ in known.payers(child, day):
            used[payer] = min(day, used.get(payer, day))
        sheet = sheet_of(*slot)
        if stay.present and product == "garderie" and sheet.penalty and stay.leaves > 120:
            _share(found, known, slot, "retard", sheet_of(child, "retard", day).penalty)
        if ending == "excused":
            continue
        if product == "garderie":
            minutes = stay.leaves if stay.present else 120
            _share(found, known, slot, product, -(-minutes // 30) * sheet.half_hour)
        elif product == "cantine":
            _meal(found, known, slot, ending, sheet)
    _months(found, known, sheet_of, last, billed)
    _fees(found, used, sheet_of, waits=waits)
    found.cents = {key: cents for key, cents in found.cents.items() if cents}
    return found


def _is_told(slot: Slot, sheet_of: Days, last: dt.date, billed: Collection[Slot]) -> bool:
    """Up to the last day; later, where it is paid as it is booked and its day was billed, or its month has begun."""
    child, product, day = slot
    first = day.replace(day=1) if product == "étude" else day
    ahead = sheet_of(*slot).is_prepaid(product) and (first <= last or (child, product, first) in billed)
    return day <= last or ahead


def _ending(known: Known, slot: Slot, sheet: Sheet) -> str:
    """``nothing``, ``waits``, ``excused``, ``unplanned``, ``due`` as if present, or due for an ``absence``."""
    child, product, day = slot
    stay = known.stays[slot]
    if stay.present:
        return "due" if stay.held else "unplanned"
    if not stay.held:
        return "nothing"
    if (child, day) in known.proved:
        return "excused" if sheet.excused else "absence"
    if stay.present is None and stay.booked and (child, day) not in known.told:
        # Nobody looked: what is paid when booked is billed as booked; else as the commune decides.
        if sheet.is_prepaid(product):
            return "due"
        return {"attendre": "waits", "présent": "due", "absent": "absence"}[sheet.unchecked]
    return "absence"


def _share(found: Owed, known: Known, slot: Slot, product: str, cents: int) -> None:
    child, _, day = slot
    for payer, part in known.payers(child, day):
        found.add(payer, child, product, day, _cents(Decimal(cents) * part))


def _cents(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _meal(found: Owed, known: Known, slot: Slot, ending: str, sheet: Sheet) -> None:
    child, product, day = slot
    stay = known.stays[slot]
    for payer, part in known.payers(child, day):
        price = _band(known.quotient(payer, day), sheet)
        if sheet.half and _elders_present(known, child, day, payer, sheet):
            price /= 2
        if ending == "unplanned":
            price = Decimal(2 * _cents(price) if sheet.unplanned is None else sheet.unplanned)
        base = _cents(price)
        third = min(base, sheet.third_party)
        surcharge = 0 if ending == "unplanned" else stay.late
        found.add(payer, child, product, day, _cents((base + surcharge - third) * part))
        found.add(CCAS, child, product, day, _cents(third * part))


def _band(quotient: int | None, sheet: Sheet) -> Decimal:
    for bound, price in sheet.bands:
        if quotient is not None and quotient <= bound:
            return Decimal(price)
    return Decimal(sheet.top)


def _elders_present(known: Known, child: str, day: dt.date, payer: str, sheet: Sheet) -> bool:
    elders = CHILDREN[: CHILDREN.index(child)]
    return any(
        slot[0] in elders
        and slot[2] == day
        and payer in dict(known.payers(slot[0], day))
        and _ending(known, slot, sheet) in ("due", "unplanned")
        for slot in known.stays
    )


def _months(found: Owed, known: Known, sheet_of: Days, last: dt.date, billed: Collection[Slot]) -> None:
    """The homework club: once a month for each household that has a day of it to pay."""
    done = set()
    for slot in sorted(known.stays):
        child, product, day = slot
        if product != "étude" or not _is_told(slot, sheet_of, last, billed):
            continue
        first = day.replace(day=1)
        sheet = sheet_of(child, product, first)
        if _ending(known, slot, sheet) in ("nothing", "waits", "excused"):
            continue
        for payer, part in known.payers(child, day):
            if (payer, child, first) not in done:
                done.add((payer, child, first))
                found.add(payer, child, product, first, _cents(Decimal(sheet.month) * part))


def _fees(found: Owed, used: Mapping[str, dt.date], sheet_of: Days, *, waits: bool) -> None:
    """The file: once a year for each household that used anything."""
    year = dt.date(2025, 9, 1)
    if waits:
        found.waiting.add(("", "dossier", year))
    for payer in sorted(used):
        found.add(payer, "", "dossier", year, sheet_of("", "dossier", year).fee)


def nets(lines: Iterable[tuple[str, str, str, dt.date, int]]) -> dict[tuple[str, str, str, dt.date], int]:
    """What lines (payer, child, product, day, cents) add up to, without those that cancel out."""
    found: dict[tuple[str, str, str, dt.date], int] = {}
    for payer, child, product, day, cents in lines:
        found[payer, child, product, day] = found.get((payer, child, product, day), 0) + cents
    return {key: cents for key, cents in found.items() if cents}
