"""The shapes of repositories: few verbs, frozen models in and out.

Two shapes carry nearly everything. A :class:`Journal` holds facts that are appended and never rewritten. A
:class:`Records` holds one current model per key, replaced under the version it was read at. What needs more (places,
numbers, idempotency keys, rules in force, bulk consumptions) has a protocol of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

import attrs

from periscolaire.attendance import Consumption
from periscolaire.billing import ConsumptionGroup, Invoice
from periscolaire.booking import Overage, Reservation, SlotKey
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, Key, ProductCode
from periscolaire.money import Amount

__all__ = [
    "Consumptions",
    "Invoices",
    "Journal",
    "Keys",
    "Numbers",
    "Places",
    "PublishedReglement",
    "Records",
    "Reglements",
    "Reservations",
    "Stored",
    "WrittenInvoice",
]

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)
OwnerT = TypeVar("OwnerT", bound=str, contravariant=True)
KeyT = TypeVar("KeyT", bound=str, contravariant=True)


@attrs.frozen
class Stored(Generic[M_co]):
    """A model and the version it was read at: 1 when it was first saved, then one more each time."""

    model: M_co
    version: int


class Journal(Protocol[OwnerT, M]):
    """Facts about owners (a child, a household …), appended and never rewritten; a correction is a newer fact."""

    def append(self, facts: Iterable[M]) -> None:
        """Record ``facts`` after all those that are there.

        :raises ConflictError: a journal whose facts have unique identifiers already holds one of them.
        """
        ...

    def of(self, owner: OwnerT, first: dt.date | None = None, last: dt.date | None = None) -> tuple[M, ...]:
        """The facts about ``owner`` that touch the closed span, in the order in which they were recorded."""
        ...

    def of_many(
        self, owners: Iterable[OwnerT], first: dt.date | None = None, last: dt.date | None = None
    ) -> dict[str, tuple[M, ...]]:
        """As :meth:`of`, for many owners in one reading; those without a fact are left out."""
        ...

    def stream(self, first: dt.date | None = None, last: dt.date | None = None) -> Iterator[M]:
        """All facts that touch the closed span, owner after owner, in the order in which they were recorded.

        Facts without a day are read only when no bound is given.
        """
        ...

    def forget(self, owner: OwnerT) -> int:
        """Take away all facts about ``owner``; how many. Only for personal data that may no longer be kept.

        What the books rest on is never forgotten: operations say what may be (see the retention table).
        """
        ...

    def mark(self) -> int:
        """How far the journal goes: what is recorded from now on comes after this mark. 0 when nothing ever was."""
        ...

    def recorded_since(self, mark: int, before: dt.date) -> dict[str, dt.date]:
        """Whom facts recorded after ``mark`` are about, so far as they begin before ``before``: owner, oldest day.

        A fact without a first day has stood for ever: ``date.min``.
        """
        ...

    def __len__(self) -> int:
        """The number of facts."""
        ...


class Records(Protocol[KeyT, OwnerT, M]):
    """One current model per key, saved only over the version it was read at."""

    def get(self, key: KeyT) -> Stored[M]:
        """The model of that key.

        :raises NotFoundError: there is none.
        """
        ...

    def find(self, key: KeyT) -> Stored[M] | None:
        """The model of that key, if there is one."""
        ...

    def find_many(self, keys: Iterable[KeyT]) -> dict[str, Stored[M]]:
        """The models of those keys that are there, in one reading."""
        ...

    def add(self, models: Iterable[M]) -> int:
        """Save new models in bulk; how many.

        :raises ConflictError: one of them exists already.
        """
        ...

    def save(self, model: M, version: int = 0) -> int:
        """Replace what was read at ``version`` (0: it must be new); the new version.

        :raises ConflictError: it exists already, or somebody else saved it since.
        """
        ...

    def remove(self, key: KeyT, version: int) -> None:
        """Forget what was read at ``version``.

        :raises ConflictError: it is gone, or somebody else saved it since.
        """
        ...

    def of(self, owner: OwnerT) -> tuple[Stored[M], ...]:
        """The models that belong to ``owner``, in the order of their keys."""
        ...

    def of_many(self, owners: Iterable[OwnerT]) -> dict[str, tuple[Stored[M], ...]]:
        """As :meth:`of`, for many owners in one reading; those without a model are left out."""
        ...

    def keys_of(self, owners: Iterable[OwnerT]) -> dict[str, tuple[str, ...]]:
        """As :meth:`of_many`, only the keys."""
        ...

    def ties(self) -> Iterator[tuple[str, str]]:
        """Every owner with the key of each model that belongs to it, in order, without reading the models."""
        ...

    def stream(self) -> Iterator[Stored[M]]:
        """All models, in the order of their keys (by code points)."""
        ...

    def __len__(self) -> int:
        """The number of models."""
        ...


class Reservations(Protocol):
    """One reservation per slot, folded from its changes and saved in the transaction that appends them."""

    def find(self, key: SlotKey) -> Stored[Reservation] | None:
        """The reservation of that slot, if there ever was one."""
        ...

    def save(self, reservation: Reservation, version: int = 0) -> int:
        """Replace what was read at ``version`` (0: it must be new); the new version.

        :raises ConflictError: it exists already, or somebody else saved it since.
        """
        ...

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Stored[Reservation], ...]:
        """The reservations of a child over a closed span, by day, product, slot."""
        ...

    def of_day(self, day: dt.date, product: ProductCode) -> tuple[Reservation, ...]:
        """The reservations of a product on a day, by child and slot: the kitchen's and the door's list."""
        ...

    def stream(self, first: dt.date, last: dt.date) -> Iterator[Reservation]:
        """All reservations of a closed span, by child, day, product, slot."""
        ...


class Consumptions(Protocol):
    """One consumption per slot: what billing reads. What is stored equals what its facts fold to (a law)."""

    def find(self, key: SlotKey) -> Consumption | None:
        """The consumption of that slot, if there is something to say about it."""
        ...

    def put(self, consumptions: Iterable[Consumption]) -> int:
        """Write them over what is there, in bulk; how many. The facts that they rest on carry the versions."""
        ...

    def remove(self, keys: Iterable[SlotKey]) -> None:
        """Forget slots about which there is nothing to say any more; those that are not there are passed over."""
        ...

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Consumption, ...]:
        """The consumptions of a child over a closed span, by day, product, slot."""
        ...

    def by_household(
        self, first: dt.date, last: dt.date, after: HouseholdId | None = None
    ) -> Iterator[tuple[HouseholdId, tuple[Consumption, ...]]]:
        """The consumptions of a closed span, household after household by code points, read as they are asked for.

        ``after`` takes the stream up behind a household: a run that was cut resumes there. Inside a household they
        come by child, day, product, slot.
        """
        ...

    def households(self, first: dt.date, last: dt.date) -> tuple[HouseholdId, ...]:
        """The households that have consumptions in a closed span, by code points."""
        ...

    def groups(
        self, households: Iterable[HouseholdId], first: dt.date, last: dt.date
    ) -> dict[HouseholdId, tuple[ConsumptionGroup, ...]]:
        """The consumptions of these households over a closed span, the days that are alike counted together.

        The groups of a household come in the order of their keys (see :class:`~periscolaire.billing.ConsumptionGroup`).
        """
        ...


@attrs.frozen
class WrittenInvoice:
    """An invoice written out for the store but for its number: small, quick to carry from one process to another.

    ``content`` is for the store that wrote it.
    """

    series: str
    fiscal_year: int
    payer: HouseholdId
    total: Amount
    content: object


class Invoices(Records[InvoiceId, HouseholdId, Invoice], Protocol):
    """Issued invoices. Those of a run are written out wherever they were made, then numbered and kept together."""

    def write(self, invoice: Invoice) -> WrittenInvoice:
        """``invoice`` written out, its identifier and number left open. Reads and keeps nothing."""
        ...

    def issue(self, invoices: Iterable[WrittenInvoice], first_number: int) -> tuple[InvoiceId, ...]:
        """Number ``invoices`` of one series and year from ``first_number`` on, in their order, and keep them.

        :raises ConflictError: one of the numbers is taken.
        """
        ...


class Places(Protocol):
    """Places of a pool (a product, site, day, group …), claimed in the transaction: never above the maximum."""

    def set_maximum(self, pool: str, maximum: int) -> Overage | None:
        """Create the pool or change its maximum; the overage if more places are taken than that.

        :raises MisuseError: a negative maximum.
        """
        ...

    def claim(self, pool: str, count: int = 1) -> bool:
        """Take ``count`` places together if they are free; whether it did.

        :raises NotFoundError: no such pool.
        """
        ...

    def release(self, pool: str, count: int = 1) -> None:
        """Give places back.

        :raises ConflictError: more than were taken.
        :raises NotFoundError: no such pool.
        """
        ...

    def left(self, pool: str) -> int | None:
        """The places still free, never below 0; ``None`` when the pool has no maximum."""
        ...

    def taken(self, pools: Iterable[str]) -> dict[str, int]:
        """The places taken in each of ``pools``; those that do not exist yet are left out."""
        ...

    def overages(self) -> tuple[Overage, ...]:
        """Every pool above its maximum, by name."""
        ...


class Numbers(Protocol):
    """Numbers without a gap, one run for each series and fiscal year, given inside the transaction that uses them."""

    def take(self, series: str, year: int, count: int = 1) -> int:
        """The first of the next ``count`` numbers, from 1 on.

        They are only spent if the unit of work commits; whoever else wants one waits for that.

        :raises MisuseError: less than one number.
        """
        ...

    def last(self, series: str, year: int) -> int:
        """The last number given, 0 before the first."""
        ...


class Keys(Protocol):
    """Idempotency: the same key with the same content gives the same result, and counts once."""

    def find(self, key: Key, content: str) -> str | None:
        """The result recorded under ``key``, if it was used.

        :raises ConflictError: it was used for another content.
        """
        ...

    def record(self, key: Key, content: str, result: str, at: dt.datetime) -> None:
        """Remember that ``key`` with ``content`` gave ``result``.

        :raises ConflictError: the key was used meanwhile.
        """
        ...


@attrs.frozen
class PublishedReglement:
    """A version of the règlement as it was published: the text of the file itself, and its SHA-256.

    ``last_day`` is ``None`` until a later version ends it. The text is never edited: a change is a new version.
    """

    version: str
    commune: str
    text: str
    digest: str
    first_day: dt.date
    last_day: dt.date | None
    published_at: dt.datetime
    author: str


class Reglements(Protocol):
    """The published versions of the règlement."""

    def publish(self, reglement: PublishedReglement) -> bool:
        """Record a version; ``False`` when exactly this text was published under this version before.

        :raises ConflictError: the version was published with another text.
        """
        ...

    def get(self, version: str) -> PublishedReglement:
        """That version.

        :raises NotFoundError: it was never published.
        """
        ...

    def on(self, day: dt.date) -> PublishedReglement:
        """The version in force on a day: of those that cover it, the one that begins last, then published last.

        :raises NotFoundError: none covers it.
        """
        ...

    def all(self) -> tuple[PublishedReglement, ...]:
        """Every version, by first day, then by instant of publication."""
        ...
