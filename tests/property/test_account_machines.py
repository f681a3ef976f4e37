"""The state machines of accounts, run on the store in memory; and on SQLite a few times, for what memory forgives."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from periscolaire.ports import Store
from periscolaire.testing.accounts import ActivationMachine, SignInMachine
from tests.stores import new_sqlite

QUICK = settings(max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class OnSqlite:
    """The same attacks on a database file."""

    def make_store(self) -> Store:
        self.folder = tempfile.TemporaryDirectory()
        return new_sqlite(Path(self.folder.name) / "comptes.sqlite")

    def teardown(self) -> None:
        super().teardown()  # type: ignore[misc]  # a machine stands behind
        if hasattr(self, "folder"):
            self.folder.cleanup()


class ActivationOnSqlite(OnSqlite, ActivationMachine): ...


class SignInOnSqlite(OnSqlite, SignInMachine): ...


TestActivation = ActivationMachine.TestCase
TestActivation.settings = QUICK
TestSignIn = SignInMachine.TestCase
TestSignIn.settings = QUICK
TestActivationOnSqlite = ActivationOnSqlite.TestCase
TestActivationOnSqlite.settings = settings(QUICK, max_examples=3, stateful_step_count=15)
TestSignInOnSqlite = SignInOnSqlite.TestCase
TestSignInOnSqlite.settings = settings(QUICK, max_examples=3, stateful_step_count=15)
