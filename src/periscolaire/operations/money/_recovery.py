"""Use cases when money does not come, or must go back: rejections, refunds, reminders, plans, write-offs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    Account,
    Dispute,
    DueReminder,
    Instalment,
    LatePayerRow,
    Means,
    PaymentPlan,
    Refund,
    Rejection,
    Reminder,
    ReminderLevel,
    WriteOff,
    WriteOffKind,
    bounce,
    due_reminders,
    late_payers,
    refund,
    write_off,
)
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, Key, PaymentId
from periscolaire.money import Amount
from periscolaire.operations._accounts import arrears_by_day, keep_allocations, late_invoices, read_account
from periscolaire.operations._once import done_before, record_act
from periscolaire.operations._targets import household_target
from periscolaire.ports import Stored, UnitOfWork, new_id

__all__ = [
    "DEFAULT_REMINDERS",
    "PlanWanted",
    "Refunded",
    "WrittenOff",
    "agree_plan",
    "arrears_of",
    "cancel_plan",
    "close_dispute",
    "dispute_invoice",
    "late_payers_report",
    "refund_household",
    "reject_payment",
    "reminders_to_send",
    "send_reminders",
    "transfer_to_treasury",
    "write_off_invoice",
]

#: A first reminder fifteen days after the due date, a second a month later, a last one before the trésorerie.
DEFAULT_REMINDERS = (
    ReminderLevel(1, 15, text="relance"),
    ReminderLevel(2, 45, text="seconde relance"),
    ReminderLevel(3, 75, text="dernier avis avant transmission au comptable public"),
)


def reject_payment(
    payment: PaymentId,
    uow: UnitOfWork,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    motive: str = "",
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """A payment bounced: what it had settled is owed again; the account after that. Does not commit.

    :raises NotFoundError: no such payment.
    :raises ConflictError: it was rejected before, its means cannot be, or the rejection is before the payment.
    """
    require(actor, Operation.RECORD_PAYMENT)
    held = uow.payments.get(payment).model
    uow.hold(held.household)
    account = read_account(held.household, held.series, uow)
    command = ("reject_payment", payment, on, motive)
    if done_before(uow, key, command) is not None:
        return account
    if on < held.received_on:
        raise ConflictError(
            f"payment {payment} of {held.received_on} cannot be rejected on {on}",
            code="account.rejected_too_early",
            payment=payment,
            received=held.received_on,
            day=on,
        )
    rejection = Rejection(FactId(make_id()), payment, on, utc(now), actor.label, motive)
    after = bounce(account, rejection)
    _act(uow, actor, Operation.RECORD_PAYMENT, held.household, now, "rejected", key, command)
    uow.rejections.append([rejection])
    keep_allocations(account, after, uow)
    return after


@attrs.frozen
class Refunded:
    """Money given back to a household out of its credit, on ``on``."""

    household: HouseholdId
    series: str
    means: Means
    amount: Amount
    on: dt.date
    motive: str = ""


def refund_household(
    given: Refunded,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """Give money back; the account after that. Does not commit.

    :raises NotFoundError: no such household.
    :raises MisuseError: an amount that is not above 0.
    :raises ConflictError: the household has less credit than that.
    """
    require(actor, Operation.RECORD_PAYMENT)
    uow.households.get(given.household)
    uow.hold(given.household)
    account = read_account(given.household, given.series, uow)
    if done_before(uow, key, given) is not None:
        return account
    fact = Refund(
        FactId(make_id()), given.household, given.series, given.means, given.amount, given.on, utc(now), actor.label,
        given.motive,
    )  # fmt: skip
    after = refund(account, fact)
    _act(uow, actor, Operation.RECORD_PAYMENT, given.household, now, "refunded", key, given)
    uow.refunds.append([fact])
    return after


@attrs.frozen
class WrittenOff:
    """A sum that is no longer asked for: all that the invoice asks for when ``amount`` is not said.

    ``reference`` names the act: a deliberation, the number of a titre.
    """

    invoice: InvoiceId
    kind: WriteOffKind
    on: dt.date
    reference: str
    amount: Amount | None = None

    def __attrs_post_init__(self) -> None:
        if not self.reference.strip():
            raise MisuseError(
                f"write-off of invoice {self.invoice}: expected the reference of the act",
                code="account.write_off_without_act",
                invoice=self.invoice,
            )


def write_off_invoice(
    wanted: WrittenOff,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """Take a sum off an invoice, by an act of the commune; the account after that. Does not commit.

    :raises NotFoundError: no such invoice.
    :raises MisuseError: an amount that is not above 0, or no reference.
    :raises ConflictError: the invoice asks for less than that, or for nothing.
    """
    require(actor, Operation.CORRECT_INVOICE)
    invoice = uow.invoices.get(wanted.invoice).model
    uow.hold(invoice.payer)
    account = read_account(invoice.payer, invoice.series, uow)
    if done_before(uow, key, wanted) is not None:
        return account
    left = account.remaining().get(invoice.id, 0)
    if left <= 0:
        raise ConflictError(f"invoice {invoice.id} asks for nothing", code="account.asks_nothing", invoice=invoice.id)
    amount = left if wanted.amount is None else wanted.amount
    act = WriteOff(
        FactId(make_id()), invoice.id, invoice.payer, invoice.series, wanted.kind, amount, wanted.on, utc(now),
        actor.label, wanted.reference,
    )  # fmt: skip
    after = write_off(account, act)
    _act(uow, actor, Operation.CORRECT_INVOICE, invoice.payer, now, wanted.kind.name.lower(), key, wanted)
    uow.write_offs.append([act])
    keep_allocations(account, after, uow)
    return after


def transfer_to_treasury(
    invoices: Iterable[InvoiceId],
    reference: str,
    uow: UnitOfWork,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> tuple[Account, ...]:
    """Hand over what invoices still ask for to the comptable public: the régie no longer collects it. Does not commit.

    ``reference`` is the number of the titre or of the bordereau.

    :raises ConflictError: an invoice asks for nothing.
    """
    return tuple(
        write_off_invoice(
            WrittenOff(invoice, WriteOffKind.TRANSFERRED, on, reference), uow, actor=actor, now=now, make_id=make_id
        )
        for invoice in invoices
    )


# -- reminders --------------------------------------------------------------------------------------------------------


def arrears_of(household: HouseholdId, series: str, on: dt.date, uow: UnitOfWork, *, actor: Actor) -> Amount:
    """What a household is late with on a day: the fact that gates read as ``arrears``.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    return arrears_by_day(household, uow, series)(on)


def reminders_to_send(
    series: str,
    uow: UnitOfWork,
    *,
    actor: Actor,
    on: dt.date,
    levels: Iterable[ReminderLevel] = DEFAULT_REMINDERS,
) -> tuple[DueReminder, ...]:
    """The reminders that should go out on ``on``. Writes nothing."""
    require(actor, Operation.VIEW_REPORTS)
    invoices, late = late_invoices(series, on, uow)
    return due_reminders(invoices, late, uow.reminders.stream(), levels, on)


def send_reminders(
    series: str,
    uow: UnitOfWork,
    *,
    actor: Actor,
    on: dt.date,
    now: dt.datetime,
    levels: Iterable[ReminderLevel] = DEFAULT_REMINDERS,
    channel: str = "courriel",
    make_id: Callable[[], str] = new_id,
) -> tuple[DueReminder, ...]:
    """Record the reminders that go out on ``on``; which. Done again the same day it sends none. Does not commit."""
    require(actor, Operation.RECORD_PAYMENT)
    due = reminders_to_send(series, uow, actor=actor, on=on, levels=levels)
    for one in due:
        _act(uow, actor, Operation.RECORD_PAYMENT, one.household, now, f"reminder:{one.level}", None, one)
    uow.reminders.append(
        Reminder(FactId(make_id()), one.invoice, one.level, on, actor.label, channel) for one in due
    )  # fmt: skip
    return due


def late_payers_report(on: dt.date, uow: UnitOfWork, *, actor: Actor, series: str) -> tuple[LatePayerRow, ...]:
    """Households with something overdue on that day, the greatest debt first.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    invoices, late = late_invoices(series, on, uow)
    return late_payers(invoices, late, on, reminders=uow.reminders.stream())


# -- plans and disputes -----------------------------------------------------------------------------------------------


@attrs.frozen
class PlanWanted:
    """A household is to pay ``invoices`` by instalments, which add up to what they ask for."""

    household: HouseholdId
    series: str
    invoices: tuple[InvoiceId, ...]
    instalments: tuple[Instalment, ...]
    on: dt.date


def agree_plan(
    wanted: PlanWanted,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> PaymentPlan:
    """Agree on a payment plan; while it is kept nothing is reminded nor in arrears. Does not commit.

    :raises NotFoundError: an invoice that is not of the account.
    :raises MisuseError: instalments that do not add up to what the invoices ask for, or before the day of the plan.
    :raises ConflictError: an invoice is in a plan already.
    """
    require(actor, Operation.RECORD_PAYMENT)
    if (known := done_before(uow, key, wanted)) is not None:
        return uow.payment_plans.get(FactId(known)).model
    uow.hold(wanted.household)
    account = read_account(wanted.household, wanted.series, uow)
    left = account.remaining()
    asked = sum(left[account.invoice(invoice).id] for invoice in wanted.invoices)
    planned = sum(instalment.amount for instalment in wanted.instalments)
    if planned != asked:
        raise MisuseError(
            f"payment plan of {wanted.household}: instalments of {planned}, expected {asked}",
            code="account.plan_total",
            household=wanted.household,
        )
    if any(instalment.due_on < wanted.on for instalment in wanted.instalments):
        raise MisuseError(
            f"payment plan of {wanted.household}: an instalment before {wanted.on}",
            code="account.plan_too_early",
            household=wanted.household,
            day=wanted.on,
        )
    for stored in uow.payment_plans.of(wanted.household):
        if stored.model.holds_on(wanted.on) and not set(wanted.invoices).isdisjoint(stored.model.invoices):
            raise ConflictError(
                f"payment plan {stored.model.id} holds one of these invoices",
                code="account.plan_holds",
                plan=stored.model.id,
            )
    plan = PaymentPlan(FactId(make_id()), wanted.household, wanted.invoices, wanted.instalments, wanted.on, actor.label)
    _act(uow, actor, Operation.RECORD_PAYMENT, wanted.household, now, "plan", key, wanted, plan.id)
    uow.payment_plans.save(plan)
    return plan


def cancel_plan(plan: FactId, uow: UnitOfWork, *, on: dt.date, actor: Actor, now: dt.datetime) -> PaymentPlan:
    """End a plan on ``on``: what is left is owed as it was. Does not commit.

    :raises NotFoundError: no such plan.
    :raises ConflictError: it was cancelled before.
    """
    require(actor, Operation.RECORD_PAYMENT)
    stored = uow.payment_plans.get(plan)
    if stored.model.cancelled_on is not None:
        raise ConflictError(
            f"payment plan {plan} was cancelled on {stored.model.cancelled_on}",
            code="account.plan_cancelled",
            plan=plan,
            day=stored.model.cancelled_on,
        )
    cancelled = attrs.evolve(stored.model, cancelled_on=on)
    _act(uow, actor, Operation.RECORD_PAYMENT, cancelled.household, now, "plan_cancelled", None, plan)
    uow.payment_plans.save(cancelled, stored.version)
    return cancelled


def dispute_invoice(
    invoice: InvoiceId,
    motive: str,
    uow: UnitOfWork,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Dispute:
    """Note that a family contests an invoice: neither reminded nor in arrears until it is closed. Does not commit.

    :raises NotFoundError: no such invoice.
    :raises ConflictError: it is disputed already.
    """
    require(actor, Operation.CORRECT_INVOICE)
    held = uow.invoices.get(invoice).model
    command = ("dispute_invoice", invoice, motive, on)
    if (known := done_before(uow, key, command)) is not None:
        return uow.disputes.get(FactId(known)).model
    if any(stored.model.holds_on(on) for stored in uow.disputes.of(invoice)):
        raise ConflictError(f"invoice {invoice} is disputed already", code="account.disputed_already", invoice=invoice)
    dispute = Dispute(FactId(make_id()), invoice, on, motive, actor.label)
    _act(uow, actor, Operation.CORRECT_INVOICE, held.payer, now, "dispute", key, command, dispute.id)
    uow.disputes.save(dispute)
    return dispute


def close_dispute(dispute: FactId, uow: UnitOfWork, *, on: dt.date, actor: Actor, now: dt.datetime) -> Dispute:
    """Close a dispute on ``on``: the invoice is owed as it stands. Does not commit.

    :raises NotFoundError: no such dispute.
    :raises ConflictError: it was closed before.
    """
    require(actor, Operation.CORRECT_INVOICE)
    stored: Stored[Dispute] = uow.disputes.get(dispute)
    if stored.model.closed_on is not None:
        raise ConflictError(
            f"dispute {dispute} was closed on {stored.model.closed_on}",
            code="account.dispute_closed",
            dispute=dispute,
            day=stored.model.closed_on,
        )
    closed = attrs.evolve(stored.model, closed_on=on)
    payer = uow.invoices.get(closed.invoice).model.payer
    _act(uow, actor, Operation.CORRECT_INVOICE, payer, now, "dispute_closed", None, dispute)
    uow.disputes.save(closed, stored.version)
    return closed


def _act(
    uow: UnitOfWork,
    actor: Actor,
    operation: Operation,
    household: HouseholdId,
    now: dt.datetime,
    detail: str,
    key: Key | None,
    command: object,
    result: str = "",
) -> None:
    target = f"household:{household}"
    record_act(uow, actor, operation, target, now, detail=detail, key=key, command=command, result=result)
