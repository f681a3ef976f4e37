"""``periscolaire tickets``: books of tickets sold, and what a household still holds."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.cli._desk import Counter, at_counter
from periscolaire.cli._finding import find_child, find_household
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import at_option
from periscolaire.ids import HouseholdId, Key
from periscolaire.operations import kind_balances, sell_tickets

__all__ = ["tickets"]


@click.group()
def tickets() -> None:
    """Les carnets de tickets : vendre, voir ce qu'il en reste."""


@tickets.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.argument("book", metavar="CARNET")
@click.option("--nombre", "count", type=click.IntRange(1), default=1, show_default=True, help="Combien de carnets.")
@click.option("--enfant", "child", help="Pour cet enfant seulement (par défaut, pour tous ceux du foyer).")
@key_option
@at_option
@agent_option
@json_option
def sell(
    base: str, household: str, book: str, count: int, child: str | None, key: Key | None, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Vend un carnet du règlement à FOYER, et dit ce qu'il tient désormais.

    Les tickets paient les jours à venir, les plus anciens d'abord ; la prochaine facturation porte le prix du carnet.
    """
    with at_counter(base, at) as desk:
        home = find_household(household, desk.uow).id
        who = find_child(child, desk.uow).id if child is not None else None
        sold = sell_tickets(home, who, book, count, desk.uow, actor=actor, now=desk.now, key=key)
        rows = _held(home, desk, actor)
        said = f"{desk.names.household(home)} : {count} × {book}, à la prochaine facturation"
        left = " ; ".join(f"{row['service']} ({row['enfant']}) : {row['reste']}" for row in rows)
        answer(as_json, {"ventes": sold, "foyer": home, "carnet": book, "soldes": rows}, f"{said}. Reste : {left}")


@tickets.command()
@store_argument
@click.argument("household", metavar="FOYER")
@agent_option
@json_option
def balance(base: str, household: str, actor: StaffActor, as_json: bool) -> None:
    """Dit ce que FOYER tient en nature : tickets, et jours payés que le règlement reporte."""
    with at_counter(base, write=False) as desk:
        home = find_household(household, desk.uow).id
        show_rows(as_json, f"Tickets de {desk.names.household(home)}", _held(home, desk, actor), "Aucun ticket")


def _held(household: HouseholdId, desk: Counter, actor: StaffActor) -> list[dict[str, object]]:
    return [
        {
            "service": desk.names.product(product),
            "enfant": "tout le foyer" if child is None else desk.names.child(child),
            "reste": left,
        }
        for child, product, left in kind_balances(household, desk.uow, actor=actor)
    ]
