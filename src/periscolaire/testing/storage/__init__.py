"""The conformance suite of stores: what every adapter must do, to be run against one's own.

Derive from :class:`StoreConformance` in a test module and give it a fixture ``store`` that yields a new, empty store::

    class TestMine(StoreConformance):
        @pytest.fixture
        def store(self) -> Iterator[Store]:
            store = MyStore(...)
            yield store
            store.close()
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from periscolaire.ports import Store
from periscolaire.testing.storage._counters import CounterPromises
from periscolaire.testing.storage._journals import JournalPromises
from periscolaire.testing.storage._records import RecordPromises
from periscolaire.testing.storage._slots import SlotPromises
from periscolaire.testing.storage._units import UnitPromises

__all__ = ["StoreConformance"]


class StoreConformance(UnitPromises, JournalPromises, RecordPromises, SlotPromises, CounterPromises):
    """Promises of a store, one test each; a subclass supplies the fixture ``store``."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A new, empty store."""
        raise NotImplementedError("give your own `store` fixture")
