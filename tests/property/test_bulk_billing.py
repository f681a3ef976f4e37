"""Law: groups of alike days are charged what the same days are charged one by one, steps and lines included.

Attacked where a group must be cut or given up: a quotient that changes, another version of the règlement, parents who
share or take turns, prices that count, fees, penalties, incidents, and what was billed before by these or other rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.attendance import Consumption
from periscolaire.billing import (
    Billed,
    Books,
    BulkBiller,
    Charge,
    ChargeKey,
    FactsOf,
    Incident,
    Invoice,
    Options,
    Run,
    Series,
    Timeline,
    delta,
    drafts,
    group_consumptions,
    issue,
)
from periscolaire.facts import Facts
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.pricing import Fee, Penalty, PerUnit, Scope, TariffVersion, Trigger, When, Who
from periscolaire.testing.billing import (
    BANDS,
    FIRST,
    LAST,
    bill,
    books,
    facts_of_days,
    family,
    flat,
    quotient_steps,
    reglement,
)

H1, H2 = HouseholdId("H1"), HouseholdId("H2")
ON = dt.date(2026, 2, 10)
CHANGE = dt.date(2026, 1, 13)
SERIES = Series("PERI")
Steps = tuple[tuple[dt.date, int], ...]

PLAIN = TariffVersion(first_day=dt.date(2025, 9, 1), node=BANDS, unplanned=flat("5.50"))
DEARER = attrs.evolve(PLAIN, first_day=CHANGE, node=flat("9.00"), unplanned=flat("11.00"))
FEE = Fee("adhesion", flat("25"), Scope(Who.HOUSEHOLD, When.SCHOOL_YEAR))
LATE_PICKUP = Penalty(
    "retard", Trigger.LATE_PICKUP, PerUnit(Decimal(30), flat("11.00"), fact="late_minutes"), limit=dt.time(17, 30)
)
UNPLANNED = Penalty("oubli", Trigger.UNPLANNED, flat("10"))
LOST = Penalty("badge", Trigger.LOST_ITEM, flat("5"))
RULES = {
    "counting": books(),
    "plain": books(reglement(canteen=PLAIN)),
    "two versions": books(
        reglement(canteen=PLAIN, last_day=CHANGE - dt.timedelta(days=1)),
        reglement(canteen=DEARER, version="2026", first_day=CHANGE),
    ),
    "fees": books(reglement(canteen=PLAIN, fees=(FEE,))),
    "penalties": books(reglement(canteen=PLAIN, penalties=(LATE_PICKUP, UNPLANNED, LOST))),
}
INCIDENT = Incident(FactId("I1"), "badge", H1, CHANGE, dt.datetime(2026, 1, 13, 9, tzinfo=dt.UTC), "agent")


def in_turn(one: Consumption) -> Sequence[Payer]:
    """One week each."""
    return (Payer((H1, H2)[one.key.day.isocalendar().week % 2]),)


def by_halves(one: Consumption) -> Sequence[Payer]:
    return (Payer(H1, Decimal("0.5")), Payer(H2, Decimal("0.5")))


def in_part(one: Consumption) -> Sequence[Payer]:
    return (Payer(H1, Decimal("0.5")),)


PAYERS = {"its household": None, "in turn": in_turn, "in part": in_part, "by halves": by_halves}


@attrs.frozen
class Known:
    """The facts of households whose quotient takes some steps."""

    of: FactsOf
    steps: dict[HouseholdId, Steps]
    shared: bool

    def timeline(self, household: HouseholdId, child: ChildId, names: Sequence[str]) -> Timeline[Facts]:
        days = [day for day, _ in self.steps.get(household, ())]
        return Timeline(days, lambda day: self.of(household, child, day))

    def is_shared(self, household: HouseholdId, child: ChildId) -> bool:
        return self.shared


def by_key(charges: Iterable[Charge]) -> dict[ChargeKey, tuple[object, ...]]:
    """What each key bears, and why."""
    found: dict[ChargeKey, tuple[object, ...]] = {}
    for charge in charges:
        for key in charge.keys():  # noqa: SIM118 - a charge is not a mapping
            assert key not in found
            found[key] = (charge.unit, charge.outcome, charge.tariff, charge.steps, charge.facts, charge.reference)
    return found


def issued(consumptions: Iterable[Consumption], facts: FactsOf, rules: Books, options: Options) -> Billed:
    lines = bill(consumptions, facts, rules=rules, options=options)[1]
    run = Run("run", FIRST, LAST, ON)
    invoices: tuple[Invoice, ...] = issue(drafts(lines, [SERIES], run), SERIES, run, next_number=1)
    return Billed(invoices)


@settings(max_examples=200, deadline=None)
@given(
    consumptions=family(max_size=30),
    before=st.one_of(st.just(()), family(max_size=30)),
    steps=st.fixed_dictionaries({H1: quotient_steps(), H2: quotient_steps()}),
    rules=st.sampled_from(sorted(RULES)),
    same_rules=st.booleans(),
    paying=st.sampled_from(sorted(PAYERS)),
    incidents=st.sampled_from(((), (INCIDENT,))),
)
def test_groups_cost_what_days_cost(
    consumptions: tuple[Consumption, ...],
    before: tuple[Consumption, ...],
    steps: dict[HouseholdId, Steps],
    rules: str,
    same_rules: bool,
    paying: str,
    incidents: tuple[Incident, ...],
) -> None:
    facts, options = facts_of_days(steps), Options(payers=PAYERS[paying])
    if rules != "penalties":
        incidents = ()
    whole = attrs.evolve(options, incidents=incidents)
    known = Known(facts, steps, shared=paying != "its household")
    billed = issued(before, facts, RULES[rules if same_rules else "plain"], options)
    biller = BulkBiller(RULES[rules], known, first=FIRST, last=LAST, on=ON, options=options)

    found = biller.bill(group_consumptions(consumptions), billed, incidents)
    expected, lines = bill(consumptions, facts, rules=RULES[rules], billed=billed, options=whole)

    assert by_key(found.charges) == by_key(expected.charges)
    assert (found.held, sorted(map(repr, found.pending))) == (expected.held, sorted(map(repr, expected.pending)))
    assert delta(found.charges, billed, FIRST, LAST, held=found.held) == lines
