"""``periscolaire audit``: who did what, when, by which channel."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from periscolaire import i18n
from periscolaire.access import AuditEntry, StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR
from periscolaire.operations import read_audit
from periscolaire.reasons import Description

__all__ = ["audit"]


@click.command()
@store_argument
@click.option("--du", "first", type=JOUR, help="Premier jour.")
@click.option("--au", "last", type=JOUR, help="Dernier jour, compris.")
@click.option("--qui", "who", help="Seulement cet auteur, ou ceux dont le nom le contient.")
@click.option("--quoi", "what", help="Seulement ce foyer, ce compte, cette demande… (household:F012, account:…).")
@click.option("--refus", "refused", is_flag=True, help="Seulement ce qui a été refusé.")
@click.option("--dernieres", "most", type=click.IntRange(1), default=50, show_default=True, help="Combien de lignes.")
@agent_option
@json_option
def audit(
    base: str, first: dt.date | None, last: dt.date | None, who: str | None, what: str | None, refused: bool, most: int,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Montre le journal des actions : qui a fait quoi, quand, par où. Les dernières d'abord."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)

        def kept(line: AuditEntry) -> bool:
            day = line.at.astimezone(tz).date()
            return (
                (first is None or first <= day)
                and (last is None or day <= last)
                and (who is None or who.casefold() in line.actor.casefold())
                and (what is None or what.casefold() in line.target.casefold())
                and not (refused and line.allowed)
            )

        lines = list(filter(kept, reversed(read_audit(uow, actor=actor))))
    shown = lines[:most]
    if as_json:
        emit_json([_plain(line) for line in shown])
        return
    made = table("Journal des actions", "le", "qui", "action", "à propos de", "par", "détail")
    for line in shown:
        detail = line.detail if line.allowed else f"refusé {line.detail}".strip()
        made.add_row(
            f"{line.at.astimezone(tz):%d/%m/%Y %H:%M:%S}",
            line.actor,
            _operation(line),
            line.target,
            line.channel,
            detail,
        )
    screen = console()
    screen.print(made)
    if len(lines) > most:
        screen.print(f"{len(lines) - most} lignes plus anciennes : --dernieres {len(lines)}")


def _operation(line: AuditEntry) -> str:
    return i18n.text(Description.of(f"access.operation.{line.operation}"))


def _plain(line: AuditEntry) -> dict[str, Any]:
    return {
        "le": line.at,
        "qui": line.actor,
        "action": line.operation,
        "cible": line.target,
        "canal": line.channel,
        "permis": line.allowed,
        "detail": line.detail,
    }
