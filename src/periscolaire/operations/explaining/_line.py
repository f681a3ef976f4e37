"""The story of a line of an invoice: its price, its days, the facts of each, what it corrects."""

from __future__ import annotations

import datetime as dt
from itertools import chain

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import latest
from periscolaire.billing import (
    Invoice,
    InvoiceLine,
    Reprise,
    Story,
    Told,
    describe_line,
    explain_line,
    tell,
)
from periscolaire.calendar import Span
from periscolaire.ids import ChildId, HouseholdId, InvoiceId
from periscolaire.operations._names import Names
from periscolaire.operations._targets import household_target
from periscolaire.operations.explaining._facts import as_known, dated_facts, day_facts
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["line_story"]


def line_story(invoice: InvoiceId, number: int, uow: UnitOfWork, *, actor: Actor) -> Story:
    """From a line to every fact that it rests on: who, when, by which channel, on which decision. Writes nothing.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    :raises NotFoundError: no such invoice.
    :raises MisuseError: no such line.
    """
    held = uow.invoices.get(invoice).model
    require(actor, Operation.VIEW_INVOICES, household_target(uow, held.payer))
    names = Names.of(uow)
    line = held.line(number)
    children = _children(held, line, uow)
    evidence = set(line.evidence)
    span = Span(min(line.days), max(*line.days, held.last_day))
    found = day_facts(children, span, uow, names, keep=evidence.__contains__)
    noted = [tell(one) for one in uow.incidents.of(held.payer, span.first, span.last) if one.id in evidence]
    noted += [tell(one) for one in uow.kind_entries.of(held.payer, span.first, span.last) if one.id in evidence]
    until, tz = _told_by(held, line, uow), names.reglements.versions[-1].calendar.tz
    by_day = {day: as_known(facts, until, tz) for day, facts in found.by_day.items()}
    at_large = as_known((*found.at_large, *noted), until, tz)
    parts = [
        Story(Description.of("story.day", day=day), facts=(*facts, *_warnings(held, line, day, uow)))
        for day, facts in by_day.items()
    ]
    subjects: tuple[ChildId | HouseholdId, ...] = (held.payer, *children)
    read = dated_facts([name for name, _ in line.facts.items()], subjects, min(line.days), uow, until=until, tz=tz)
    if line.corrects:
        parts += [_corrected(ref.invoice, ref.number, uow, names) for ref in line.corrects]
        parts += _changed(line, children, {*at_large, *chain.from_iterable(by_day.values())}, uow, names)
    return Story(
        describe_line(line, held.currency, product_name=names.product, child_name=names.child),
        _sentences(held, line, names),
        (*read, *at_large),
        tuple(parts),
    )


def _children(invoice: Invoice, line: InvoiceLine, uow: UnitOfWork) -> tuple[ChildId, ...]:
    if line.child is not None:
        return (line.child,)
    stored = uow.households.find(invoice.payer)
    return tuple(dict.fromkeys(member.child for member in stored.model.members)) if stored is not None else ()


def _sentences(invoice: Invoice, line: InvoiceLine, names: Names) -> tuple[Description, ...]:
    """Why the price is what it is; the facts are told themselves, not counted."""
    said = explain_line(
        line, invoice.currency, product_name=names.product, child_name=names.child, tariff_name=names.tariff,
        act_of=names.act,
    )  # fmt: skip
    return tuple(one for one in said[1:] if one.code != "billing.explain.evidence")


def _warnings(invoice: Invoice, line: InvoiceLine, day: dt.date, uow: UnitOfWork) -> list[Told]:
    """What the family was told of that day before the bill, and what it answered."""
    told = [tell(one) for one in uow.anomalies.of(invoice.payer, day, day) if one.key.product == line.product]
    if line.child is not None:
        told += [tell(one) for one in uow.appeals.of(line.child, day, day) if one.key.product == line.product]
    return told


def _corrected(invoice: InvoiceId, number: int, uow: UnitOfWork, names: Names) -> Story:
    stored = uow.invoices.find(invoice)
    reference = Description.of("billing.line.ref", invoice=invoice, number=number)
    if stored is None:
        return Story(Description.of("story.corrects", line=reference))
    line = stored.model.line(number)
    said = describe_line(line, stored.model.currency, product_name=names.product, child_name=names.child)
    return Story(Description.of("story.corrects", line=reference), (said,))


def _told_by(invoice: Invoice, line: InvoiceLine, uow: UnitOfWork) -> dt.date:
    """The day as of which the facts of a line were known: for one that takes back, that of what it takes back."""
    stored = [uow.invoices.find(ref.invoice) for ref in line.corrects] if line.quantity < 0 else []
    return min((one.model.issued_on for one in stored if one is not None), default=invoice.issued_on)


def _reprises(line: InvoiceLine, uow: UnitOfWork, names: Names) -> list[Reprise]:
    """The acts of the commune by which days that other rules had billed are billed again."""
    stored = [(uow.invoices.find(ref.invoice), ref.number) for ref in line.corrects]
    billed = [held.model.line(number).tariff for held, number in stored if held is not None]
    former = {tariff.reglement for tariff in billed if tariff is not None}
    days = [day for day in line.days if names.reglements.on(day).version not in former]
    acts = latest(uow.reprises.of(""))
    return [one for one in acts if not one.withdrawn and any(one.covers(line.product, day) for day in days)]


def _changed(
    line: InvoiceLine, children: tuple[ChildId, ...], counted: set[Told], uow: UnitOfWork, names: Names
) -> list[Story]:
    """What is known of the same days now and did not count then: why there is a correction."""
    days = set(line.days)
    found = day_facts(children, Span(min(days), max(days)), uow, names, product=line.product)
    facts = [fact for day, told in found.by_day.items() if day in days for fact in told if fact not in counted]
    facts += [fact for fact in found.at_large if fact not in counted]
    facts += [tell(act) for act in _reprises(line, uow, names)]
    return [Story(Description.of("story.changed"), facts=tuple(facts))] if facts else []
