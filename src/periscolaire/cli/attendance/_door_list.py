"""``periscolaire door-list``: the *feuille de pointage*, on screen, as CSV, as a page to print."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.booking import DOOR_HEADINGS, DoorRow
from periscolaire.calendar import Span
from periscolaire.cli._desk import days_of, titled, zone_of
from periscolaire.cli._finding import find_products
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOURS, at_option, moment
from periscolaire.documents import door_list_page
from periscolaire.operations import door_rows

__all__ = ["door_list"]

_file = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


@click.command()
@store_argument
@click.argument("days", metavar="JOUR...", nargs=-1, required=True, type=JOURS)
@click.option("--service", "codes", multiple=True, help="Seulement ce service (répétable).")
@click.option("--csv", "csv_file", type=_file, help="Écrire un tableau (« - » : à l'écran).")
@click.option("--html", "html_file", type=_file, help="Écrire une page à imprimer (« - » : à l'écran).")
@at_option
@agent_option
@language_option
@json_option
def door_list(
    base: str, days: tuple[Span, ...], codes: tuple[str, ...], csv_file: Path | None, html_file: Path | None,
    at: str | None, actor: StaffActor, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Donne la feuille de pointage : les enfants attendus, par service, site et classe.

    Les demandes sans réponse et la liste d'attente y figurent aussi, à part : ces enfants ne sont pas attendus. Le
    tableau, rempli (« oui » ou « non » sous « présent », ou une heure), se relit : attend --feuille.
    """
    with opened(base) as store, store.unit(write=False) as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        names = Names.of(uow)
        rows: list[DoorRow] = []
        for day in days_of(days, rules, lambda day, reglement: True):
            for product in find_products(codes, rules.on(day)):
                rows += door_rows(product, day, uow, actor=actor)
        commune = rules.versions[-1].commune
        if csv_file is not None:
            # Spreadsheets know UTF-8 by its mark.
            _write(csv_file, _csv(rows), encoding="utf-8-sig")
        if html_file is not None:
            page = door_list_page(
                rows, commune=commune, product_name=names.product, at=now.astimezone(tz), language=language
            )
            _write(html_file, page, encoding="utf-8")
        if as_json:
            emit_json([dict(zip(DOOR_HEADINGS, row.cells(), strict=True)) for row in rows])
        elif csv_file is None and html_file is None:
            made = table("", *DOOR_HEADINGS[:-3])
            for row in rows:
                made.add_row(*row.cells()[:-3], style="" if row.expected else "dim")
            titled(console(), f"Feuille de pointage – {commune}", made)
            console().print(f"{sum(row.expected for row in rows)} enfant(s) attendu(s)")


def _csv(rows: list[DoorRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(DOOR_HEADINGS)
    writer.writerows([_inert(cell) for cell in row.cells()] for row in rows)
    return text.getvalue()


def _inert(cell: str) -> str:
    """A name that begins like a formula is written as text: a spreadsheet must not compute it."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _write(target: Path, text: str, encoding: str) -> None:
    if str(target) == "-":
        click.echo(text, nl=False)
    else:
        target.write_text(text, encoding=encoding, newline="")
        click.echo(f"{target} écrit", err=True)
