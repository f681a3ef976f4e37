"""``periscolaire online``: payments that families started online."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.cli._desk import at_counter
from periscolaire.cli._finding import find_household
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, store_argument
from periscolaire.cli._when import at_option
from periscolaire.money import Money
from periscolaire.operations import expire_online_payments, online_payments

__all__ = ["online"]


@click.group()
def online() -> None:
    """Les paiements en ligne : où ils en sont, ceux dont le délai est passé."""


@online.command("list")
@store_argument
@click.option("--foyer", "household", help="Seulement ce foyer.")
@agent_option
@json_option
def list_(base: str, household: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste les paiements en ligne, et dit où en est chacun."""
    with at_counter(base, write=False) as desk:
        local = desk.calendar.local
        if household is not None:
            homes = [find_household(household, desk.uow).id]
        else:
            homes = sorted({stored.model.household for stored in desk.uow.online_payments.stream()})
        rows = [
            {
                "référence": one.reference, "foyer": desk.names.household(one.household), "factures": one.invoices,
                "montant": Money(one.amount, one.currency), "commencé": local(one.started_at), "état": state.value,
            }
            for home in homes
            for one, state in online_payments(home, desk.uow, actor=actor)
        ]  # fmt: skip
        show_rows(as_json, "Paiements en ligne", rows, "Aucun paiement en ligne")


@online.command()
@store_argument
@at_option
@agent_option
@json_option
def expire(base: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Note que sont expirés ceux dont le délai est passé : leurs factures peuvent être payées autrement.

    L'argent qui arriverait quand même est enregistré, et devient un avoir si la facture est réglée.
    """
    with at_counter(base, at) as desk:
        lapsed = expire_online_payments(desk.uow, actor=actor, now=desk.now)
        document = {"expires": [one.reference for one in lapsed]}
        answer(as_json, document, f"{len(lapsed)} paiement(s) en ligne expiré(s)")
