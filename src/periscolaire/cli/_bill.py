"""``periscolaire bill``: prepare a run, and issue it."""

from __future__ import annotations

import datetime as dt
import sys

import click

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.billing import describe_pending
from periscolaire.calendar import Span
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import money
from periscolaire.cli._store import Names, agent_option, month, opened, store_argument
from periscolaire.operations import PreparedRun, issue_run, prepare_run

__all__ = ["bill"]


@click.command()
@store_argument
@click.option("--mois", "period", required=True, callback=month, help="Le mois à facturer, comme 2025-11.")
@click.option("--le", "issued", type=click.DateTime(["%Y-%m-%d"]), help="Date d'émission (par défaut aujourd'hui).")
@click.option("--apercu", "preview", is_flag=True, help="Montrer ce qui serait émis, sans rien écrire.")
@agent_option
@json_option
def bill(base: str, period: Span, issued: dt.datetime | None, preview: bool, actor: StaffActor, as_json: bool) -> None:
    """Facture un mois : ce qui devrait être facturé, moins ce qui l'a déjà été.

    Lancée deux fois, elle n'émet rien la seconde ; des faits arrivés depuis (une preuve, un pointage corrigé) donnent
    des lignes de correction. Code de sortie 1 si un brouillon est bloqué par une erreur : rien n'est alors émis.
    """
    screen = console()
    now = dt.datetime.now(dt.UTC)
    with opened(base) as store, store.unit() as uow:
        issued_on = issued.date() if issued is not None else now.date()
        with screen.status("Calcul des factures…"):
            prepared = prepare_run(period, uow, actor=actor, issued_on=issued_on)
        blocked = any(draft.blocked for draft in prepared.drafts)
        invoices = () if preview or blocked else issue_run(prepared, uow, actor=actor, now=now)
        names = Names.of(uow)
        uow.commit()
        if as_json:
            emit_json(_as_json(prepared, [invoice.id for invoice in invoices], names))
        else:
            total = sum(draft.total for draft in prepared.drafts)
            done = f"{len(invoices)} documents émis" if invoices else f"{len(prepared.drafts)} documents à émettre"
            screen.print(f"{done}, {money(total, names)} en tout")
            for draft in prepared.drafts:
                for remark in draft.remarks:
                    mark = "erreur" if remark.error else "attention"
                    screen.print(f"{mark} : {names.household(draft.payer)} : {i18n.text(remark.reason)}")
            for pending in prepared.pending:
                screen.print(f"en attente : {i18n.text(describe_pending(pending))}")
    sys.exit(1 if blocked else 0)


def _as_json(prepared: PreparedRun, issued: list[str], names: Names) -> object:
    value = names.currency.value
    return {
        "factures": issued,
        "brouillons": [
            {
                "foyer": draft.payer,
                "serie": draft.series,
                "nature": draft.kind,
                "total": str(value(draft.total)),
                "reporte": draft.carried_over,
                "remarques": [remark.reason for remark in draft.remarks],
            }
            for draft in prepared.drafts
        ],
        "en_attente": [describe_pending(pending) for pending in prepared.pending],
    }
