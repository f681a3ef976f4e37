"""After the due date: reminders by levels, payment plans, disputes, transfer to the trésorerie, write-off, arrears."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId
from periscolaire.money import Amount
from periscolaire.reglement import ReminderLevel

__all__ = [
    "Dispute",
    "DueReminder",
    "Instalment",
    "PaymentPlan",
    "PlanState",
    "Reminder",
    "WriteOff",
    "WriteOffKind",
    "arrears",
    "due_reminders",
    "exclusion_possible",
    "late_instalments",
    "overdue",
    "plan_state",
]


class WriteOffKind(enum.Enum):
    """Why a sum is no longer asked for by this series; the values are the words of the ledger."""

    IRRECOVERABLE = "admis en non-valeur"
    REMITTED = "remise gracieuse"
    TRANSFERRED = "transmis à la trésorerie"


@attrs.frozen
class WriteOff:
    """A sum taken off an invoice by an act of the commune, or handed to the comptable public.

    ``reference`` names the act (deliberation of a write-off, number of the titre of a transfer).
    """

    id: FactId
    invoice: InvoiceId
    household: HouseholdId
    series: str
    kind: WriteOffKind
    amount: Amount
    on: dt.date
    at: dt.datetime
    author: str
    reference: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.amount <= 0:
            raise MisuseError(f"write-off {self.id}: amount {self.amount}, expected more than 0", code="account.amount")


@attrs.frozen
class Reminder:
    """A reminder that was sent about an invoice."""

    id: FactId
    invoice: InvoiceId
    level: int
    on: dt.date
    author: str
    channel: str = ""


@attrs.frozen
class DueReminder:
    """A reminder that should be sent: the invoice, its level, what remains due, and how many days late."""

    invoice: InvoiceId
    household: HouseholdId
    level: int
    remaining: Amount
    days_late: int


@attrs.frozen
class Instalment:
    """A part of a payment plan: ``amount`` by the end of ``due_on``."""

    due_on: dt.date
    amount: Amount


@attrs.frozen
class PaymentPlan:
    """A household may pay ``invoices`` by instalments; while it keeps to them nothing is reminded nor in arrears.

    :raises MisuseError: no instalment, or one that is not above 0, or out of order.
    """

    id: FactId
    household: HouseholdId
    invoices: tuple[InvoiceId, ...]
    instalments: tuple[Instalment, ...]
    on: dt.date
    author: str
    cancelled_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        days = [instalment.due_on for instalment in self.instalments]
        if not days or days != sorted(days) or any(instalment.amount <= 0 for instalment in self.instalments):
            raise MisuseError(
                f"payment plan {self.id}: expected instalments above 0 in order of their dates", code="plan.instalments"
            )

    @property
    def total(self) -> Amount:
        """What the instalments add up to: all that its invoices asked for when it was agreed."""
        return sum(instalment.amount for instalment in self.instalments)

    def holds_on(self, day: dt.date) -> bool:
        """Agreed, and not cancelled yet."""
        return self.on <= day and (self.cancelled_on is None or day < self.cancelled_on)

    def due_by(self, day: dt.date) -> Amount:
        """What had to be paid before ``day`` begins."""
        return sum(instalment.amount for instalment in self.instalments if instalment.due_on < day)


@attrs.frozen
class Dispute:
    """A family contests an invoice: neither reminded nor in arrears until it is closed."""

    id: FactId
    invoice: InvoiceId
    on: dt.date
    motive: str
    author: str
    closed_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Open on ``day``."""
        return self.on <= day and (self.closed_on is None or day < self.closed_on)


def _left(plan: PaymentPlan, remaining: Mapping[InvoiceId, Amount]) -> Amount:
    return sum(max(0, remaining.get(invoice, 0)) for invoice in plan.invoices)


def late_instalments(plan: PaymentPlan, remaining: Mapping[InvoiceId, Amount], on: dt.date) -> Amount:
    """How much of the plan is late on ``on``, when ``remaining`` is what its invoices still ask for.

    The instalments are all that the invoices asked for: what they no longer ask for was paid on the plan, whichever
    payment did it, and what bounced was not.
    """
    return max(0, plan.due_by(on) - (plan.total - _left(plan, remaining)))


class PlanState(enum.Enum):
    """How a payment plan stands; the values are the words of screens."""

    KEPT = "tenu"
    LATE = "en retard"
    PAID = "soldé"
    CANCELLED = "rompu"


def plan_state(plan: PaymentPlan, remaining: Mapping[InvoiceId, Amount], on: dt.date) -> PlanState:
    """Whether the plan is kept on ``on``; ``remaining`` is what the invoices of the household ask for that day."""
    if not _left(plan, remaining):
        return PlanState.PAID
    if not plan.holds_on(on):
        return PlanState.CANCELLED
    return PlanState.LATE if late_instalments(plan, remaining, on) else PlanState.KEPT


def overdue(
    invoices: Iterable[Invoice],
    remaining: Mapping[InvoiceId, Amount],
    on: dt.date,
    *,
    plans: Iterable[PaymentPlan] = (),
    disputes: Iterable[Dispute] = (),
) -> dict[InvoiceId, Amount]:
    """What is late on ``on``, by invoice: past its due date, neither disputed nor in a plan that is kept.

    ``remaining`` is what each invoice still asks for that day. A plan that is not kept makes its late instalments
    overdue, on its oldest invoices first.
    """
    contested = {dispute.invoice for dispute in disputes if dispute.holds_on(on)}
    late = {
        invoice.id: remaining.get(invoice.id, 0)
        for invoice in sorted(invoices, key=lambda invoice: (invoice.due_on, invoice.id))
        if invoice.kind is InvoiceKind.INVOICE
        and invoice.due_on < on
        and remaining.get(invoice.id, 0) > 0
        and invoice.id not in contested
    }
    for plan in plans:
        if not plan.holds_on(on):
            continue
        left = late_instalments(plan, remaining, on)
        for invoice_id in [known for known in late if known in plan.invoices]:
            part = min(left, late[invoice_id])
            left -= part
            if part:
                late[invoice_id] = part
            else:
                del late[invoice_id]
    return late


def arrears(
    invoices: Iterable[Invoice],
    remaining: Mapping[InvoiceId, Amount],
    on: dt.date,
    *,
    plans: Iterable[PaymentPlan] = (),
    disputes: Iterable[Dispute] = (),
) -> dict[HouseholdId, Amount]:
    """The fact ``arrears`` of each household (minor units): all that is :func:`overdue`."""
    documents = tuple(invoices)
    owners = {invoice.id: invoice.payer for invoice in documents}
    found: dict[HouseholdId, Amount] = {}
    late = overdue(documents, remaining, on, plans=plans, disputes=disputes)
    for invoice_id, amount in late.items():
        found[owners[invoice_id]] = found.get(owners[invoice_id], 0) + amount
    return found


def exclusion_possible(
    late: Mapping[InvoiceId, Amount], sent: Iterable[Reminder], required: int, *, minimum: Amount = 0
) -> bool:
    """Whether a gate may refuse for arrears: enough is late, and what counts was reminded up to level ``required``.

    The steps before any exclusion are a setting of the commune (the Défenseur des droits asks for reminders and a
    meeting first); without them arrears refuse nothing.
    """
    reached: dict[InvoiceId, int] = {}
    for reminder in sent:
        reached[reminder.invoice] = max(reminder.level, reached.get(reminder.invoice, 0))
    reminded = sum(amount for invoice, amount in late.items() if reached.get(invoice, 0) >= required)
    return reminded > 0 and reminded >= minimum


def due_reminders(
    invoices: Iterable[Invoice],
    late: Mapping[InvoiceId, Amount],
    sent: Iterable[Reminder],
    levels: Iterable[ReminderLevel],
    on: dt.date,
) -> tuple[DueReminder, ...]:
    """The reminders to send on ``on``: for each late invoice the next level, when its delays are over.

    Levels are never skipped, and are counted from the due date (not from the last day of service).
    """
    ladder = sorted(levels, key=lambda level: level.level)
    last: dict[InvoiceId, Reminder] = {}
    for reminder in sent:
        held = last.get(reminder.invoice)
        if held is None or held.level < reminder.level:
            last[reminder.invoice] = reminder
    found = []
    for invoice in sorted(invoices, key=lambda invoice: (invoice.payer, invoice.due_on, invoice.id)):
        if invoice.id not in late:
            continue
        previous = last.get(invoice.id)
        reached = previous.level if previous is not None else 0
        following = next((level for level in ladder if level.level > reached), None)
        days_late = (on - invoice.due_on).days
        if following is None or days_late < following.days:
            continue
        if previous is not None and (on - previous.on).days < following.after_previous:
            continue
        found.append(DueReminder(invoice.id, invoice.payer, following.level, late[invoice.id], days_late))
    return tuple(found)
