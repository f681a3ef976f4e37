"""Commands on rules files: the parameter sheet, the JSON Schema, the weekday table."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import click

from periscolaire.calendar import monday_of
from periscolaire.catalogue import Action, Product, print_week, weekday_table
from periscolaire.cli._output import Word, emit_json, existing_file, json_option
from periscolaire.cli._when import JOUR
from periscolaire.facts import Facts
from periscolaire.files import (
    facts_reference,
    load_reglement,
    load_sheet,
    portal_schema,
    reference,
    reglement_of_sheet,
    rules_schema,
    save_sheet,
    scenario_schema,
    sheet_rows,
    write_reglement,
)
from periscolaire.reglement import Reglement

__all__ = ["schema", "sheet", "table"]

_YEAR = 53  # weeks


@click.command()
@click.argument("source", metavar="FICHIER", type=existing_file)
@click.argument("target", metavar="SORTIE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--commune", help="Nom de la commune (feuille vers règles).")
@click.option("--version", "version", default="1", show_default=True, help="Nom de la version.")
@click.option("--en-vigueur", type=JOUR, help="Premier jour d'application.")
@click.option("--zone", help="Zone de vacances : A, B ou C.")
@click.option("--academie", help="Ou l'académie.")
@click.option("--territoire", help="Ou le territoire.")
@click.option("--jours", default="jours de classe", show_default=True, help="Jours de service de tous les produits.")
def sheet(
    source: Path,
    target: Path,
    commune: str | None,
    version: str,
    en_vigueur: dt.date | None,
    zone: str | None,
    academie: str | None,
    territoire: str | None,
    jours: str,
) -> None:
    """Passe de la feuille de paramètres (CSV, XLSX) au fichier de règles (TOML), ou l'inverse.

    Le sens est celui des noms : FICHIER.toml SORTIE.csv imprime la feuille ; FICHIER.csv SORTIE.toml écrit les règles.
    """
    if source.suffix == ".toml":
        save_sheet(sheet_rows(load_reglement(source)), target)
    else:
        if commune is None or en_vigueur is None:
            raise click.UsageError("de la feuille aux règles, il faut --commune et --en-vigueur")
        reglement = reglement_of_sheet(
            load_sheet(source),
            commune=commune,
            version=version,
            en_vigueur=en_vigueur,
            zone=zone,
            academie=academie,
            territoire=territoire,
            jours=jours,
            file=str(source),
        )
        target.write_text(write_reglement(reglement), encoding="utf-8")
    click.echo(f"{target} écrit")


@click.command()
@click.option("--scenarios", is_flag=True, help="Celui des fichiers de scénarios.")
@click.option("--espace", "portal", is_flag=True, help="Celui du fichier de l'espace famille.")
@click.option("--cles", "keys", is_flag=True, help="La liste des clés, en Markdown.")
@click.option("--faits", "facts", is_flag=True, help="La liste des faits, en Markdown.")
def schema(scenarios: bool, portal: bool, keys: bool, facts: bool) -> None:
    """Imprime le schéma JSON du fichier de règles (ou d'un autre), pour l'éditeur de texte."""
    if facts:
        click.echo(facts_reference())
        return
    if keys:
        click.echo(reference(scenarios=scenarios, portal=portal))
        return
    shown = portal_schema() if portal else scenario_schema() if scenarios else rules_schema()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@click.command()
@click.argument("rules", metavar="REGLES", type=existing_file)
@click.argument("product", metavar="PRODUIT")
@click.option("--semaine", type=JOUR, help="Un jour de la semaine voulue (par défaut, la prochaine avec ce service).")
@click.option("--action", type=Word([one.value for one in Action]), default="réserver", show_default=True)
@click.option("--canal", help="Le canal, si les limites en dépendent.")
@click.option("--mode", help="Le mode de réservation, si les limites en dépendent.")
@click.option("--dates", is_flag=True, help="Avec les dates.")
@json_option
def table(
    rules: Path,
    product: str,
    semaine: dt.date | None,
    action: str,
    canal: str | None,
    mode: str | None,
    dates: bool,
    as_json: bool,
) -> None:
    """Imprime le tableau « lundi ← jeudi 12:00 » d'un produit pour une semaine."""
    reglement = load_reglement(rules)
    held = reglement.product(product)
    known = {name: value for name, value in (("channel", canal), ("mode", mode)) if value is not None}
    week = semaine or _coming_week(held, reglement, dt.datetime.now(dt.UTC))
    lines = weekday_table(
        held.table(Action(action)) or (),
        reglement.calendar.for_product(held.code),
        held.open_days,
        week,
        start=held.start,
        facts=Facts(known),
    )
    if as_json:
        emit_json([{"jour": line.day, "palier": line.tier + 1, "ferme": line.closes} for line in lines])
        return
    if not lines:
        click.echo("aucune limite à imprimer pour cette semaine", err=True)
        sys.exit(1)
    if semaine is None:
        click.echo(f"Semaine du {week:%d/%m/%Y}")
    click.echo(print_week(lines, dates=dates))


def _coming_week(product: Product, reglement: Reglement, now: dt.datetime) -> dt.date:
    """The Monday of the next week, once the règlement is in force, in which ``product`` runs: the coming one, failing
    that."""
    calendar = reglement.calendar.for_product(product.code)
    coming = monday_of(max(calendar.today(now) + dt.timedelta(days=7), reglement.first_day))
    week = [dt.timedelta(days=n) for n in range(7)]
    mondays = (coming + dt.timedelta(weeks=n) for n in range(_YEAR))
    return next((one for one in mondays if any(calendar.is_open(product.open_days, one + n) for n in week)), coming)
