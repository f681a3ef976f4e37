"""Billing a city in parts: the same invoices however it is cut, whoever computes, wherever it is killed."""

from __future__ import annotations

import datetime as dt
import functools
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Booked, Consumption, Outcome, Seen
from periscolaire.billing import Invoice, Means, Payment
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError
from periscolaire.households import Child, Custody, DatedFact, EvenOddWeeks, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, HouseholdId, PaymentId, ProductCode
from periscolaire.operations import (
    bill,
    issue_run,
    prepare_run,
    publish_reglement,
    read_account,
    record_payments,
    run_billing,
)
from periscolaire.operations.billing import _run
from periscolaire.ports import Store, UnitOfWork
from periscolaire.storage import MemoryStore, open_store
from tests.stores import new_sqlite, new_store

RULES = (Path(__file__).parents[3] / "examples" / "le-langon" / "reglement.toml").read_text(encoding="utf-8")
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2023, 12, 1, 9, tzinfo=dt.UTC)
NOVEMBER = Span(dt.date(2023, 11, 1), dt.date(2023, 11, 30))
DAYS = [dt.date(2023, 11, day) for day in (13, 14, 20, 21, 27)]
HOMES = [f"H{number:02}" for number in range(12)]


def city(store: Store) -> Store:
    """Twelve households of a child each; H09 shares the child of H02, week about; H05 has a quotient that changes."""
    with store.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        for number, home in enumerate(HOMES):
            children = [f"E{number:02}"] + (["E02"] if home == "H09" else [])
            members = tuple(Member(ChildId(child)) for child in children)
            uow.households.save(Household(HouseholdId(home), home, members=members))
            uow.children.save(Child(ChildId(children[0]), home, "Alix", dt.date(2015, 11, 17)))
            quotients = [(dt.date(2023, 9, 1), 200 * number)] + ([(DAYS[2], 4000)] if home == "H05" else [])
            uow.dated_facts.append(
                DatedFact(HouseholdId(home), "quotient", Decimal(value), first, None, NOW) for first, value in quotients
            )
        weeks = EvenOddWeeks(HouseholdId("H02"), HouseholdId("H09"))
        uow.custodies.append([Custody(ChildId("E02"), weeks, dt.date(2023, 9, 1))])
        uow.consumptions.put(eaten(number, day) for number in range(len(HOMES)) for day in DAYS)
        uow.commit()
    return store


def eaten(number: int, day: dt.date, outcome: Outcome = Outcome.AS_BOOKED) -> Consumption:
    key = SlotKey(ChildId(f"E{number:02}"), ProductCode("cantine"), day)
    fact = FactId(f"p{number:02}{day:%d}")
    return Consumption(key, HouseholdId(HOMES[number]), outcome, Booked.CONFIRMED, Seen.PRESENT, facts=(fact,))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = city(new_store(request.param, tmp_path))
    yield made
    made.close()


def run(store: Store, **more: Any) -> Any:
    said: dict[str, Any] = {"actor": CLERK, "issued_on": NOW.date(), "now": NOW, "make_id": lambda: "run"}
    return run_billing(NOVEMBER, store, **(said | more))


def issued(store: Store) -> list[Invoice]:
    with store.unit(write=False) as uow:
        return [stored.model for stored in uow.invoices.stream()]


def expected() -> list[Invoice]:
    """What one transaction issues for the same city."""
    store = city(MemoryStore())
    with store.unit() as uow:
        bill(NOVEMBER, uow, actor=CLERK, issued_on=NOW.date(), now=NOW, make_id=lambda: "run")
        uow.commit()
    return issued(store)


EXPECTED = expected()


def test_the_city_has_something_to_show() -> None:
    assert [one.payer for one in EXPECTED] == HOMES
    assert [one.number for one in EXPECTED] == list(range(1, 13))
    by_payer = {one.payer: one for one in EXPECTED}
    assert [line.child for line in by_payer[HouseholdId("H09")].lines] == ["E02", "E09"]
    assert len(by_payer[HouseholdId("H05")].lines) == 2
    assert all(line.steps and line.evidence for one in EXPECTED for line in one.lines)


@pytest.mark.parametrize("at_once", [1, 5, 400])
def test_the_cutting_changes_nothing(store: Store, at_once: int) -> None:
    report = run(store, at_once=at_once)
    assert issued(store) == EXPECTED
    assert (report.invoices, report.total) == (12, sum(one.total for one in EXPECTED))
    assert run(store, at_once=at_once).invoices == 0
    assert issued(store) == EXPECTED


@attrs.define
class Killed(Exception):
    """Stands for a power cut."""


@attrs.define
class Fragile:
    """A store that dies at the n-th commit, just before or just after it."""

    inner: Store
    left: int
    after: bool

    def unit(self, *, write: bool = True) -> UnitOfWork:
        uow = self.inner.unit(write=write)
        commit = uow.commit

        def dying() -> None:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise Killed
            commit()
            if self.left == 0:
                raise Killed

        uow.commit = dying  # type: ignore[method-assign]  # this very unit dies
        return uow

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_run_that_was_killed_is_just_run_again(store: Store, at: int, after: bool) -> None:
    with pytest.raises(Killed):
        run(Fragile(store, at, after), at_once=3)
    assert len(issued(store)) < len(EXPECTED) or (at == 4 and after)
    run(store, at_once=5)
    assert issued(store) == EXPECTED


@pytest.fixture(autouse=True)
def _nothing_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs here bear one name: none may find the store that another left open in this thread."""
    monkeypatch.setattr(_run, "_THERE", threading.local())


class Here(Executor):
    """Computes at once, and lets something happen before a given part."""

    def __init__(self, at: int, event: Callable[[], object]) -> None:
        self.at, self.event = at, event

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        self.at -= 1
        if self.at == 0:
            self.event()
        return future


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_two_runs_at_a_time_bill_nobody_twice(tmp_path: Path, at: int) -> None:
    path = tmp_path / "ville.sqlite"
    store = city(new_sqlite(path))
    other = Here(at, lambda: run(store, at_once=2))
    run(store, at_once=3, executor=other, opener=functools.partial(open_store, path))
    assert issued(store) == EXPECTED
    store.close()


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_whoever_computes_the_invoices_are_the_same(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ville.sqlite"
    store = city(new_sqlite(path))
    spawn = multiprocessing.get_context("spawn")
    with ThreadPoolExecutor(2) if kind == "threads" else ProcessPoolExecutor(2, spawn) as pool:
        # More parts than are handed out at a time.
        run(store, at_once=1, executor=pool, opener=functools.partial(open_store, path))
    assert issued(store) == EXPECTED
    store.close()


def test_what_was_prepared_before_others_issued_is_prepared_again(store: Store) -> None:
    with store.unit() as uow:
        prepared = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=NOW.date())
    run(store, at_once=5)
    with store.unit() as uow, pytest.raises(ConflictError, match="since the run was prepared"):
        issue_run(prepared, uow, actor=CLERK, now=NOW)
    assert issued(store) == EXPECTED


def test_late_facts_and_credits_go_through_parts_too(store: Store) -> None:
    run(store, at_once=4)
    with store.unit() as uow:
        paid = Payment(
            PaymentId("p"), HouseholdId("H01"), "REGIE", Means.CASH, 5000, dt.date(2023, 12, 3), NOW, "régie"
        )
        record_payments([paid], uow, actor=CLERK, now=NOW)
        gone = eaten(0, DAYS[0])
        uow.consumptions.remove([gone.key])
        uow.consumptions.put([eaten(1, dt.date(2023, 11, 28))])
        uow.commit()
    with store.unit(write=False) as uow:
        prepared = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=NOW.date())
    report = run(store, at_once=4)
    assert (report.invoices, report.total) == (2, sum(draft.total for draft in prepared.drafts))
    credit_note, more = issued(store)[12:]
    assert credit_note.total < 0
    assert credit_note.lines[0].corrects
    with store.unit(write=False) as uow:
        assert uow.allocations.of(more.id)  # what was paid too much settled it at once


def test_who_may_and_how(store: Store) -> None:
    parent = FamilyActor(AccountId("a"), AdultId("b"), frozenset({HouseholdId("H01")}))
    with pytest.raises(AccessDeniedError):
        run(store, actor=parent)
    with pytest.raises(MisuseError), ThreadPoolExecutor(1) as pool:
        run(store, executor=pool)
    assert issued(store) == []


def test_the_account_read_with_others_is_the_account(store: Store) -> None:
    run(store)
    with store.unit(write=False) as uow:
        account = read_account(HouseholdId("H03"), "REGIE", uow, actor=CLERK)
        assert [one.payer for one in account.invoices] == ["H03"]
