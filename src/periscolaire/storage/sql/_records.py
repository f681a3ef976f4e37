"""Versioned models, in SQL; invoices among them, which are written before they are numbered."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic

import sqlalchemy as sa

from periscolaire.billing import Invoice, invoice_id
from periscolaire.ids import InvoiceId
from periscolaire.ports import RecordKind, Stored, WrittenInvoice, stamped
from periscolaire.storage._codec import dumps, loads
from periscolaire.storage._errors import already_recorded, changed, missing
from periscolaire.storage.sql._schema import OWNERSHIP, RECORD_TABLES
from periscolaire.storage.sql._session import M, Session, among, listed

__all__ = ["SqlInvoices", "SqlRecords"]


@functools.cache
def _record_of(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return sa.select(columns.version, columns.body).where(columns.id == sa.bindparam("key"))


@functools.cache
def _records_at(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    statement = sa.select(columns.id, columns.version, columns.body)
    return statement.where(among(columns.id, "keys")).order_by(columns.id)


@functools.cache
def _records_of_many(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return (
        sa.select(OWNERSHIP.c.owner, columns.version, columns.body)
        .join(OWNERSHIP, OWNERSHIP.c.id == columns.id)
        .where(OWNERSHIP.c.kind == name, among(OWNERSHIP.c.owner, "owners"))
        .order_by(OWNERSHIP.c.owner, columns.id)
    )


@functools.cache
def _keys_of() -> Any:
    columns = OWNERSHIP.c
    statement = sa.select(columns.owner, columns.id).where(columns.kind == sa.bindparam("of_kind"))
    return statement.where(among(columns.owner, "owners")).order_by(columns.owner, columns.id)


@functools.cache
def _records_of(name: str) -> Any:
    columns = RECORD_TABLES[name].c
    return (
        sa.select(columns.version, columns.body)
        .join(OWNERSHIP, OWNERSHIP.c.id == columns.id)
        .where(OWNERSHIP.c.kind == name, OWNERSHIP.c.owner == sa.bindparam("of_owner"))
        .order_by(columns.id)
    )


class SqlRecords(Generic[M]):
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
        rows: Any = self._session.read(_records_at(self._kind.name), {"keys": listed(keys)})
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
        rows: Any = self._session.read(_records_of_many(self._kind.name), {"owners": listed(owners)})
        for owner, version, body in rows:
            found.setdefault(owner, []).append(self._once((version, body), known))
        return {owner: tuple(models) for owner, models in found.items()}

    def keys_of(self, owners: Iterable[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        rows: Any = self._session.read(_keys_of(), {"of_kind": self._kind.name, "owners": listed(owners)})
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


class SqlInvoices(SqlRecords[Invoice]):
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
