"""``periscolaire report``: every report, on the screen or in files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.calendar import Span
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import check_sites, find_payer
from periscolaire.cli._money import series_or_only, show_report
from periscolaire.cli._output import Word, console, json_option, language_option
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, moment, month
from periscolaire.cli.documents._writing import out_option, write_report
from periscolaire.documents import report_document
from periscolaire.files import report_json
from periscolaire.operations import ReportKind, ReportWanted, issuer_of
from periscolaire.operations import report as report_table

__all__ = ["report"]

_HELP = """Donne un état, au terminal ou dans des fichiers (-o).

\b
encaissements  état récapitulatif des prestations : produit par moyen de paiement
facture        ce qui a été facturé, par prestation et ce qui s'est passé
restes         restes à recouvrer au dernier jour, avec l'âge de chaque dette
retards        foyers en retard au dernier jour
journal        journal de la régie, en partie double
bordereau      bordereau de versement (le dernier, ou celui de --numero)
caisse         dernier arrêté de caisse
releve         relevé de compte d'un foyer (--foyer)
absences       absences signalées qui touchent ces jours

Chaque total d'argent est celui du grand livre. Les fichiers sont en français quelle que soit la langue des pages.
"""


@click.command(help=_HELP)
@store_argument
@click.argument("kind", metavar="ETAT", type=Word([kind.value for kind in ReportKind]))
@click.option("--mois", "period", callback=month, help="Le mois, comme 2025-12.")
@click.option("--du", "first", type=JOUR, help="Premier jour (par défaut, le 1er janvier de l'année du dernier).")
@click.option("--au", "last", type=JOUR, help="Dernier jour, compris (par défaut aujourd'hui).")
@click.option("--serie", "series", help="La série de factures (par défaut, toutes ; une seule pour la régie).")
@click.option("--site", help="Seulement les enfants de ce site (encaissements, facture, restes).")
@click.option("--foyer", "household", help="Le foyer du relevé.")
@click.option("--numero", "number", type=click.IntRange(1), help="Le numéro du bordereau.")
@click.option("--par-mois", "by_month", is_flag=True, help="Une ligne par mois (encaissements).")
@out_option(required=False, forms=".html, .pdf, .csv, .json ou .xlsx")
@language_option
@agent_option
@json_option
def report(
    base: str,
    kind: str,
    period: Span | None,
    first: dt.date | None,
    last: dt.date | None,
    series: str | None,
    site: str | None,
    household: str | None,
    number: int | None,
    by_month: bool,
    out: tuple[Path, ...],
    language: str,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Every report; the help is :data:`_HELP`."""
    if period is not None and (first is not None or last is not None):
        raise click.UsageError("--mois, ou --du et --au : pas les deux")
    wanted = ReportKind(kind)
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        today = moment(None, tz).astimezone(tz).date()
        until = last or today
        since = first or until.replace(month=1, day=1)
        if since > until:
            raise click.UsageError(f"--du {since} est après --au {until}")
        check_sites(() if site is None else (site,), uow)
        asked = ReportWanted(
            wanted,
            period or Span(since, until),
            series_or_only(series, uow) if series is not None or wanted.of_one_series else None,
            site,
            find_payer(household, uow) if household is not None else None,
            number,
            by_month,
        )
        table = report_table(asked, uow, actor=actor)
        page = report_document(table, issuer_of(uow), printed_on=today, language=language)
    write_report(table, page, out)
    if as_json:
        click.echo(report_json(table), nl=False)
    elif out:
        for path in out:
            console().print(f"{path} écrit : {len(table.rows)} lignes", highlight=False)
    else:
        show_report(table, language)
