"""The state machine of requests, on the store in memory and, a few times, on a database file."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from periscolaire.ports import Store
from periscolaire.testing.requests import RequestMachine
from tests.stores import new_sqlite

QUICK = settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class OnSqlite(RequestMachine):
    """The same on a database file."""

    def make_store(self) -> Store:
        self.folder = tempfile.TemporaryDirectory()
        return new_sqlite(Path(self.folder.name) / "demandes.sqlite")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestRequests = RequestMachine.TestCase
TestRequests.settings = QUICK
TestRequestsOnSqlite = OnSqlite.TestCase
TestRequestsOnSqlite.settings = settings(QUICK, max_examples=3, stateful_step_count=15)
