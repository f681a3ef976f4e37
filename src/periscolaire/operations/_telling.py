"""Use cases that tell families: what is out of the ordinary before the bill, and that an invoice is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Anomaly
from periscolaire.billing import Invoice
from periscolaire.calendar import Span
from periscolaire.ids import HouseholdId, InvoiceId, Key
from periscolaire.operations._deliver import Delivered, deliver
from periscolaire.operations._once import done_before, record_act
from periscolaire.operations._reglements import commune_today
from periscolaire.operations.attendance._appeals import find_anomalies
from periscolaire.ports import Store, UnitOfWork

__all__ = ["deliver_anomalies", "deliver_invoices"]


def deliver_anomalies(
    span: Span,
    store: Store,
    *,
    actor: Actor,
    now: dt.datetime,
    send: Callable[[tuple[Anomaly, ...], UnitOfWork], str],
    appeal_days: int | None = None,
) -> Delivered[tuple[Anomaly, ...]]:
    """Tell each family what is out of the ordinary over ``span``, and record that it was told: one letter a family.

    As :func:`tell_anomalies`, letter by letter: a family whose letter did not leave was told nothing, and its days to
    answer have not begun. Told again, nobody hears of the same thing twice.

    :raises MisuseError: a negative number of days.
    """
    require(actor, Operation.RUN_BILLING)
    with store.unit(write=False) as uow:
        letters: dict[HouseholdId, list[Anomaly]] = {}
        for one in find_anomalies(span, uow, actor=actor, on=commune_today(uow, now), appeal_days=appeal_days):
            if one.kind.is_for_family:
                letters.setdefault(one.household, []).append(one)

    def act(letter: tuple[Anomaly, ...], uow: UnitOfWork) -> None:
        home = letter[0].household
        record_act(uow, actor, Operation.RUN_BILLING, f"household:{home}", now, detail=f"anomalies:{len(letter)}")
        uow.anomalies.append(letter)
        send(letter, uow)

    return deliver(((household, tuple(held)) for household, held in letters.items()), store, act)


def deliver_invoices(
    invoices: Iterable[InvoiceId],
    store: Store,
    *,
    actor: Actor,
    now: dt.datetime,
    send: Callable[[Invoice, UnitOfWork], str],
) -> Delivered[Invoice]:
    """Tell each payer that an invoice is there, once: who was told of it before is passed over.

    :raises NotFoundError: no such invoice.
    """
    require(actor, Operation.RUN_BILLING)
    with store.unit(write=False) as uow:
        wanted = [uow.invoices.get(one).model for one in invoices]
        waiting = [one for one in wanted if done_before(uow, _told(one), _COMMAND) is None]

    def act(invoice: Invoice, uow: UnitOfWork) -> None:
        record_act(
            uow, actor, Operation.RUN_BILLING, f"household:{invoice.payer}", now, detail=f"told:{invoice.id}",
            key=_told(invoice), command=_COMMAND,
        )  # fmt: skip
        send(invoice, uow)

    return deliver(((invoice.payer, invoice) for invoice in waiting), store, act)


_COMMAND = "deliver_invoices"


def _told(invoice: Invoice) -> Key:
    return Key(f"invoice-told:{invoice.id}")
