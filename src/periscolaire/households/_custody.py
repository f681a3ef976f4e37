"""Separated parents: which household has the child, hence books and pays, on which day; or in which shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.households._household import Household
from periscolaire.households._people import covers
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.reasons import Reason

__all__ = [
    "AlternatingWeeks",
    "Custody",
    "EvenOddWeeks",
    "Payer",
    "Shares",
    "Sharing",
    "SpansFirst",
    "WeekdayTable",
    "Whole",
    "custody_conflicts",
    "payers",
]


@attrs.frozen
class Payer:
    """A household and the part of the day's price it bears (1 for all of it)."""

    household: HouseholdId
    part: Decimal = Decimal(1)


@attrs.frozen
class Whole:
    """One household has every day."""

    household: HouseholdId

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``."""
        return (Payer(self.household),)


@attrs.frozen
class EvenOddWeeks:
    """« Semaines paires / impaires »: the ISO number of the week decides.

    ``handover`` is the weekday (0 for Monday) on which the child changes household: with 4 (Friday), the week runs
    from that Friday on and bears the number of the Monday that follows. A year of 53 weeks gives two odd weeks in a
    row, as the calendar on the wall does.
    """

    even: HouseholdId
    odd: HouseholdId
    handover: int = 0

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``."""
        monday = day + dt.timedelta(days=(7 - self.handover) % 7)
        return (Payer(self.even if monday.isocalendar().week % 2 == 0 else self.odd),)


@attrs.frozen
class AlternatingWeeks:
    """One week in turn for each of ``households``, from ``start`` on; unlike week numbers it never stutters."""

    start: dt.date
    households: tuple[HouseholdId, ...]

    def __attrs_post_init__(self) -> None:
        if len(self.households) < 2:
            raise MisuseError("alternating custody: expected two households or more")

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``."""
        week = (day - self.start).days // 7
        return (Payer(self.households[week % len(self.households)]),)


@attrs.frozen
class WeekdayTable:
    """The same household on the same weekdays (0 for Monday); a weekday that is not named has no payer."""

    days: FrozenMap[int, HouseholdId]

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``."""
        household = self.days.get(day.weekday())
        return () if household is None else (Payer(household),)


@attrs.frozen
class Shares:
    """Every day is paid by several households, each for its part.

    :raises MisuseError: the parts do not add up to 1, or one is not positive.
    """

    parts: tuple[Payer, ...]

    def __attrs_post_init__(self) -> None:
        if sum((payer.part for payer in self.parts), Decimal(0)) != 1:
            raise MisuseError("shares of a child: expected parts that add up to 1")
        if any(payer.part <= 0 for payer in self.parts):
            raise MisuseError("shares of a child: expected parts above 0")

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``."""
        return self.parts


@attrs.frozen
class SpansFirst:
    """Closed spans that go first (halves of holidays, an exchange of weekends), then the usual ``otherwise``."""

    spans: tuple[tuple[dt.date, dt.date, HouseholdId], ...]
    otherwise: EvenOddWeeks | AlternatingWeeks | WeekdayTable | Shares | Whole

    def on(self, day: dt.date) -> tuple[Payer, ...]:
        """The payers of ``day``: the first span that holds it."""
        for first, last, household in self.spans:
            if first <= day <= last:
                return (Payer(household),)
        return self.otherwise.on(day)


Sharing: TypeAlias = Whole | EvenOddWeeks | AlternatingWeeks | WeekdayTable | Shares | SpansFirst


@attrs.frozen
class Custody:
    """How a child's days are shared over a closed span; ``reference`` names the judgment or the agreement."""

    child: ChildId
    sharing: Sharing
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    reference: str = ""

    def covers(self, day: dt.date) -> bool:
        """Whether it speaks of ``day``."""
        return covers(self.first_day, self.last_day, day)


def payers(
    child: ChildId, day: dt.date, custodies: Iterable[Custody], households: Iterable[Household]
) -> tuple[Payer, ...]:
    """Who pays for ``child`` on ``day``: by the custody of that day, else by the only household of the child.

    Of two custodies that cover the day the one that began last wins (and is reported by :func:`custody_conflicts`).
    Empty when nobody can be told: no household, several and no custody, or a custody that leaves the day out.
    """
    current = [custody for custody in custodies if custody.child == child and custody.covers(day)]
    if current:
        # max() keeps the first of equals: of two that begin on one day the one recorded last is meant.
        return max(reversed(current), key=lambda custody: custody.first_day or dt.date.min).sharing.on(day)
    homes = [household.id for household in households if household.has_child(child, day)]
    return (Payer(homes[0]),) if len(homes) == 1 else ()


def custody_conflicts(
    child: ChildId,
    days: Iterable[dt.date],
    custodies: Iterable[Custody],
    households: Iterable[Household],
) -> tuple[Reason, ...]:
    """What cannot be right in the custody of ``child`` on ``days``, one reason for each fault and first day.

    Codes: ``custody.overlap`` (two custodies cover the day), ``custody.nobody_pays``, ``custody.missing`` (several
    households and no custody), ``custody.not_a_member`` (the payer's household does not have the child).
    """
    homes, rows = tuple(households), tuple(custody for custody in custodies if custody.child == child)
    found: dict[tuple[str, ...], Reason] = {}
    for day in days:
        for fault in _faults(child, day, rows, homes):
            found.setdefault((fault.code, str(fault.parameters.get("household", ""))), fault)
    return tuple(found.values())


def _faults(
    child: ChildId, day: dt.date, custodies: tuple[Custody, ...], households: tuple[Household, ...]
) -> Iterator[Reason]:
    covering = sum(custody.covers(day) for custody in custodies)
    members = {household.id for household in households if household.has_child(child, day)}
    if covering > 1:
        yield Reason.of("custody.overlap", child=child, day=day)
    paying = payers(child, day, custodies, households)
    if not paying:
        yield Reason.of("custody.missing" if len(members) > 1 and not covering else "custody.nobody_pays",
                        child=child, day=day)  # fmt: skip
    for payer in paying:
        if payer.household not in members:
            yield Reason.of("custody.not_a_member", child=child, day=day, household=payer.household)
