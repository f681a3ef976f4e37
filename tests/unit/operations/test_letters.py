"""Nothing is recorded of a letter that did not leave; the others go on; nobody is told twice."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Anomaly
from periscolaire.billing import DueReminder, Invoice
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError
from periscolaire.ids import HouseholdId
from periscolaire.operations import (
    bill,
    deliver_anomalies,
    deliver_invoices,
    deliver_reminders,
    import_files,
    publish_reglement,
    record_reminders,
)
from periscolaire.ports import Store, UnitOfWork
from periscolaire.storage import MemoryStore

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon"
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
NOW = dt.datetime(2025, 12, 1, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 1, 20, 9, tzinfo=dt.UTC)
BROKEN = HouseholdId("F002")


@pytest.fixture
def store() -> Iterator[Store]:
    made = MemoryStore()
    with made.unit() as uow:
        publish_reglement((EXAMPLE / "reglement.toml").read_text("utf-8"), uow, actor=CLERK, now=NOW)
        import_files({name: _first_families(name) for name in ("foyers", "enfants", "faits", "demandes", "pointages")},
                     uow, actor=CLERK, now=NOW)  # fmt: skip
        uow.commit()
    yield made
    made.close()


def _first_families(name: str) -> bytes:
    head, *lines = (EXAMPLE / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)
    kept = ("F001", "F002", "F003", "E001", "E002", "E003", "E004", "E005", "E006")
    return (head + "".join(line for line in lines if any(code in line for code in kept))).encode()


def issue(store: Store) -> tuple[Invoice, ...]:
    with store.unit() as uow:
        invoices, _ = bill(NOVEMBER, uow, actor=CLERK, issued_on=NOW.date(), now=NOW)
        uow.commit()
    return tuple(invoices)


def failing(household: HouseholdId) -> str:
    if household == BROKEN:
        raise smtplib.SMTPServerDisconnected("server gone")
    return "courriel"


def test_a_reminder_whose_letter_did_not_leave_is_due_again(store: Store) -> None:
    invoices = issue(store)
    homes = {one.payer for one in invoices}
    assert BROKEN in homes
    letters: list[tuple[DueReminder, ...]] = []

    def send(due: tuple[DueReminder, ...], uow: UnitOfWork) -> str:
        letters.append(due)
        return failing(due[0].household)

    first = deliver_reminders("REGIE", store, actor=CLERK, on=LATER.date(), now=LATER, send=send)
    assert {letter[0].household for letter in first.sent} == homes - {BROKEN}
    assert [household for household, _ in first.failed] == [BROKEN]
    with store.unit(write=False) as uow:
        assert {one.invoice for one in uow.reminders.stream()} == {one.id for one in invoices if one.payer != BROKEN}
        assert all(one.channel == "courriel" for one in uow.reminders.stream())
    again = deliver_reminders("REGIE", store, actor=CLERK, on=LATER.date(), now=LATER, send=lambda due, uow: "courrier")
    assert [letter[0].household for letter in again.sent] == [BROKEN]
    with store.unit() as uow, pytest.raises(ConflictError):
        record_reminders(again.sent[0], uow, actor=CLERK, on=LATER.date(), now=LATER)


def test_a_family_whose_notice_did_not_leave_was_told_nothing(store: Store) -> None:
    def send(told: tuple[Anomaly, ...], uow: UnitOfWork) -> str:
        assert all(one.kind.is_for_family for one in told)
        return failing(told[0].household)

    first = deliver_anomalies(NOVEMBER, store, actor=CLERK, now=NOW, send=send)
    assert first.sent
    assert [household for household, _ in first.failed] in ([], [BROKEN])
    with store.unit(write=False) as uow:
        told = {one.household for one in uow.anomalies.stream()}
    assert told == {letter[0].household for letter in first.sent}
    second = deliver_anomalies(NOVEMBER, store, actor=CLERK, now=NOW, send=lambda letter, uow: "courriel")
    assert {letter[0].household for letter in second.sent} == {household for household, _ in first.failed}
    assert deliver_anomalies(NOVEMBER, store, actor=CLERK, now=NOW, send=send).sent == ()


def test_an_invoice_is_told_once(store: Store) -> None:
    invoices = issue(store)
    ids = [one.id for one in invoices]
    first = deliver_invoices(ids, store, actor=CLERK, now=NOW, send=lambda one, uow: failing(one.payer))
    assert [one.payer for one in first.sent] == [one.payer for one in invoices if one.payer != BROKEN]
    second = deliver_invoices(ids, store, actor=CLERK, now=NOW, send=lambda one, uow: "courriel")
    assert [one.payer for one in second.sent] == [BROKEN]
    assert deliver_invoices(ids, store, actor=CLERK, now=NOW, send=lambda one, uow: "courriel").sent == ()
