"""What only the SQL stores promise: their schema, their formats, what they say when something is missing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from periscolaire.errors import ConflictError, MisuseError, NotFoundError, UnknownFormatError
from periscolaire.storage import MemoryStore, SqlStore, create_store, open_store
from periscolaire.storage.sql._schema import METADATA


def differences(store: SqlStore) -> list[object]:
    with store._engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))


def test_migrations_lead_to_the_schema_on_sqlite(new_sqlite: str) -> None:
    store = SqlStore(new_sqlite)
    assert differences(store) == []
    store.close()


def test_migrations_lead_to_the_schema_on_postgresql(new_postgresql: str) -> None:
    store = SqlStore(new_postgresql)
    assert differences(store) == []
    store.close()


def test_consumptions_have_no_rowid(new_sqlite: str) -> None:
    with sqlite3.connect(new_sqlite.removeprefix("sqlite:///")) as connection:
        (ddl,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'consumption'").fetchone()
    connection.close()
    assert ddl.rstrip().endswith("WITHOUT ROWID")


def test_sqlite_is_opened_with_its_pragmas(new_sqlite: str) -> None:
    store = SqlStore(new_sqlite)
    with store._engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in (
            "journal_mode", "foreign_keys", "synchronous", "busy_timeout")}  # fmt: skip
    store.close()
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 60_000}


@pytest.mark.parametrize(("found", "advice"), [(2, "newer release"), (0, "SqlStore.upgrade")])
def test_a_store_of_another_format_is_refused_with_what_to_do(new_sqlite: str, found: int, advice: str) -> None:
    connection = sqlite3.connect(new_sqlite.removeprefix("sqlite:///"))
    connection.execute("UPDATE store SET format = ?", [found])
    connection.commit()
    connection.close()
    with pytest.raises(UnknownFormatError, match=advice):
        SqlStore(new_sqlite)


def test_an_older_store_is_upgraded_and_a_newer_one_is_not(new_sqlite: str) -> None:
    connection = sqlite3.connect(new_sqlite.removeprefix("sqlite:///"))
    connection.execute("UPDATE store SET format = 0")
    connection.commit()
    SqlStore.upgrade(new_sqlite).close()
    SqlStore(new_sqlite).close()
    connection.execute("UPDATE store SET format = 9")
    connection.commit()
    connection.close()
    with pytest.raises(UnknownFormatError, match="newer release"):
        SqlStore.upgrade(new_sqlite)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    text = tmp_path / "text.sqlite"
    text.write_text("bonjour" * 1000, encoding="utf-8")
    for path in (other, text):
        with pytest.raises(UnknownFormatError, match="not a store"):
            open_store(path)
    with pytest.raises(NotFoundError):
        open_store(tmp_path / "absent.sqlite")
    assert not (tmp_path / "absent.sqlite").exists()


def test_a_store_is_not_made_over_another(tmp_path: Path) -> None:
    create_store(tmp_path / "one.sqlite").close()
    with pytest.raises(ConflictError):
        create_store(tmp_path / "one.sqlite")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises((MisuseError, sa.exc.NoSuchModuleError)):
        open_store(url)


def test_memory_is_a_store_like_another() -> None:
    assert isinstance(open_store("memory:"), MemoryStore)
    assert isinstance(create_store("memory:"), MemoryStore)


def test_a_unit_that_is_not_open_is_misuse(new_sqlite: str) -> None:
    store = SqlStore(new_sqlite)
    with pytest.raises(MisuseError):
        store.unit().commit()
    store.close()


def test_a_second_unit_in_one_thread_is_misuse_in_memory() -> None:
    store = MemoryStore()
    with store.unit(), pytest.raises(MisuseError), store.unit():
        pass


WITHOUT_EXTRAS = """
import sys
for name in ("sqlalchemy", "alembic", "psycopg"):
    sys.modules[name] = None
import periscolaire.storage, periscolaire.ports, periscolaire.errors
assert periscolaire.storage.open_store("memory:") is not None
try:
    periscolaire.storage.open_store("x.sqlite")
except periscolaire.errors.MisuseError as error:
    assert "periscolaire[sql]" in str(error), error
else:
    raise SystemExit("no error")
"""


def test_without_the_extra_the_error_names_it() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_EXTRAS], check=True, env={"PYTHONPATH": ":".join(sys.path)})
