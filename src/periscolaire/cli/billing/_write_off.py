"""``periscolaire write-off`` and ``transfer``: sums that the régie no longer asks for, each by a named act."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import WriteOffKind
from periscolaire.cli._desk import at_counter
from periscolaire.cli._money import amount_of, answer, money_text
from periscolaire.cli._output import Word, json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, at_option
from periscolaire.ids import InvoiceId, Key
from periscolaire.money import Money
from periscolaire.operations import WrittenOff, transfer_to_treasury, write_off_invoice

__all__ = ["transfer", "write_off"]

_NATURES = {"non-valeur": WriteOffKind.IRRECOVERABLE, "remise": WriteOffKind.REMITTED}


@click.command("write-off")
@store_argument
@click.argument("invoice", metavar="FACTURE")
@click.argument("amount", metavar="[MONTANT]", required=False)
@click.option("--nature", type=Word(list(_NATURES)), required=True, help="Non-valeur, ou remise gracieuse.")
@click.option("--acte", "reference", required=True, help="L'acte de la commune : délibération, décision…")
@click.option("--du", "on", type=JOUR, help="Le jour de l'acte (par défaut, celui de --le).")
@key_option
@at_option
@agent_option
@json_option
def write_off(
    base: str, invoice: str, amount: str | None, nature: str, reference: str, on: dt.date | None, key: Key | None,
    at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Retire MONTANT (par défaut, tout ce qui reste) de ce que FACTURE demande, par un acte de la commune."""
    with at_counter(base, at) as desk:
        part = amount_of(amount, desk.currency) if amount is not None else None
        wanted = WrittenOff(InvoiceId(invoice), _NATURES[nature], desk.happened(on), reference, part)
        account = write_off_invoice(wanted, desk.uow, actor=actor, now=desk.now, key=key)
        left = account.remaining()[InvoiceId(invoice)]
        said = f"{wanted.kind.value.capitalize()} ({reference}) : la facture {invoice} demande encore "
        document = {"facture": invoice, "nature": wanted.kind, "acte": reference, "reste": Money(left, desk.currency)}
        answer(as_json, document, said + money_text(left, desk.currency))


@click.command()
@store_argument
@click.argument("invoices", metavar="FACTURE...", nargs=-1, required=True)
@click.option("--acte", "reference", required=True, help="Le numéro du titre ou du bordereau.")
@click.option("--du", "on", type=JOUR, help="Le jour de la transmission (par défaut, celui de --le).")
@click.option("--essai", "dry_run", is_flag=True, help="Montrer ce qui serait transmis, sans rien enregistrer.")
@at_option
@agent_option
@json_option
def transfer(
    base: str, invoices: tuple[str, ...], reference: str, on: dt.date | None, dry_run: bool, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Transmet au comptable public ce que demandent encore FACTURE... : la régie ne le recouvre plus.

    Code de sortie 2 si ce que doit l'un des foyers, ces factures réunies, n'atteint pas le seuil de mise en
    recouvrement (15 €, articles L1611-5 et D1611-1 du CGCT) ; rien n'est alors enregistré.
    """
    with at_counter(base, at, keep=not dry_run) as desk:
        numbers = tuple(map(InvoiceId, invoices))
        owed = {
            one.id: one.payer for one in (desk.uow.invoices.get(number).model for number in numbers)
        }  # an unknown one is told before anything is written
        accounts = transfer_to_treasury(numbers, reference, desk.uow, on=desk.happened(on), actor=actor, now=desk.now)
        sums = {
            act.invoice: act.amount for account in accounts for act in account.write_offs if act.reference == reference
        }
        total = sum(sums[number] for number in numbers)
        said = f"{len(numbers)} facture(s), {money_text(total, desk.currency)}, {len(set(owed.values()))} foyer(s)"
        said = f"{'Essai : ' if dry_run else ''}{said} transmis au comptable public ({reference})"
        document = {
            "acte": reference,
            "enregistre": not dry_run,
            "factures": [
                {"facture": number, "foyer": owed[number], "montant": Money(sums[number], desk.currency)}
                for number in numbers
            ],
            "total": Money(total, desk.currency),
        }
        answer(as_json, document, said)
