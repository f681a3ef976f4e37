"""Use cases of what is late: arrears as gates read them, reminders level by level, late payers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    DueReminder,
    LatePayerRow,
    Reminder,
    ReminderLevel,
    due_reminders,
    late_payers,
)
from periscolaire.ids import FactId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._accounts import arrears_by_day, late_invoices
from periscolaire.operations._targets import household_target
from periscolaire.operations.money._household_acts import act_on
from periscolaire.ports import UnitOfWork, new_id

__all__ = [
    "DEFAULT_REMINDERS",
    "arrears_of",
    "late_payers_report",
    "reminders_to_send",
    "send_reminders",
]

#: A first reminder fifteen days after the due date, a second a month later, a last one before the trésorerie.
DEFAULT_REMINDERS = (
    ReminderLevel(1, 15, text="relance"),
    ReminderLevel(2, 45, text="seconde relance"),
    ReminderLevel(3, 75, text="dernier avis avant transmission au comptable public"),
)


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
        act_on(uow, actor, Operation.RECORD_PAYMENT, one.household, now, f"reminder:{one.level}", None, one)
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
