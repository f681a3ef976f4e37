"""The one suite of stores, against each of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from periscolaire.ports import Store
from periscolaire.storage import MemoryStore, SqlStore
from periscolaire.testing.storage import StoreConformance


class TestMemory(StoreConformance):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestSqliteFile(StoreConformance):
    @pytest.fixture
    def store(self, new_sqlite: str) -> Iterator[Store]:
        store = SqlStore(new_sqlite)
        yield store
        store.close()


class TestPostgresql(StoreConformance):
    @pytest.fixture
    def store(self, new_postgresql: str) -> Iterator[Store]:
        store = SqlStore(new_postgresql)
        yield store
        store.close()
