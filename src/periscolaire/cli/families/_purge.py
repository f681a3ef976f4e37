"""``periscolaire purge``: what the retention table says is over, counted first, erased when asked."""

from __future__ import annotations

import click
from rich.text import Text

from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment
from periscolaire.cli.families._shared import CHANNEL, apply_option, blobs_of, portal_option
from periscolaire.files import PortalSettings
from periscolaire.operations import purge as purge_store

__all__ = ["purge"]


@click.command()
@store_argument
@apply_option
@portal_option
@at_option
@agent_option
@json_option
def purge(base: str, apply: bool, portal: PortalSettings, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Efface ou anonymise ce qui a été gardé assez longtemps. Sans --appliquer, compte seulement.

    Les durées sont dans la documentation (sécurité et données personnelles). Les pièces comptables ne sont que
    comptées : leur élimination demande le visa des archives départementales.
    """
    with opened(base) as store, store.unit(write=apply) as uow:
        _, tz = zone_of(uow)
        found = purge_store(
            uow, actor=actor, at=moment(at, tz), channel=CHANNEL, blobs=blobs_of(portal), retention=portal.retention,
            dry_run=not apply,
        )  # fmt: skip
    if as_json:
        lines = [
            {"genre": one.record, "libelle": one.label, "nombre": one.count, "jusqu_au": one.over, "sort": one.fate}
            for one in found.lines
        ]
        emit_json({"le": found.on, "fait": found.done, "lignes": lines})
        return
    screen = console()
    if not found.lines:
        screen.print("Rien n'a passé son temps.")
        return
    made = table("Ce qui a passé son temps", "quoi", "combien", "jusqu'au", "sort", right=("combien",))
    for line in found.lines:
        made.add_row(line.label, str(line.count), f"{line.over:%d/%m/%Y}", line.fate.value)
    screen.print(made)
    screen.print(Text("Fait." if found.done else "Rien n'est écrit : --appliquer pour le faire.", style="bold"))
