"""Use cases of payment plans and disputes: what is neither reminded nor in arrears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Dispute, Instalment, PaymentPlan
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, Key
from periscolaire.money import Money
from periscolaire.operations._accounts import read_account
from periscolaire.operations._once import done_before
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.money._household_acts import act_on
from periscolaire.ports import Stored, UnitOfWork, new_id
from periscolaire.reglement import Reglement

__all__ = ["PlanWanted", "agree_plan", "cancel_plan", "close_dispute", "dispute_invoice"]


@attrs.frozen
class PlanWanted:
    """A household is to pay ``invoices`` by instalments, which add up to what they ask for."""

    household: HouseholdId
    series: str
    invoices: tuple[InvoiceId, ...]
    instalments: tuple[Instalment, ...]
    on: dt.date


def _require_within(wanted: PlanWanted, reglement: Reglement) -> None:
    """:raises MisuseError: more than what the règlement lets a payment plan be."""
    policy, unit = reglement.recovery, reglement.currency
    parts = wanted.instalments
    bounds = {
        "account.plan_too_many": (policy.plan_count, len(parts)),
        "account.plan_too_long": (policy.plan_days, max(((one.due_on - wanted.on).days for one in parts), default=0)),
    }
    for code, (most, found) in bounds.items():
        if most is not None and found > most:
            raise MisuseError(
                f"payment plan of {wanted.household}: {found}, at most {most}", code=code, n=found, most=most
            )
    least = None if policy.plan_minimum is None else unit.amount(policy.plan_minimum)
    if least is not None and any(one.amount < least for one in parts):
        raise MisuseError(
            f"payment plan of {wanted.household}: an instalment under {least}",
            code="account.plan_too_small",
            least=Money(least, unit),
        )


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
    :raises MisuseError: more instalments, a longer plan or a smaller part than the règlement allows.
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
    currency = published_reglements(uow).at(wanted.on).currency
    if planned != asked:
        raise MisuseError(
            f"payment plan of {wanted.household}: instalments of {planned}, expected {asked}",
            code="account.plan_total",
            household=wanted.household,
            planned=Money(planned, currency),
            asked=Money(asked, currency),
        )
    if any(instalment.due_on < wanted.on for instalment in wanted.instalments):
        raise MisuseError(
            f"payment plan of {wanted.household}: an instalment before {wanted.on}",
            code="account.plan_too_early",
            household=wanted.household,
            day=wanted.on,
        )
    _require_within(wanted, published_reglements(uow).at(wanted.on))
    for stored in uow.payment_plans.of(wanted.household):
        if stored.model.holds_on(wanted.on) and not set(wanted.invoices).isdisjoint(stored.model.invoices):
            raise ConflictError(
                f"payment plan {stored.model.id} holds one of these invoices",
                code="account.plan_holds",
                plan=stored.model.id,
            )
    plan = PaymentPlan(FactId(make_id()), wanted.household, wanted.invoices, wanted.instalments, wanted.on, actor.label)
    act_on(uow, actor, Operation.RECORD_PAYMENT, wanted.household, now, "plan", key, wanted, plan.id)
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
    act_on(uow, actor, Operation.RECORD_PAYMENT, cancelled.household, now, "plan_cancelled", None, plan)
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
    act_on(uow, actor, Operation.CORRECT_INVOICE, held.payer, now, "dispute", key, command, dispute.id)
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
    act_on(uow, actor, Operation.CORRECT_INVOICE, payer, now, "dispute_closed", None, dispute)
    uow.disputes.save(closed, stored.version)
    return closed
