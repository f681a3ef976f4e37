"""Adapters that keep things: in memory, or in an SQL database (SQLite file, PostgreSQL).

What an extra brings (the SQL store, the password hasher) is imported when first asked for.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from periscolaire.errors import MisuseError
from periscolaire.storage._blobs import FileBlobs, MemoryBlobs
from periscolaire.storage._memory import MemoryStore

if TYPE_CHECKING:
    from periscolaire.ports import Store
    from periscolaire.storage._hasher import Argon2Hasher
    from periscolaire.storage.sql._store import SqlStore

__all__ = [
    "Argon2Hasher",
    "FileBlobs",
    "MemoryBlobs",
    "MemoryStore",
    "SqlStore",
    "create_store",
    "open_store",
    "store_url",
]

_LAZY = {"SqlStore": "periscolaire.storage.sql._store", "Argon2Hasher": "periscolaire.storage._hasher"}
_EXTRAS = {
    "argon2": "accounts",
    "sqlalchemy": "sql",
    "alembic": "sql",
    "psycopg": "postgres",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_LAZY[name]), name)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        raise MisuseError(
            f"{error.name} is not installed: {name} is an extra, install it with pip install 'periscolaire[{extra}]'",
            code="store.extra_missing",
            module=str(error.name),
            extra=extra,
        ) from error


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
