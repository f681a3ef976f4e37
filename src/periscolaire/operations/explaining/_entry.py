"""The story of an entry of the ledger: an invoice, a payment, or what undid one."""

from __future__ import annotations

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    Invoice,
    InvoiceKind,
    Payment,
    Refund,
    Story,
    Told,
    WriteOff,
    describe_entry,
    entries,
    standing,
    tell,
)
from periscolaire.errors import NotFoundError
from periscolaire.ids import HouseholdId, InvoiceId, PaymentId
from periscolaire.money import Amount, Currency, Money
from periscolaire.operations._accounts import read_account
from periscolaire.operations._names import Names
from periscolaire.operations._targets import household_target
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["entry_story"]


def entry_story(document: str, uow: UnitOfWork, *, actor: Actor) -> Story:
    """What an entry of the ledger is, who recorded it, and what it settles or what settled it. Writes nothing.

    ``document`` is what the statement names: an invoice, a payment, a rejection, a refund, a write-off.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    :raises NotFoundError: no entry of that name.
    """
    if (invoice := uow.invoices.find(InvoiceId(document))) is not None:
        _may_see(invoice.model.payer, uow, actor)
        return _invoice(invoice.model, uow)
    if (payment := uow.payments.find(PaymentId(document))) is not None:
        _may_see(payment.model.household, uow, actor)
        return _payment(payment.model, uow)
    for rejection in uow.rejections.stream():
        if rejection.id == document:
            held = uow.payments.get(rejection.payment).model
            _may_see(held.household, uow, actor)
            return Story(Description.of("story.entry", document=document), (), (tell(rejection), tell(held)))
    undone: tuple[Refund | WriteOff, ...] = (*uow.refunds.stream(), *uow.write_offs.stream())
    for fact in undone:
        if fact.id == document:
            _may_see(fact.household, uow, actor)
            return Story(Description.of("story.entry", document=document), (), (tell(fact),))
    raise NotFoundError(f"no entry {document}", code="story.no_entry", document=document)


def _may_see(household: HouseholdId, uow: UnitOfWork, actor: Actor) -> None:
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))


def _invoice(invoice: Invoice, uow: UnitOfWork) -> Story:
    account = read_account(invoice.payer, invoice.series, uow)
    where = standing(invoice, account)
    (entry,) = entries([invoice])
    says = [describe_entry(entry, invoice.currency)]
    if invoice.kind is InvoiceKind.INVOICE:
        says.append(
            Description.of(
                "story.standing",
                paid=Money(where.paid, invoice.currency),
                credits=Money(where.credits, invoice.currency),
                written_off=Money(where.written_off, invoice.currency),
                left=Money(where.left, invoice.currency),
            )
        )
    sources = {one.source for one in account.allocations if one.line.invoice == invoice.id}
    facts: list[Told] = [tell(one) for one in account.payments if one.id in sources]
    facts += [tell(one) for one in account.rejections if one.payment in sources]
    facts += [tell(one) for one in account.write_offs if one.id in sources]
    facts += [tell(one) for one in uow.reminders.of(invoice.id)]
    credits = sorted(source for source in sources if uow.invoices.find(InvoiceId(source)) is not None)
    says += [Description.of("story.credited_by", invoice=one) for one in credits]
    return Story(Description.of("story.entry", document=invoice.id), tuple(says), tuple(facts))


def _payment(payment: Payment, uow: UnitOfWork) -> Story:
    account = read_account(payment.household, payment.series, uow)
    names = Names.of(uow)
    settled: dict[tuple[str, int, str], Amount] = {}
    for one in account.allocations:
        if one.source == payment.id:
            place = (one.line.invoice, one.line.number, names.product(one.product))
            settled[place] = settled.get(place, 0) + one.amount
    says = [_settles(place, amount, payment.currency) for place, amount in settled.items() if amount]
    left = account.free().get(payment.id, 0)
    if left:
        says.append(Description.of("story.unused", amount=Money(left, payment.currency)))
    facts = [tell(payment), *(tell(one) for one in account.rejections if one.payment == payment.id)]
    return Story(Description.of("story.entry", document=payment.id), tuple(says), tuple(facts))


def _settles(place: tuple[str, int, str], amount: Amount, currency: Currency) -> Description:
    invoice, number, product = place
    line = Description.of("billing.line.ref", invoice=invoice, number=number)
    return Description.of("story.settles", line=line, product=product, amount=Money(amount, currency))
