"""Use cases of online payments: started, confirmed by notifications that count once, lapsed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import OnlineEvent, OnlineEventKind, OnlinePayment, OnlineState, online_state, payment_of
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, Key
from periscolaire.money import Amount, Currency
from periscolaire.operations._accounts import read_account, take_turn
from periscolaire.operations._once import done_before, record_act, trail
from periscolaire.operations._reglements import commune_today
from periscolaire.operations._targets import household_target
from periscolaire.operations.money._payments import record_payments
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["PayOnline", "expire_online_payments", "notify_online_payment", "online_payments", "start_online_payment"]

_OPEN = frozenset({OnlineState.STARTED, OnlineState.PENDING})


@attrs.frozen
class PayOnline:
    """A family pays ``invoices`` online: all of what they ask for, or ``amount`` of it. ``hold`` is the time it has."""

    household: HouseholdId
    series: str
    invoices: tuple[InvoiceId, ...]
    amount: Amount | None = None
    currency: Currency | None = None
    hold: dt.timedelta = dt.timedelta(minutes=20)


def start_online_payment(
    wanted: PayOnline,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> OnlinePayment:
    """Open an online payment; its reference is what the payment service is given. Does not commit.

    :raises AccessDeniedError: not this family's invoices.
    :raises NotFoundError: an invoice that is not of this account.
    :raises MisuseError: no invoice, an amount that is not above 0 or above what they ask for, another currency.
    :raises ConflictError: an invoice is settled, or is being paid online at this very moment.
    """
    require(actor, Operation.PAY_INVOICE, household_target(uow, wanted.household, commune_today(uow, now)))
    if (known := done_before(uow, key, wanted)) is not None:
        return uow.online_payments.get(known).model
    uow.hold(wanted.household)
    account = read_account(wanted.household, wanted.series, uow)
    left = account.remaining()
    if not wanted.invoices:
        raise MisuseError("an online payment needs an invoice", code="online.no_invoice")
    for invoice in wanted.invoices:
        asked = left.get(invoice)
        if asked is None:
            raise NotFoundError(
                f"invoice {invoice} in the account of {wanted.household}",
                code="account.no_invoice",
                invoice=invoice,
                household=wanted.household,
            )
        if asked <= 0:
            raise ConflictError(f"invoice {invoice} is settled", code="online.settled", invoice=invoice)
        if wanted.currency not in (None, account.invoice(invoice).currency):
            raise MisuseError(
                f"invoice {invoice} is in {account.invoice(invoice).currency.code}",
                code="online.other_currency",
                invoice=invoice,
                currency=account.invoice(invoice).currency.code,
            )
        for stored in uow.online_payments.of(invoice):
            held = stored.model.hold_until
            if online_payment_state(stored.model, uow) in _OPEN and (held is None or utc(now) < held):
                raise ConflictError(
                    f"invoice {invoice} is being paid online ({stored.model.reference})",
                    code="online.under_way",
                    invoice=invoice,
                    reference=stored.model.reference,
                )
    asked_for = sum(left[invoice] for invoice in wanted.invoices)
    amount = asked_for if wanted.amount is None else wanted.amount
    if not 0 < amount <= asked_for:
        raise MisuseError(
            f"online payment of {amount}: expected more than 0 and at most {asked_for}",
            code="online.amount",
            amount=amount,
            asked=asked_for,
        )
    currency = account.invoice(wanted.invoices[0]).currency
    started = OnlinePayment(
        make_id(), wanted.household, wanted.series, wanted.invoices, amount, utc(now), currency, utc(now) + wanted.hold
    )
    record_act(
        uow, actor, Operation.PAY_INVOICE, f"household:{wanted.household}", now, detail="started", key=key,
        command=wanted, result=started.reference,
    )  # fmt: skip
    uow.online_payments.save(started)
    return started


def online_payment_state(payment: OnlinePayment, uow: UnitOfWork) -> OnlineState:
    """Where an online payment stands."""
    return online_state(payment, uow.online_events.of(payment.reference))


def online_payments(
    household: HouseholdId, uow: UnitOfWork, *, actor: Actor
) -> tuple[tuple[OnlinePayment, OnlineState], ...]:
    """The online payments of a household, in order of their start, each with where it stands.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    found = (stored.model for stored in uow.online_payments.of(household))
    ordered = sorted(found, key=lambda one: (one.started_at, one.reference))
    return tuple((one, online_payment_state(one, uow)) for one in ordered)


def notify_online_payment(event: OnlineEvent, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> OnlineState:
    """Record what the payment service says, once, whatever the order; money that came in is a payment. Does not commit.

    A notification that comes again (same ``id``, or the same news) changes nothing. Confirmed after the hold has
    lapsed, or for an invoice that was settled meanwhile, the money is in all the same: it becomes a credit.

    :raises NotFoundError: no such online payment.
    :raises ConflictError: paid another amount than asked.
    """
    require(actor, Operation.RECORD_PAYMENT)
    payment = uow.online_payments.get(event.reference).model
    take_turn(uow, payment.household)
    events = uow.online_events.of(event.reference)
    before = online_state(payment, events)
    if any(known.id == event.id for known in events):
        return before
    after = online_state(payment, (*events, event))
    uow.online_events.append([attrs.evolve(event, at=utc(event.at))])
    trail(uow, actor, Operation.RECORD_PAYMENT, f"online:{event.reference}", now, detail=event.kind.name.lower())
    if after is OnlineState.PAID and before is not OnlineState.PAID:
        made = payment_of(payment, (*events, event), commune_today(uow, event.at), utc(now))
        assert made is not None, "it is paid"
        record_payments([made], uow, actor=actor, now=now, received=True)
    return after


def expire_online_payments(
    uow: UnitOfWork, *, actor: Actor, now: dt.datetime, make_id: Callable[[], str] = new_id
) -> tuple[OnlinePayment, ...]:
    """Say of the payments whose hold is over that they have lapsed; which. Does not commit."""
    require(actor, Operation.RECORD_PAYMENT)
    lapsed = [
        stored.model
        for stored in uow.online_payments.stream()
        if stored.model.hold_until is not None
        and stored.model.hold_until <= utc(now)
        and online_payment_state(stored.model, uow) in _OPEN
    ]
    uow.online_events.append(
        OnlineEvent(FactId(make_id()), payment.reference, OnlineEventKind.EXPIRED, utc(now)) for payment in lapsed
    )
    if lapsed:
        trail(uow, actor, Operation.RECORD_PAYMENT, "online", now, detail=f"{len(lapsed)} expired")
    return tuple(lapsed)
