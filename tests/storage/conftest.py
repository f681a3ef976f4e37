"""Empty stores of each sort; the PostgreSQL server is started once for the session, by the tests themselves."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
from collections.abc import Callable, Iterator
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
    """The address of a server, to be completed with the name of a database."""
    folder, owner = _postgresql.binaries(), _postgresql.unprivileged()
    if folder is None or owner is None or importlib.util.find_spec("psycopg") is None:
        pytest.skip("NO POSTGRESQL HERE (server binaries, an unprivileged user, psycopg): its adapter is NOT tested")
    with _postgresql.server(folder, owner) as address:
        SqlStore.create(_new_database(address, "template", None)).close()
        yield address


@pytest.fixture
def new_postgresql(postgresql_server: str) -> Callable[[], str]:
    """Makes new, empty PostgreSQL stores: each call gives the address of one."""
    return lambda: _new_database(postgresql_server, f"store{next(_numbers)}", "template")


_numbers = itertools.count(1)


def _new_database(address: str, name: str, template: str | None) -> str:
    engine = sa.create_engine(address.format("postgres").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    engine.dispose()
    return address.format(name)
