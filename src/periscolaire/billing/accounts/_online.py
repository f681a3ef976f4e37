"""Online payments: a state table, and notifications that may come twice, late, or in the wrong order.

A notification is never trusted alone: the caller asks the payment service what happened and hands the answer in.
``A`` (abandoned) may still become ``P`` when the family tries again; nothing leaves ``PAID``.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from types import MappingProxyType

import attrs

from periscolaire.billing.accounts._payments import Means, Payment
from periscolaire.clock import require_aware
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, PaymentId
from periscolaire.money import EUR, Amount, Currency

__all__ = [
    "ONLINE_TRANSITIONS",
    "OnlineEvent",
    "OnlineEventKind",
    "OnlinePayment",
    "OnlineState",
    "online_state",
    "payment_of",
]


class OnlineState(enum.Enum):
    """Where an online payment stands; the values are the words of screens and exports."""

    STARTED = "commencé"
    PENDING = "en attente"  # the family left for the payment service; no answer yet
    PAID = "payé"
    REFUSED = "refusé"
    ABANDONED = "abandonné"
    EXPIRED = "expiré"


class OnlineEventKind(enum.Enum):
    """What the payment service says, or time."""

    SENT = "envoyé"
    PAID = "payé"  # PayFiP P (card) and V (debit)
    REFUSED = "refusé"  # PayFiP R and Z
    ABANDONED = "abandonné"  # PayFiP A
    EXPIRED = "expiré"  # PayFiP fault P1, or the hold is over


def _transitions() -> dict[tuple[OnlineState, OnlineEventKind], OnlineState]:
    state, event = OnlineState, OnlineEventKind
    table = {(state.PAID, kind): state.PAID for kind in event}  # money came in: nothing undoes it but a rejection
    for before in (state.STARTED, state.PENDING):
        table[before, event.SENT] = state.PENDING
        table[before, event.REFUSED] = state.REFUSED
        table[before, event.ABANDONED] = state.ABANDONED
        table[before, event.EXPIRED] = state.EXPIRED
    for before in (state.REFUSED, state.ABANDONED, state.EXPIRED):
        table[before, event.SENT] = state.PENDING  # the family tries again with the same operation
        table[before, event.REFUSED] = state.REFUSED
        table[before, event.ABANDONED] = state.ABANDONED
        table[before, event.EXPIRED] = state.EXPIRED
    for before in (state.STARTED, state.PENDING, state.REFUSED, state.ABANDONED, state.EXPIRED):
        table[before, event.PAID] = state.PAID
    return table


#: Total: every event may reach every state.
ONLINE_TRANSITIONS: MappingProxyType[tuple[OnlineState, OnlineEventKind], OnlineState] = MappingProxyType(
    _transitions()
)


@attrs.frozen
class OnlinePayment:
    """A payment that a family started online: ``reference`` is the operation's, unique for ever."""

    reference: str
    household: HouseholdId
    series: str
    invoices: tuple[InvoiceId, ...]
    amount: Amount
    started_at: dt.datetime
    currency: Currency = EUR
    hold_until: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.started_at, "started_at")
        if self.amount <= 0:
            raise MisuseError(
                f"online payment {self.reference}: amount {self.amount}, expected more than 0", code="account.amount"
            )


@attrs.frozen
class OnlineEvent:
    """One answer about an online payment, appended."""

    id: FactId
    reference: str
    kind: OnlineEventKind
    at: dt.datetime
    amount: Amount | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


def online_state(payment: OnlinePayment, events: Iterable[OnlineEvent]) -> OnlineState:
    """Where the payment stands after its events, whatever their number and order of arrival.

    :raises ConflictError: the service says it was paid another amount.
    """
    state = OnlineState.STARTED
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        if event.reference != payment.reference:
            continue
        if event.kind is OnlineEventKind.PAID and event.amount not in (None, payment.amount):
            raise ConflictError(
                f"online payment {payment.reference}: paid {event.amount}, asked {payment.amount}",
                code="online.other_amount",
                payment=payment.reference,
            )
        state = ONLINE_TRANSITIONS[state, event.kind]
    return state


def payment_of(
    payment: OnlinePayment, events: Iterable[OnlineEvent], received_on: dt.date, at: dt.datetime
) -> Payment | None:
    """The payment to record once it is paid (``None`` before): its id is the reference, so that it counts once.

    ``late`` confirmations, after the hold has lapsed, are money received like any other: it settles what it was for,
    or becomes a credit.
    """
    if online_state(payment, events) is not OnlineState.PAID:
        return None
    return Payment(
        id=PaymentId(payment.reference),
        household=payment.household,
        series=payment.series,
        means=Means.ONLINE,
        amount=payment.amount,
        received_on=received_on,
        at=at,
        author="paiement en ligne",
        currency=payment.currency,
        invoices=payment.invoices,
        reference=payment.reference,
    )
