"""What is owed: what was invoiced by product, what remains to recover with its age, late payers, a family's account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from periscolaire.attendance import Outcome, describe_outcome
from periscolaire.billing._charges import ChargeKind
from periscolaire.billing.accounts._ledger import Statement
from periscolaire.billing.accounts._reports import AGES, BesideInvoices, InvoicedRow, LatePayerRow, OutstandingRow
from periscolaire.billing.tables._table import (
    ColumnKind,
    ReportColumn,
    ReportTable,
    amount,
    column,
    count,
    day,
    money,
    say,
    span,
)
from periscolaire.ids import HouseholdId, ProductCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.reasons import Description

__all__ = ["age_name", "invoiced_table", "late_payers_table", "outstanding_table", "statement_table"]


def _same(code: str) -> str:
    return code


def invoiced_table(
    rows: Iterable[InvoicedRow],
    first: dt.date,
    last: dt.date,
    *,
    currency: Currency = EUR,
    product_name: Callable[[ProductCode], str] = _same,
    series: str | None = None,
    site: str | None = None,
) -> ReportTable:
    """*Facturé par prestation*: what documents issued over the period say, by product and outcome, corrections netted.

    The total is what the ledger calls invoiced less credited.
    """
    columns = (column("prestation"), column("issue"), count("quantite", summed=True), amount("montant"))
    cells = tuple((product_name(row.product), outcome_name(row.outcome), row.quantity, row.amount) for row in rows)
    subtitle = say("of_series", series=series or "", span=span(first, last))
    notes = (say("note.invoiced"),) if site is None else (say("note.of_site", site=site),)
    return ReportTable("facture", say("title.invoiced"), subtitle, columns, cells, currency, notes)


_OUTCOMES = {outcome.value: describe_outcome(outcome) for outcome in Outcome}
_KINDS = {kind.value: Description.of(f"billing.kind.{kind.name.lower()}") for kind in ChargeKind}


def outcome_name(word: str) -> Description:
    """The word of an :class:`InvoicedRow` (an outcome, or a kind of charge), to be put in words."""
    return _OUTCOMES.get(word) or _KINDS[word]


def outstanding_table(
    rows: Sequence[OutstandingRow],
    on: dt.date,
    *,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
    series: str | None = None,
    site: str | None = None,
    beside: Sequence[BesideInvoices] = (),
) -> ReportTable:
    """*Restes à recouvrer*: a row an invoice that still asks for something, with the age of the debt.

    ``beside`` is what accounts hold besides invoices: with it the notes tell who was given back too much, and how the
    total ties to the ledger.
    """
    columns = (
        column("foyer"),
        column("facture"),
        day("emise_le"),
        day("echeance"),
        column("age"),
        column("relance"),
        ReportColumn("montant", say("column.facture_total"), ColumnKind.AMOUNT, summed=True),
        amount("regle"),
        amount("reste"),
    )
    cells = tuple(
        (
            household_name(row.household),
            row.invoice,
            row.issued_on,
            row.due_on,
            age_name(row.age),
            _level(row.level),
            row.total,
            row.settled,
            row.remaining,
        )
        for row in rows
    )
    ages: dict[int | None, Amount] = {}
    for row in rows:
        ages[row.age] = ages.get(row.age, 0) + row.remaining
    totals = tuple(
        say("term", name=age_name(age), amount=money(ages[age], currency)) for age in (*AGES, None) if age in ages
    )
    notes: tuple[Description, ...] = (say("note.by_age", totals=totals),) if totals else ()
    if site is not None:
        notes += (say("note.of_site", site=site),)
    notes += _beside(beside, sum(row.remaining for row in rows), currency, household_name)
    subtitle = say("of_series", series=series or "", span=say("at", day=on))
    return ReportTable("restes", say("title.outstanding"), subtitle, columns, cells, currency, notes)


def _beside(
    beside: Sequence[BesideInvoices], due: Amount, currency: Currency, household_name: Callable[[HouseholdId], str]
) -> tuple[Description, ...]:
    """Who owes what no invoice asks for; from the invoices to the balance of the ledger."""
    if not beside:
        return ()
    credit, overdrawn = sum(one.credit for one in beside), sum(one.overdrawn for one in beside)
    names = tuple(
        say("term", name=household_name(one.household), amount=money(one.overdrawn, currency))
        for one in beside
        if one.overdrawn
    )
    tie = say(
        "note.ties", due=money(due, currency), credit=money(credit, currency), overdrawn=money(overdrawn, currency),
        balance=money(due - credit + overdrawn, currency),
    )  # fmt: skip
    return (say("note.overdrawn", totals=names), tie) if names else (tie,)


def age_name(age: int | None) -> Description:
    """A band of :data:`AGES`, by its upper end, to be put in words."""
    if age is None:
        return say("age.older", days=AGES[-1])
    if age == 0:
        return say("age.not_due")
    return say("age.band", first=AGES[AGES.index(age) - 1] + 1, last=age)


def _level(level: int) -> Description:
    return say("level", level=level) if level else say("no_level")


def late_payers_table(
    rows: Iterable[LatePayerRow],
    on: dt.date,
    *,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
    series: str | None = None,
) -> ReportTable:
    """Late payers, the greatest debt first: what is contested or in a plan that is kept is not in it."""
    columns = (
        column("foyer"),
        count("factures", summed=True),
        day("plus_ancienne"),
        count("jours"),
        column("relance"),
        amount("retard"),
    )
    cells = tuple(
        (
            household_name(row.household),
            row.invoices,
            row.oldest_due,
            row.days_late,
            _level(row.level),
            row.overdue,
        )
        for row in rows
    )
    subtitle = say("of_series", series=series or "", span=say("at", day=on))
    return ReportTable("retards", say("title.late"), subtitle, columns, cells, currency, (say("note.late"),))


def statement_table(
    statement: Statement, *, currency: Currency = EUR, household_name: Callable[[HouseholdId], str] = _same
) -> ReportTable:
    """*Relevé de compte* of a household: each movement, and what is owed after it (below 0: a credit)."""
    columns = (day("date"), column("operation"), column("piece"), amount("montant"), amount("solde", summed=False))
    rows = tuple(
        (row.entry.day, say(f"entry.{row.entry.kind.name.lower()}"), row.entry.document, row.entry.amount, row.balance)
        for row in statement.rows
    )
    terms = statement.balance
    note = say(
        "note.balance",
        opening=money(terms.opening, currency),
        invoiced=money(terms.invoiced, currency),
        credited=money(terms.credited, currency),
        paid=money(terms.paid, currency),
        remaining=money(terms.remaining, currency),
    )
    subtitle = say(
        "of_household", household=household_name(statement.household), span=span(statement.first, statement.last)
    )
    return ReportTable("releve", say("title.statement"), subtitle, columns, rows, currency, (note,))
