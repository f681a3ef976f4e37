"""``periscolaire dispute``: invoices that families contest."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.cli._desk import at_counter
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, at_option
from periscolaire.ids import FactId, InvoiceId, Key
from periscolaire.operations import close_dispute, dispute_invoice

__all__ = ["dispute"]


@click.group()
def dispute() -> None:
    """Les factures contestées : ni relancées, ni en retard, tant que la contestation est ouverte."""


@dispute.command("open")
@store_argument
@click.argument("invoice", metavar="FACTURE")
@click.option("--motif", "motive", required=True, help="Ce que la famille dit.")
@click.option("--depuis", "on", type=JOUR, help="À partir de quel jour (par défaut, celui de --le).")
@key_option
@at_option
@agent_option
@json_option
def open_(
    base: str, invoice: str, motive: str, on: dt.date | None, key: Key | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Note qu'une famille conteste FACTURE."""
    with at_counter(base, at) as desk:
        made = dispute_invoice(
            InvoiceId(invoice), motive, desk.uow, on=desk.happened(on), actor=actor, now=desk.now, key=key
        )
        answer(as_json, {"contestation": made.id, "facture": invoice}, f"Facture {invoice} contestée ({made.id})")


@dispute.command()
@store_argument
@click.argument("number", metavar="CONTESTATION")
@click.option("--close-le", "on", type=JOUR, help="À partir de quel jour (par défaut, celui de --le).")
@at_option
@agent_option
@json_option
def close(base: str, number: str, on: dt.date | None, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Clôt CONTESTATION : la facture est due telle quelle (un avoir la corrige, s'il y a lieu)."""
    with at_counter(base, at) as desk:
        made = close_dispute(FactId(number), desk.uow, on=desk.happened(on), actor=actor, now=desk.now)
        said = f"Contestation {made.id} close : la facture {made.invoice} est due"
        answer(as_json, {"contestation": made.id, "facture": made.invoice, "close_le": made.closed_on}, said)


@dispute.command("list")
@store_argument
@click.option("--toutes", "every", is_flag=True, help="Celles qui sont closes aussi.")
@json_option
def list_(base: str, every: bool, as_json: bool) -> None:
    """Liste les factures contestées."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "contestation": one.id, "facture": one.invoice,
                "foyer": desk.names.household(desk.uow.invoices.get(one.invoice).model.payer), "motif": one.motive,
                "depuis": one.on, "close_le": one.closed_on,
            }
            for one in (stored.model for stored in desk.uow.disputes.stream())
            if every or one.closed_on is None
        ]  # fmt: skip
        show_rows(as_json, "Factures contestées", rows, "Aucune facture contestée")
