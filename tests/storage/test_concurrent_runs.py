"""Several processes bill one city while families book, and some are killed: every day billed once, no number lost."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice, Means, Payment
from periscolaire.booking import Basket
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError
from periscolaire.files import read_reglement
from periscolaire.ids import ChildId, HouseholdId, Key, PaymentId, ProductCode
from periscolaire.operations import (
    Refunded,
    bill,
    import_files,
    publish_reglement,
    read_account,
    record_payments,
    refund_household,
    run_billing,
    validate,
)
from periscolaire.ports import Store
from periscolaire.storage import MemoryStore, open_store

SPAWN = multiprocessing.get_context("spawn")
CLERK = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC)
JANUARY = Span(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
DAYS = ("2026-01-08", "2026-01-09", "2026-01-12")
HOMES = tuple(f"F{number:02}" for number in range(24))
RULES = """
format = 1
commune = "Ville disputée"
version = "v1"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "sans limite"
annulation = "la veille 10:00"
prix = "4,00"
"""


def city(store: Store) -> None:
    files = {
        "foyers": "foyer;nom;prenom_1\n" + "".join(f"{home};{home};Anne\n" for home in HOMES),
        "enfants": "enfant;foyer;nom;prenom\n" + "".join(f"E{home};{home};{home};Clara\n" for home in HOMES),
        "pointages": "enfant;produit;jour;present\n"
        + "".join(f"E{home};cantine;{day};oui\n" for home in HOMES for day in DAYS),
    }
    with store.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        import_files({name: text.encode() for name, text in files.items()}, uow, actor=CLERK, now=NOW)
        uow.commit()


def bill_until_done(url: str, start: Barrier) -> None:
    """Bill, two families a transaction; overtaken or refused by a busy database, start again."""
    store = open_store(url)
    start.wait(120)
    while True:
        try:
            report = run_billing(JANUARY, store, actor=CLERK, issued_on=NOW.date(), now=NOW, at_once=2)
        except ConflictError:
            continue
        if not report.invoices:
            break
    store.close()


def bill_at_once(url: str, start: Barrier) -> None:
    """The whole city in one transaction."""
    store = open_store(url)
    start.wait(120)
    while True:
        try:
            with store.unit() as uow:
                issued, _ = bill(JANUARY, uow, actor=CLERK, issued_on=NOW.date(), now=NOW)
                uow.commit()
        except ConflictError:
            continue
        if not issued:
            break
    store.close()


def book_for_ever(url: str, start: Barrier) -> None:
    """Families who book other days meanwhile."""
    store, rules = open_store(url), read_reglement(RULES)
    start.wait(120)
    for turn in range(10_000):
        home = HOMES[turn % len(HOMES)]
        day = dt.date(2026, 3, 2) + dt.timedelta(days=(turn // len(HOMES)) % 4)
        basket = Basket.of(HouseholdId(home)).book(ChildId(f"E{home}"), ProductCode("cantine"), day)
        try:
            with store.unit() as uow:
                validate(basket, uow, actor=CLERK, key=Key(f"k{os.getpid()}-{turn}"), at=NOW, reglement=rules)
                uow.commit()
        except ConflictError:
            continue


def documents(store: Store) -> list[Invoice]:
    with store.unit(write=False) as uow:
        return sorted((stored.model for stored in uow.invoices.stream()), key=lambda one: one.number)


@pytest.fixture(params=["new_sqlite", "new_postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    store = open_store(url)
    city(store)
    store.close()
    return url


@pytest.mark.parametrize("third", [bill_until_done, bill_at_once])
def test_runs_that_race_and_die_bill_every_day_once(address: str, third: Callable[[str, Barrier], None]) -> None:
    start = SPAWN.Barrier(5)
    processes = [
        SPAWN.Process(target=target, args=(address, start), daemon=True)
        for target in (book_for_ever, bill_until_done, bill_until_done, third)
    ]
    for process in processes:
        process.start()
    store, alone = open_store(address), MemoryStore()
    start.wait(120)  # all have opened the store: now they race
    while not documents(store):
        time.sleep(0.01)
    killed, booking = processes[1], processes[0]  # in the middle of its run
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    for process in processes[2:]:
        process.join(120)
        assert process.exitcode == 0
    booking.kill()
    for process in processes:
        process.join()

    city(alone)
    run_billing(JANUARY, alone, actor=CLERK, issued_on=NOW.date(), now=NOW)
    run_billing(JANUARY, store, actor=CLERK, issued_on=NOW.date(), now=NOW)
    issued = documents(store)
    assert [one.number for one in issued] == list(range(1, len(HOMES) + 1))
    found = Counter((one.payer, day) for one in issued for line in one.lines for day in line.days)
    assert found == Counter((one.payer, day) for one in documents(alone) for line in one.lines for day in line.days)
    assert set(found.values()) == {1}
    store.close()


def test_a_credit_is_not_given_back_while_a_run_spends_it(address: str) -> None:
    store, home, today = open_store(address), HouseholdId(HOMES[0]), NOW.date()
    with store.unit() as uow:
        paid = Payment(PaymentId("p1"), home, "REGIE", Means.CHEQUE, 1200, today, NOW, CLERK.label)
        record_payments([paid], uow, actor=CLERK, now=NOW)
        uow.commit()
    refused: list[ConflictError] = []

    def give_back() -> None:
        other = open_store(address)
        try:
            with other.unit() as uow:
                wanted = Refunded(home, "REGIE", Means.TRANSFER, 1200, today)
                refund_household(wanted, uow, actor=CLERK, now=NOW)
                uow.commit()
        except ConflictError as error:
            refused.append(error)
        other.close()

    with store.unit() as uow:
        bill(JANUARY, uow, actor=CLERK, issued_on=today, now=NOW)  # the credit pays the three days, nothing is left
        clerk = threading.Thread(target=give_back)
        clerk.start()
        clerk.join(0.5)  # long enough to read the account, if it did not wait
        assert clerk.is_alive()
        uow.commit()
    clerk.join(60)
    assert [error.code for error in refused] == ["account.credit_too_small"]
    with store.unit(write=False) as uow:
        account = read_account(home, "REGIE", uow, actor=CLERK)
        assert (account.credit, account.overdrawn, sum(account.remaining().values())) == (0, 0, 0)
    store.close()
