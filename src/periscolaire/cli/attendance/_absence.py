"""``periscolaire absence``: absences that families (or schools) tell."""

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
from periscolaire.cli._when import JOURS, at_option, days_text, moment
from periscolaire.ids import FactId, Key
from periscolaire.operations import AbsenceTold, tell_absence, withdraw_absence

__all__ = ["absence"]


@click.group()
def absence() -> None:
    """Les absences que les familles signalent : enregistrer, reprendre, lister."""


@absence.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--motif", "motive", help="Pourquoi, dans les mots du règlement : maladie, grève…")
@services_option
@click.option("--prevenu-le", "told", metavar="INSTANT", help="Quand elle a été signalée (par défaut, celui de --le).")
@click.option("--demande", "refund", is_flag=True, help="La famille demande que ces jours ne soient pas dus.")
@key_option
@at_option
@agent_option
@json_option
def tell(
    base: str, child: str, days: Span, motive: str | None, products: tuple[str, ...], told: str | None, refund: bool,
    key: Key | None, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Enregistre que ENFANT ne viendra pas, ou n'est pas venu, pendant JOURS (2025-11-03, 2025-11-03..2025-11-07)."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        told_at = moment(told, desk.calendar.tz) if told is not None else None
        services = desk.products(products, days.first)
        desk.doubt_motive(motive, services, days.first)
        wanted = AbsenceTold(person.id, days.first, days.last, motive, services, refund, told_at)
        notice = tell_absence(wanted, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"Absence de {desk.names.child(person.id)} {days_text(days.first, days.last)}, enregistrée ({notice})"
        answer(as_json, {"absence": notice, "enfant": person.id, "du": days.first, "au": days.last}, said)


@absence.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("notice", metavar="ABSENCE")
@at_option
@agent_option
@json_option
def withdraw(base: str, child: str, notice: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Reprend une absence signalée : l'enfant est de nouveau attendu."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        withdraw_absence(person.id, FactId(notice), desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"absence": notice, "reprise": True}, f"Absence {notice} reprise")


@absence.command("list")
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@json_option
def list_(base: str, days: Span, as_json: bool) -> None:
    """Liste les absences signalées qui touchent JOURS."""
    with at_counter(base, write=False) as desk:
        local = desk.calendar.local
        rows = [
            {
                "absence": one.id, "enfant": desk.names.child(one.child), "du": one.first, "au": one.last,
                "motif": one.motive, "signalée": local(one.told_at), "demande": one.refund_requested,
            }
            for one in latest(desk.uow.absence_notices.stream(days.first, days.last))
            if not one.withdrawn
        ]  # fmt: skip
        show_rows(as_json, "Absences signalées", rows, "Aucune absence signalée")
