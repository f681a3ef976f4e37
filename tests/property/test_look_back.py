"""Bill in one go = bill, learn, correct: also over the end of a school year, however late a fact comes."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Presence
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.households import Child, DatedFact, Household, Member
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.operations import (
    prepare_run,
    publish_reglement,
    record_facts,
    record_people,
    record_presences,
    run_billing,
)
from periscolaire.operations.billing import _look_back
from periscolaire.ports import Store, UnitOfWork
from periscolaire.storage import MemoryStore
from tests.stores import new_sqlite

CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
RULES = """
format = 1
commune = "Exemple"
version = "2024"
en_vigueur = "2024-09-01"
zone = "B"

[[produits]]
code = "garderie"
jours = "jours de classe"
a_reserver = false
prix = [
  { si = { age = "< 8" }, prix = "0,50" },
  { prix = { selon = "quotient", tranches = [{ jusqu_a = 600, prix = "1,00" }, { prix = "2,00" }], sans = "2,00" } },
]
"""
HOMES = ("A", "B", "C")
MONTHS = ((2025, 5), (2025, 6), (2025, 7), (2025, 9), (2025, 10))
DAYS = [dt.date(2025, 5, 15), dt.date(2025, 6, 5), dt.date(2025, 6, 30), dt.date(2025, 9, 4), dt.date(2025, 10, 2)]
BEGINS = dt.datetime(2025, 4, 1, 8, tzinfo=dt.UTC)

#: (home, day, present), (home, first day, quotient), or (home, any day, when its child was born after all)
checks = st.tuples(st.sampled_from(HOMES), st.sampled_from(DAYS), st.booleans())
quotients = st.tuples(st.sampled_from(HOMES), st.sampled_from(DAYS), st.sampled_from([Decimal(300), Decimal(900)]))
births = st.tuples(
    st.sampled_from(HOMES), st.just(DAYS[0]), st.sampled_from([dt.date(2017, 1, 1), dt.date(2018, 1, 1)])
)
Learnt: TypeAlias = tuple[str, dt.date, bool | Decimal | dt.date]
#: What is learnt before each of the five runs.
lives = st.lists(st.lists(checks | quotients | births, max_size=5), min_size=len(MONTHS), max_size=len(MONTHS))


@pytest.fixture(autouse=True, scope="module")
def nothing_again() -> Iterator[None]:
    """Not one fact before a mark is looked at again, as if hundreds had been recorded since: marks alone must do."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_look_back, "_RESTS_ON", dict.fromkeys(_look_back._RESTS_ON, 0))
        yield


def month(year: int, number: int) -> Span:
    following = dt.date(year + number // 12, number % 12 + 1, 1)
    return Span(dt.date(year, number, 1), following - dt.timedelta(days=1))


class Commune:
    """A store, and instants that follow one another."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.count = itertools.count(1)
        with store.unit() as uow:
            publish_reglement(RULES, uow, actor=CLERK, now=BEGINS)
            for home in HOMES:
                uow.children.save(Child(ChildId(home + "1"), home, "Camille", dt.date(2017, 1, 1)))
                uow.households.save(Household(HouseholdId(home), home, members=(Member(ChildId(home + "1")),)))
            uow.commit()

    def learn(self, fact: Learnt) -> None:
        home, day, value = fact
        number = next(self.count)
        at = BEGINS + dt.timedelta(hours=number)
        with self.store.unit() as uow:
            self._record(uow, home, day, value, FactId(f"f{number}"), at)
            uow.commit()

    def _record(
        self, uow: UnitOfWork, home: str, day: dt.date, value: bool | Decimal | dt.date, id: FactId, at: dt.datetime
    ) -> None:
        if isinstance(value, bool):
            slot = SlotKey(ChildId(home + "1"), ProductCode("garderie"), day)
            record_presences([Presence(id, slot, value, at, "agent")], uow, actor=CLERK)
        elif isinstance(value, dt.date):
            child = attrs.evolve(uow.children.get(ChildId(home + "1")).model, birth_date=value)
            record_people([], [child], uow, actor=CLERK, at=at, channel="guichet")
        else:
            record_facts(
                [DatedFact(HouseholdId(home), "quotient", value, day, None, at)],
                uow,
                actor=CLERK,
                at=at,
                channel="guichet",
            )

    def bill(self, period: Span) -> int:
        number = next(self.count)
        report = run_billing(
            period, self.store, actor=CLERK, issued_on=dt.date(2025, 1, 1) + dt.timedelta(days=number),
            now=BEGINS + dt.timedelta(hours=number), at_once=2, make_id=lambda: f"r{number}",
        )  # fmt: skip
        return report.invoices

    def borne(self) -> Counter[tuple[str, dt.date]]:
        """What every day bears, net of what was taken back."""
        found: Counter[tuple[str, dt.date]] = Counter()
        with self.store.unit(write=False) as uow:
            for stored in uow.invoices.stream():
                for line in stored.model.lines:
                    for day in line.days:
                        found[stored.model.payer, day] += line.unit * (1 if line.quantity > 0 else -1)
        return Counter({key: amount for key, amount in found.items() if amount})


def corrected(life: list[list[Learnt]], store: Store) -> Commune:
    commune = Commune(store)
    for facts, (year, number) in zip(life, MONTHS, strict=True):
        for fact in facts:
            commune.learn(fact)
        commune.bill(month(year, number))
    return commune


@settings(max_examples=40, deadline=None)
@given(lives)
def test_what_was_learnt_late_is_corrected_over_the_year_s_end(
    life: list[list[Learnt]],
) -> None:
    commune = corrected(life, MemoryStore())
    at_once = Commune(MemoryStore())
    for fact in itertools.chain.from_iterable(life):
        at_once.learn(fact)
    at_once.bill(Span(month(*MONTHS[0]).first, month(*MONTHS[-1]).last))
    assert commune.borne() == at_once.borne()
    assert commune.bill(month(*MONTHS[-1])) == 0


def test_a_check_of_june_corrected_in_september_is_billed_back(tmp_path: Path) -> None:
    life: list[list[Learnt]] = [[] for _ in MONTHS]
    life[1] = [("A", DAYS[1], True), ("B", DAYS[1], True)]
    life[3] = [("A", DAYS[1], False)]
    store = new_sqlite(tmp_path / "commune.sqlite")
    assert corrected(life, store).borne() == {("B", DAYS[1]): 200}
    store.close()


def test_a_file_corrected_in_october_for_the_year_before_is_billed_back_for_that_family_alone(tmp_path: Path) -> None:
    life: list[list[Learnt]] = [[] for _ in MONTHS]
    life[1] = [("A", DAYS[1], True), ("B", DAYS[1], True)]
    life[4] = [("A", DAYS[1], dt.date(2018, 1, 1))]
    store = new_sqlite(tmp_path / "commune.sqlite")
    assert corrected(life, store).borne() == {("A", DAYS[1]): 50, ("B", DAYS[1]): 200}
    store.close()


def test_a_month_that_no_run_billed_is_billed_by_the_next() -> None:
    commune = Commune(MemoryStore())
    commune.bill(month(2025, 5))
    commune.learn(("A", DAYS[2], True))
    commune.bill(month(2025, 9))
    assert commune.borne() == {("A", DAYS[2]): 200}


def test_what_was_imported_of_the_years_before_the_first_run_stays_billed_elsewhere() -> None:
    commune = Commune(MemoryStore())
    commune.learn(("A", DAYS[1], True))
    commune.bill(month(2025, 9))
    commune.learn(("A", DAYS[0], True))
    commune.bill(month(2025, 10))
    assert commune.borne() == {}


def test_a_preview_looks_as_far_as_the_run() -> None:
    commune = corrected([[("A", DAYS[1], True)], [], [], [], []], MemoryStore())
    commune.learn(("A", DAYS[1], False))
    with commune.store.unit(write=False) as uow:
        prepared = prepare_run(month(2025, 10), uow, actor=CLERK, issued_on=dt.date(2025, 11, 3))
    assert [(draft.payer, draft.total) for draft in prepared.drafts] == [("A", -200)]
