"""The store in memory: for tests, scenarios and small tools; the same promises as the SQL one.

Units of work run one after the other (one lock a store). What a unit changes is undone when it does not commit:
every change first notes how to take itself back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

import attrs

from periscolaire.attendance import Consumption
from periscolaire.billing import ConsumptionGroup, Invoice, group_consumptions, invoice_id
from periscolaire.booking import Overage, Reservation, SlotKey
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, Key, ProductCode
from periscolaire.ports import (
    RECORDS,
    JournalKind,
    PublishedReglement,
    RecordKind,
    Stored,
    UnitOfWork,
    WrittenInvoice,
    stamped,
)
from periscolaire.storage._errors import (
    already_recorded,
    changed,
    key_reused,
    key_taken,
    missing,
    no_reglement_on,
    no_version,
    version_changed,
)

__all__ = ["MemoryStore"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
M = TypeVar("M")


@attrs.define(eq=False)
class _State:
    """Everything that is kept: named tables of plain dictionaries."""

    tables: dict[str, dict[Any, Any]] = attrs.field(factory=dict)


class _Transaction:
    """The open unit's view of the state: writes pass here, with the way back."""

    def __init__(self, state: _State, writing: bool) -> None:
        self._state = state
        self._writing = writing
        self._undo: list[Callable[[], object]] = []

    def table(self, name: str) -> dict[Any, Any]:
        return self._state.tables.setdefault(name, {})

    def set(self, table: dict[K, V], key: K, value: V) -> None:
        self.check_writing()
        if key in table:
            before = table[key]
            self._undo.append(lambda: table.__setitem__(key, before))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def delete(self, table: dict[K, V], key: K) -> None:
        self.check_writing()
        if key in table:
            before = table.pop(key)
            self._undo.append(lambda: table.__setitem__(key, before))

    def append(self, rows: list[V], value: V) -> None:
        self.check_writing()
        rows.append(value)
        self._undo.append(rows.pop)

    def check_writing(self) -> None:
        if not self._writing:
            raise MisuseError("this unit of work only reads: open it with write=True")

    def commit(self) -> None:
        self._undo.clear()

    def rollback(self) -> None:
        while self._undo:
            self._undo.pop()()


def _touches(span: tuple[dt.date | None, dt.date | None], first: dt.date | None, last: dt.date | None) -> bool:
    if first is None and last is None:
        return True
    begins, ends = span
    if begins is None and ends is None:
        return False
    return (last is None or begins is None or begins <= last) and (first is None or ends is None or ends >= first)


class _Journal(Generic[M]):
    def __init__(self, work: _Transaction, kind: JournalKind[M]) -> None:
        self._work = work
        self._kind = kind
        self._rows: dict[str, list[M]] = work.table(kind.name)
        self._ids: dict[str, bool] = work.table(kind.name + ".ids")
        # Whom each fact is about and from when, in the order of recording: what marks count.
        self._log: dict[str, list[tuple[str, dt.date] | None]] = work.table(kind.name + ".log")

    def append(self, facts: Iterable[M]) -> None:
        kind = self._kind
        self._work.check_writing()
        for fact in facts:
            if kind.id is not None:
                identifier = kind.id(fact)
                if identifier in self._ids:
                    raise already_recorded(kind.name)
                self._work.set(self._ids, identifier, True)
            owner = kind.owner(fact)
            if owner not in self._rows:
                self._work.set(self._rows, owner, [])
            self._work.append(self._rows[owner], fact)
            if not self._log:
                self._work.set(self._log, "", [])
            self._work.append(self._log[""], (owner, kind.span(fact)[0] or dt.date.min))

    def of(self, owner: str, first: dt.date | None = None, last: dt.date | None = None) -> tuple[M, ...]:
        return tuple(fact for fact in self._rows.get(owner, ()) if _touches(self._kind.span(fact), first, last))

    def of_many(
        self, owners: Iterable[str], first: dt.date | None = None, last: dt.date | None = None
    ) -> dict[str, tuple[M, ...]]:
        found = {owner: self.of(owner, first, last) for owner in owners}
        return {owner: facts for owner, facts in found.items() if facts}

    def stream(self, first: dt.date | None = None, last: dt.date | None = None) -> Iterator[M]:
        for owner in sorted(self._rows):
            yield from self.of(owner, first, last)

    def forget(self, owner: str) -> int:
        gone = self._rows.get(owner, [])
        self._work.delete(self._rows, owner)
        if self._kind.id is not None:
            for fact in gone:
                self._work.delete(self._ids, self._kind.id(fact))
        if gone:
            left = [None if one is not None and one[0] == owner else one for one in self._log[""]]
            self._work.set(self._log, "", left)
        return len(gone)

    def mark(self) -> int:
        return len(self._log.get("", ()))

    def recorded_since(self, mark: int, before: dt.date) -> dict[str, dt.date]:
        found: dict[str, dt.date] = {}
        for one in self._log.get("", [])[mark:]:
            if one is not None and one[1] < before:
                found[one[0]] = min(one[1], found.get(one[0], one[1]))
        return found

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))


class _Records(Generic[M]):
    def __init__(self, work: _Transaction, kind: RecordKind[M]) -> None:
        self._work = work
        self._kind = kind
        self._rows: dict[str, Stored[M]] = work.table(kind.name)
        self._owned: dict[str, frozenset[str]] = work.table(kind.name + ".owned")

    def get(self, key: str) -> Stored[M]:
        found = self._rows.get(key)
        if found is None:
            raise missing(self._kind.name, key)
        return found

    def find(self, key: str) -> Stored[M] | None:
        return self._rows.get(key)

    def find_many(self, keys: Iterable[str]) -> dict[str, Stored[M]]:
        return {key: self._rows[key] for key in keys if key in self._rows}

    def add(self, models: Iterable[M]) -> int:
        return len([self.save(model) for model in models])

    def save(self, model: M, version: int = 0) -> int:
        kind = self._kind
        key = kind.key(model)
        found = self._rows.get(key)
        if (found.version if found is not None else 0) != version:
            raise changed(kind.name, key)
        self._work.set(self._rows, key, Stored(stamped(model, version + 1), version + 1))
        before = set(kind.owners(found.model)) if found is not None else set()
        after = set(kind.owners(model))
        for owner in before - after:
            self._work.set(self._owned, owner, self._owned[owner] - {key})
        for owner in after - before:
            self._work.set(self._owned, owner, self._owned.get(owner, frozenset()) | {key})
        return version + 1

    def remove(self, key: str, version: int) -> None:
        found = self._rows.get(key)
        if found is None or found.version != version:
            raise changed(self._kind.name, key)
        for owner in self._kind.owners(found.model):
            self._work.set(self._owned, owner, self._owned[owner] - {key})
        self._work.delete(self._rows, key)

    def of(self, owner: str) -> tuple[Stored[M], ...]:
        return tuple(self._rows[key] for key in sorted(self._owned.get(owner, ())))

    def of_many(self, owners: Iterable[str]) -> dict[str, tuple[Stored[M], ...]]:
        found = {owner: self.of(owner) for owner in owners}
        return {owner: models for owner, models in found.items() if models}

    def keys_of(self, owners: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {owner: tuple(sorted(keys)) for owner in owners if (keys := self._owned.get(owner))}

    def ties(self) -> Iterator[tuple[str, str]]:
        for owner in sorted(self._owned):
            for key in sorted(self._owned[owner]):
                yield owner, key

    def stream(self) -> Iterator[Stored[M]]:
        for key in sorted(self._rows):
            yield self._rows[key]

    def __len__(self) -> int:
        return len(self._rows)


def _in_order(key: SlotKey) -> tuple[str, dt.date, str, str]:
    return key.child, key.day, key.product, key.slot


class _Reservations:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._children: dict[ChildId, dict[SlotKey, Stored[Reservation]]] = work.table("reservations")

    def find(self, key: SlotKey) -> Stored[Reservation] | None:
        return self._children.get(key.child, {}).get(key)

    def save(self, reservation: Reservation, version: int = 0) -> int:
        key = reservation.key
        found = self.find(key)
        if (found.version if found is not None else 0) != version:
            raise changed("reservations", key)
        if key.child not in self._children:
            self._work.set(self._children, key.child, {})
        self._work.set(self._children[key.child], key, Stored(reservation, version + 1))
        return version + 1

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Stored[Reservation], ...]:
        rows = self._children.get(child, {})
        return tuple(rows[key] for key in sorted(rows, key=_in_order) if first <= key.day <= last)

    def of_day(self, day: dt.date, product: ProductCode) -> tuple[Reservation, ...]:
        return tuple(one for one in self.stream(day, day) if one.key.product == product)

    def stream(self, first: dt.date, last: dt.date) -> Iterator[Reservation]:
        for child in sorted(self._children):
            for stored in self.of_child(child, first, last):
                yield stored.model


class _Consumptions:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._children: dict[ChildId, dict[SlotKey, Consumption]] = work.table("consumptions")

    def find(self, key: SlotKey) -> Consumption | None:
        return self._children.get(key.child, {}).get(key)

    def put(self, consumptions: Iterable[Consumption]) -> int:
        self._work.check_writing()
        count = 0
        for one in consumptions:
            if one.key.child not in self._children:
                self._work.set(self._children, one.key.child, {})
            self._work.set(self._children[one.key.child], one.key, one)
            count += 1
        return count

    def remove(self, keys: Iterable[SlotKey]) -> None:
        for key in keys:
            self._work.delete(self._children.get(key.child, {}), key)

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Consumption, ...]:
        rows = self._children.get(child, {})
        return tuple(rows[key] for key in sorted(rows, key=_in_order) if first <= key.day <= last)

    def by_household(
        self, first: dt.date, last: dt.date, after: HouseholdId | None = None
    ) -> Iterator[tuple[HouseholdId, tuple[Consumption, ...]]]:
        rows = [
            one
            for child in self._children.values()
            for key, one in child.items()
            if first <= key.day <= last and (after is None or one.household > after)
        ]
        rows.sort(key=lambda one: (one.household, _in_order(one.key)))
        for household, group in itertools.groupby(rows, lambda one: one.household):
            yield household, tuple(group)

    def households(self, first: dt.date, last: dt.date) -> tuple[HouseholdId, ...]:
        return tuple(household for household, _ in self.by_household(first, last))

    def groups(
        self, households: Iterable[HouseholdId], first: dt.date, last: dt.date
    ) -> dict[HouseholdId, tuple[ConsumptionGroup, ...]]:
        wanted = frozenset(households)
        return {
            household: group_consumptions(consumptions)
            for household, consumptions in self.by_household(first, last)
            if household in wanted
        }


class _Invoices(_Records[Invoice]):
    def write(self, invoice: Invoice) -> WrittenInvoice:
        return WrittenInvoice(invoice.series, invoice.fiscal_year, invoice.payer, invoice.total, invoice)

    def issue(self, invoices: Iterable[WrittenInvoice], first_number: int) -> tuple[InvoiceId, ...]:
        issued = []
        for number, one in enumerate(invoices, start=first_number):
            key = invoice_id(one.series, one.fiscal_year, number)
            assert isinstance(one.content, Invoice)
            self.save(attrs.evolve(one.content, id=key, number=number))
            issued.append(key)
        return tuple(issued)


class _Places:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._pools: dict[str, tuple[int, int]] = work.table("places")

    def set_maximum(self, pool: str, maximum: int) -> Overage | None:
        if maximum < 0:
            raise MisuseError(f"{maximum} places: expected no negative number")
        _, taken = self._pools.get(pool, (0, 0))
        self._work.set(self._pools, pool, (maximum, taken))
        return Overage(pool, maximum, taken) if taken > maximum else None

    def _pool(self, pool: str) -> tuple[int, int]:
        if pool not in self._pools:
            raise missing("places", pool)
        return self._pools[pool]

    def claim(self, pool: str, count: int = 1) -> bool:
        maximum, taken = self._pool(pool)
        self._work.check_writing()
        if count < 1:
            raise MisuseError(f"{count} places: expected one or more")
        if taken + count > maximum:
            return False
        self._work.set(self._pools, pool, (maximum, taken + count))
        return True

    def release(self, pool: str, count: int = 1) -> None:
        maximum, taken = self._pool(pool)
        if not 1 <= count <= taken:
            raise ConflictError(
                f"places {pool!r}: {count} given back, {taken} taken", code="store.places_given_back", pool=pool
            )
        self._work.set(self._pools, pool, (maximum, taken - count))

    def left(self, pool: str) -> int | None:
        if pool not in self._pools:
            return None
        maximum, taken = self._pools[pool]
        return max(maximum - taken, 0)

    def taken(self, pools: Iterable[str]) -> dict[str, int]:
        return {pool: self._pools[pool][1] for pool in pools if pool in self._pools}

    def overages(self) -> tuple[Overage, ...]:
        rows = ((pool, *self._pools[pool]) for pool in sorted(self._pools))
        return tuple(Overage(pool, maximum, taken) for pool, maximum, taken in rows if taken > maximum)


class _Numbers:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._last: dict[tuple[str, int], int] = work.table("numbers")

    def take(self, series: str, year: int, count: int = 1) -> int:
        if count < 1:
            raise MisuseError(f"{count} numbers: expected one or more")
        first = self.last(series, year) + 1
        self._work.set(self._last, (series, year), first + count - 1)
        return first

    def last(self, series: str, year: int) -> int:
        return self._last.get((series, year), 0)


class _Keys:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._rows: dict[Key, tuple[str, str]] = work.table("keys")

    def find(self, key: Key, content: str) -> str | None:
        if key not in self._rows:
            return None
        digest, result = self._rows[key]
        if digest != hashlib.sha256(content.encode()).hexdigest():
            raise key_reused(key)
        return result

    def record(self, key: Key, content: str, result: str, at: dt.datetime) -> None:
        utc(at)
        if key in self._rows:
            raise key_taken(key)
        self._work.set(self._rows, key, (hashlib.sha256(content.encode()).hexdigest(), result))


class _Reglements:
    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self._rows: dict[str, PublishedReglement] = work.table("reglements")

    def publish(self, reglement: PublishedReglement) -> bool:
        found = self._rows.get(reglement.version)
        if found is None:
            self._work.set(self._rows, reglement.version, reglement)
            return True
        if found.digest != reglement.digest:
            raise version_changed(reglement.version)
        return False

    def get(self, version: str) -> PublishedReglement:
        if version not in self._rows:
            raise no_version(version)
        return self._rows[version]

    def on(self, day: dt.date) -> PublishedReglement:
        current = [one for one in self.all() if one.first_day <= day and (one.last_day is None or day <= one.last_day)]
        if not current:
            raise no_reglement_on(day)
        return current[-1]

    def all(self) -> tuple[PublishedReglement, ...]:
        return tuple(sorted(self._rows.values(), key=lambda one: (one.first_day, utc(one.published_at), one.version)))


class _Backend:
    """The shapes of repositories over one transaction."""

    def __init__(self, work: _Transaction) -> None:
        self._work = work
        self.reglements = _Reglements(work)
        self.reservations = _Reservations(work)
        self.consumptions = _Consumptions(work)
        self.invoices = _Invoices(work, RECORDS["invoices"])
        self.places = _Places(work)
        self.numbers = _Numbers(work)
        self.keys = _Keys(work)

    def journal(self, kind: JournalKind[Any]) -> Any:
        return _Journal(self._work, kind)

    def records(self, kind: RecordKind[Any]) -> Any:
        return _Records(self._work, kind)


class _MemoryUnit(UnitOfWork):
    def __init__(self, store: MemoryStore, writing: bool) -> None:
        self._store = store
        self._work = _Transaction(store._state, writing)
        super().__init__(_Backend(self._work))

    def __enter__(self) -> _MemoryUnit:
        self._store._enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._work.rollback()
        finally:
            self._store._leave()

    def commit(self) -> None:
        self._work.commit()

    def rollback(self) -> None:
        self._work.rollback()

    def hold(self, *owners: str) -> None:
        """Nothing to do: units of this store already run one after the other."""


class MemoryStore:
    """A store that lives as long as the process."""

    def __init__(self) -> None:
        self._state = _State()
        self._lock = threading.Lock()
        self._holder: int | None = None

    def unit(self, *, write: bool = True) -> _MemoryUnit:
        """A unit of work, to be entered with ``with``; see :class:`~periscolaire.ports.Store`."""
        return _MemoryUnit(self, write)

    def _enter(self) -> None:
        if self._holder == threading.get_ident():
            raise MisuseError("a unit of work is open in this thread already: end it first")
        self._lock.acquire()
        self._holder = threading.get_ident()

    def _leave(self) -> None:
        self._holder = None
        self._lock.release()

    def close(self) -> None:
        """Nothing to give back."""
