"""``periscolaire invoices``: list, show, export what was issued."""

from __future__ import annotations

from pathlib import Path

import click

from periscolaire.billing import Invoice
from periscolaire.cli._finding import find_payer
from periscolaire.cli._output import console, json_option, language_option
from periscolaire.cli._show import invoice_view, money, show, table
from periscolaire.cli._store import Names, opened, store_argument
from periscolaire.errors import NotFoundError
from periscolaire.files import invoices_csv, invoices_json
from periscolaire.ports import UnitOfWork

__all__ = ["invoices", "issued"]


@click.command()
@store_argument
@click.option("--foyer", help="Seulement celles de ce foyer, ligne par ligne.")
@click.option("--numero", "number", help="Seulement celle-ci (REGIE-2025-000012), ligne par ligne.")
@click.option(
    "--export", "folder", type=click.Path(file_okay=False, path_type=Path), help="Écrire factures.csv et factures.json."
)
@language_option
@json_option
def invoices(
    base: str, foyer: str | None, number: str | None, folder: Path | None, language: str, as_json: bool
) -> None:
    """Montre les factures émises : la liste, celles d'un foyer ou une seule, avec les étapes de chaque prix."""
    with opened(base) as store, store.unit(write=False) as uow:
        names = Names.of(uow)
        found = [one for one in issued(uow, foyer) if number is None or one.id == number]
        if number is not None and not found:
            raise NotFoundError(f"facture {number} : inconnue")
        if folder is not None:
            export(found, names, folder)
        if as_json:
            click.echo(invoices_json(found), nl=False)
            return
        screen = console()
        if foyer is not None or number is not None:
            show(screen, *(invoice_view(one, names, language) for one in found))
            return
        made = table("Factures", "facture", "nature", "foyer", "émise le", "échéance", "montant", right=("montant",))
        for one in found:
            issued_on, due_on = (day.strftime("%d/%m/%Y") for day in (one.issued_on, one.due_on))
            total = money(one.total, names, language)
            made.add_row(one.id, one.kind.value, names.household(one.payer), issued_on, due_on, total)
        screen.print(made)


def issued(uow: UnitOfWork, household: str | None = None) -> list[Invoice]:
    """The documents issued, by series, fiscal year and number.

    :raises NotFoundError: no such household.
    """
    found = uow.invoices.stream() if household is None else uow.invoices.of(find_payer(household, uow))
    return sorted((one.model for one in found), key=lambda one: (one.series, one.fiscal_year, one.number))


def export(found: list[Invoice], names: Names, folder: Path) -> tuple[Path, Path]:
    """Write ``factures.csv`` and ``factures.json`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    table_file, tree_file = folder / "factures.csv", folder / "factures.json"
    rows = invoices_csv(found, child_name=names.child, product_name=names.product)
    table_file.write_text(rows, encoding="utf-8-sig", newline="")  # spreadsheets know UTF-8 by this mark
    tree_file.write_text(invoices_json(found), encoding="utf-8")
    return table_file, tree_file
