"""From any line of an invoice to what it rests on, for people: what happened, the steps, the rules, the facts."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from periscolaire.attendance import describe_outcome
from periscolaire.billing._charges import Pending
from periscolaire.billing._documents import Invoice, InvoiceLine, LineRef
from periscolaire.billing.accounts._ledger import Entry
from periscolaire.ids import ChildId, FactId, ProductCode
from periscolaire.money import EUR, Currency, Money
from periscolaire.reasons import Description, Reason

__all__ = ["Explanation", "describe_entry", "describe_line", "describe_pending", "explain", "explain_line"]


@attrs.frozen
class Explanation:
    """Why a line asks for what it asks: sentences in order, and the facts (ids) that anybody may look up."""

    line: LineRef
    sentences: tuple[Description, ...]
    evidence: tuple[FactId, ...]
    corrects: tuple[LineRef, ...]


def _same(name: str) -> str:
    return name


def describe_line(
    line: InvoiceLine,
    currency: Currency = EUR,
    *,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
) -> Description:
    """One line as it stands on the invoice: whose, what, how many, the unit price."""
    return Description.of(
        "billing.line.taken_back" if line.quantity < 0 else "billing.line.charged",
        whose=child_name(line.child) if line.child is not None else Description.of("billing.line.household"),
        product=product_name(line.product),
        component=line.component,
        what=describe_outcome(line.outcome) if line.outcome is not None else line.kind.value,
        quantity=abs(line.quantity),
        unit=Money(line.unit, currency),
        amount=Money(line.amount, currency),
        days=tuple(Description.of("billing.day", day=day) for day in line.days),
    )


def explain_line(
    line: InvoiceLine,
    currency: Currency = EUR,
    *,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
) -> tuple[Description, ...]:
    """Everything that a line rests on, sentence by sentence."""
    said = [describe_line(line, currency, product_name=product_name, child_name=child_name)]
    if line.corrects:
        said.append(
            Description.of(
                "billing.explain.takes_back" if line.quantity < 0 else "billing.explain.replaces",
                lines=tuple(
                    Description.of("billing.line.ref", invoice=ref.invoice, number=ref.number) for ref in line.corrects
                ),
            )
        )
    said.extend(step.describe(currency) for step in line.steps)
    if line.full is not None and line.full != line.unit:
        said.append(
            Description.of("billing.explain.part", full=Money(line.full, currency), part=Money(line.unit, currency))
        )
    if line.tariff is not None:
        said.append(
            Description.of(
                "billing.explain.tariff",
                tariff=line.tariff.code,
                since=line.tariff.first_day,
                reglement=line.tariff.reglement,
                reference=line.reference or "",
            )
        )
    if line.provisional:
        said.append(Description.of("billing.explain.provisional"))
    if line.evidence:
        said.append(Description.of("billing.explain.evidence", count=len(line.evidence)))
    return tuple(said)


def explain(
    invoice: Invoice,
    number: int,
    *,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
) -> Explanation:
    """Why line ``number`` of ``invoice`` asks for what it asks.

    :raises MisuseError: no such line.
    """
    line = invoice.line(number)
    return Explanation(
        LineRef(invoice.id, number),
        explain_line(line, invoice.currency, product_name=product_name, child_name=child_name),
        line.evidence,
        line.corrects,
    )


def describe_pending(pending: Pending) -> Reason:
    """What waits, for whom, and why: as it stands in the report of a run."""
    return Reason.of(
        "billing.pending",
        household=pending.household,
        child=pending.child or "",
        product=pending.product,
        day=pending.day,
        why=Description(pending.reason.code, pending.reason.parameters),
    )


def describe_entry(entry: Entry, currency: Currency = EUR) -> Description:
    """One row of a household's statement."""
    return Description.of(
        f"billing.entry.{entry.kind.name.lower()}",
        day=entry.day,
        document=entry.document,
        amount=Money(abs(entry.amount), currency),
    )
