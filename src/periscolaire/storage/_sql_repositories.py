"""The shapes of repositories over one SQL connection; statements are SQLAlchemy Core, bulk rows go as plain tuples."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import itertools
import json
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from periscolaire.attendance import Consumption
from periscolaire.billing import ConsumptionGroup, Invoice, invoice_id
from periscolaire.booking import Overage, Reservation, SlotKey
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, Key, ProductCode
from periscolaire.ports import (
    RECORDS,
    JournalKind,
    PublishedReglement,
    RecordKind,
    Stored,
    WrittenInvoice,
    stamped,
)
from periscolaire.storage._codec import dumps, loads
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
from periscolaire.storage._rows import COLUMNS, KEY, from_row, group_from_row, instant_text, to_row
from periscolaire.storage._schema import (
    CONSUMPTION,
    IDEMPOTENCY,
    JOURNAL_TABLES,
    NUMBER,
    OWNERSHIP,
    PLACE,
    RECORD_TABLES,
    REGLEMENT,
    RESERVATION,
)

__all__ = ["SqlBackend"]

M = TypeVar("M")
_CHUNK = 5_000
#: From this many rows on, PostgreSQL is fed by COPY.
_COPY_FROM = 1_000


class Session:
    """An open connection, and what the repositories ask of it."""

    def __init__(self, connection: sa.Connection, writing: bool) -> None:
        self.connection = connection
        self.writing = writing
        self.is_postgresql = connection.dialect.name == "postgresql"

    def read(self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        return self.connection.execute(statement, parameters)

    def stream(self, statement: sa.Executable) -> Iterator[Sequence[Any]]:
        """Rows as they are asked for, a chunk at a time."""
        yield from self.connection.execute(statement, execution_options={"yield_per": _CHUNK})

    def write(self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        self.check_writing()
        # How many rows an INSERT really put in is otherwise not kept by every driver.
        return self.connection.execute(statement, parameters, execution_options={"preserve_rowcount": True})

    def check_writing(self) -> None:
        if not self.writing:
            raise MisuseError("this unit of work only reads: open it with write=True")

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that may say what to do on a conflict, in the dialect of the database."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], conflict: str = "") -> int:
        """INSERT of plain tuples, chunk after chunk; the number of rows that went in."""
        self.check_writing()
        mark = "%s" if self.is_postgresql else "?"
        marks = ", ".join([mark] * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) {conflict}"
        count = 0
        for chunk in _chunks(rows):
            if self.is_postgresql and len(chunk) >= _COPY_FROM:
                count += self._copy(table, columns, chunk, conflict)
            else:
                count += self.connection.exec_driver_sql(statement, chunk).rowcount
        return count

    def _copy(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]], conflict: str) -> int:
        names = ", ".join(columns)
        # Only the columns that are sent: the others keep their defaults in the table itself.
        self.connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_{table} ON COMMIT DELETE ROWS "
            f"AS SELECT {names} FROM {table} WITH NO DATA"
        )
        cursor = self.connection.connection.cursor()
        try:
            with cursor.copy(f"COPY incoming_{table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()
        moved = self.connection.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming_{table} {conflict}"
        )
        self.connection.exec_driver_sql(f"TRUNCATE incoming_{table}")
        return moved.rowcount


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
        yield chunk


def _listed(names: Iterable[str]) -> str:
    """Names to look up, each once, as the one parameter of :func:`_among`."""
    return json.dumps(list(dict.fromkeys(names)))


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


# Statements that a request of one family sends many times: written once, with parameters. To build one costs ten times
# what SQLite takes to answer it. (Their types are left open: the two checkers count the columns of a row differently.)


class _Texts(FunctionElement[str]):
    """The texts of a JSON list as rows: one parameter, however many there are, and one text of the statement."""

    inherit_cache = True


@compiles(_Texts, "sqlite")
def _texts_of_sqlite(element: _Texts, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"


@compiles(_Texts, "postgresql")
def _texts_of_postgresql(element: _Texts, compiler: Any, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json)))"


def _among(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """The column is one of the texts listed by the parameter of that name."""
    return column.op("IN", is_comparison=True)(_Texts(sa.bindparam(name, type_=sa.Text)))


@functools.cache
def _journal_of(name: str, begins: bool, ends: bool) -> Any:
    columns = JOURNAL_TABLES[name].c
    statement = sa.select(columns.body).where(columns.owner == sa.bindparam("owner"))
    return _touching(statement, columns, begins, ends).order_by(columns.seq)


@functools.cache
def _journals_of(name: str, begins: bool, ends: bool) -> Any:
    columns = JOURNAL_TABLES[name].c
    statement = sa.select(columns.body, columns.owner).where(_among(columns.owner, "owners"))
    return _touching(statement, columns, begins, ends).order_by(columns.owner, columns.seq)


def _touching(statement: Any, columns: Any, begins: bool, ends: bool) -> Any:
    if begins or ends:
        statement = statement.where(columns.first_day.is_not(None) | columns.last_day.is_not(None))
    if begins:
        statement = statement.where(columns.last_day.is_(None) | (columns.last_day >= sa.bindparam("first")))
    if ends:
        statement = statement.where(columns.first_day.is_(None) | (columns.first_day <= sa.bindparam("last")))
    return statement


@functools.cache
def _record_of(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return sa.select(columns.version, columns.body).where(columns.id == sa.bindparam("key"))


@functools.cache
def _records_at(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    statement = sa.select(columns.id, columns.version, columns.body)
    return statement.where(_among(columns.id, "keys")).order_by(columns.id)


@functools.cache
def _records_of_many(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return (
        sa.select(OWNERSHIP.c.owner, columns.version, columns.body)
        .join(OWNERSHIP, OWNERSHIP.c.id == columns.id)
        .where(OWNERSHIP.c.kind == name, _among(OWNERSHIP.c.owner, "owners"))
        .order_by(OWNERSHIP.c.owner, columns.id)
    )


@functools.cache
def _keys_of() -> Any:
    columns = OWNERSHIP.c
    statement = sa.select(columns.owner, columns.id).where(columns.kind == sa.bindparam("of_kind"))
    return statement.where(_among(columns.owner, "owners")).order_by(columns.owner, columns.id)


@functools.cache
def _records_of(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return (
        sa.select(columns.version, columns.body)
        .join(OWNERSHIP, OWNERSHIP.c.id == columns.id)
        .where(OWNERSHIP.c.kind == name, OWNERSHIP.c.owner == sa.bindparam("of_owner"))
        .order_by(columns.id)
    )


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


@functools.cache
def _set_maximum(is_postgresql: bool) -> Any:
    insert = (postgresql if is_postgresql else sqlite).insert(PLACE)
    maximum: sa.BindParameter[int] = sa.bindparam("at_most")
    return insert.values(pool=sa.bindparam("name"), maximum=maximum, taken=0).on_conflict_do_update(
        index_elements=["pool"], set_={"maximum": maximum}, where=PLACE.c.maximum != maximum
    )


@functools.cache
def _place_of() -> Any:
    return sa.select(PLACE.c.maximum, PLACE.c.taken).where(PLACE.c.pool == sa.bindparam("name"))


@functools.cache
def _taken_in() -> Any:
    return sa.select(PLACE.c.pool, PLACE.c.taken).where(_among(PLACE.c.pool, "names"))


@functools.cache
def _claim() -> sa.Update:
    columns, more = PLACE.c, sa.bindparam("count", type_=sa.Integer)
    held = columns.taken + more
    return sa.update(PLACE).where(columns.pool == sa.bindparam("name"), held <= columns.maximum).values(taken=held)


@functools.cache
def _release() -> sa.Update:
    columns, fewer = PLACE.c, sa.bindparam("count", type_=sa.Integer)
    return (
        sa.update(PLACE)
        .where(columns.pool == sa.bindparam("name"), columns.taken >= fewer)
        .values(taken=columns.taken - fewer)
    )


class _Journal(Generic[M]):
    def __init__(self, session: Session, kind: JournalKind[M]) -> None:
        self._session = session
        self._kind = kind
        self._table = JOURNAL_TABLES[kind.name]

    def append(self, facts: Iterable[M]) -> None:
        kind = self._kind
        sent = 0

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal sent
            for fact in facts:
                sent += 1
                first, last = kind.span(fact)
                yield (
                    None if kind.id is None else kind.id(fact),
                    kind.owner(fact),
                    _iso(first),
                    _iso(last),
                    dumps(fact, kind.model),
                )

        columns = ("id", "owner", "first_day", "last_day", "body")
        if self._session.bulk(kind.name, columns, rows(), "ON CONFLICT DO NOTHING") != sent:
            raise already_recorded(kind.name)

    def _select(self, first: dt.date | None, last: dt.date | None) -> sa.Select[Any]:
        columns = self._table.c
        statement = sa.select(columns.body)
        if first is None and last is None:
            return statement
        statement = statement.where(columns.first_day.is_not(None) | columns.last_day.is_not(None))
        if first is not None:
            statement = statement.where(columns.last_day.is_(None) | (columns.last_day >= first.isoformat()))
        if last is not None:
            statement = statement.where(columns.first_day.is_(None) | (columns.first_day <= last.isoformat()))
        return statement

    def of(self, owner: str, first: dt.date | None = None, last: dt.date | None = None) -> tuple[M, ...]:
        statement = _journal_of(self._kind.name, first is not None, last is not None)
        found = self._session.read(statement, {"owner": owner, "first": _iso(first), "last": _iso(last)})
        return tuple(loads(self._kind.model, body) for (body,) in found)

    def of_many(
        self, owners: Iterable[str], first: dt.date | None = None, last: dt.date | None = None
    ) -> dict[str, tuple[M, ...]]:
        statement = _journals_of(self._kind.name, first is not None, last is not None)
        span = {"first": _iso(first), "last": _iso(last)}
        found: dict[str, list[M]] = {}
        rows: Any = self._session.read(statement, {"owners": _listed(owners), **span})
        for body, owner in rows:
            found.setdefault(owner, []).append(loads(self._kind.model, body))
        return {owner: tuple(facts) for owner, facts in found.items()}

    def stream(self, first: dt.date | None = None, last: dt.date | None = None) -> Iterator[M]:
        columns = self._table.c
        statement = self._select(first, last).order_by(columns.owner, columns.seq)
        for (body,) in self._session.stream(statement):
            yield loads(self._kind.model, body)

    def forget(self, owner: str) -> int:
        return self._session.write(sa.delete(self._table).where(self._table.c.owner == owner)).rowcount

    def mark(self) -> int:
        return int(self._session.read(sa.select(sa.func.coalesce(sa.func.max(self._table.c.seq), 0))).scalar_one())

    def recorded_since(self, mark: int, before: dt.date) -> dict[str, dt.date]:
        columns = self._table.c
        statement = (
            sa.select(columns.owner, sa.func.min(sa.func.coalesce(columns.first_day, dt.date.min.isoformat())))
            .where(columns.seq > mark, columns.first_day.is_(None) | (columns.first_day < before.isoformat()))
            .group_by(columns.owner)
        )
        rows: Any = self._session.read(statement)
        return {owner: dt.date.fromisoformat(day) for owner, day in rows}

    def __len__(self) -> int:
        return int(self._session.read(sa.select(sa.func.count()).select_from(self._table)).scalar_one())


class _Records(Generic[M]):
    def __init__(self, session: Session, kind: RecordKind[M]) -> None:
        self._session = session
        self._kind = kind
        self._table = RECORD_TABLES[kind.name]

    def _stored(self, row: Sequence[Any]) -> Stored[M]:
        version, body = row
        return Stored(stamped(loads(self._kind.model, body), version), version)

    def _once(self, row: Sequence[Any], known: dict[str, Stored[M]]) -> Stored[M]:
        """The same, made once where a model belongs to several of those asked for."""
        body = row[1]
        found = known.get(body)
        if found is None:
            found = known[body] = self._stored(row)
        return found

    def get(self, key: str) -> Stored[M]:
        found = self.find(key)
        if found is None:
            raise missing(self._kind.name, key)
        return found

    def find(self, key: str) -> Stored[M] | None:
        row = self._session.read(_record_of(self._kind.name), {"key": key}).first()
        return None if row is None else self._stored(row)

    def find_many(self, keys: Iterable[str]) -> dict[str, Stored[M]]:
        rows: Any = self._session.read(_records_at(self._kind.name), {"keys": _listed(keys)})
        return {key: self._stored((version, body)) for key, version, body in rows}

    def add(self, models: Iterable[M]) -> int:
        kind = self._kind
        return self._add((kind.key(one), dumps(one, kind.model), kind.owners(one)) for one in models)

    def _add(self, rows: Iterable[tuple[str, str, Iterable[str]]]) -> int:
        """Rows of (key, body, owners), new ones."""
        name, session = self._kind.name, self._session
        held = list(rows)
        bodies = ((key, 1, body) for key, body, _ in held)
        if session.bulk(name, ("id", "version", "body"), bodies, "ON CONFLICT DO NOTHING") != len(held):
            raise already_recorded(name)
        ties = ((name, owner, key) for key, _, owners in held for owner in dict.fromkeys(owners))
        session.bulk("ownership", ("kind", "owner", "id"), ties)
        return len(held)

    def save(self, model: M, version: int = 0) -> int:
        kind, columns, session = self._kind, self._table.c, self._session
        key, body = kind.key(model), dumps(model, kind.model)
        if version == 0:
            statement = session.insert(self._table).values(id=key, version=1, body=body).on_conflict_do_nothing()
        else:
            statement = (
                sa.update(self._table)
                .where(columns.id == key, columns.version == version)
                .values(version=version + 1, body=body)
            )
        if session.write(statement).rowcount != 1:
            raise changed(kind.name, key)
        if version:
            session.write(sa.delete(OWNERSHIP).where(OWNERSHIP.c.kind == kind.name, OWNERSHIP.c.id == key))
        owners = dict.fromkeys(kind.owners(model))
        if owners:
            session.bulk("ownership", ("kind", "owner", "id"), ((kind.name, owner, key) for owner in owners))
        return version + 1

    def remove(self, key: str, version: int) -> None:
        columns, session = self._table.c, self._session
        if session.write(sa.delete(self._table).where(columns.id == key, columns.version == version)).rowcount != 1:
            raise changed(self._kind.name, key)
        session.write(sa.delete(OWNERSHIP).where(OWNERSHIP.c.kind == self._kind.name, OWNERSHIP.c.id == key))

    def of(self, owner: str) -> tuple[Stored[M], ...]:
        return tuple(map(self._stored, self._session.read(_records_of(self._kind.name), {"of_owner": owner})))

    def of_many(self, owners: Iterable[str]) -> dict[str, tuple[Stored[M], ...]]:
        found: dict[str, list[Stored[M]]] = {}
        known: dict[str, Stored[M]] = {}
        rows: Any = self._session.read(_records_of_many(self._kind.name), {"owners": _listed(owners)})
        for owner, version, body in rows:
            found.setdefault(owner, []).append(self._once((version, body), known))
        return {owner: tuple(models) for owner, models in found.items()}

    def keys_of(self, owners: Iterable[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        rows: Any = self._session.read(_keys_of(), {"of_kind": self._kind.name, "owners": _listed(owners)})
        for owner, key in rows:
            found.setdefault(owner, []).append(key)
        return {owner: tuple(keys) for owner, keys in found.items()}

    def ties(self) -> Iterator[tuple[str, str]]:
        columns = OWNERSHIP.c
        statement = sa.select(columns.owner, columns.id).where(columns.kind == self._kind.name)
        for owner, key in self._session.stream(statement.order_by(columns.owner, columns.id)):
            yield str(owner), str(key)

    def stream(self) -> Iterator[Stored[M]]:
        columns = self._table.c
        yield from map(
            self._stored, self._session.stream(sa.select(columns.version, columns.body).order_by(columns.id))
        )

    def __len__(self) -> int:
        return int(self._session.read(sa.select(sa.func.count()).select_from(self._table)).scalar_one())


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


class _Reservations:
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


class _Consumptions:
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
        for row in self._session.read(statement, {"households": _listed(households), **span}):
            found.setdefault(row[_HOUSEHOLD], []).append(group_from_row(row))
        return {home: tuple(sorted(found[home], key=_key_of)) for home in sorted(found)}


@functools.cache
def _groups_of(is_postgresql: bool) -> Any:
    columns = CONSUMPTION.c
    alike = [columns[name] for name in COLUMNS if name not in ("day", "facts")]
    facts = sa.func.coalesce(columns.facts, "")
    # The facts come in the order of the days: both are gathered from one row after the other.
    if is_postgresql:
        joined = [
            sa.func.string_agg(one, aggregate_order_by(sa.literal("|"), columns.day)) for one in (columns.day, facts)
        ]
    else:
        joined = [sa.func.group_concat(one, "|") for one in (columns.day, facts)]
    return (
        sa.select(*joined, *alike)
        .where(
            _among(columns.household, "households"),
            columns.day >= sa.bindparam("first"),
            columns.day <= sa.bindparam("last"),
        )
        .group_by(*alike)
    )


_HOUSEHOLD = COLUMNS.index("household") + 1  # days and facts stand first, and « day » is not among what is alike
_key_of = operator.attrgetter(*(f"sample.key.{name}" for name in ("child", "product", "day", "slot")))


class _Invoices(_Records[Invoice]):
    """Invoices as records; the fields that a number changes come first in the text, hence can be put in last."""

    def write(self, invoice: Invoice) -> WrittenInvoice:
        head = _head(invoice.id, invoice.series, invoice.fiscal_year, invoice.number)
        content = dumps(invoice).removeprefix(head)
        return WrittenInvoice(invoice.series, invoice.fiscal_year, invoice.payer, invoice.total, content)

    def issue(self, invoices: Iterable[WrittenInvoice], first_number: int) -> tuple[InvoiceId, ...]:
        rows = []
        for number, one in enumerate(invoices, start=first_number):
            key = invoice_id(one.series, one.fiscal_year, number)
            head = _head(key, one.series, one.fiscal_year, number)
            rows.append((key, f"{head}{one.content}", (one.payer,)))
        self._add(rows)
        return tuple([key for key, _, _ in rows])


def _head(key: InvoiceId, series: str, year: int, number: int) -> str:
    """How the text of an invoice begins: all that its number changes."""
    said = {"id": key, "series": series, "fiscal_year": year, "number": number}
    return _encode(said)[:-1]


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Places:
    def __init__(self, session: Session) -> None:
        self._session = session

    def set_maximum(self, pool: str, maximum: int) -> Overage | None:
        if maximum < 0:
            raise MisuseError(f"{maximum} places: expected no negative number")
        named = {"name": pool, "at_most": maximum}
        self._session.write(_set_maximum(self._session.is_postgresql), named)
        taken = int(self._session.read(_place_of(), {"name": pool}).one().taken)
        return Overage(pool, maximum, taken) if taken > maximum else None

    def claim(self, pool: str, count: int = 1) -> bool:
        if count < 1:
            raise MisuseError(f"{count} places: expected one or more")
        claimed = self._session.write(_claim(), {"name": pool, "count": count})
        if claimed.rowcount == 0 and self.left(pool) is None:
            raise missing("places", pool)
        return claimed.rowcount == 1

    def release(self, pool: str, count: int = 1) -> None:
        if self.left(pool) is None:
            raise missing("places", pool)
        released = self._session.write(_release(), {"name": pool, "count": count})
        if count < 1 or released.rowcount == 0:
            raise ConflictError(
                f"places {pool!r}: {count} given back, fewer taken", code="store.places_given_back", pool=pool
            )

    def left(self, pool: str) -> int | None:
        row = self._session.read(_place_of(), {"name": pool}).first()
        return None if row is None else max(row.maximum - row.taken, 0)

    def taken(self, pools: Iterable[str]) -> dict[str, int]:
        rows = self._session.read(_taken_in(), {"names": _listed(pools)})
        return {row.pool: row.taken for row in rows}

    def overages(self) -> tuple[Overage, ...]:
        columns = PLACE.c
        statement = sa.select(columns.pool, columns.maximum, columns.taken).where(columns.taken > columns.maximum)
        rows = self._session.read(statement.order_by(columns.pool))
        return tuple(Overage(row.pool, row.maximum, row.taken) for row in rows)


class _Numbers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, series: str, year: int, count: int = 1) -> int:
        if count < 1:
            raise MisuseError(f"{count} numbers: expected one or more")
        insert = self._session.insert(NUMBER).values(series=series, fiscal_year=year, last=count)
        counted = insert.on_conflict_do_update(
            index_elements=["series", "fiscal_year"], set_={"last": NUMBER.c.last + count}
        ).returning(NUMBER.c.last)
        return int(self._session.write(counted).scalar_one()) - count + 1

    def last(self, series: str, year: int) -> int:
        statement = sa.select(NUMBER.c.last).where(NUMBER.c.series == series, NUMBER.c.fiscal_year == year)
        return int(self._session.read(statement).scalar() or 0)


class _Keys:
    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, key: Key, content: str) -> str | None:
        columns = IDEMPOTENCY.c
        row = self._session.read(sa.select(columns.content, columns.result).where(columns.key == key)).first()
        if row is None:
            return None
        if row.content != hashlib.sha256(content.encode()).hexdigest():
            raise key_reused(key)
        return str(row.result)

    def record(self, key: Key, content: str, result: str, at: dt.datetime) -> None:
        digest = hashlib.sha256(content.encode()).hexdigest()
        insert = self._session.insert(IDEMPOTENCY).values(key=key, content=digest, result=result, at=instant_text(at))
        if self._session.write(insert.on_conflict_do_nothing()).rowcount != 1:
            raise key_taken(key)


class _Reglements:
    def __init__(self, session: Session) -> None:
        self._session = session

    def publish(self, reglement: PublishedReglement) -> bool:
        insert = self._session.insert(REGLEMENT).values(
            version=reglement.version,
            commune=reglement.commune,
            text=reglement.text,
            digest=reglement.digest,
            first_day=reglement.first_day.isoformat(),
            last_day=_iso(reglement.last_day),
            published_at=instant_text(reglement.published_at),
            author=reglement.author,
        )
        if self._session.write(insert.on_conflict_do_nothing()).rowcount == 1:
            return True
        if self.get(reglement.version).digest != reglement.digest:
            raise version_changed(reglement.version)
        return False

    @staticmethod
    def _model(row: Sequence[Any]) -> PublishedReglement:
        version, commune, text, digest, first_day, last_day, published_at, author = row
        return PublishedReglement(
            version,
            commune,
            text,
            digest,
            dt.date.fromisoformat(first_day),
            None if last_day is None else dt.date.fromisoformat(last_day),
            dt.datetime.fromisoformat(published_at),
            author,
        )

    def get(self, version: str) -> PublishedReglement:
        row = self._session.read(sa.select(REGLEMENT).where(REGLEMENT.c.version == version)).first()
        if row is None:
            raise no_version(version)
        return self._model(row)

    def on(self, day: dt.date) -> PublishedReglement:
        columns, text = REGLEMENT.c, day.isoformat()
        statement = sa.select(REGLEMENT).where(
            columns.first_day <= text, columns.last_day.is_(None) | (columns.last_day >= text)
        )
        order = (columns.first_day.desc(), columns.published_at.desc(), columns.version.desc())
        row = self._session.read(statement.order_by(*order).limit(1)).first()
        if row is None:
            raise no_reglement_on(day)
        return self._model(row)

    def all(self) -> tuple[PublishedReglement, ...]:
        columns = REGLEMENT.c
        order = (columns.first_day, columns.published_at, columns.version)
        return tuple(map(self._model, self._session.read(sa.select(REGLEMENT).order_by(*order))))


class SqlBackend:
    """The shapes of repositories over one open connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.reglements = _Reglements(session)
        self.reservations = _Reservations(session)
        self.consumptions = _Consumptions(session)
        self.invoices = _Invoices(session, RECORDS["invoices"])
        self.places = _Places(session)
        self.numbers = _Numbers(session)
        self.keys = _Keys(session)

    def journal(self, kind: JournalKind[Any]) -> Any:
        return _Journal(self._session, kind)

    def records(self, kind: RecordKind[Any]) -> Any:
        return _Records(self._session, kind)
