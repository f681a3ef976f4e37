"""From any line of an invoice to what it rests on, for people: what happened, the steps, the rules, the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from periscolaire.attendance import describe_outcome
from periscolaire.billing._charges import Pending, Presumed, TariffRef
from periscolaire.billing._documents import Invoice, InvoiceLine, LineRef
from periscolaire.billing.accounts._ledger import Entry
from periscolaire.ids import ChildId, FactId, ProductCode
from periscolaire.money import EUR, Currency, Money
from periscolaire.pricing import Step, telling_steps
from periscolaire.reasons import Description, Reason

__all__ = [
    "Explanation",
    "Why",
    "describe_entry",
    "describe_line",
    "describe_pending",
    "describe_presumed",
    "explain",
    "explain_line",
    "why",
]


@attrs.frozen
class Explanation:
    """Why a line asks for what it asks: sentences in order, and the facts (ids) that anybody may look up."""

    line: LineRef
    sentences: tuple[Description, ...]
    evidence: tuple[FactId, ...]
    corrects: tuple[LineRef, ...]


def _same(name: str) -> str:
    return name


def _no_act(tariff: TariffRef) -> str:
    return ""


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
    tariff_name: Callable[[str], str] = _same,
    act_of: Callable[[TariffRef], str] = _no_act,
) -> tuple[Description, ...]:
    """Everything that a line rests on, sentence by sentence."""
    said = [describe_line(line, currency, product_name=product_name, child_name=child_name)]
    said += _reasons(line, currency, tariff_name)
    if line.tariff is not None:
        said.append(_basis(line.tariff, tariff_name, act_of))
    if line.evidence:
        said.append(Description.of("billing.explain.evidence", count=len(line.evidence)))
    return tuple(said)


def _reasons(line: InvoiceLine, currency: Currency, tariff_name: Callable[[str], str]) -> list[Description]:
    """Why the unit price is what it is: what is corrected, the steps that count, the article, what is due of it."""
    said = []
    if line.corrects:
        said.append(
            Description.of(
                "billing.explain.takes_back" if line.quantity < 0 else "billing.explain.replaces",
                lines=tuple(
                    Description.of("billing.line.ref", invoice=ref.invoice, number=ref.number) for ref in line.corrects
                ),
            )
        )
    steps = telling_steps(line.steps)
    said += [_told(step, currency, tariff_name) for step in steps]
    if line.steps and not steps:
        said.append(Description.of("billing.explain.fixed"))
    if line.reference:
        said.append(Description.of("billing.explain.reference", reference=line.reference))
    if line.full is not None and line.full != line.unit:
        said.append(
            Description.of("billing.explain.part", full=Money(line.full, currency), part=Money(line.unit, currency))
        )
    if line.provisional and line.quantity >= 0:  # taking it back is the review that was promised
        said.append(Description.of("billing.explain.provisional"))
    return said


def _told(step: Step, currency: Currency, tariff_name: Callable[[str], str]) -> Description:
    told = step.describe(currency)
    if step.code != "reference":
        return told
    return Description(told.code, {**told.parameters, "tariff": tariff_name(str(told.parameters["tariff"]))})


def _basis(tariff: TariffRef, tariff_name: Callable[[str], str], act_of: Callable[[TariffRef], str]) -> Description:
    return Description.of(
        "billing.explain.tariff",
        tariff=tariff_name(tariff.code),
        since=tariff.first_day,
        reglement=tariff.reglement,
        act=act_of(tariff),
    )


@attrs.frozen
class Why:
    """Why some lines of an invoice cost what they cost, told once for all of them: their numbers, and sentences."""

    lines: tuple[int, ...]
    sentences: tuple[Description, ...]


def why(
    lines: Iterable[InvoiceLine],
    currency: Currency = EUR,
    *,
    tariff_name: Callable[[str], str] = _same,
    act_of: Callable[[TariffRef], str] = _no_act,
) -> tuple[Why, ...]:
    """The explanations of an invoice without repetition: first prices, in order of lines, then the tariffs in force.

    Every line is in one of the first (unless nothing is to be told of it) and, when a tariff priced it, in one of the
    last.
    """
    prices: dict[tuple[Description, ...], list[int]] = {}
    tariffs: dict[tuple[Description, ...], list[int]] = {}
    for line in lines:
        if said := tuple(_reasons(line, currency, tariff_name)):
            prices.setdefault(said, []).append(line.number)
        if line.tariff is not None:
            tariffs.setdefault((_basis(line.tariff, tariff_name, act_of),), []).append(line.number)
    return tuple(Why(tuple(numbers), said) for told in (prices, tariffs) for said, numbers in told.items())


def explain(
    invoice: Invoice,
    number: int,
    *,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
    tariff_name: Callable[[str], str] = _same,
    act_of: Callable[[TariffRef], str] = _no_act,
) -> Explanation:
    """Why line ``number`` of ``invoice`` asks for what it asks.

    :raises MisuseError: no such line.
    """
    line = invoice.line(number)
    return Explanation(
        LineRef(invoice.id, number),
        explain_line(line, invoice.currency, product_name=product_name, child_name=child_name, tariff_name=tariff_name),
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


def describe_presumed(presumed: Presumed) -> Reason:
    """A day that nobody checked in time, for whom, and what is billed: as it stands in the report of a run."""
    return Reason.of(
        "billing.presumed.present" if presumed.outcome.attended else "billing.presumed.absent",
        household=presumed.household,
        child=presumed.child,
        product=presumed.product,
        day=presumed.day,
    )


def describe_entry(entry: Entry, currency: Currency = EUR) -> Description:
    """One row of a household's statement."""
    return Description.of(
        f"billing.entry.{entry.kind.name.lower()}",
        day=entry.day,
        document=entry.document,
        amount=Money(abs(entry.amount), currency),
    )
