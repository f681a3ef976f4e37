"""Payments and credits settle lines: allocated by a stated policy that conserves the sum."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import attrs

from periscolaire.billing._documents import Invoice, InvoiceLine, LineRef
from periscolaire.billing.accounts._account import Account
from periscolaire.billing.accounts._payments import MEANS, Allocation, Means, Payment
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.money import Amount, Currency, Money
from periscolaire.reasons import Reason, Verdict
from periscolaire.reglement import Refund as RefundPolicy

__all__ = ["AllocationPolicy", "check_payment", "impute", "settle", "spend", "to_give_back"]


class AllocationPolicy(enum.Enum):
    """How a payment is shared among the lines of an invoice; invoices are taken as named, then oldest due first."""

    PRO_RATA = "au prorata des lignes"
    IN_ORDER = "dans l'ordre des lignes"


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
    if (kept := _currency(account)) not in (None, payment.currency):
        reasons.append(Reason.of("payment.currency", given=payment.currency.code, expected=kept.code))
    left = account.remaining()
    for invoice_id in payment.invoices:
        if invoice_id not in left:
            reasons.append(Reason.of("payment.invoice_unknown", invoice=invoice_id))
        elif left[invoice_id] <= 0:
            reasons.append(Reason.of("payment.invoice_settled", invoice=invoice_id))
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


def _currency(account: Account) -> Currency | None:
    """The currency that the account is kept in; ``None`` as long as nothing happened in it."""
    kept = (*(one.currency for one in account.invoices[:1]), *(one.currency for one in account.payments[:1]))
    return kept[0] if kept else None


def _payable(account: Account, payment: Payment) -> Amount:
    settled, left = account.settled(), account.remaining()
    return sum(
        _may_settle([part for _, part in _open_lines(invoice, settled, payment.means)], left[invoice.id])
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
    return spend(recorded, payment.id, payment.amount, chosen, payment.received_on, policy, payment.means)


def impute(
    account: Account,
    on: dt.date,
    policy: AllocationPolicy = AllocationPolicy.PRO_RATA,
    *,
    credit_notes: RefundPolicy = RefundPolicy.NEXT_INVOICE,
) -> Account:
    """The account once its credit (the oldest first) has settled its open invoices.

    A credit note settles first the lines that are like those it takes back: same child and product, same product,
    then any; a titre's reduction goes to its original first. Unless ``credit_notes`` settle the next invoices, what
    one leaves once the invoices before it are settled is kept: see :func:`to_give_back`.
    """
    notes = {str(invoice.id): invoice for invoice in account.invoices}
    means = {str(payment.id): payment.means for payment in account.payments}
    for source, (since, amount) in account.free_since().items():
        if amount <= 0:
            continue
        chosen = list(account.pending())
        note = notes.get(source)
        if note is None:
            account = spend(account, source, amount, chosen, max(on, since), policy, means[source])
        else:
            if credit_notes is not RefundPolicy.NEXT_INVOICE:
                chosen = [one for one in chosen if one.issued_on < note.issued_on]
            original = note.original
            chosen.sort(key=lambda one: one.id != original)
            account = spend(account, source, amount, chosen, max(on, since), AllocationPolicy.IN_ORDER, None, note)
    return account


def to_give_back(
    account: Account, credit_notes: RefundPolicy, on: dt.date, year_end: Callable[[dt.date], dt.date]
) -> Amount:
    """What the commune gives back by itself on ``on``: kept credit notes whose time has come.

    ``year_end`` is the last day of the school year of a day. What a family may ask for at any time is the whole
    :attr:`Account.credit`.
    """
    if credit_notes not in (RefundPolicy.IF_PAID, RefundPolicy.YEAR_END):
        return 0
    free = account.free()
    return sum(
        free.get(invoice.id, 0)
        for invoice in account.invoices
        if invoice.issued_on <= on and (credit_notes is RefundPolicy.IF_PAID or year_end(invoice.issued_on) < on)
    )


def spend(
    account: Account,
    source: str,
    amount: Amount,
    chosen: Iterable[Invoice],
    on: dt.date,
    policy: AllocationPolicy,
    means: Means | None,
    note: Invoice | None = None,
) -> Account:
    """The account once ``amount`` is allocated to the open lines of ``chosen``, in that order, as far as it goes.

    An allocation is never dated before what it settles was asked for: on no past day is an invoice settled twice.
    """
    settled, remaining = account.settled(), account.remaining()
    made: list[Allocation] = []
    for invoice in chosen:
        lines = _open_lines(invoice, settled, means)
        if note is not None:
            lines.sort(key=lambda held: _likeness(held[0], note))
        lefts = [left for _, left in lines]
        used = min(amount, _may_settle(lefts, remaining[invoice.id]))
        if used <= 0:
            continue
        since = max(on, account.open_since(invoice))
        parts = _pro_rata(used, lefts) if policy is AllocationPolicy.PRO_RATA else _in_order(used, lefts)
        made.extend(
            Allocation(source, LineRef(invoice.id, line.number), line.product, part, since)
            for (line, _), part in zip(lines, parts, strict=True)
            if part
        )
        amount -= used
    return attrs.evolve(account, allocations=(*account.allocations, *made))


def _may_settle(lefts: Sequence[Amount], remaining: Amount) -> Amount:
    """What these lines of an invoice may take: never more than it asks for, when another line gives something back."""
    return max(0, min(sum(lefts), remaining))


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
