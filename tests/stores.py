"""New stores for tests. A new SQLite file is a copy of an empty one: to make one takes an eighth of a second."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from periscolaire.ports import Store
from periscolaire.storage import MemoryStore, create_store, open_store

__all__ = ["new_sqlite", "new_store"]


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vide.sqlite"
        create_store(path).close()
        return path.read_bytes()


def new_sqlite(path: Path) -> Store:
    """A new file, open."""
    path.write_bytes(_empty())
    return open_store(path)


def new_store(kind: str, folder: Path) -> Store:
    """A new store, in ``memory`` or in a file of ``folder`` (``sqlite``)."""
    return MemoryStore() if kind == "memory" else new_sqlite(folder / "commune.sqlite")
