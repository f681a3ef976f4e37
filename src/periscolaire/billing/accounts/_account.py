"""What a household has paid of what: payments allocated to lines by a stated policy that conserves the sum."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind, InvoiceLine, LineRef
from periscolaire.billing.accounts._payments import MEANS, Allocation, Means, Payment, Refund, Rejection
from periscolaire.billing.accounts._recovery import WriteOff
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import HouseholdId, InvoiceId
from periscolaire.money import EUR, Amount, Money
from periscolaire.reasons import Reason, Verdict

__all__ = [
    "Account",
    "AllocationPolicy",
    "bounce",
    "check_payment",
    "check_wallet",
    "impute",
    "refund",
    "settle",
    "wallet_balance",
    "write_off",
]


class AllocationPolicy(enum.Enum):
    """How a payment is shared among the lines of an invoice; invoices are taken as named, then oldest due first."""

    PRO_RATA = "au prorata des lignes"
    IN_ORDER = "dans l'ordre des lignes"


@attrs.frozen
class Account:
    """One household in one series: its documents, its movements, and how they were allocated.

    ``credit`` is what was received or credited and has settled nothing yet. The ledger's remaining due is what all
    invoices still ask for, less that credit.
    """

    household: HouseholdId
    series: str
    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    refunds: tuple[Refund, ...] = ()
    write_offs: tuple[WriteOff, ...] = ()
    allocations: tuple[Allocation, ...] = ()

    def invoice(self, invoice_id: InvoiceId) -> Invoice:
        """That invoice.

        :raises NotFoundError: it is not of this account.
        """
        for invoice in self.invoices:
            if invoice.id == invoice_id:
                return invoice
        raise NotFoundError(
            f"invoice {invoice_id} in the account of {self.household}",
            code="account.no_invoice",
            invoice=invoice_id,
            household=self.household,
        )

    def settled(self) -> dict[LineRef, Amount]:
        """How much of each line has been settled, by whatever means."""
        found: dict[LineRef, Amount] = {}
        for allocation in self.allocations:
            found[allocation.line] = found.get(allocation.line, 0) + allocation.amount
        return found

    def remaining(self) -> dict[InvoiceId, Amount]:
        """What each invoice still asks for (credit notes ask for nothing)."""
        left = {invoice.id: invoice.total for invoice in self.invoices if invoice.kind is InvoiceKind.INVOICE}
        for allocation in self.allocations:
            left[allocation.line.invoice] -= allocation.amount
        return left

    def pending(self) -> tuple[Invoice, ...]:
        """The invoices not settled yet, the oldest due first."""
        left = self.remaining()
        return tuple(invoice for invoice in self._by_due() if left.get(invoice.id, 0) > 0)

    def settled_history(self) -> tuple[Invoice, ...]:
        """The documents that ask for nothing any more, the latest first."""
        left = self.remaining()
        return tuple(invoice for invoice in reversed(self._by_due()) if left.get(invoice.id, 0) <= 0)

    def _by_due(self) -> list[Invoice]:
        return sorted(self.invoices, key=lambda invoice: (invoice.due_on, invoice.issued_on, invoice.number))

    def free(self) -> dict[str, Amount]:
        """What each payment or credit note has left to settle something with, by its id, the oldest first."""
        sources: list[tuple[dt.date, str, Amount]] = [
            (invoice.issued_on, invoice.id, -invoice.total)
            for invoice in self.invoices
            if invoice.kind is InvoiceKind.CREDIT_NOTE
        ]
        bounced = {rejection.payment for rejection in self.rejections}
        sources += [
            (payment.received_on, payment.id, 0 if payment.id in bounced else payment.amount)
            for payment in self.payments
        ]
        left = {source: amount for _, source, amount in sorted(sources)}
        for allocation in self.allocations:
            if allocation.source in left:
                left[allocation.source] -= allocation.amount
        given_back = sum(refund.amount for refund in self.refunds)
        for source, amount in left.items():  # refunds use the oldest credit first
            used = min(max(amount, 0), given_back)
            left[source] -= used
            given_back -= used
        return left

    @property
    def credit(self) -> Amount:
        """What the commune owes this household, before anything it may be used for."""
        return sum(self.free().values())


def check_payment(account: Account, payment: Payment) -> Verdict:
    """Whether the payment can be recorded, with every reason it cannot.

    Codes: ``payment.wrong_account``, ``payment.currency``, ``payment.known`` (that id was recorded),
    ``payment.invoice_unknown``, ``payment.invoice_settled``, ``payment.means_excluded`` (it is more than what this
    means may pay, CESU and meals).
    """
    reasons = []
    if (payment.household, payment.series) != (account.household, account.series):
        reasons.append(Reason.of("payment.wrong_account", household=payment.household, series=payment.series))
    if any(known.id == payment.id for known in account.payments):
        reasons.append(Reason.of("payment.known", payment=payment.id))
    left = account.remaining()
    known = {invoice.id: invoice for invoice in account.invoices}
    for invoice_id in payment.invoices:
        if invoice_id not in left:
            reasons.append(Reason.of("payment.invoice_unknown", invoice=invoice_id))
        elif left[invoice_id] <= 0:
            reasons.append(Reason.of("payment.invoice_settled", invoice=invoice_id))
        elif known[invoice_id].currency != payment.currency:
            reasons.append(
                Reason.of("payment.currency", given=payment.currency.code, expected=known[invoice_id].currency.code)
            )
    if not reasons and MEANS[payment.means].excluded_natures:
        payable = _payable(account, payment)
        if payment.amount > payable:
            reasons.append(
                Reason.of(
                    "payment.means_excluded",
                    means=payment.means.value,
                    natures=tuple(sorted(MEANS[payment.means].excluded_natures)),
                    payable=Money(payable, payment.currency),
                )
            )
    return Verdict(not reasons, tuple(reasons))


def _payable(account: Account, payment: Payment) -> Amount:
    settled = account.settled()
    return sum(
        max(0, sum(left for _, left in _open_lines(invoice, settled, payment.means)))
        for invoice in account.pending()
        if not payment.invoices or invoice.id in payment.invoices
    )


def settle(
    account: Account,
    payment: Payment,
    policy: AllocationPolicy = AllocationPolicy.PRO_RATA,
    *,
    received: bool = False,
) -> Account:
    """The account once the payment is recorded and allocated; what settles nothing stays as its credit.

    ``received``: the money is in whatever became of its invoices (an online payment confirmed late, a transfer), so
    that an invoice settled meanwhile is no error.

    :raises NotFoundError: it names an invoice that is not of the account.
    :raises MisuseError: it is for another account, in another currency, or by a means that may not pay this.
    :raises ConflictError: it was recorded, or the invoice it names is settled.
    """
    verdict = check_payment(account, payment)
    for reason in verdict.reasons:
        message = f"payment {payment.id}: {reason.code} {dict(reason.parameters)}"
        match reason.code:
            case "payment.invoice_unknown":
                raise NotFoundError(message, code=reason.code, **reason.parameters)
            case "payment.invoice_settled" if received:
                continue
            case "payment.invoice_settled" | "payment.known":
                raise ConflictError(message, code=reason.code, **reason.parameters)
            case _:
                raise MisuseError(message, code=reason.code, **reason.parameters)
    recorded = attrs.evolve(account, payments=(*account.payments, payment))
    chosen = [invoice for invoice in account.pending() if not payment.invoices or invoice.id in payment.invoices]
    if payment.invoices:
        chosen.sort(key=lambda invoice: payment.invoices.index(invoice.id))
        # What the named invoices leave goes to the others, except that a family may have meant an advance.
        chosen += [invoice for invoice in account.pending() if invoice.id not in payment.invoices]
    return _spend(recorded, payment.id, payment.amount, chosen, payment.received_on, policy, payment.means)


def impute(account: Account, on: dt.date, policy: AllocationPolicy = AllocationPolicy.PRO_RATA) -> Account:
    """The account once its credit (the oldest first) has settled its open invoices.

    A credit note settles first the lines that are like those it takes back: same child and product, same product,
    then any; a titre's reduction goes to its original first.
    """
    notes = {str(invoice.id): invoice for invoice in account.invoices}
    means = {str(payment.id): payment.means for payment in account.payments}
    for source, amount in account.free().items():
        if amount <= 0:
            continue
        chosen = list(account.pending())
        note = notes.get(source)
        if note is None:
            account = _spend(account, source, amount, chosen, on, policy, means[source])
        else:
            chosen = [one for one in chosen if one.id == note.original] + [
                one for one in chosen if one.id != note.original
            ]
            account = _spend(account, source, amount, chosen, on, AllocationPolicy.IN_ORDER, None, note)
    return account


def _spend(
    account: Account,
    source: str,
    amount: Amount,
    chosen: Iterable[Invoice],
    on: dt.date,
    policy: AllocationPolicy,
    means: Means | None,
    note: Invoice | None = None,
) -> Account:
    """Allocate ``amount`` to the open lines of ``chosen``, in that order, as far as it goes."""
    settled = account.settled()
    made: list[Allocation] = []
    for invoice in chosen:
        lines = _open_lines(invoice, settled, means)
        if note is not None:
            lines.sort(key=lambda held: _likeness(held[0], note))
        lefts = [left for _, left in lines]
        used = min(amount, sum(lefts))
        if used <= 0:
            continue
        parts = _pro_rata(used, lefts) if policy is AllocationPolicy.PRO_RATA else _in_order(used, lefts)
        made.extend(
            Allocation(source, LineRef(invoice.id, line.number), line.product, part, on)
            for (line, _), part in zip(lines, parts, strict=True)
            if part
        )
        amount -= used
    return attrs.evolve(account, allocations=(*account.allocations, *made))


def _open_lines(
    invoice: Invoice, settled: Mapping[LineRef, Amount], means: Means | None = None
) -> list[tuple[InvoiceLine, Amount]]:
    """The lines that still ask for something (or give something back) and that ``means`` may pay."""
    excluded = MEANS[means].excluded_natures if means is not None else frozenset()
    lines = []
    for line in invoice.lines:
        left = line.amount - settled.get(LineRef(invoice.id, line.number), 0)
        if left and line.nature not in excluded:
            lines.append((line, left))
    return lines


def _likeness(line: InvoiceLine, note: Invoice) -> int:
    taken = [one for one in note.lines if one.amount < 0]
    if any((line.child, line.product) == (one.child, one.product) for one in taken):
        return 0
    return 1 if any(line.product == one.product for one in taken) else 2


def _pro_rata(amount: Amount, lefts: Sequence[Amount]) -> list[Amount]:
    """``amount`` shared by ``lefts`` (some may be below 0), by the largest remainder; the parts add up to it."""
    whole = sum(lefts)
    exact = [Fraction(left * amount, whole) for left in lefts]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts


def _in_order(amount: Amount, lefts: Sequence[Amount]) -> list[Amount]:
    """Lines below 0 give what they have first; then each line in turn is filled as far as it goes."""
    parts = [min(left, 0) for left in lefts]
    amount -= sum(parts)
    for index, left in enumerate(lefts):
        if left > 0:
            parts[index] = min(left, amount)
            amount -= parts[index]
    return parts


def bounce(account: Account, rejection: Rejection) -> Account:
    """The account once a payment was rejected: what it had settled is owed again, from that day.

    :raises NotFoundError: no such payment.
    :raises ConflictError: it was rejected before, or its means cannot be.
    """
    payment = next((known for known in account.payments if known.id == rejection.payment), None)
    if payment is None:
        raise NotFoundError(
            f"payment {rejection.payment} in the account of {account.household}",
            code="account.no_payment",
            payment=rejection.payment,
            household=account.household,
        )
    if any(known.payment == rejection.payment for known in account.rejections):
        raise ConflictError(
            f"payment {payment.id} was rejected before", code="account.rejected_before", payment=payment.id
        )
    if not MEANS[payment.means].may_bounce:
        raise ConflictError(
            f"payment {payment.id}: {payment.means.value} cannot be rejected",
            code="account.cannot_bounce",
            payment=payment.id,
            means=payment.means.value,
        )
    undone = [
        attrs.evolve(allocation, amount=-allocation.amount, on=rejection.on)
        for allocation in account.allocations
        if allocation.source == payment.id
    ]
    return attrs.evolve(
        account,
        rejections=(*account.rejections, rejection),
        allocations=(*account.allocations, *undone),
    )


def refund(account: Account, given: Refund) -> Account:
    """The account once money was given back out of its credit.

    :raises ConflictError: it has less credit than that.
    """
    if given.amount > account.credit:
        raise ConflictError(
            f"refund {given.id}: {given.amount}, but the credit is {account.credit}",
            code="account.credit_too_small",
            household=account.household,
        )
    return attrs.evolve(account, refunds=(*account.refunds, given))


def write_off(account: Account, act: WriteOff) -> Account:
    """The account once a sum was taken off an invoice (written off, remitted, handed to the trésorerie).

    :raises NotFoundError: the invoice is not of this account.
    :raises ConflictError: it asks for less than that.
    """
    invoice = account.invoice(act.invoice)
    left = account.remaining()[invoice.id]
    if act.amount > left:
        raise ConflictError(
            f"write-off {act.id}: {act.amount}, but invoice {invoice.id} asks for {left}",
            code="account.write_off_too_large",
            invoice=invoice.id,
        )
    recorded = attrs.evolve(account, write_offs=(*account.write_offs, act))
    return _spend(recorded, act.id, act.amount, [invoice], act.on, AllocationPolicy.PRO_RATA, None)


def check_wallet(account: Account, price: Amount, *, reserved: Amount = 0, minimum: Amount = 0) -> Verdict:
    """Whether a prepaid account can bear one more booking of ``price`` and keep ``minimum`` (minor units)."""
    left = wallet_balance(account, reserved)
    if left - price >= minimum:
        return Verdict(True)
    currency = next((invoice.currency for invoice in account.invoices), EUR)
    wanted = Money(price + minimum - left, currency)
    return Verdict(False, (Reason.of("wallet.insufficient", left=Money(left, currency), wanted=wanted),))


def wallet_balance(account: Account, reserved: Amount = 0) -> Amount:
    """What a prepaid account may still be booked with: its credit, less ``reserved`` (booked, not billed yet) and
    what is owed."""
    return account.credit - sum(max(0, left) for left in account.remaining().values()) - reserved
