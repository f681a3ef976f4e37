"""Use cases of what is late: arrears as gates read them, reminders level by level, late payers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    DueReminder,
    Incident,
    LatePayerRow,
    Reminder,
    due_reminders,
    late_payers,
)
from periscolaire.clock import utc
from periscolaire.errors import ConflictError
from periscolaire.facts import Facts
from periscolaire.ids import FactId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._accounts import arrears_by_day, late_invoices
from periscolaire.operations._deliver import Delivered, deliver
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import household_target
from periscolaire.operations.money._household_acts import act_on
from periscolaire.ports import Repositories, Store, UnitOfWork, new_id
from periscolaire.reglement import ReminderLevel

__all__ = [
    "arrears_of",
    "deliver_reminders",
    "late_payers_report",
    "record_reminders",
    "reminder_levels",
    "reminders_to_send",
    "send_reminders",
]


def reminder_levels(uow: Repositories, on: dt.date) -> tuple[ReminderLevel, ...]:
    """The reminders that the règlement of that day voted."""
    return published_reglements(uow).at(on).recovery.reminders


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
    levels: Iterable[ReminderLevel] | None = None,
) -> tuple[DueReminder, ...]:
    """The reminders that should go out on ``on``, by the levels of the règlement unless others are given.

    Writes nothing.
    """
    require(actor, Operation.VIEW_REPORTS)
    invoices, late = late_invoices(series, on, uow)
    ladder = reminder_levels(uow, on) if levels is None else levels
    return due_reminders(invoices, late, uow.reminders.stream(), ladder, on)


def send_reminders(
    series: str,
    uow: UnitOfWork,
    *,
    actor: Actor,
    on: dt.date,
    now: dt.datetime,
    levels: Iterable[ReminderLevel] | None = None,
    channel: str = "courriel",
    make_id: Callable[[], str] = new_id,
) -> tuple[DueReminder, ...]:
    """Record the reminders that go out on ``on``; which. Done again the same day it sends none. Does not commit."""
    require(actor, Operation.RECORD_PAYMENT)
    due = reminders_to_send(series, uow, actor=actor, on=on, levels=levels)
    record_reminders(due, uow, actor=actor, on=on, now=now, channel=channel, make_id=make_id)
    return due


def record_reminders(
    due: Iterable[DueReminder],
    uow: UnitOfWork,
    *,
    actor: Actor,
    on: dt.date,
    now: dt.datetime,
    channel: str | Callable[[], str] = "courriel",
    make_id: Callable[[], str] = new_id,
) -> None:
    """Record that these reminders go out on ``on``, with the penalty that the règlement attaches to their level.

    Does not commit. A ``channel`` that is called sends the letter, once it is sure that it may be recorded, and tells
    how it left.

    :raises ConflictError: one of them went out already.
    """
    require(actor, Operation.RECORD_PAYMENT)
    penalties = {one.level: one.penalty for one in reminder_levels(uow, on)}
    reminders = tuple(due)
    for one in reminders:
        uow.hold(one.household)
        if any(sent.level >= one.level for sent in uow.reminders.of(one.invoice)):
            raise ConflictError(
                f"reminder {one.level} of invoice {one.invoice} went out already",
                code="account.reminded_already",
                invoice=one.invoice,
                level=one.level,
            )
        act_on(uow, actor, Operation.RECORD_PAYMENT, one.household, now, f"reminder:{one.level}", None, one)
    how = channel if isinstance(channel, str) else channel()
    uow.reminders.append(Reminder(FactId(make_id()), one.invoice, one.level, on, actor.label, how) for one in reminders)
    uow.incidents.append(
        Incident(FactId(make_id()), penalty, one.household, on, utc(now), actor.label, facts=Facts())
        for one in reminders
        if (penalty := penalties.get(one.level)) is not None
    )


def deliver_reminders(
    series: str,
    store: Store,
    *,
    actor: Actor,
    on: dt.date,
    now: dt.datetime,
    send: Callable[[tuple[DueReminder, ...], UnitOfWork], str],
    levels: Iterable[ReminderLevel] | None = None,
    make_id: Callable[[], str] = new_id,
) -> Delivered[tuple[DueReminder, ...]]:
    """Send the reminders of ``on`` and record them, a household and level at a time: one letter, one transaction.

    ``send`` writes or sends the letter and returns the channel to record; what it raises leaves that household
    unreminded (see :class:`Delivered`).
    """
    require(actor, Operation.RECORD_PAYMENT)
    with store.unit(write=False) as uow:
        due = reminders_to_send(series, uow, actor=actor, on=on, levels=levels)
    letters: dict[tuple[HouseholdId, int], list[DueReminder]] = {}
    for one in due:
        letters.setdefault((one.household, one.level), []).append(one)

    def act(letter: tuple[DueReminder, ...], uow: UnitOfWork) -> None:
        record_reminders(letter, uow, actor=actor, on=on, now=now, channel=lambda: send(letter, uow), make_id=make_id)

    return deliver(((household, tuple(held)) for (household, _), held in letters.items()), store, act)


def late_payers_report(on: dt.date, uow: UnitOfWork, *, actor: Actor, series: str) -> tuple[LatePayerRow, ...]:
    """Households with something overdue on that day, the greatest debt first.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    invoices, late = late_invoices(series, on, uow)
    return late_payers(invoices, late, on, reminders=uow.reminders.stream())
