"""The first true line: outcomes, charges by day, invoice lines, issue, payment, receipts, what remains due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from periscolaire.attendance import Booked, Consumption, Outcome, ProofState, Seen
from periscolaire.billing import (
    NOTHING_BILLED,
    Account,
    Billed,
    Books,
    FactsOf,
    InvoiceLine,
    Means,
    Payment,
    Run,
    Series,
    Should,
    balance,
    delta,
    drafts,
    entries,
    issue,
    settle,
    should_bill,
)
from periscolaire.ids import HouseholdId, PaymentId
from periscolaire.testing.billing import CANTEEN, MONDAY, books, eaten, quotients, week

FIRST, LAST, RUN_DAY = dt.date(2026, 1, 1), dt.date(2026, 1, 31), dt.date(2026, 2, 2)
RUN = Run("2026-01", FIRST, LAST, RUN_DAY, period_first=FIRST)
SERIES = Series("PERI")


def bill(
    consumptions: Iterable[Consumption],
    billed: Billed = NOTHING_BILLED,
    facts: FactsOf | None = None,
    rules: Books | None = None,
    on: dt.date = RUN_DAY,
) -> tuple[Should, dict[HouseholdId, tuple[InvoiceLine, ...]]]:
    should = should_bill(
        consumptions,
        rules or books(),
        facts or quotients(H1=500),
        first=FIRST,
        last=LAST,
        on=on,
        billed=billed,
    )
    return should, delta(should.charges, billed, FIRST, LAST, held=should.held)


def test_a_month_makes_one_line_a_price() -> None:
    days = [*week("A"), eaten("A", MONDAY + dt.timedelta(7), booked=Booked.NONE)]
    should, lines = bill(days)
    assert not should.pending
    mine = lines[HouseholdId("H1")]
    assert [(line.quantity, line.unit, line.amount, line.outcome) for line in mine] == [
        (4, 105, 420, Outcome.AS_BOOKED),
        (1, 550, 550, Outcome.UNPLANNED),
    ]
    assert mine[0].days == tuple(one.key.day for one in days[:4])
    assert [step.code for step in mine[0].steps] == ["band", "flat"]
    assert mine[0].facts["quotient"] == 500
    assert len(mine[0].evidence) == 4


def test_issue_pay_and_what_remains() -> None:
    _, lines = bill(week("A"))
    documents = drafts(lines, [SERIES], RUN)
    (invoice,) = issue(documents, SERIES, RUN, next_number=7)
    assert (invoice.id, invoice.total, invoice.due_on) == ("PERI-2026-000007", 420, dt.date(2026, 3, 4))
    at = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
    payment = Payment(
        PaymentId("P1"), HouseholdId("H1"), "PERI", Means.CASH, 150, at.date(), at, "régisseur", invoices=(invoice.id,)
    )
    account = settle(Account(HouseholdId("H1"), "PERI", (invoice,)), payment)
    assert account.remaining() == {invoice.id: 270}
    assert [(allocation.product, allocation.amount) for allocation in account.allocations] == [(CANTEEN, 150)]
    assert balance(entries([invoice], [payment])).remaining == 270


def test_billing_again_yields_nothing_and_a_late_proof_corrects() -> None:
    days = [*week("A"), eaten("A", MONDAY + dt.timedelta(7), seen=Seen.ABSENT)]
    _, lines = bill(days)
    (invoice,) = issue(drafts(lines, [SERIES], RUN), SERIES, RUN, next_number=1)
    billed = Billed([invoice])
    assert invoice.total == 525
    assert bill(days, billed)[1] == {}
    days[-1] = eaten("A", MONDAY + dt.timedelta(7), seen=Seen.ABSENT, proof=ProofState.ACCEPTED)
    _, corrections = bill(days, billed)
    (line,) = corrections[HouseholdId("H1")]
    assert (line.quantity, line.amount, line.corrects[0].invoice) == (-1, -105, invoice.id)
    assert invoice.line(line.corrects[0].number).outcome is Outcome.ABSENCE
