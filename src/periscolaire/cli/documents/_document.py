"""``periscolaire document``: invoices and reports written as pages, PDF, CSV or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import click

from periscolaire.access import StaffActor
from periscolaire.billing import (
    ReportTable,
    closing_table,
    deposit_table,
    journal_table,
    late_payers_table,
    outstanding_table,
    receipts_table,
    statement,
    statement_table,
)
from periscolaire.calendar import Span
from periscolaire.cli._desk import JOUR, moment, zone_of
from periscolaire.cli._money import answer, series_option, series_or_only
from periscolaire.cli._output import json_option, language_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.documents import Addressee, Letterhead, invoice_page, invoice_pdf, invoice_sheet, report_page
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.files import report_csv, report_json
from periscolaire.ids import HouseholdId, InvoiceId
from periscolaire.operations import (
    household_ledger,
    late_payers_report,
    outstanding_report,
    read_account,
    receipts_report,
    regie_journal,
)
from periscolaire.ports import UnitOfWork

__all__ = ["document"]

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def document() -> None:
    """Écrit une facture ou un état : page à imprimer (.html), .pdf, .csv ou .json, selon le nom du fichier."""


@document.command()
@store_argument
@click.argument("invoice", metavar="FACTURE")
@click.option("--sortie", "-o", "out", type=_OUT, required=True, help="Le fichier : facture.html ou facture.pdf.")
@click.option("--service", default="Service périscolaire", show_default=True, help="Le service qui émet.")
@click.option("--telephone", default="", help="Son téléphone.")
@click.option("--courriel", "email", default="", help="Son adresse électronique.")
@language_option
@agent_option
@json_option
def invoice(
    base: str,
    invoice: str,
    out: Path,
    service: str,
    telephone: str,
    email: str,
    language: str,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Écrit FACTURE telle qu'une famille la lit, avec l'explication de chaque ligne."""
    with opened(base) as store, store.unit(write=False) as uow:
        names = Names.of(uow)
        found = uow.invoices.get(InvoiceId(invoice)).model
        account = read_account(found.payer, found.series, uow, actor=actor)
        rules, _ = zone_of(uow)
        sheet = invoice_sheet(
            found,
            Letterhead(rules.versions[-1].commune, service, telephone=telephone, email=email),
            _addressee(found.payer, uow),
            settled=found.total - account.remaining().get(found.id, found.total),
            product_name=names.product,
            child_name=names.child,
            language=language,
        )
    match out.suffix:
        case ".html":
            out.write_text(invoice_page(sheet), encoding="utf-8")
        case ".pdf":
            out.write_bytes(invoice_pdf(sheet))
        case other:
            raise MisuseError(f"« {out.name} » : attendu .html ou .pdf, trouvé « {other} »")
    answer(as_json, {"fichier": out}, f"{out} écrit")


def _addressee(household: HouseholdId, uow: UnitOfWork) -> Addressee:
    stored = uow.households.find(household)
    if stored is None:  # a third party, which is known by its code alone
        return Addressee(household)
    home = stored.model
    address = home.address or next((adult.address for adult in home.adults if adult.address is not None), None)
    lines = () if address is None else (*address.lines, f"{address.postcode} {address.city}".strip())
    return Addressee(", ".join(adult.full_name for adult in home.adults) or home.name, lines)


@attrs.frozen
class _Asked:
    """What a report is asked about."""

    uow: UnitOfWork
    names: Names
    actor: StaffActor
    series: str
    span: Span
    household: str | None


def _receipts(asked: _Asked) -> ReportTable:
    rows = receipts_report(asked.span, asked.uow, actor=asked.actor, series=asked.series)
    return receipts_table(
        rows, asked.span.first, asked.span.last, currency=asked.names.currency, product_name=asked.names.product
    )


def _journal(asked: _Asked) -> ReportTable:
    rows = regie_journal(asked.span, asked.uow, actor=asked.actor, series=asked.series)
    return journal_table(
        rows, asked.span.first, asked.span.last, series=asked.series, currency=asked.names.currency,
        household_name=asked.names.household,
    )  # fmt: skip


def _slip(asked: _Asked) -> ReportTable:
    slips = [slip for slip in asked.uow.deposit_slips.of(asked.series) if slip.on <= asked.span.last]
    if not slips:
        raise NotFoundError(f"bordereau de la série {asked.series} au {asked.span.last} : aucun")
    payments = {payment: asked.uow.payments.get(payment).model for payment in slips[-1].payments}
    return deposit_table(slips[-1], payments, household_name=asked.names.household)


def _closing(asked: _Asked) -> ReportTable:
    closings = [one for one in asked.uow.desk_closings.of(asked.series) if one.on <= asked.span.last]
    if not closings:
        raise NotFoundError(f"arrêté de caisse de la série {asked.series} au {asked.span.last} : aucun")
    return closing_table(closings[-1], currency=asked.names.currency)


def _outstanding(asked: _Asked) -> ReportTable:
    rows = outstanding_report(asked.span.last, asked.uow, actor=asked.actor, series=asked.series)
    return outstanding_table(rows, asked.span.last, currency=asked.names.currency, household_name=asked.names.household)


def _late(asked: _Asked) -> ReportTable:
    rows = late_payers_report(asked.span.last, asked.uow, actor=asked.actor, series=asked.series)
    return late_payers_table(rows, asked.span.last, currency=asked.names.currency, household_name=asked.names.household)


def _statement(asked: _Asked) -> ReportTable:
    if asked.household is None:
        raise click.UsageError("un relevé demande --foyer")
    home = HouseholdId(asked.household)
    asked.uow.households.get(home)
    found = statement(
        household_ledger(home, asked.uow, actor=asked.actor),
        home,
        asked.span.first,
        asked.span.last,
        series=asked.series,
    )
    return statement_table(found, currency=asked.names.currency, household_name=asked.names.household)


_REPORTS: Mapping[str, Callable[[_Asked], ReportTable]] = {
    "encaissements": _receipts,
    "bordereau": _slip,
    "journal": _journal,
    "caisse": _closing,
    "restes": _outstanding,
    "retards": _late,
    "releve": _statement,
}
_SIGNED = {"bordereau": ("Le régisseur", "Le comptable public"), "caisse": ("Le régisseur",)}


@document.command()
@store_argument
@click.argument("name", metavar="ETAT", type=click.Choice(list(_REPORTS)))
@click.option("--sortie", "-o", "out", type=_OUT, required=True, help="Le fichier : .html, .csv ou .json.")
@click.option("--du", "first", type=JOUR, help="Premier jour (par défaut, le 1er janvier de l'année).")
@click.option("--au", "last", type=JOUR, help="Dernier jour, compris (par défaut aujourd'hui).")
@click.option("--foyer", "household", help="Le foyer du relevé.")
@series_option
@agent_option
@json_option
def report(
    base: str,
    name: str,
    out: Path,
    first: dt.date | None,
    last: dt.date | None,
    household: str | None,
    series: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Écrit ETAT : encaissements, bordereau (le dernier), journal, caisse, restes, retards ou releve (d'un foyer)."""
    with opened(base) as store, store.unit(write=False) as uow:
        rules, tz = zone_of(uow)
        today = moment(None, tz).astimezone(tz).date()
        until = last or today
        span = Span(first or until.replace(month=1, day=1), until)
        asked = _Asked(uow, Names.of(uow), actor, series_or_only(series, uow), span, household)
        table = _REPORTS[name](asked)
        head = Letterhead(rules.versions[-1].commune, "Service périscolaire")
    match out.suffix:
        case ".html":
            page = report_page(table, head, printed_on=today, signatures=_SIGNED.get(name, ()))
            out.write_text(page, encoding="utf-8")
        case ".csv":
            out.write_text(report_csv(table), encoding="utf-8-sig", newline="")
        case ".json":
            out.write_text(report_json(table), encoding="utf-8")
        case other:
            raise MisuseError(f"« {out.name} » : attendu .html, .csv ou .json, trouvé « {other} »")
    totals = {column: str(table.currency.value(total)) for column, total in table.totals.items()}
    answer(as_json, {"fichier": out, "totaux": totals}, f"{out} écrit : {len(table.rows)} lignes")
