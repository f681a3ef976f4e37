"""Every report that is owed, as one plain table: headings in French, rows, totals. What exports and pages are made of.

A table is what a report says, before any form: the CSV file, the JSON document and the printed page are made of the
same rows, so that they cannot tell three different totals.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from periscolaire.billing.accounts._desk import DepositSlip, DeskClosing
from periscolaire.billing.accounts._journal import DeskAccount, JournalRow, desk_balances
from periscolaire.billing.accounts._ledger import Statement
from periscolaire.billing.accounts._payments import MEANS, Means, Payment
from periscolaire.billing.accounts._reports import AGES, LatePayerRow, OutstandingRow, ReceiptRow
from periscolaire.errors import MisuseError
from periscolaire.ids import HouseholdId, PaymentId, ProductCode
from periscolaire.money import EUR, Amount, Currency

__all__ = [
    "Cell",
    "ColumnKind",
    "ReportColumn",
    "ReportTable",
    "closing_table",
    "deposit_table",
    "journal_table",
    "late_payers_table",
    "outstanding_table",
    "receipts_table",
    "statement_table",
]

Cell: TypeAlias = str | int | dt.date | None


class ColumnKind(enum.Enum):
    """What a column holds: how it is written follows from that."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    AMOUNT = "amount"


@attrs.frozen
class ReportColumn:
    """A column: ``name`` heads it in files, ``heading`` on a page; ``summed`` columns have a total."""

    name: str
    heading: str
    kind: ColumnKind = ColumnKind.TEXT
    summed: bool = False


@attrs.frozen
class ReportTable:
    """A report: ``name`` for files, its printed ``title`` and ``subtitle``, rows of cells, and ``notes`` under them.

    Amounts are in minor units of ``currency``.

    :raises MisuseError: a row with another number of cells than columns.
    """

    name: str
    title: str
    subtitle: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: Currency = EUR
    notes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise MisuseError(f"report {self.name}: expected {len(self.columns)} cells in each row")

    @property
    def totals(self) -> dict[str, int]:
        """The sum of each column that is summed, by its name."""
        return {
            column.name: sum(value for row in self.rows if isinstance(value := row[index], int))
            for index, column in enumerate(self.columns)
            if column.summed
        }


def _same(code: str) -> str:
    return code


def _text(name: str, heading: str) -> ReportColumn:
    return ReportColumn(name, heading)


def _day(name: str, heading: str) -> ReportColumn:
    return ReportColumn(name, heading, ColumnKind.DAY)


def _count(name: str, heading: str, *, summed: bool = False) -> ReportColumn:
    return ReportColumn(name, heading, ColumnKind.COUNT, summed)


def _amount(name: str, heading: str, *, summed: bool = True) -> ReportColumn:
    return ReportColumn(name, heading, ColumnKind.AMOUNT, summed)


def _french(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _span(first: dt.date, last: dt.date) -> str:
    return f"Du {_french(first)} au {_french(last)}"


#: What money received that has settled nothing yet stands under.
ADVANCES = "Avances et trop-perçus"


def receipts_table(
    rows: Iterable[ReceiptRow],
    first: dt.date,
    last: dt.date,
    *,
    currency: Currency = EUR,
    product_name: Callable[[ProductCode], str] = _same,
) -> ReportTable:
    """*État d'encaissement récapitulatif des prestations*: a row a product, a column a means, totals both ways."""
    cells: dict[ProductCode | None, dict[Means, Amount]] = {}
    for row in rows:
        means = cells.setdefault(row.product, {})
        means[row.means] = means.get(row.means, 0) + row.amount
    used = [means for means in Means if any(means in found for found in cells.values())]
    columns = (
        _text("prestation", "Prestation"),
        *(_amount(means.value.replace(" ", "_"), means.value.capitalize() if means is not Means.CESU else "CESU")
          for means in used),
        _amount("total", "Total"),
    )  # fmt: skip
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (
            product_name(product) if product is not None else ADVANCES,
            *(found.get(means, 0) for means in used),
            sum(found.values()),
        )
        for product, found in cells.items()
    )
    note = (
        "Un paiement qui n'a encore soldé aucune facture compte dans les avances ; un rejet ou un remboursement se "
        "déduit. Le total est celui des encaissements de la période au grand livre."
    )
    title = "État d'encaissement récapitulatif des prestations"
    return ReportTable("encaissements", title, _span(first, last), columns, lines, currency, (note,))


def deposit_table(
    slip: DepositSlip, payments: Mapping[PaymentId, Payment], *, household_name: Callable[[HouseholdId], str] = _same
) -> ReportTable:
    """*Bordereau de versement*: what the régisseur hands over, payment by payment, grouped by means."""
    chosen = [payments[payment] for payment in slip.payments]
    order = {means: rank for rank, means in enumerate(Means)}
    chosen.sort(key=lambda payment: (order[payment.means], payment.received_on, payment.id))
    columns = (
        _text("moyen", "Moyen"),
        _text("paiement", "Paiement"),
        _day("recu_le", "Reçu le"),
        _text("quittance", "Quittance"),
        _text("payeur", "Payeur"),
        _text("tireur", "Tireur et banque"),
        _text("reference", "Référence"),
        _amount("montant", "Montant"),
    )
    rows = tuple(
        (
            payment.means.value,
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
    said = " ; ".join(f"{means.value} : {_money(amount, currency)}" for means, amount in slip.totals)
    note = f"Total par moyen de paiement : {said}."
    title = f"Bordereau de versement n° {slip.number}"
    subtitle = f"Régie « {slip.series} », remis le {_french(slip.on)}"
    return ReportTable("bordereau", title, subtitle, columns, rows, currency, (note,))


def journal_table(
    rows: Sequence[JournalRow],
    first: dt.date,
    last: dt.date,
    *,
    series: str,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
) -> ReportTable:
    """*Journal de la régie*: every operation in double entry."""
    columns = (
        _day("date", "Date"),
        _text("piece", "Pièce"),
        _text("operation", "Opération"),
        _text("debit", "Compte débité"),
        _text("credit", "Compte crédité"),
        _text("foyer", "Foyer"),
        _amount("montant", "Montant"),
    )
    cells = tuple(
        (
            row.on,
            row.piece,
            row.label,
            row.debit.value,
            row.credit.value,
            household_name(row.household) if row.household is not None else "",
            row.amount,
        )
        for row in rows
    )
    balances = desk_balances(rows)
    said = " ; ".join(
        f"{account.value} : {_money(balances[account], currency)}" for account in DeskAccount if balances[account]
    )
    note = f"Soldes de la période (débit moins crédit) : {said or 'aucun'}."
    subtitle = f"Régie « {series} », {_span(first, last).lower()}"
    return ReportTable("journal", "Journal de la régie", subtitle, columns, cells, currency, (note,))


def outstanding_table(
    rows: Sequence[OutstandingRow],
    on: dt.date,
    *,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
) -> ReportTable:
    """*Restes à recouvrer*: a row an invoice that still asks for something, with the age of the debt."""
    columns = (
        _text("foyer", "Foyer"),
        _text("facture", "Facture"),
        _day("emise_le", "Émise le"),
        _day("echeance", "Échéance"),
        _text("age", "Âge de la dette"),
        _text("relance", "Dernière relance"),
        _amount("montant", "Facturé"),
        _amount("regle", "Réglé"),
        _amount("reste", "Reste dû"),
    )
    cells = tuple(
        (
            household_name(row.household),
            row.invoice,
            row.issued_on,
            row.due_on,
            age_words(row.age),
            f"niveau {row.level}" if row.level else "aucune",
            row.total,
            row.settled,
            row.remaining,
        )
        for row in rows
    )
    ages: dict[int | None, Amount] = {}
    for row in rows:
        ages[row.age] = ages.get(row.age, 0) + row.remaining
    said = " ; ".join(f"{age_words(age)} : {_money(ages[age], currency)}" for age in (*AGES, None) if age in ages)
    notes = (f"Par âge : {said}.",) if said else ()
    return ReportTable("restes", "Restes à recouvrer", f"Au {_french(on)}", columns, cells, currency, notes)


def age_words(age: int | None) -> str:
    """A band of :data:`AGES`, by its upper end, in words."""
    if age is None:
        return f"plus de {AGES[-1]} jours"
    if age == 0:
        return "non échue"
    return f"{AGES[AGES.index(age) - 1] + 1} à {age} jours"


def late_payers_table(
    rows: Iterable[LatePayerRow],
    on: dt.date,
    *,
    currency: Currency = EUR,
    household_name: Callable[[HouseholdId], str] = _same,
) -> ReportTable:
    """Late payers, the greatest debt first: what is contested or in a plan that is kept is not in it."""
    columns = (
        _text("foyer", "Foyer"),
        _count("factures", "Factures en retard", summed=True),
        _day("plus_ancienne", "Plus ancienne échéance"),
        _count("jours", "Jours de retard"),
        _text("relance", "Dernière relance"),
        _amount("retard", "En retard"),
    )
    cells = tuple(
        (
            household_name(row.household),
            row.invoices,
            row.oldest_due,
            row.days_late,
            f"niveau {row.level}" if row.level else "aucune",
            row.overdue,
        )
        for row in rows
    )
    note = "Ni les factures contestées, ni celles d'un échéancier tenu."
    return ReportTable("retards", "Retards de paiement", f"Au {_french(on)}", columns, cells, currency, (note,))


def closing_table(closing: DeskClosing, *, currency: Currency = EUR) -> ReportTable:
    """*Arrêté de caisse*: what the books say, what was counted, and the difference, by means."""
    expected, counted = dict(closing.expected), dict(closing.counted)
    columns = (
        _text("moyen", "Moyen"),
        _amount("attendu", "Attendu"),
        _amount("compte", "Compté"),
        _amount("ecart", "Écart"),
    )
    rows = tuple(
        (means.value, expected.get(means, 0), counted.get(means, 0), counted.get(means, 0) - expected.get(means, 0))
        for means in Means
        if MEANS[means].at_desk and (means in expected or means in counted)
    )
    subtitle = f"Régie « {closing.series} », le {_french(closing.on)}, par {closing.author}"
    return ReportTable("caisse", "Arrêté de caisse", subtitle, columns, rows, currency)


def statement_table(
    statement: Statement, *, currency: Currency = EUR, household_name: Callable[[HouseholdId], str] = _same
) -> ReportTable:
    """*Relevé de compte* of a household: each movement, and what is owed after it (below 0: a credit)."""
    columns = (
        _day("date", "Date"),
        _text("operation", "Opération"),
        _text("piece", "Pièce"),
        _amount("montant", "Montant"),
        _amount("solde", "Solde", summed=False),
    )
    rows = tuple(
        (row.entry.day, row.entry.kind.value, row.entry.document, row.entry.amount, row.balance)
        for row in statement.rows
    )
    terms = statement.balance
    note = (
        f"Report {_money(terms.opening, currency)} + facturé {_money(terms.invoiced, currency)} − avoirs "
        f"{_money(terms.credited, currency)} − encaissé {_money(terms.paid, currency)} = reste "
        f"{_money(terms.remaining, currency)}."
    )
    subtitle = f"{household_name(statement.household)}, {_span(statement.first, statement.last).lower()}"
    return ReportTable("releve", "Relevé de compte", subtitle, columns, rows, currency, (note,))


def _money(amount: Amount, currency: Currency) -> str:
    sign = "−" if amount < 0 else ""
    symbol = "€" if currency.code == "EUR" else currency.code
    return f"{sign}{currency.value(abs(amount))} {symbol}".replace(".", ",")
