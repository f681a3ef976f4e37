"""One SQL connection: statements of SQLAlchemy Core, bulk rows as plain tuples, many names as one parameter.

Statements that a request of one family sends many times are written once, with parameters, and kept: to build one costs
ten times what SQLite takes to answer it. (Their types are left open: the two checkers count the columns of a row
differently.)
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from periscolaire.errors import MisuseError

__all__ = ["M", "Session", "among", "iso", "listed"]


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


def listed(names: Iterable[str]) -> str:
    """Names to look up, each once, as the one parameter of :func:`among`."""
    return json.dumps(list(dict.fromkeys(names)))


def iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


class _Texts(FunctionElement[str]):
    """The texts of a JSON list as rows: one parameter, however many there are, and one text of the statement."""

    inherit_cache = True


@compiles(_Texts, "sqlite")
def _texts_of_sqlite(element: _Texts, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"


@compiles(_Texts, "postgresql")
def _texts_of_postgresql(element: _Texts, compiler: Any, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json)))"


def among(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """The column is one of the texts listed by the parameter of that name."""
    return column.op("IN", is_comparison=True)(_Texts(sa.bindparam(name, type_=sa.Text)))
