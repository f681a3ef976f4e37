"""Use cases of sums that are no longer asked for: written off, remitted, handed to the comptable public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Account, WriteOff, WriteOffKind, write_off
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, Key
from periscolaire.money import EUR, Amount, Money
from periscolaire.operations._accounts import keep_allocations, read_account, take_turn
from periscolaire.operations._once import done_before
from periscolaire.operations.money._household_acts import act_on
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["COLLECTION_THRESHOLD", "WrittenOff", "transfer_to_treasury", "write_off_invoice"]

#: In cents: what a debtor must owe for a public debt to be put into collection (D1611-1 du CGCT, since 10 April 2017).
COLLECTION_THRESHOLD: Amount = 1500


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
    take_turn(uow, invoice.payer)
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
    act_on(uow, actor, Operation.CORRECT_INVOICE, invoice.payer, now, wanted.kind.name.lower(), key, wanted)
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

    ``reference`` is the number of the titre or of the bordereau. What one debtor owes on all of them together must
    reach the threshold of collection, 15 € (articles L1611-5 et D1611-1 du code général des collectivités
    territoriales: several debts of one debtor may be grouped to reach it). No act sets one in another currency.

    :raises NotFoundError: no such invoice.
    :raises ConflictError: an invoice asks for nothing, or a debtor's sum is under the threshold.
    """
    require(actor, Operation.CORRECT_INVOICE)
    chosen = tuple(dict.fromkeys(invoices))
    owed: dict[HouseholdId, Amount] = {}
    for invoice in chosen:
        held = uow.invoices.get(invoice).model
        left = read_account(held.payer, held.series, uow).remaining().get(invoice, 0)
        owed[held.payer] = owed.get(held.payer, 0) + left
    currency = uow.invoices.get(chosen[0]).model.currency if chosen else EUR
    for debtor, amount in owed.items():
        if currency == EUR and 0 < amount < COLLECTION_THRESHOLD:
            raise ConflictError(
                f"{debtor} owes {amount}: under the threshold of collection, {COLLECTION_THRESHOLD}",
                code="account.under_threshold",
                household=debtor,
                amount=Money(amount, currency),
                threshold=Money(COLLECTION_THRESHOLD, currency),
            )
    return tuple(
        write_off_invoice(
            WrittenOff(invoice, WriteOffKind.TRANSFERRED, on, reference), uow, actor=actor, now=now, make_id=make_id
        )
        for invoice in chosen
    )
