"""The two folded tables: reservations and consumptions, one row a child, product, day and slot."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import aggregate_order_by

from periscolaire.attendance import Consumption
from periscolaire.billing import ConsumptionGroup
from periscolaire.booking import Reservation, SlotKey
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.ports import Stored
from periscolaire.storage._codec import dumps, loads
from periscolaire.storage._errors import changed
from periscolaire.storage.sql._rows import COLUMNS, KEY, ORDINARY, SAID, from_row, group_from_row, to_row
from periscolaire.storage.sql._schema import CONSUMPTION, RESERVATION
from periscolaire.storage.sql._session import Session, among, listed

__all__ = ["SqlConsumptions", "SqlReservations"]


def _slot(key: SlotKey) -> dict[str, str]:
    """The parameters that name a slot; told apart from the columns, which an UPDATE names too."""
    return {"a_child": key.child, "a_day": key.day.isoformat(), "a_product": key.product, "a_slot": key.slot}


def _at_slot() -> sa.ColumnElement[bool]:
    columns = RESERVATION.c
    return sa.and_(*(columns[name] == sa.bindparam(f"a_{name}") for name in ("child", "day", "product", "slot")))


@functools.cache
def _reservation_at() -> Any:
    return sa.select(RESERVATION.c.body, RESERVATION.c.version).where(_at_slot())


@functools.cache
def _reservations_of() -> Any:
    columns = RESERVATION.c
    return (
        sa.select(columns.body, columns.version)
        .where(
            columns.child == sa.bindparam("child"),
            columns.day >= sa.bindparam("first"),
            columns.day <= sa.bindparam("last"),
        )
        .order_by(*_in_order(RESERVATION))
    )


def _written() -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"to_{name}") for name in ("household", "state", "body", "version")}


@functools.cache
def _new_reservation(is_postgresql: bool) -> Any:
    insert = (postgresql if is_postgresql else sqlite).insert(RESERVATION)
    slot: dict[str, sa.BindParameter[Any]] = {
        name: sa.bindparam(f"a_{name}") for name in ("child", "day", "product", "slot")
    }
    return insert.values(**slot, **_written()).on_conflict_do_nothing()


@functools.cache
def _changed_reservation() -> sa.Update:
    return (
        sa.update(RESERVATION).where(_at_slot(), RESERVATION.c.version == sa.bindparam("before")).values(**_written())
    )


def _is_slot(table: sa.Table, key: SlotKey) -> sa.ColumnElement[bool]:
    columns = table.c
    return sa.and_(
        columns.child == key.child,
        columns.day == key.day.isoformat(),
        columns.product == key.product,
        columns.slot == key.slot,
    )


def _in_order(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    return [table.c[name] for name in KEY]


def _within(table: sa.Table, first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.day >= first.isoformat(), table.c.day <= last.isoformat())


class SqlReservations:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._select = sa.select(RESERVATION.c.body, RESERVATION.c.version)

    @staticmethod
    def _stored(row: Sequence[Any]) -> Stored[Reservation]:
        return Stored(loads(Reservation, row[0]), row[1])

    def find(self, key: SlotKey) -> Stored[Reservation] | None:
        row = self._session.read(_reservation_at(), _slot(key)).first()
        return None if row is None else self._stored(row)

    def save(self, reservation: Reservation, version: int = 0) -> int:
        key, session = reservation.key, self._session
        values = {
            **_slot(key),
            "to_household": reservation.household,
            "to_state": reservation.state.name,
            "to_body": dumps(reservation),
            "to_version": version + 1,
        }
        if version == 0:
            written = session.write(_new_reservation(session.is_postgresql), values)
        else:
            written = session.write(_changed_reservation(), {**values, "before": version})
        if written.rowcount != 1:
            raise changed("reservations", key)
        return version + 1

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Stored[Reservation], ...]:
        span = {"child": child, "first": first.isoformat(), "last": last.isoformat()}
        return tuple(map(self._stored, self._session.read(_reservations_of(), span)))

    def of_day(self, day: dt.date, product: ProductCode) -> tuple[Reservation, ...]:
        columns = RESERVATION.c
        statement = self._select.where(columns.day == day.isoformat(), columns.product == product)
        return tuple(
            loads(Reservation, row[0]) for row in self._session.read(statement.order_by(columns.child, columns.slot))
        )

    def stream(self, first: dt.date, last: dt.date) -> Iterator[Reservation]:
        statement = self._select.where(_within(RESERVATION, first, last)).order_by(*_in_order(RESERVATION))
        for row in self._session.stream(statement):
            yield loads(Reservation, row[0])


_UPSERT = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in COLUMNS if name not in KEY
)


class SqlConsumptions:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._select = sa.select(*(CONSUMPTION.c[name] for name in COLUMNS))

    def find(self, key: SlotKey) -> Consumption | None:
        row = self._session.read(self._select.where(_is_slot(CONSUMPTION, key))).first()
        return None if row is None else from_row(row)

    def put(self, consumptions: Iterable[Consumption]) -> int:
        return self._session.bulk("consumption", COLUMNS, map(to_row, consumptions), _UPSERT)

    def remove(self, keys: Iterable[SlotKey]) -> None:
        for key in keys:
            self._session.write(sa.delete(CONSUMPTION).where(_is_slot(CONSUMPTION, key)))

    def of_child(self, child: ChildId, first: dt.date, last: dt.date) -> tuple[Consumption, ...]:
        statement = self._select.where(CONSUMPTION.c.child == child, _within(CONSUMPTION, first, last))
        return tuple(map(from_row, self._session.read(statement.order_by(*_in_order(CONSUMPTION)))))

    def by_household(
        self, first: dt.date, last: dt.date, after: HouseholdId | None = None
    ) -> Iterator[tuple[HouseholdId, tuple[Consumption, ...]]]:
        household = CONSUMPTION.c.household
        statement = self._select.where(_within(CONSUMPTION, first, last))
        if after is not None:
            statement = statement.where(household > after)
        rows = self._session.stream(statement.order_by(household, *_in_order(CONSUMPTION)))
        position = COLUMNS.index("household")
        for name, group in itertools.groupby(rows, lambda row: row[position]):
            yield HouseholdId(name), tuple(map(from_row, group))

    def households(self, first: dt.date, last: dt.date) -> tuple[HouseholdId, ...]:
        household = CONSUMPTION.c.household
        found = self._session.read(sa.select(household).where(_within(CONSUMPTION, first, last)).distinct())
        return tuple(sorted(map(HouseholdId, found.scalars())))

    def groups(
        self, households: Iterable[HouseholdId], first: dt.date, last: dt.date
    ) -> dict[HouseholdId, tuple[ConsumptionGroup, ...]]:
        statement = _groups_of(self._session.is_postgresql)
        span = {"first": first.isoformat(), "last": last.isoformat()}
        found: dict[HouseholdId, list[ConsumptionGroup]] = {}
        for row in self._session.read(statement, {"households": listed(households), **span}).all():
            group = group_from_row(row)
            found.setdefault(group.sample.household, []).append(group)
        return {home: tuple(sorted(found[home], key=_key_of)) for home in sorted(found)}


@functools.cache
def _groups_of(is_postgresql: bool) -> Any:
    columns = CONSUMPTION.c
    slot = [columns[name] for name in ("child", "product", "slot", "household")]
    said = [columns[name] for name in SAID]
    # One short text to sort by instead of twenty columns, and nothing at all of most days.
    is_ordinary = sa.and_(*(one.is_not_distinct_from(value) for one, value in zip(said, ORDINARY, strict=True)))
    as_text: sa.ColumnElement[str]
    # The facts come in the order of the days: both are gathered from one row after the other.
    gathered = (columns.day, sa.func.coalesce(columns.facts, ""))
    if is_postgresql:
        as_text = sa.cast(sa.func.json_build_array(*said), sa.Text)
        joined = [sa.func.string_agg(one, aggregate_order_by(sa.literal("|"), columns.day)) for one in gathered]
    else:
        as_text = sa.func.json_array(*said)
        joined = [sa.func.group_concat(one, "|") for one in gathered]
    return (
        sa.select(*slot, *joined, sa.case((is_ordinary, None), else_=as_text).label("said"))
        .where(
            among(columns.household, "households"),
            columns.day >= sa.bindparam("first"),
            columns.day <= sa.bindparam("last"),
        )
        .group_by(*slot, "said")
    )


_key_of = operator.attrgetter(*(f"sample.key.{name}" for name in ("child", "product", "day", "slot")))
