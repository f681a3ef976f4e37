"""What is counted in the transaction itself: places, numbers of invoices, keys of requests."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from periscolaire.booking import Overage
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import Key
from periscolaire.storage._errors import key_reused, key_taken, missing
from periscolaire.storage.sql._rows import instant_text
from periscolaire.storage.sql._schema import IDEMPOTENCY, NUMBER, PLACE
from periscolaire.storage.sql._session import Session, among, listed

__all__ = ["SqlKeys", "SqlNumbers", "SqlPlaces"]


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
    return sa.select(PLACE.c.pool, PLACE.c.taken).where(among(PLACE.c.pool, "names"))


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


class SqlPlaces:
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
        rows = self._session.read(_taken_in(), {"names": listed(pools)})
        return {row.pool: row.taken for row in rows}

    def overages(self) -> tuple[Overage, ...]:
        columns = PLACE.c
        statement = sa.select(columns.pool, columns.maximum, columns.taken).where(columns.taken > columns.maximum)
        rows = self._session.read(statement.order_by(columns.pool))
        return tuple(Overage(row.pool, row.maximum, row.taken) for row in rows)


class SqlNumbers:
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


class SqlKeys:
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
