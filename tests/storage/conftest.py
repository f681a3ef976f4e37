"""Empty stores of each sort; the PostgreSQL server is started once for the session, by the tests themselves."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from periscolaire.storage import SqlStore

_spec = importlib.util.spec_from_file_location("postgresql_server", Path(__file__).with_name("_postgresql.py"))
assert _spec is not None
assert _spec.loader is not None
_postgresql = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_postgresql)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, to be copied: making one takes half a second."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite"
    SqlStore.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def new_sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a new, empty SQLite store."""
    path = tmp_path / "store.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a store on a server of our own."""
    folder, owner = _postgresql.binaries(), _postgresql.unprivileged()
    if folder is None or owner is None or importlib.util.find_spec("psycopg") is None:
        pytest.skip("NO POSTGRESQL HERE (server binaries, an unprivileged user, psycopg): its adapter is NOT tested")
    with _postgresql.server(folder, owner) as address:
        engine = sa.create_engine(_driver(address.format("postgres")))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("CREATE DATABASE store"))
        engine.dispose()
        SqlStore.create(address.format("store")).close()
        yield address.format("store")


@pytest.fixture
def new_postgresql(postgresql_server: str) -> str:
    """The address of an empty PostgreSQL store: always the same one, emptied, since making one takes a second."""
    engine = sa.create_engine(_driver(postgresql_server))
    names = [name for name in sa.inspect(engine).get_table_names() if name not in ("store", "alembic_version")]
    with engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))
    engine.dispose()
    return postgresql_server


def _driver(address: str) -> str:
    return address.replace("postgresql:", "postgresql+psycopg:")
