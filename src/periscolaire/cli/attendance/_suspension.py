"""``periscolaire suspension``: children excluded for a while."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import latest
from periscolaire.calendar import Span
from periscolaire.cli._desk import at_counter, services_option
from periscolaire.cli._finding import find_child
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOURS, at_option, days_text
from periscolaire.ids import FactId, Key
from periscolaire.operations import Suspended, lift_suspension, suspend

__all__ = ["suspension"]


@click.group()
def suspension() -> None:
    """Les exclusions temporaires : décider, lever, lister."""


@suspension.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--motif", "motive", required=True, help="Pourquoi : il est gardé, et dit à qui veut réserver.")
@services_option
@key_option
@at_option
@agent_option
@json_option
def add(
    base: str, child: str, days: Span, motive: str, products: tuple[str, ...], key: Key | None, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Exclut ENFANT pendant JOURS."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        wanted = Suspended(person.id, days.first, days.last, motive, desk.products(products, days.first))
        fact = suspend(wanted, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"{desk.names.child(person.id)} suspendu {days_text(days.first, days.last)} ({fact})"
        answer(as_json, {"suspension": fact, "enfant": person.id, "du": days.first, "au": days.last}, said)


@suspension.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("number", metavar="SUSPENSION")
@at_option
@agent_option
@json_option
def lift(base: str, child: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Lève SUSPENSION, comme si elle n'avait jamais été."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        lift_suspension(person.id, FactId(number), desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"suspension": number, "levee": True}, f"Suspension {number} levée")


@suspension.command("list")
@store_argument
@json_option
def list_(base: str, as_json: bool) -> None:
    """Liste les suspensions qui n'ont pas été levées."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "suspension": one.id, "code": one.child, "enfant": desk.names.child(one.child), "du": one.first,
                "au": one.last, "motif": one.motive, "services": sorted(one.products or ()),
            }
            for one in latest(desk.uow.suspensions.stream())
            if not one.lifted
        ]  # fmt: skip
        show_rows(as_json, "Suspensions", rows, "Aucune suspension")
