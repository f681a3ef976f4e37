"""``periscolaire remind``: who is to be reminded, level by level, and who is late."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import late_payers_table
from periscolaire.cli._desk import JOUR, moment, zone_of
from periscolaire.cli._money import money_text, series_option, series_or_only, show_report
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.operations import late_payers_report, reminders_to_send, send_reminders

__all__ = ["remind"]


@click.command()
@store_argument
@click.option("--le", "on", type=JOUR, help="À quel jour (par défaut aujourd'hui).")
@click.option("--apercu", "preview", is_flag=True, help="Montrer les relances à envoyer, sans rien enregistrer.")
@click.option("--par", "channel", default="courriel", show_default=True, help="Par où elles partent.")
@series_option
@agent_option
@json_option
def remind(
    base: str,
    on: dt.date | None,
    preview: bool,
    channel: str,
    series: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Relance les foyers en retard, un niveau après l'autre : ni factures contestées, ni échéanciers tenus.

    Lancée deux fois le même jour, elle ne relance personne la seconde. Code de sortie 1 si un foyer est à relancer et
    que rien n'a été enregistré (--apercu).
    """
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        now = moment(None, tz)
        day = on or now.astimezone(tz).date()
        code = series_or_only(series, uow)
        if preview:
            due = reminders_to_send(code, uow, actor=actor, on=day)
        else:
            due = send_reminders(code, uow, actor=actor, on=day, now=now, channel=channel)
        names = Names.of(uow)
        late = late_payers_report(day, uow, actor=actor, series=code)
        uow.commit()
        if as_json:
            emit_json({
                "relances": [
                    {
                        "foyer": one.household,
                        "facture": one.invoice,
                        "niveau": one.level,
                        "reste": str(names.currency.value(one.remaining)),
                        "jours_de_retard": one.days_late,
                    }
                    for one in due
                ],
                "enregistrees": not preview,
            })  # fmt: skip
        else:
            for one in due:
                said = f"{names.household(one.household)} : {one.invoice}, {money_text(one.remaining, names.currency)}"
                console().print(f"relance niveau {one.level} : {said}, {one.days_late} jours", highlight=False)
            verb = "à envoyer" if preview else "enregistrée(s)"
            console().print(f"{len(due)} relance(s) {verb}")
            show_report(late_payers_table(late, day, currency=names.currency, household_name=names.household))
    if preview and due:
        raise SystemExit(1)
