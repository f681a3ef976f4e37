"""The whole life of a small city against a naive recomputation: in memory, and beside an SQLite file."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings

from periscolaire.ports import Store
from periscolaire.storage import MemoryStore
from periscolaire.testing.city import CityMachine, Sheet, city_machine
from tests.stores import new_sqlite

QUICK = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class BesideSqlite(CityMachine):
    """Memory and SQLite side by side: the same answers, the same documents, the same refusals."""

    def make_stores(self) -> Sequence[Store]:
        self.folder = tempfile.TemporaryDirectory()
        return (MemoryStore(), new_sqlite(Path(self.folder.name) / "ville.sqlite"))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestCity = CityMachine.TestCase
TestCity.settings = QUICK
TestCityBesideSqlite = BesideSqlite.TestCase
TestCityBesideSqlite.settings = settings(QUICK, max_examples=6, stateful_step_count=25)


def test_third_parties_are_numbered_last_however_the_city_is_cut() -> None:
    """One store is billed in one transaction, the other family by family: whoever pays, the numbers are the same."""
    machine = city_machine(MemoryStore)()
    machine.settle(sheet=Sheet(third_party=75, unchecked="présent"), custody="H1")
    machine.ask({"A", "C"}, "cantine", {dt.date(2025, 11, 20)}, ((9, 12, 0), None))
    machine.run("novembre", None, 1)
    assert [(one.payer, one.number) for one in machine.invoices()] == [("H1", 1), ("H2", 2), ("CCAS", 3)]
    machine.teardown()
