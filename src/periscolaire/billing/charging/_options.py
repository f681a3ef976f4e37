"""What a commune settles besides its règlement, and what is known of a family besides its consumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from periscolaire.attendance import Consumption
from periscolaire.billing.charging._in_kind import KindEntry
from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode

__all__ = [
    "Incident",
    "Options",
    "PayersOf",
    "PenaltyDecision",
    "RegisteredOf",
    "Reprise",
    "SeniorityOf",
    "SinceOf",
    "decided_penalties",
]

#: Who pays for a consumption: see :func:`periscolaire.households.payers`. Nobody at all: nobody can be told.
PayersOf: TypeAlias = Callable[[Consumption], Sequence[Payer]]
#: What orders siblings, the eldest first: usually the birth date, then the code of the child.
SeniorityOf: TypeAlias = Callable[[ChildId], tuple[object, ...]]
#: From when to when a child is registered for a product; an end that is ``None`` is open.
RegisteredOf: TypeAlias = Callable[[ChildId, ProductCode], tuple[dt.date | None, dt.date | None]]

#: From when a child is first registered for a product, if it is.
SinceOf: TypeAlias = Callable[[ChildId, ProductCode], dt.date | None]
#: What a penalty punishes: its code, the child (``None``: the household), the first day of the instance.
PenaltyPlace: TypeAlias = tuple[str, ChildId | None, dt.date]


@attrs.frozen
class Reprise:
    """A dated act of the commune that makes the rules in force today reach days that were billed by former ones.

    ``reference`` names the act: a deliberation. ``products`` are those it is about (``None``: all). It is appended;
    ``withdrawn`` takes it back: what was billed since stands.

    :raises MisuseError: no reference, or days that end before they begin.
    """

    id: FactId
    reference: str
    first: dt.date
    last: dt.date
    at: dt.datetime
    author: str
    products: frozenset[ProductCode] | None = None
    withdrawn: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if not self.reference.strip():
            raise MisuseError("reprise: expected the reference of the act", code="billing.reprise_without_act")
        if self.last < self.first:
            raise MisuseError(
                f"reprise {self.reference!r} ends on {self.last}, before it begins on {self.first}",
                code="billing.reprise_ends_before",
                first=self.first,
                last=self.last,
            )

    def covers(self, product: ProductCode, day: dt.date) -> bool:
        """Whether the act reaches that day of that product."""
        return self.first <= day <= self.last and (self.products is None or product in self.products)


@attrs.frozen
class Incident:
    """Something that a penalty of the règlement punishes and that no consumption tells: a lost badge, a late file.

    ``penalty`` is its code; ``facts`` are what its price reads. It is appended; ``withdrawn`` takes it back.
    """

    id: FactId
    penalty: str
    household: HouseholdId
    day: dt.date
    at: dt.datetime
    author: str
    child: ChildId | None = None
    facts: Facts = Facts()  # noqa: RUF009 - Facts is immutable, hence shared safely
    withdrawn: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


@attrs.frozen
class PenaltyDecision:
    """Staff confirms a penalty that the règlement only proposes (« peut »), or lets it go; the newest one counts.

    ``day`` is the first of the instance that is punished, ``child`` is ``None`` where the penalty is the household's.
    """

    id: FactId
    penalty: str
    household: HouseholdId
    child: ChildId | None
    day: dt.date
    confirmed: bool
    at: dt.datetime
    author: str
    motive: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)

    @property
    def place(self) -> PenaltyPlace:
        """What it is about."""
        return self.penalty, self.child, self.day


def decided_penalties(decisions: Iterable[PenaltyDecision]) -> dict[PenaltyPlace, bool]:
    """Whether each proposed penalty that was decided is confirmed."""
    ordered = sorted(decisions, key=lambda one: (one.at, one.id))
    return {one.place: one.confirmed for one in ordered}


def _none_since(child: ChildId, product: ProductCode) -> dt.date | None:
    return None


def _always(child: ChildId, product: ProductCode) -> tuple[dt.date | None, dt.date | None]:
    return None, None


def _by_code(child: ChildId) -> tuple[object, ...]:
    return ()


@attrs.frozen
class Options:
    """Everything else that billing may be told; the defaults suit a commune with none of it.

    ``payers`` say who pays for a consumption (its household when not given); ``seniority`` orders siblings;
    ``contested`` slots wait until the appeal is decided; slots paid ``in_kind`` (a ticket, a day carried over) cost no
    money: the unit is of the household given; ``reprises`` lift the pin of billed days; ``registered`` is when a child
    entered and left, ``since`` its first registration, for rolling years; ``incidents`` are punished by penalties, and
    ``decided`` says of proposed penalties whether staff has confirmed them, by (penalty, child or None, first day);
    ``bought`` are the books of tickets that households bought.
    """

    payers: PayersOf | None = None
    seniority: SeniorityOf = _by_code
    contested: Collection[SlotKey] = frozenset()
    in_kind: Mapping[SlotKey, HouseholdId] = FrozenMap()
    reprises: tuple[Reprise, ...] = ()
    registered: RegisteredOf = _always
    since: SinceOf = _none_since
    incidents: tuple[Incident, ...] = ()
    decided: Mapping[PenaltyPlace, bool] = FrozenMap()
    bought: tuple[KindEntry, ...] = ()
