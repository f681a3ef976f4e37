"""``periscolaire report``: what the commune owes its comptable public."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.calendar import Span
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import outstanding_table, receipts_table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.files import receipts_csv, receipts_json
from periscolaire.operations import outstanding_report, published_reglements, receipts_report, series_of

__all__ = ["report"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def report() -> None:
    """Imprime les états que la commune doit à son comptable public."""


@report.command()
@store_argument
@click.option("--du", "first", type=_DAY, required=True, help="Premier jour.")
@click.option("--au", "last", type=_DAY, required=True, help="Dernier jour, compris.")
@click.option(
    "--export", "folder", type=click.Path(file_okay=False, path_type=Path), help="Écrire recettes.csv et recettes.json."
)
@agent_option
@language_option
@json_option
def receipts(
    base: str,
    first: dt.datetime,
    last: dt.datetime,
    folder: Path | None,
    actor: StaffActor,
    language: str,
    as_json: bool,
) -> None:
    """État d'encaissement récapitulatif des prestations : produit par moyen de paiement."""
    with opened(base) as store, store.unit(write=False) as uow:
        names = Names.of(uow)
        rows = receipts_report(Span(first.date(), last.date()), uow, actor=actor)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            table = receipts_csv(rows, names.currency, product_name=names.product)
            (folder / "recettes.csv").write_text(table, encoding="utf-8-sig", newline="")
            (folder / "recettes.json").write_text(receipts_json(rows, names.currency), encoding="utf-8")
        if as_json:
            click.echo(receipts_json(rows, names.currency), nl=False)
        else:
            title = f"Encaissements du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
            console().print(receipts_table(title, rows, names, language))


@report.command()
@store_argument
@click.option("--le", "on", type=_DAY, help="À quel jour (par défaut aujourd'hui).")
@agent_option
@language_option
@json_option
def outstanding(base: str, on: dt.datetime | None, actor: StaffActor, language: str, as_json: bool) -> None:
    """Restes à recouvrer : chaque facture qui n'est pas entièrement réglée, et son retard."""
    day = on.date() if on is not None else dt.datetime.now(dt.UTC).date()
    with opened(base) as store, store.unit(write=False) as uow:
        names = Names.of(uow)
        series = series_of(published_reglements(uow).versions[-1])
        rows = [row for one in series for row in outstanding_report(day, uow, actor=actor, series=one.code)]
        if as_json:
            value = names.currency.value
            emit_json([
                {
                    "foyer": row.household,
                    "facture": row.invoice,
                    "echeance": row.due_on,
                    "montant": str(value(row.total)),
                    "regle": str(value(row.settled)),
                    "reste": str(value(row.remaining)),
                    "retard": row.days_late,
                }
                for row in rows
            ])  # fmt: skip
        else:
            console().print(outstanding_table(f"Restes à recouvrer au {day:%d/%m/%Y}", rows, names, language))
