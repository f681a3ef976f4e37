"""What is recorded about attendance: facts that are appended, never rewritten; a correction is a newer fact."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import Protocol, TypeVar

import attrs

from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, FactId, ProductCode
from periscolaire.reasons import Reason

__all__ = [
    "AbsenceNotice",
    "CancelledBy",
    "Closure",
    "Presence",
    "Proof",
    "ProofLimit",
    "ProofState",
    "Suspension",
    "latest",
    "newest",
]


class ProofState(enum.Enum):
    """Where a proof stands; the values are those of the fact ``preuve`` in rules files."""

    NONE = "aucune"
    PENDING = "en attente"
    ACCEPTED = "acceptée"
    REFUSED = "refusée"


class CancelledBy(enum.Enum):
    """Who takes the bookings off when the service is closed for a child."""

    COMMUNE = "commune"
    FAMILY = "famille"  # an outing that the family must cancel: the booking stands until then


@attrs.frozen
class Presence:
    """What the door list says of a child, a product and a day.

    ``present`` is ``None`` when a former check is taken back: the slot is unchecked again. Wall times are those of
    the commune. ``slot_used`` is the slot in fact used when it differs from the booked one; ``served`` what was
    served (``repas``, ``panier``, ``remplacement``, ``aucun``); ``left_early`` a sudden departure during the service.
    ``warnings`` say what the règlement had against it at the door: a fact is recorded whatever stands against it.

    :raises MisuseError: a departure before the arrival, or times for an absent child.
    """

    id: FactId
    key: SlotKey
    present: bool | None
    at: dt.datetime
    author: str
    arrival: dt.time | None = None
    departure: dt.time | None = None
    slot_used: str | None = None
    served: str | None = None
    left_early: bool = False
    note: str = ""
    warnings: tuple[Reason, ...] = ()

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.arrival is not None and self.departure is not None and self.departure < self.arrival:
            raise MisuseError(
                f"{self.key}: departure {self.departure} before arrival {self.arrival}",
                code="presence.departure_first", departure=self.departure, arrival=self.arrival,
            )  # fmt: skip
        if not self.present and (self.arrival or self.departure or self.slot_used or self.left_early):
            raise MisuseError(
                f"{self.key}: times or a slot for a child who is not present", code="presence.times_of_absent"
            )


@attrs.frozen
class AbsenceNotice:
    """A family (or the school) says that a child will not come, or did not; ``told_at`` is when it was told.

    It covers ``first`` to ``last``, both included, for ``products`` (all when ``None``). ``withdrawn`` takes back the
    notice ``id`` was given for: the newest fact of one id counts.
    """

    id: FactId
    child: ChildId
    first: dt.date
    last: dt.date
    told_at: dt.datetime
    author: str
    at: dt.datetime
    motive: str | None = None
    products: frozenset[ProductCode] | None = None
    refund_requested: bool = False
    withdrawn: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.told_at, "told_at")
        require_aware(self.at)
        if self.last < self.first:
            raise MisuseError(f"notice {self.id}: last day {self.last} before first day {self.first}")

    def covers(self, key: SlotKey) -> bool:
        """Whether this notice speaks of that child, product and day."""
        return (
            not self.withdrawn
            and key.child == self.child
            and self.first <= key.day <= self.last
            and (self.products is None or key.product in self.products)
        )


@attrs.frozen
class ProofLimit:
    """Until when a document had to reach the commune for one day of a service: before ``closes`` (UTC)."""

    product: ProductCode
    day: dt.date
    closes: dt.datetime


@attrs.frozen
class Proof:
    """A document that justifies an absence, as it stood at ``at``; a decision about it is a newer fact of one id.

    ``received_at`` is when the document reached the commune: the limit for handing it in is compared with it.
    ``limits`` are those that the règlement set when it was handed in, for the days that it covers.
    """

    id: FactId
    child: ChildId
    first: dt.date
    last: dt.date
    kind: str
    state: ProofState
    received_at: dt.datetime
    author: str
    at: dt.datetime
    motive: str | None = None
    products: frozenset[ProductCode] | None = None
    limits: tuple[ProofLimit, ...] = ()

    @property
    def late_for(self) -> tuple[ProofLimit, ...]:
        """The days for which it came too late: accepted or not, the règlement does not count it for them."""
        return tuple(limit for limit in self.limits if self.received_at >= limit.closes)

    def __attrs_post_init__(self) -> None:
        require_aware(self.received_at, "received_at")
        require_aware(self.at)
        if self.last < self.first:
            raise MisuseError(f"proof {self.id}: last day {self.last} before first day {self.first}")

    def covers(self, key: SlotKey) -> bool:
        """Whether this proof speaks of that child, product and day."""
        return (
            key.child == self.child
            and self.first <= key.day <= self.last
            and (self.products is None or key.product in self.products)
        )


@attrs.frozen
class Closure:
    """The service is closed for a set of children on some days; each set is everyone when ``None``.

    A closure never overrides a presence (minimum service). ``by`` says who takes the bookings off: an outing may be
    the family's to cancel, and is then due if it did not.
    """

    id: FactId
    first: dt.date
    last: dt.date
    cause: str
    at: dt.datetime
    author: str
    by: CancelledBy = CancelledBy.COMMUNE
    products: frozenset[ProductCode] | None = None
    sites: frozenset[str] | None = None
    schools: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    children: frozenset[ChildId] | None = None
    lifted: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)

    def covers(
        self, key: SlotKey, *, site: str | None = None, school: str | None = None, class_name: str | None = None
    ) -> bool:
        """Whether it closes that slot for a child of that site, school and class."""
        return (
            not self.lifted
            and self.first <= key.day <= self.last
            and (self.products is None or key.product in self.products)
            and (self.sites is None or site in self.sites)
            and (self.schools is None or school in self.schools)
            and (self.classes is None or class_name in self.classes)
            and (self.children is None or key.child in self.children)
        )


@attrs.frozen
class Suspension:
    """A child is excluded from some products (all when ``None``) from ``first`` to ``last``, both included."""

    id: FactId
    child: ChildId
    first: dt.date
    last: dt.date
    motive: str
    at: dt.datetime
    author: str
    products: frozenset[ProductCode] | None = None
    lifted: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)

    def covers(self, key: SlotKey) -> bool:
        """Whether the child is suspended on that slot."""
        return (
            not self.lifted
            and key.child == self.child
            and self.first <= key.day <= self.last
            and (self.products is None or key.product in self.products)
        )


class _Fact(Protocol):
    @property
    def id(self) -> FactId: ...
    @property
    def at(self) -> dt.datetime: ...


FactT = TypeVar("FactT", bound=_Fact)


def latest(facts: Iterable[FactT]) -> tuple[FactT, ...]:
    """Of several states of one fact (same ``id``), the newest only, in order of ``(at, id)``.

    Two states recorded at the same instant are told apart by what they say, so that the order in which facts are
    read never counts.
    """
    states: dict[FactId, FactT] = {}
    for fact in facts:
        held = states.get(fact.id)
        if held is None or (held.at, repr(held)) < (fact.at, repr(fact)):
            states[fact.id] = fact
    return tuple(sorted(states.values(), key=lambda fact: (fact.at, fact.id)))


def newest(facts: Iterable[FactT], id: FactId) -> FactT | None:
    """The newest state of the one fact ``id`` (see :func:`latest`); ``None`` when there is no such fact."""
    return next(iter(latest(fact for fact in facts if fact.id == id)), None)
