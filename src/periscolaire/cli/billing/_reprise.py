"""``periscolaire reprise``: acts of the commune that let new rules reach days already billed."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import latest
from periscolaire.calendar import Span
from periscolaire.cli._desk import at_counter, services_option
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOURS, at_option, days_text
from periscolaire.ids import FactId, Key
from periscolaire.operations import record_reprise, withdraw_reprise

__all__ = ["reprise"]


@click.group()
def reprise() -> None:
    """Les reprises : facturer de nouveau des jours, par les règles publiées depuis.

    Sans reprise, ce qui a été facturé garde les règles par lesquelles il l'a été.
    """


@reprise.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--acte", "reference", required=True, help="L'acte de la commune : délibération, décision…")
@services_option
@key_option
@at_option
@agent_option
@json_option
def add(
    base: str, days: Span, reference: str, products: tuple[str, ...], key: Key | None, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Fait remonter sur JOURS les règles en vigueur ces jours-là.

    La prochaine facturation annule, ligne à ligne, ce que d'autres règles avaient facturé, et facture par celles-ci ;
    un aperçu (bill --apercu) la montre avant.
    """
    with at_counter(base, at) as desk:
        chosen = desk.products(products, days.first)
        act = record_reprise(reference, days, chosen, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"Reprise {days_text(days.first, days.last)} ({reference}), à la prochaine facturation ; {act.id}"
        answer(as_json, {"reprise": act.id, "acte": reference, "du": act.first, "au": act.last}, said)


@reprise.command()
@store_argument
@click.argument("number", metavar="REPRISE")
@at_option
@agent_option
@json_option
def withdraw(base: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Retire REPRISE. Ce qu'une facturation a déjà repris tient."""
    with at_counter(base, at) as desk:
        act = withdraw_reprise(FactId(number), desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"reprise": act.id, "retiree": True}, f"Reprise {act.id} ({act.reference}) retirée")


@reprise.command("list")
@store_argument
@json_option
def list_(base: str, as_json: bool) -> None:
    """Liste les reprises, la plus ancienne d'abord."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "reprise": one.id, "acte": one.reference, "du": one.first, "au": one.last,
                "services": sorted(one.products or ()), "par": one.author,
            }
            for one in latest(desk.uow.reprises.of(""))
            if not one.withdrawn
        ]  # fmt: skip
        show_rows(as_json, "Reprises", rows, "Aucune reprise")
