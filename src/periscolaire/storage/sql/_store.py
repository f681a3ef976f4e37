"""The SQL store: an SQLite file by default, PostgreSQL when several machines share it."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event, exc

from periscolaire.errors import ConflictError, MisuseError, NotFoundError, UnknownFormatError
from periscolaire.ports import UnitOfWork
from periscolaire.storage.sql._backend import SqlBackend
from periscolaire.storage.sql._schema import FORMAT, STORE
from periscolaire.storage.sql._session import Session

__all__ = ["SqlStore"]

#: How long a writer waits for the one before it, in seconds, before it gives up with a ConflictError.
BUSY_SECONDS = 60
_WRITING = "periscolaire_writing"
_NAMESPACE = 0x70657269  # "peri": advisory locks of this package


def _engine(url: str, must_exist: bool) -> sa.Engine:
    target = sa.make_url(url)
    if target.get_backend_name() == "sqlite":
        if target.database in (None, "", ":memory:"):
            raise MisuseError(
                "an SQL store needs a file: expected sqlite:///chemin/vers/fichier.sqlite", code="store.no_file"
            )
        if must_exist and not Path(str(target.database)).exists():
            raise NotFoundError(
                f"{target.database}: no such store; create it with SqlStore.create",
                code="store.none",
                path=str(target.database),
            )
        engine = sa.create_engine(target, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if target.get_backend_name() != "postgresql":
        raise MisuseError(
            f"{target.get_backend_name()}: expected an SQLite or PostgreSQL address",
            code="store.other_database",
            name=target.get_backend_name(),
        )
    return sa.create_engine(target.set(drivername="postgresql+psycopg"))


def _prepare_sqlite(connection: Any, _: object) -> None:
    # SQLAlchemy's begin event says BEGIN, not the driver: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Readers never wait for the writer; an issued invoice survives a power cut (FULL); no dangling reference.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(engine: sa.Engine) -> None:
    # Alembic is heavy, and only asked for when a store is made or brought up to date.
    from periscolaire.storage.sql._migrate import migrate

    migrate(engine)


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes its turn before it reads: one that upgraded later would find its reading stale.
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class _SqlUnit(UnitOfWork):
    def __init__(self, engine: sa.Engine, writing: bool) -> None:
        self._engine = engine
        self._writing = writing
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        connection = self._engine.connect()
        if self._engine.dialect.name == "postgresql":
            isolation = "READ COMMITTED" if self._writing else "REPEATABLE READ"
            connection = connection.execution_options(isolation_level=isolation, postgresql_readonly=not self._writing)
        else:
            connection = connection.execution_options(**{_WRITING: self._writing})
        self._connection = connection
        super().__init__(SqlBackend(Session(connection, self._writing)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # rolls back what was not committed
        if isinstance(error, exc.OperationalError) and _is_waiting(error):
            raise ConflictError(
                f"the store was busy for {BUSY_SECONDS} s: try again", code="store.busy", seconds=BUSY_SECONDS
            ) from error

    def _open(self) -> sa.Connection:
        if self._connection is None:
            raise MisuseError("the unit of work is not open: enter it with `with`")
        return self._connection

    def commit(self) -> None:
        self._open().commit()

    def rollback(self) -> None:
        self._open().rollback()

    def hold(self, *owners: str) -> None:
        connection = self._open()
        if connection.dialect.name != "postgresql":
            return  # SQLite's writers already run one after the other
        # One order for all, so that two units cannot wait for each other in a circle.
        for number in sorted({_lock_number(owner) for owner in owners}):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NAMESPACE, number)))


def _lock_number(owner: str) -> int:
    return int.from_bytes(hashlib.sha256(owner.encode()).digest()[:4], "big", signed=True)


def _is_waiting(error: exc.OperationalError) -> bool:
    text = str(error.orig)
    return "database is locked" in text or "deadlock detected" in text or "lock timeout" in text


class SqlStore:
    """A store in a database; one engine, hence not to be carried across a fork: each process opens its own."""

    def __init__(self, url: str) -> None:
        """Open the store at ``url`` (``sqlite:///fichier.sqlite`` or ``postgresql://…``).

        :raises NotFoundError: no such file.
        :raises UnknownFormatError: not a store, or one of another format; the message says what to do.
        """
        self._engine = _engine(url, must_exist=True)
        try:
            check_format(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @classmethod
    def create(cls, url: str) -> SqlStore:
        """Make a new, empty store at ``url``, and open it.

        :raises ConflictError: there is a store already.
        """
        engine = _engine(url, must_exist=False)
        try:
            if sa.inspect(engine).has_table(STORE.name):
                raise ConflictError(
                    f"{engine.url.render_as_string()}: there is a store already",
                    code="store.exists",
                    path=str(engine.url.database),
                )
            _migrate(engine)
            with engine.connect().execution_options(**{_WRITING: True}) as connection:
                now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
                connection.execute(sa.insert(STORE).values(format=FORMAT, created_at=now))
                connection.commit()
        finally:
            engine.dispose()
        return cls(url)

    @classmethod
    def upgrade(cls, url: str) -> SqlStore:
        """Bring an older store to the format of this release, and open it."""
        engine = _engine(url, must_exist=True)
        try:
            found = _format(engine)
            if found > FORMAT:
                raise _newer(found)
            _migrate(engine)
            with engine.connect().execution_options(**{_WRITING: True}) as connection:
                connection.execute(sa.update(STORE).values(format=FORMAT))
                connection.commit()
        finally:
            engine.dispose()
        return cls(url)

    def unit(self, *, write: bool = True) -> UnitOfWork:
        """A unit of work, to be entered with ``with``; see :class:`~periscolaire.ports.Store`."""
        return _SqlUnit(self._engine, write)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _format(engine: sa.Engine) -> int:
    address = engine.url.render_as_string()
    try:
        with engine.connect() as connection:
            found: list[int] = list(connection.execute(sa.select(STORE.c.format)).scalars())
    except exc.DatabaseError as error:
        raise UnknownFormatError(
            f"{address}: not a store of periscolaire; create one with SqlStore.create",
            code="store.not_ours",
            path=str(engine.url.database),
        ) from error
    if len(found) != 1:
        raise UnknownFormatError(
            f"{address}: expected one format, found {len(found)}; restore the store from a copy",
            code="store.damaged",
            path=str(engine.url.database),
        )
    return found[0]


def _newer(found: int) -> UnknownFormatError:
    return UnknownFormatError(
        f"the store has format {found}, this release reads {FORMAT}: install a newer release of periscolaire",
        code="store.newer",
        found=found,
        known=FORMAT,
    )


def check_format(engine: sa.Engine) -> None:
    """Refuse a store that this release does not read.

    :raises UnknownFormatError: with what to do.
    """
    found = _format(engine)
    if found > FORMAT:
        raise _newer(found)
    if found < FORMAT:
        raise UnknownFormatError(
            f"the store has format {found}, this release reads {FORMAT}: copy it, then bring it up to date with "
            "SqlStore.upgrade",
            code="store.older",
            found=found,
            known=FORMAT,
        )
