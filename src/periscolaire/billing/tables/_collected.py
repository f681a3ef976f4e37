"""What came in: receipts by product and means, deposit slip, journal of the régie, closing of the desk.

Rules: instruction codificatrice n° 06-031-A-B-M du 21 avril 2006 (books of a régie, monthly *état récapitulatif des
recettes encaissées*, *versement* to the comptable); the layout is ours, no official template being published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from periscolaire.billing.accounts._desk import CashKind, DepositSlip, DeskClosing
from periscolaire.billing.accounts._journal import DeskAccount, JournalRow, desk_balances
from periscolaire.billing.accounts._payments import MEANS, Means, Payment
from periscolaire.billing.accounts._reports import ReceiptRow
from periscolaire.billing.tables._table import (
    ColumnKind,
    ReportColumn,
    ReportTable,
    amount,
    column,
    day,
    means_name,
    money,
    say,
    span,
)
from periscolaire.ids import HouseholdId, PaymentId, ProductCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.reasons import Description

__all__ = ["closing_table", "deposit_table", "journal_table", "receipts_table"]


def _same(code: str) -> str:
    return code


def receipts_table(
    rows: Iterable[ReceiptRow],
    first: dt.date,
    last: dt.date,
    *,
    currency: Currency = EUR,
    product_name: Callable[[ProductCode], str] = _same,
    series: str | None = None,
    site: str | None = None,
) -> ReportTable:
    """*État d'encaissement récapitulatif des prestations*: a row a product, a column a means, totals both ways.

    Where the rows tell the months apart, there is a row a month and product.
    """
    cells: dict[tuple[dt.date | None, ProductCode | None], dict[Means, Amount]] = {}
    for row in rows:
        means = cells.setdefault((row.month, row.product), {})
        means[row.means] = means.get(row.means, 0) + row.amount
    used = [means for means in Means if any(means in found for found in cells.values())]
    monthly = any(month is not None for month, _ in cells)
    columns = (
        *((column("mois"),) if monthly else ()),
        column("prestation"),
        *(ReportColumn(means.value.replace(" ", "_"), means_name(means), ColumnKind.AMOUNT, summed=True)
          for means in used),
        amount("total"),
    )  # fmt: skip
    lines = tuple(
        (
            *((say("month", day=month),) if monthly else ()),
            product_name(product) if product is not None else say("advances"),
            *(found.get(means, 0) for means in used),
            sum(found.values()),
        )
        for (month, product), found in cells.items()
    )
    notes = (say("note.receipts"),) if site is None else (say("note.receipts_of_site", site=site),)
    subtitle = say("of_series", series=series or "", span=span(first, last))
    return ReportTable("encaissements", say("title.receipts"), subtitle, columns, lines, currency, notes)


def deposit_table(
    slip: DepositSlip, payments: Mapping[PaymentId, Payment], *, household_name: Callable[[HouseholdId], str] = _same
) -> ReportTable:
    """*Bordereau de versement*: what the régisseur hands over, payment by payment, grouped by means."""
    chosen = [payments[payment] for payment in slip.payments]
    order = {means: rank for rank, means in enumerate(Means)}
    chosen.sort(key=lambda payment: (order[payment.means], payment.received_on, payment.id))
    columns = (
        column("moyen"),
        column("paiement"),
        day("recu_le"),
        column("quittance"),
        column("payeur"),
        column("tireur"),
        column("reference"),
        amount("montant"),
    )
    rows = tuple(
        (
            means_name(payment.means),
            payment.id,
            payment.received_on,
            "" if payment.receipt is None else str(payment.receipt),
            household_name(payment.household),
            ", ".join(filter(None, (payment.drawer, payment.bank))),
            payment.reference,
            payment.amount,
        )
        for payment in chosen
    )
    currency = chosen[0].currency if chosen else EUR
    numbers = [payment.receipt for payment in chosen if payment.receipt is not None]
    notes = [
        say(
            "note.by_means",
            totals=tuple(say("term", name=means_name(means), amount=money(total, currency))
                         for means, total in slip.totals),
        )
    ]  # fmt: skip
    if numbers:
        notes.append(say("note.receipt_numbers", first=min(numbers), last=max(numbers)))
    subtitle = say("slip", series=slip.series, day=slip.on, author=_signed(slip.author))
    return ReportTable(
        "bordereau", say("title.slip", number=slip.number), subtitle, columns, rows, currency, tuple(notes),
        (say("sign.regisseur"), say("sign.comptable")),
    )  # fmt: skip


def journal_table(
    rows: Sequence[JournalRow],
    first: dt.date,
    last: dt.date,
    *,
    series: str,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
    opening: Mapping[DeskAccount, Amount] | None = None,
) -> ReportTable:
    """*Journal de la régie*: every operation in double entry; ``opening`` are the balances before ``first``."""
    columns = (
        day("date"),
        column("piece"),
        column("operation"),
        column("debit"),
        column("credit"),
        column("foyer"),
        amount("montant"),
    )
    cells = tuple(
        (
            row.on,
            row.piece,
            say(f"operation.{_OPERATIONS[row.label]}"),
            account_name(row.debit),
            account_name(row.credit),
            household_name(row.household) if row.household is not None else "",
            row.amount,
        )
        for row in rows
    )
    before, moved = dict(opening or {}), desk_balances(rows)
    after = {account: before.get(account, 0) + moved[account] for account in DeskAccount}
    notes = tuple(
        say(
            code,
            totals=tuple(
                say("term", name=account_name(account), amount=money(balances[account], currency))
                for account in DeskAccount
                if balances.get(account)
            )
            or (say("none"),),
        )
        for code, balances in (("note.opening", before), ("note.closing", after))
    )
    subtitle = say("of_series", series=series, span=span(first, last))
    return ReportTable(
        "journal", say("title.journal"), subtitle, columns, cells, currency, notes, (say("sign.regisseur"),)
    )


_OPERATIONS = {
    "encaissement": "received",
    "rejet": "bounced",
    "annulation": "mistaken",
    "remboursement": "refunded",
    "versement": "handed_over",
    **{kind.value: kind.name.lower() for kind in CashKind},
}


def account_name(account: DeskAccount) -> Description:
    """An account of the régie's books, in words."""
    return say(f"account.{account.name.lower()}")


def closing_table(closing: DeskClosing, *, currency: Currency = EUR) -> ReportTable:
    """*Arrêté de caisse*: what the books say, what was counted, and the difference, by means."""
    expected, counted = dict(closing.expected), dict(closing.counted)
    columns = (column("moyen"), amount("attendu"), amount("compte"), amount("ecart"))
    rows = tuple(
        (
            means_name(means),
            expected.get(means, 0),
            counted.get(means, 0),
            counted.get(means, 0) - expected.get(means, 0),
        )
        for means in Means
        if MEANS[means].at_desk and (means in expected or means in counted)
    )
    subtitle = say("closing", series=closing.series, day=closing.on, author=_signed(closing.author))
    notes = (say("note.explanation", explanation=closing.explanation),) if closing.explanation else ()
    return ReportTable(
        "caisse", say("title.closing"), subtitle, columns, rows, currency, notes, (say("sign.regisseur"),)
    )


def _signed(author: str) -> str:
    """Who made a document, as it is printed: « agent:régisseur » is how facts name the régisseur."""
    return author.removeprefix("agent:")
