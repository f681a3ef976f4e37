"""Purging by the retention table: counted first, books never touched, accounts and links past their time gone."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import RETENTION, Role, StaffActor
from periscolaire.errors import AccessDeniedError
from periscolaire.operations import Purged, purge
from periscolaire.storage import MemoryBlobs, MemoryStore
from periscolaire.testing import _stored_samples as samples

CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
MUCH_LATER = dt.datetime(2060, 1, 15, 9, tzinfo=dt.UTC)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    with store.unit() as uow:
        uow.accounts.save(samples.MODELS["accounts"][0])
        uow.tokens.save(samples.MODELS["tokens"][0])
        uow.invoices.save(samples.MODELS["invoices"][0])
        uow.commit()
    return store


def sizes(store: MemoryStore) -> tuple[int, int, int]:
    with store.unit(write=False) as uow:
        return len(uow.accounts), len(uow.tokens), len(uow.invoices)


def test_a_dry_run_counts_and_writes_nothing(store: MemoryStore) -> None:
    with store.unit() as uow:
        report = purge(uow, actor=CLERK, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs())
    assert not report.done
    assert {line.record for line in report.lines} >= {"accounts", "tokens", "invoices"}
    assert sizes(store) == (1, 1, 1)


def test_what_is_over_goes_and_the_books_stay(store: MemoryStore) -> None:
    with store.unit() as uow:
        tried = purge(uow, actor=CLERK, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs())
        done = purge(uow, actor=CLERK, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs(), dry_run=False)
    assert done.lines == tried.lines, "a dry run tells what the run does"
    assert sizes(store) == (0, 0, 1)
    (books,) = [line for line in done.lines if line.record == "invoices"]
    assert books.fate is Purged.VISA
    with store.unit() as uow:
        again = purge(uow, actor=CLERK, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs(), dry_run=False)
    assert {line.fate for line in again.lines} <= {Purged.VISA, Purged.HELD}


def test_what_is_not_over_stays(store: MemoryStore) -> None:
    now = samples.AT
    with store.unit() as uow:
        purge(uow, actor=CLERK, at=now, channel="mairie", blobs=MemoryBlobs(), dry_run=False)
    assert sizes(store)[0] == 1


def test_only_the_administrator_may(store: MemoryStore) -> None:
    reader = StaffActor("2", frozenset({Role.READ}))
    with store.unit() as uow, pytest.raises(AccessDeniedError):
        purge(uow, actor=reader, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs())


def test_every_line_of_the_table_can_be_purged_whatever_is_kept() -> None:
    """A store with a sample of everything, long after: each line counts what it finds, twice the same."""
    store = MemoryStore()
    with store.unit() as uow:
        for name, models in samples.MODELS.items():
            for model in models:
                getattr(uow, name).save(model)
        for name, facts in samples.FACTS.items():
            getattr(uow, name).append(facts)
        uow.commit()
    with store.unit() as uow:
        lines = [line for line in RETENTION if line.record != "households"]  # samples make no whole family
        report = purge(uow, actor=CLERK, at=MUCH_LATER, channel="mairie", blobs=MemoryBlobs(), retention=lines)
    counted = {line.record for line in report.lines}
    assert {"quittances", "rejections", "refunds", "write_offs", "reminders", "allocations", "online_events"} <= counted
    assert {line.record for line in RETENTION} - counted <= {
        "children", "custodies", "households", "dated_facts", "documents", "disputes", "requests", "closures",
    }  # fmt: skip
