"""``periscolaire pay``: money received, rejected, given back."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import Account, Means, Payment
from periscolaire.cli._desk import at_counter
from periscolaire.cli._finding import find_household, find_payer
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import MEANS_CHOICE, amount_of, answer, money_text, series_option, series_or_only
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, at_option
from periscolaire.clock import utc
from periscolaire.ids import InvoiceId, Key, PaymentId
from periscolaire.money import Currency, Money
from periscolaire.operations import (
    Refunded,
    cancel_payment,
    prepaid_balance,
    record_payments,
    refund_household,
    refunds_due,
    reject_payment,
)
from periscolaire.ports import new_id

__all__ = ["pay"]


@click.group()
def pay() -> None:
    """Enregistre ce qui est reçu, rejeté, annulé ou rendu."""


@pay.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.argument("amount", metavar="MONTANT")
@click.option("--moyen", "means", type=MEANS_CHOICE, required=True, help="Le moyen de paiement.")
@click.option("--facture", "invoices", multiple=True, help="Facture à régler (sinon la plus ancienne) ; répétable.")
@click.option("--recu-le", "received_on", type=JOUR, help="Le jour de l'opération (par défaut, celui de --le).")
@click.option("--numero", "number", help="Numéro du paiement, unique : il ne compte qu'une fois.")
@click.option("--reference", default="", help="Numéro de chèque, référence de virement…")
@click.option("--tireur", "drawer", default="", help="Qui a signé le chèque.")
@click.option("--banque", "bank", default="", help="La banque du chèque.")
@series_option
@at_option
@agent_option
@json_option
def record(
    base: str, household: str, amount: str, means: str, invoices: tuple[str, ...], received_on: dt.date | None,
    number: str | None, reference: str, drawer: str, bank: str, series: str | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Enregistre un paiement de FOYER, et dit ce qu'il reste à régler.

    Code de sortie 2 si la facture est inconnue ou déjà réglée, le montant nul ou négatif, le numéro déjà pris.
    """
    with at_counter(base, at) as desk:
        payment = Payment(
            PaymentId(number or new_id()),
            find_payer(household, desk.uow),
            series_or_only(series, desk.uow),
            Means(means),
            amount_of(amount, desk.currency),
            desk.happened(received_on),
            utc(desk.now),
            actor.label,
            desk.currency,
            tuple(InvoiceId(invoice) for invoice in invoices),
            reference,
            drawer,
            bank,
        )
        (account,) = record_payments([payment], desk.uow, actor=actor, now=desk.now)
        sentence = f"Paiement {payment.id} : {money_text(payment.amount, desk.currency)} ({means})"
        _answer(as_json, payment.id, account, desk.currency, sentence)


@pay.command()
@store_argument
@click.argument("payment", metavar="PAIEMENT")
@click.option("--rejete-le", "on", type=JOUR, help="Le jour du rejet (par défaut, celui de --le).")
@click.option("--motif", "motive", default="", help="Le motif de la banque.")
@key_option
@at_option
@agent_option
@json_option
def reject(
    base: str, payment: str, on: dt.date | None, motive: str, key: Key | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Enregistre le rejet de PAIEMENT (chèque, prélèvement) : ce qu'il réglait est dû de nouveau."""
    with at_counter(base, at) as desk:
        day = desk.happened(on)
        account = reject_payment(
            PaymentId(payment), desk.uow, on=day, actor=actor, now=desk.now, motive=motive, key=key
        )
        _answer(as_json, payment, account, desk.currency, f"Paiement {payment} rejeté le {day:%d/%m/%Y}")


@pay.command()
@store_argument
@click.argument("payment", metavar="PAIEMENT")
@click.option("--motif", "motive", required=True, help="L'erreur : autre foyer, autre montant…")
@click.option("--annule-le", "on", type=JOUR, help="Le jour de l'annulation (par défaut, celui de --le).")
@key_option
@at_option
@agent_option
@json_option
def cancel(
    base: str, payment: str, motive: str, on: dt.date | None, key: Key | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Annule PAIEMENT, saisi par erreur : l'argent n'est jamais entré. Rien n'est effacé.

    Code de sortie 2 s'il a déjà été versé au comptable : il est alors entré pour de bon, et se rend (pay refund).
    """
    with at_counter(base, at) as desk:
        account = cancel_payment(
            PaymentId(payment), motive, desk.uow, on=desk.happened(on), actor=actor, now=desk.now, key=key
        )
        _answer(as_json, payment, account, desk.currency, f"Paiement {payment} annulé : {motive}")


@pay.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.argument("amount", metavar="MONTANT")
@click.option("--moyen", "means", type=MEANS_CHOICE, default=Means.TRANSFER.value, show_default=True, help="Comment.")
@click.option("--rendu-le", "on", type=JOUR, help="Le jour du remboursement (par défaut, celui de --le).")
@click.option("--motif", "motive", default="", help="Pourquoi.")
@key_option
@series_option
@at_option
@agent_option
@json_option
def refund(
    base: str, household: str, amount: str, means: str, on: dt.date | None, motive: str, key: Key | None,
    series: str | None, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Rend MONTANT à FOYER, sur ce que la commune lui doit. Code de sortie 2 si elle lui doit moins."""
    with at_counter(base, at) as desk:
        wanted = amount_of(amount, desk.currency)
        home = find_payer(household, desk.uow)
        given = Refunded(home, series_or_only(series, desk.uow), Means(means), wanted, desk.happened(on), motive)
        account = refund_household(given, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"Rendu {money_text(wanted, desk.currency)} à {desk.names.household(home)} ({means})"
        _answer(as_json, None, account, desk.currency, said)


@pay.command()
@store_argument
@click.option("--rendre", "give", is_flag=True, help="Les rendre par virement ; sinon, les montrer seulement.")
@at_option
@agent_option
@json_option
def refunds(base: str, give: bool, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste ce que la commune rend d'elle-même à cette date, selon le règlement (« avoirs »), et le rend sur demande.

    Code de sortie 1 s'il y a à rendre et que rien n'a été rendu.
    """
    with at_counter(base, at) as desk:
        due = refunds_due(desk.today, desk.uow, actor=actor)
        for series, household, amount in due if give else ():
            given = Refunded(household, series, Means.TRANSFER, amount, desk.today, "avoir rendu selon le règlement")
            refund_household(given, desk.uow, actor=actor, now=desk.now)
        rows = [
            {
                "série": series, "code": household, "foyer": desk.names.household(household),
                "montant": Money(amount, desk.currency), "rendu": give,
            }
            for series, household, amount in due
        ]  # fmt: skip
        show_rows(as_json, "À rendre", rows, "Rien à rendre")
    if due and not give:
        raise SystemExit(1)


@pay.command()
@store_argument
@click.argument("household", metavar="FOYER")
@at_option
@agent_option
@json_option
def balance(base: str, household: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Dit ce que FOYER a à son crédit, ce qu'il doit, ce qu'il a réservé sur un compte prépayé, et ce qui lui reste.

    Ce qui reste est ce que les conditions du règlement lisent sous le nom « solde ».
    """
    with at_counter(base, at, write=False) as desk:
        home = find_household(household, desk.uow).id
        held = prepaid_balance(home, desk.uow, actor=actor, on=desk.today)
        amounts = {"credit": held.credit, "du": held.owed, "reserve": held.reserved, "reste": held.left}
        told = {name: Money(amount, desk.currency) for name, amount in amounts.items()}
        said = f"{desk.names.household(home)} : reste {money_text(held.left, desk.currency)}"
        parts = (("crédit", held.credit), ("dû", held.owed), ("réservé, à facturer", held.reserved))
        why = ", ".join(f"{word} {money_text(amount, desk.currency)}" for word, amount in parts)
        answer(as_json, {"foyer": home, **told}, f"{said} ({why})")


def _answer(as_json: bool, payment: str | None, account: Account, currency: Currency, sentence: str) -> None:
    left = {invoice: amount for invoice, amount in account.remaining().items() if amount > 0}
    owed = account.owed
    said = f"{sentence} ; reste à régler {money_text(owed, currency)}"
    if account.credit:
        said += f", à son crédit {money_text(account.credit, currency)}"
    if account.overdrawn:
        said += f", dont {money_text(account.overdrawn, currency)} remboursés de trop"
    value = currency.value
    document = {
        "paiement": payment,
        "foyer": account.household,
        "restes": {invoice: str(value(amount)) for invoice, amount in left.items()},
        "reste": str(value(owed)),
        "credit": str(value(account.credit)),
        "rembourse_de_trop": str(value(account.overdrawn)),
    }
    answer(as_json, document, said)
