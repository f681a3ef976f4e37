"""``periscolaire ledger``: the account of a household, movement by movement."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import statement, statement_table
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_payer
from periscolaire.cli._money import series_option, show_report
from periscolaire.cli._output import json_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, moment
from periscolaire.files import report_json
from periscolaire.operations import household_ledger

__all__ = ["ledger"]


@click.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.option("--du", "first", type=JOUR, help="Premier jour (par défaut, le début de l'année scolaire).")
@click.option("--au", "last", type=JOUR, help="Dernier jour, compris (par défaut aujourd'hui).")
@series_option
@agent_option
@json_option
def ledger(
    base: str,
    household: str,
    first: dt.date | None,
    last: dt.date | None,
    series: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Relevé de compte de FOYER : factures, avoirs, paiements, rejets, et ce qui est dû après chacun."""
    with opened(base) as store, store.unit(write=False) as uow:
        rules, tz = zone_of(uow)
        names = Names.of(uow)
        home = find_payer(household, uow)
        until = last or moment(None, tz).astimezone(tz).date()
        since = first or rules.versions[-1].calendar.school_year(until).first_day
        found = statement(household_ledger(home, uow, actor=actor), home, since, until, series=series)
        table = statement_table(found, currency=names.currency, household_name=names.household)
        if as_json:
            click.echo(report_json(table), nl=False)
        else:
            show_report(table)
