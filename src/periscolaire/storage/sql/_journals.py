"""Appended facts, in SQL."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from typing import Any, Generic

import sqlalchemy as sa

from periscolaire.ports import JournalKind
from periscolaire.storage._codec import dumps, loads
from periscolaire.storage._errors import already_recorded
from periscolaire.storage.sql._schema import JOURNAL_TABLES
from periscolaire.storage.sql._session import M, Session, among, iso, listed

__all__ = ["SqlJournal"]


@functools.cache
def _journal_of(name: str, begins: bool, ends: bool) -> Any:
    columns = JOURNAL_TABLES[name].c
    statement = sa.select(columns.body).where(columns.owner == sa.bindparam("owner"))
    return _touching(statement, columns, begins, ends).order_by(columns.seq)


@functools.cache
def _journals_of(name: str, begins: bool, ends: bool) -> Any:
    columns = JOURNAL_TABLES[name].c
    statement = sa.select(columns.body, columns.owner).where(among(columns.owner, "owners"))
    return _touching(statement, columns, begins, ends).order_by(columns.owner, columns.seq)


def _touching(statement: Any, columns: Any, begins: bool, ends: bool) -> Any:
    if begins or ends:
        statement = statement.where(columns.first_day.is_not(None) | columns.last_day.is_not(None))
    if begins:
        statement = statement.where(columns.last_day.is_(None) | (columns.last_day >= sa.bindparam("first")))
    if ends:
        statement = statement.where(columns.first_day.is_(None) | (columns.first_day <= sa.bindparam("last")))
    return statement


class SqlJournal(Generic[M]):
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
                    iso(first),
                    iso(last),
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
        found = self._session.read(statement, {"owner": owner, "first": iso(first), "last": iso(last)})
        return tuple(loads(self._kind.model, body) for (body,) in found)

    def of_many(
        self, owners: Iterable[str], first: dt.date | None = None, last: dt.date | None = None
    ) -> dict[str, tuple[M, ...]]:
        statement = _journals_of(self._kind.name, first is not None, last is not None)
        span = {"first": iso(first), "last": iso(last)}
        found: dict[str, list[M]] = {}
        rows: Any = self._session.read(statement, {"owners": listed(owners), **span})
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
