"""The reports that are owed, as plain rows; each total ties to the ledger (a law).

What was received and has settled nothing yet is an advance: a row without product, so that the total by product is
the total by means, and both are what the ledger calls paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind, InvoiceLine, LineRef
from periscolaire.billing.accounts._account import Account
from periscolaire.billing.accounts._payments import Allocation, Means, Payment, Refund, Rejection
from periscolaire.billing.accounts._recovery import Reminder
from periscolaire.ids import HouseholdId, InvoiceId, PaymentId, ProductCode
from periscolaire.money import Amount

__all__ = [
    "AGES",
    "BesideInvoices",
    "InvoicedRow",
    "LatePayerRow",
    "OutstandingRow",
    "ReceiptRow",
    "age_band",
    "beside_invoices",
    "invoiced",
    "late_payers",
    "outstanding",
    "receipts",
]

#: Upper ends of the bands of age of a debt, in days after the due date.
AGES = (0, 30, 60, 90)


@attrs.frozen
class ReceiptRow:
    """One cell of the *état d'encaissement récapitulatif*: a product (``None``: advances) by a means.

    ``count`` is the number of payments (rejections and refunds count too), ``amount`` what they add up to; ``month``
    is the first day of the month of the operations, where months are told apart.
    """

    product: ProductCode | None
    means: Means
    count: int
    amount: Amount
    month: dt.date | None = None


def receipts(
    payments: Iterable[Payment],
    allocations: Iterable[Allocation],
    first: dt.date,
    last: dt.date,
    *,
    rejections: Iterable[Rejection] = (),
    refunds: Iterable[Refund] = (),
    series: str | None = None,
    by_month: bool = False,
    keep: Callable[[LineRef], bool] | None = None,
) -> tuple[ReceiptRow, ...]:
    """What was received from ``first`` to ``last`` by product and means, by the day of each operation.

    ``payments`` are all that the allocations and rejections name, of former periods too. A rejection takes back what
    the payment had brought, under its products; a refund comes out of advances. With ``keep`` only what settled those
    lines counts (the lines of a site): what has settled nothing yet belongs to none.
    """
    known = {payment.id: payment for payment in payments if series is None or payment.series == series}
    cells: dict[tuple[dt.date | None, ProductCode | None, Means], tuple[set[str], list[Amount]]] = {}

    def enter(product: ProductCode | None, means: Means, amount: Amount, operation: str, on: dt.date) -> None:
        if not first <= on <= last or (product is None and keep is not None):
            return
        month = on.replace(day=1) if by_month else None
        operations, amounts = cells.setdefault((month, product, means), (set(), []))
        operations.add(operation)
        amounts.append(amount)

    for payment in known.values():
        enter(None, payment.means, payment.amount, payment.id, payment.received_on)
    for rejection in rejections:
        rejected = known.get(rejection.payment)
        if rejected is not None:
            enter(None, rejected.means, -rejected.amount, rejection.id, rejection.on)
    for given in refunds:
        if series is None or given.series == series:
            enter(None, given.means, -given.amount, given.id, given.on)
    for allocation in allocations:
        source = known.get(PaymentId(allocation.source))
        if source is not None and (keep is None or keep(allocation.line)):
            enter(allocation.product, source.means, allocation.amount, source.id, allocation.on)
            enter(None, source.means, -allocation.amount, source.id, allocation.on)
    rows = [
        ReceiptRow(product, means, len(operations), sum(amounts), month)
        for (month, product, means), (operations, amounts) in cells.items()
        if sum(amounts)
    ]
    return tuple(sorted(rows, key=_receipt_order))


_MEANS_ORDER = {means: rank for rank, means in enumerate(Means)}


def _receipt_order(row: ReceiptRow) -> tuple[dt.date, bool, str, int]:
    return row.month or dt.date.min, row.product is None, row.product or "", _MEANS_ORDER[row.means]


@attrs.frozen
class InvoicedRow:
    """What was invoiced for a product and an outcome: number of units and amount, corrections netted."""

    product: ProductCode
    outcome: str
    quantity: int
    amount: Amount


def invoiced(
    invoices: Iterable[Invoice],
    first: dt.date,
    last: dt.date,
    *,
    series: str | None = None,
    keep: Callable[[InvoiceLine], bool] | None = None,
) -> tuple[InvoicedRow, ...]:
    """What documents issued from ``first`` to ``last`` say, by product and outcome; only the lines of ``keep``."""
    cells: dict[tuple[ProductCode, str], list[int]] = {}
    for invoice in invoices:
        if (series is not None and invoice.series != series) or not first <= invoice.issued_on <= last:
            continue
        for line in invoice.lines:
            if keep is not None and not keep(line):
                continue
            outcome = line.outcome.value if line.outcome is not None else line.kind.value
            cell = cells.setdefault((line.product, outcome), [0, 0])
            cell[0] += line.quantity
            cell[1] += line.amount
    return tuple(InvoicedRow(product, outcome, *cell) for (product, outcome), cell in sorted(cells.items()))


@attrs.frozen
class OutstandingRow:
    """An invoice of the *restes à recouvrer*: what it asked for, what settled it, what remains, and its age.

    ``days_late`` counts from the due date (0: not due yet); ``level`` is the last reminder sent (0: none).
    """

    household: HouseholdId
    invoice: InvoiceId
    series: str
    issued_on: dt.date
    due_on: dt.date
    total: Amount
    settled: Amount
    remaining: Amount
    days_late: int
    level: int

    @property
    def age(self) -> int | None:
        """The upper end of its band of :data:`AGES`; ``None`` past the last."""
        return age_band(self.days_late)


def age_band(days_late: int) -> int | None:
    """The band of :data:`AGES` that ``days_late`` falls in, by its upper end; ``None`` past the last."""
    return next((end for end in AGES if days_late <= end), None)


def outstanding(
    accounts: Iterable[Account],
    on: dt.date,
    *,
    reminders: Iterable[Reminder] = (),
    keep: Callable[[InvoiceLine], bool] | None = None,
) -> tuple[OutstandingRow, ...]:
    """Every invoice that still asked for something when ``on`` ended, household by household.

    The total is what the ledger says remained due, plus the credits not used then (:attr:`Account.credit`), less what
    was overdrawn. With ``keep`` only those lines count (the lines of a site), each for what is left of it.
    """
    levels = _levels(reminders, on)
    rows = [
        OutstandingRow(
            household=account.household,
            invoice=invoice.id,
            series=invoice.series,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total=total,
            settled=settled,
            remaining=total - settled,
            days_late=max(0, (on - invoice.due_on).days),
            level=levels.get(invoice.id, 0),
        )
        for account in (account.at(on) for account in accounts)
        for invoice, total, settled in _totals(account, keep)
        if total > settled
    ]
    return tuple(sorted(rows, key=lambda row: (row.household, row.due_on, row.invoice)))


@attrs.frozen
class BesideInvoices:
    """What a household's account holds besides its invoices: its ``credit``, or what was given back too much."""

    household: HouseholdId
    credit: Amount
    overdrawn: Amount


def beside_invoices(accounts: Iterable[Account], on: dt.date) -> tuple[BesideInvoices, ...]:
    """The households of which the account held something besides invoices when ``on`` ended.

    Less the credits and with what was overdrawn, :func:`outstanding` is what the ledger says remained due.
    """
    found = (
        BesideInvoices(account.household, account.credit, account.overdrawn)
        for account in (account.at(on) for account in accounts)
    )
    return tuple(sorted((one for one in found if one.credit or one.overdrawn), key=lambda one: one.household))


def _totals(account: Account, keep: Callable[[InvoiceLine], bool] | None) -> Iterator[tuple[Invoice, Amount, Amount]]:
    """What each invoice of an account asks for and what has settled it, by the lines to be kept."""
    settled = account.settled()
    for invoice in account.invoices:
        if invoice.kind is not InvoiceKind.INVOICE:
            continue
        lines = [line for line in invoice.lines if keep is None or keep(line)]
        paid = (settled.get(LineRef(invoice.id, line.number), 0) for line in lines)
        yield invoice, sum(line.amount for line in lines), sum(paid)


@attrs.frozen
class LatePayerRow:
    """A household with something overdue: how much, in how many invoices, since when, and the last reminder."""

    household: HouseholdId
    overdue: Amount
    invoices: int
    oldest_due: dt.date
    days_late: int
    level: int


def late_payers(
    invoices: Iterable[Invoice],
    late: Mapping[InvoiceId, Amount],
    on: dt.date,
    *,
    reminders: Iterable[Reminder] = (),
) -> tuple[LatePayerRow, ...]:
    """Households that are late (``late`` is what :func:`overdue` found), the greatest debt first."""
    levels = _levels(reminders, on)
    held: dict[HouseholdId, list[Invoice]] = {}
    for invoice in invoices:
        if invoice.id in late:
            held.setdefault(invoice.payer, []).append(invoice)
    rows = []
    for household, documents in held.items():
        oldest = min(invoice.due_on for invoice in documents)
        rows.append(
            LatePayerRow(
                household=household,
                overdue=sum(late[invoice.id] for invoice in documents),
                invoices=len(documents),
                oldest_due=oldest,
                days_late=(on - oldest).days,
                level=max(levels.get(invoice.id, 0) for invoice in documents),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.overdue, row.household)))


def _levels(reminders: Iterable[Reminder], on: dt.date) -> dict[InvoiceId, int]:
    levels: dict[InvoiceId, int] = {}
    for reminder in (one for one in reminders if one.on <= on):
        levels[reminder.invoice] = max(reminder.level, levels.get(reminder.invoice, 0))
    return levels
