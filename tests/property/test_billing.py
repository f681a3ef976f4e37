"""Laws of billing: against a naive recomputation, whatever the order, the cutting and the moment facts arrive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.attendance import Consumption
from periscolaire.billing import (
    Billed,
    Charge,
    Invoice,
    Run,
    Series,
    drafts,
    issue,
)
from periscolaire.ids import HouseholdId
from periscolaire.testing.billing import (
    FIRST,
    LAST,
    BillingMachine,
    bill,
    books,
    facts_of_days,
    family,
    naive_amounts,
    naive_pending,
    quotient_steps,
)

H1, H2 = HouseholdId("H1"), HouseholdId("H2")
RULES = books()
SERIES = Series("PERI")
Steps = tuple[tuple[dt.date, int], ...]

TestBilling = BillingMachine.TestCase
TestBilling.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def by_key(charges: Iterable[Charge]) -> dict[tuple[object, ...], tuple[object, ...]]:
    found: dict[tuple[object, ...], tuple[object, ...]] = {}
    for charge in charges:
        for key in charge.keys():  # noqa: SIM118 - a charge is not a mapping
            where = (key.payer, key.child, key.product, key.instance, key.component)
            assert where not in found
            found[where] = (
                charge.unit,
                charge.outcome,
                charge.tariff,
                charge.steps,
                charge.facts,
            )
    return found


def by_day(charges: Iterable[Charge]) -> dict[tuple[object, ...], int]:
    found: dict[tuple[object, ...], int] = {}
    for charge in charges:
        for instance in charge.instances:
            where = (charge.child, charge.product, instance.day)
            found[where] = found.get(where, 0) + charge.unit
    return {where: amount for where, amount in found.items() if amount}


@settings(max_examples=60, deadline=None)
@given(family(), quotient_steps())
def test_every_cent_is_the_naive_one(consumptions: tuple[Consumption, ...], steps: Steps) -> None:
    should, lines = bill(consumptions, facts_of_days({H1: steps}), rules=RULES)
    assert {(one.child, one.product, one.day) for one in should.pending} == naive_pending(consumptions)
    expected = naive_amounts(consumptions, steps)
    assert by_day(should.charges) == expected
    assert sum(line.amount for line in lines.get(H1, ())) == sum(expected.values())


@settings(max_examples=40, deadline=None)
@given(family(), quotient_steps(), st.randoms(use_true_random=False))
def test_the_order_of_facts_never_counts(consumptions: tuple[Consumption, ...], steps: Steps, random: object) -> None:
    shuffled = list(consumptions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random, which the strategy does not say
    facts = facts_of_days({H1: steps})
    assert bill(shuffled, facts, rules=RULES) == bill(sorted(consumptions, key=lambda one: one.key), facts, rules=RULES)


@settings(max_examples=40, deadline=None)
@given(family(), quotient_steps())
def test_grouped_is_day_by_day_steps_included(consumptions: tuple[Consumption, ...], steps: Steps) -> None:
    facts = facts_of_days({H1: steps})
    grouped, _ = bill(consumptions, facts, rules=RULES)
    alone: dict[tuple[object, ...], tuple[object, ...]] = {}
    for day in sorted({one.key.day for one in consumptions}):
        alone |= by_key(bill(consumptions, facts, rules=RULES, first=day, last=day)[0].charges)
    assert by_key(grouped.charges) == alone


@settings(max_examples=30, deadline=None)
@given(family("H1"), family("H2"), quotient_steps(), quotient_steps())
def test_the_cutting_into_families_never_counts(
    first: tuple[Consumption, ...], second: tuple[Consumption, ...], one: Steps, two: Steps
) -> None:
    facts = facts_of_days({H1: one, H2: two})
    apart = bill(first, facts, rules=RULES)[1] | bill(second, facts, rules=RULES)[1]
    assert bill([*second, *first], facts, rules=RULES)[1] == apart
    run = Run("run", FIRST, LAST, dt.date(2026, 2, 10))
    documents = drafts(apart, [SERIES], run)
    backwards = drafts(dict(reversed(apart.items())), [SERIES], run)
    assert issue(documents, SERIES, run, next_number=1) == issue(backwards[::-1], SERIES, run, next_number=1)


def _issued(lines: dict[HouseholdId, object], number: int, day: dt.date) -> tuple[Invoice, ...]:
    run = Run(f"run-{number}", FIRST, LAST, day)
    return issue(drafts(lines, [SERIES], run), SERIES, run, next_number=number)  # type: ignore[arg-type]  # any lines


@settings(max_examples=40, deadline=None)
@given(family(), family(), quotient_steps())
def test_billing_in_one_go_is_billing_learning_and_correcting(
    early: tuple[Consumption, ...], late: tuple[Consumption, ...], steps: Steps
) -> None:
    facts = facts_of_days({H1: steps})
    learnt = {one.key: one for one in early} | {one.key: one for one in late}
    whole, _ = bill(learnt.values(), facts, rules=RULES)
    first = _issued(bill(early, facts, rules=RULES)[1], 1, dt.date(2026, 2, 10))
    corrections = bill(learnt.values(), facts, rules=RULES, billed=Billed(first))[1]
    second = _issued(corrections, 2, dt.date(2026, 3, 10))
    billed = Billed((*first, *second))
    nets = {
        (key.payer, key.child, key.product, key.instance, key.component): billed.net(key)
        for key in billed.keys()  # noqa: SIM118 - Billed is not a mapping
        if billed.net(key) and (key.child, key.product, key.instance) not in whole.held
    }
    assert nets == {where: priced[0] for where, priced in by_key(whole.charges).items() if priced[0]}
    assert bill(learnt.values(), facts, rules=RULES, billed=billed)[1] == {}
    assert all(line.corrects for invoice in second for line in invoice.lines if line.quantity < 0)
