"""Adapters that keep things: in memory, or in an SQL database (SQLite file, PostgreSQL).

The SQL store is imported when first asked for, because SQLAlchemy is an extra.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from periscolaire.errors import MisuseError
from periscolaire.storage._blobs import FileBlobs, MemoryBlobs
from periscolaire.storage._memory import MemoryStore

if TYPE_CHECKING:
    from periscolaire.ports import Store
    from periscolaire.storage._sql import SqlStore

__all__ = ["FileBlobs", "MemoryBlobs", "MemoryStore", "SqlStore", "create_store", "open_store", "store_url"]

_EXTRAS = {
    "sqlalchemy": "sql",
    "alembic": "sql",
    "psycopg": "postgres",
}


def __getattr__(name: str) -> Any:
    if name != "SqlStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from periscolaire.storage._sql import SqlStore
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        raise MisuseError(
            f"{error.name} is not installed: the SQL store is an extra, install it with "
            f"pip install 'periscolaire[{extra}]'"
        ) from error
    return SqlStore


def store_url(target: str | Path) -> str:
    """The address of a store: ``target`` itself if it is one, else the SQLite file of that name."""
    text = str(target)
    return text if "://" in text or text == "memory:" else f"sqlite:///{text}"


def open_store(target: str | Path) -> Store:
    """The store at ``target``: ``memory:`` (new and empty), a file name, ``sqlite:///…`` or ``postgresql://…``.

    :raises NotFoundError: no such file.
    :raises UnknownFormatError: not a store, or one of another format.
    :raises MisuseError: the extra that this store needs is not installed.
    """
    url = store_url(target)
    if url == "memory:":
        return MemoryStore()
    sql_store: type[SqlStore] = __getattr__("SqlStore")
    return sql_store(url)


def create_store(target: str | Path) -> Store:
    """A new, empty store at ``target`` (see :func:`open_store`).

    :raises ConflictError: there is a store already.
    :raises MisuseError: the extra that this store needs is not installed.
    """
    url = store_url(target)
    if url == "memory:":
        return MemoryStore()
    sql_store: type[SqlStore] = __getattr__("SqlStore")
    return sql_store.create(url)
