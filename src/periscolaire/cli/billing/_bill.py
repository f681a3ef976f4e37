"""``periscolaire bill``: what a run would issue, and issuing it."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.billing import Comparison, Selection, describe_pending, describe_presumed
from periscolaire.calendar import Span
from periscolaire.cli._finding import check_sites, find_payer
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import money, table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, JOURS, days_text, month
from periscolaire.operations import (
    BillingReport,
    PreparedRun,
    compare_run,
    find_anomalies,
    prepare_run,
    published_reglements,
    run_billing,
)
from periscolaire.ports import Store, UnitOfWork
from periscolaire.reasons import Reason
from periscolaire.reglement import last_cycle
from periscolaire.storage import open_store

__all__ = ["bill"]


def _selection_options(command: Any) -> Any:
    """``--produit``, ``--site``, ``--serie``, ``--foyer``: each may be said several times."""
    for name, target, meaning in (
        ("--foyer", "households", "Ce foyer seulement (à répéter)."),
        ("--serie", "series", "Cette série de factures seulement (à répéter)."),
        ("--site", "sites", "Les enfants de ce site seulement (à répéter)."),
        ("--produit", "products", "Ce produit seulement (à répéter)."),
    ):
        command = click.option(name, target, multiple=True, help=meaning)(command)
    return command


@click.command()
@store_argument
@click.option("--mois", callback=month, help="Le mois à facturer, comme 2025-11.")
@click.option("--jours", "days", type=JOURS, help="Ou d'autres jours, comme 2025-11-01..2025-12-31.")
@click.option("--le", "issued", type=JOUR, help="Date d'émission (par défaut aujourd'hui).")
@click.option("--apercu", "preview", is_flag=True, help="Montrer ce qui serait émis, sans rien écrire.")
@_selection_options
@click.option("--processus", "workers", type=click.IntRange(1, 64), default=1, help="Calculer à plusieurs.")
@agent_option
@json_option
def bill(
    base: str,
    mois: Span | None,
    days: Span | None,
    issued: dt.date | None,
    preview: bool,
    workers: int,
    actor: StaffActor,
    as_json: bool,
    **asked: tuple[str, ...],
) -> None:
    """Facture un mois : ce qui devrait être facturé, moins ce qui l'a déjà été.

    Sans --mois ni --jours, c'est le dernier cycle terminé, au rythme du règlement (mois, deux mois, trimestre…).

    Lancée deux fois, elle n'émet rien la seconde ; interrompue, elle reprend où elle en était, sans facture en double
    ni numéro perdu ; des faits arrivés depuis (une preuve, un pointage corrigé) donnent des lignes de correction.
    L'aperçu compare chaque foyer à la période d'avant ; un brouillon mis en défaut se refait seul, par --foyer. Les
    anomalies de la période dont aucune famille n'a été prévenue sont comptées : « anomalies tell », avant d'émettre.

    Code de sortie 1 si l'aperçu montre un brouillon bloqué par une erreur, ou si la facturation en a laissé.
    """
    now = dt.datetime.now(dt.UTC)
    with opened(base) as store:
        with store.unit(write=False) as uow:
            check_sites(asked["sites"], uow)
            asked["households"] = tuple(find_payer(household, uow) for household in asked["households"])
        selection = Selection(**{name: frozenset(codes) or None for name, codes in asked.items()})  # type: ignore[arg-type]  # codes are plain texts here
        issued_on = issued or today(store, now)
        if mois is not None and days is not None:
            raise click.UsageError("--mois ou --jours, pas les deux")
        period = mois or days or _last_cycle(store, issued_on)
        if mois is None and not as_json:
            console().print(f"Facturation {days_text(period.first, period.last)}", highlight=False)
        if preview:
            _preview(store, period, actor, issued_on, selection, as_json)
        else:
            _issue(base, store, period, actor, issued_on, now, selection, workers, as_json)


def today(store: Store, now: dt.datetime) -> dt.date:
    """The day that it is in the commune, which may be the next year there already."""
    with store.unit(write=False) as uow:
        return published_reglements(uow).versions[-1].calendar.today(now)


def _last_cycle(store: Store, issued_on: dt.date) -> Span:
    with store.unit(write=False) as uow:
        return last_cycle(published_reglements(uow), issued_on)


def _preview(
    store: Store, period: Span, actor: StaffActor, issued_on: dt.date, selection: Selection, as_json: bool
) -> None:
    screen = console()
    with store.unit(write=False) as uow:
        with screen.status("Calcul des factures…"):
            prepared = prepare_run(period, uow, actor=actor, issued_on=issued_on, selection=selection)
            compared = compare_run(prepared, uow, actor=actor)
            untold = _untold(period, selection, uow, actor, issued_on)
        names = Names.of(uow)
        if as_json:
            emit_json(
                {**_period(period, prepared), **_as_json(prepared, compared, names), "anomalies_non_signalees": untold}
            )
        else:
            total = sum(draft.total for draft in prepared.drafts if not draft.carried_over)
            count = sum(not draft.carried_over for draft in prepared.drafts)
            screen.print(f"{_documents(count)} à émettre, {money(total, names)} en tout")
            _tell_off_cycle(prepared)
            screen.print(_comparison(compared, names))
            for draft in prepared.drafts:
                for remark in draft.remarks:
                    mark = "erreur" if remark.error else "attention"
                    screen.print(f"{mark} : {names.household(draft.payer)} : {i18n.text(names.named(remark.reason))}")
            _tell_unchecked(prepared, names)
            _tell_untold(untold)
    sys.exit(1 if any(draft.blocked for draft in prepared.drafts) else 0)


def _comparison(compared: tuple[Comparison, ...], names: Names) -> Table:
    made = table("", "foyer", "avant", "maintenant", "écart", right=("avant", "maintenant", "écart"))
    made.title = None
    for one in compared:
        amounts = (money(amount, names) for amount in (one.before, one.now, one.difference))
        made.add_row(Text(names.household(one.payer)), *amounts)
    return made


def _issue(
    base: str,
    store: Store,
    period: Span,
    actor: StaffActor,
    issued_on: dt.date,
    now: dt.datetime,
    selection: Selection,
    workers: int,
    as_json: bool,
) -> None:
    with store.unit(write=False) as uow:
        untold = _untold(period, selection, uow, actor, issued_on)
    with _pool(workers) as executor, Progress(console=console(), transient=True, disable=as_json) as progress:
        task = progress.add_task("Factures émises", total=None)
        report = run_billing(
            period,
            store,
            actor=actor,
            issued_on=issued_on,
            now=now,
            selection=selection,
            executor=executor,
            opener=functools.partial(open_store, base),
            told=lambda done, parts: progress.update(task, completed=done, total=parts),
        )
    with store.unit(write=False) as uow:
        names = Names.of(uow)
        if as_json:
            emit_json(
                {
                    **_period(period, report),
                    "factures": report.invoices,
                    "total": str(names.currency.value(report.total)),
                    **_unchecked(report),
                    "bloques": list(report.blocked),
                    "anomalies_non_signalees": untold,
                }
            )
        else:
            console().print(f"{_documents(report.invoices)} émis, {money(report.total, names)} en tout")
            _tell_off_cycle(report)
            _tell_unchecked(report, names)
            if report.invoices:
                _tell_untold(untold)
            for payer in report.blocked:
                console().print(f"erreur : {names.household(payer)} : rien n'est émis, voyez --apercu --foyer {payer}")
    sys.exit(1 if report.blocked else 0)


def _period(period: Span, run: PreparedRun | BillingReport) -> dict[str, object]:
    return {"du": period.first, "au": period.last, "hors_cycle": run.off_cycle}


def _tell_off_cycle(run: PreparedRun | BillingReport) -> None:
    if run.off_cycle is not None:
        console().print(f"attention : {i18n.text(run.off_cycle)}", highlight=False)


def _documents(count: int) -> str:
    return f"{count} document{'s' if count > 1 else ''}"


def _unchecked(run: PreparedRun | BillingReport) -> dict[str, list[Reason]]:
    """What waits, and what nobody checked and is billed as the règlement presumes."""
    return {
        "en_attente": [describe_pending(one) for one in run.pending],
        "presumes": [describe_presumed(one) for one in run.presumed],
    }


def _tell_unchecked(run: PreparedRun | BillingReport, names: Names) -> None:
    for what, reasons in zip(("en attente", "présumé"), _unchecked(run).values(), strict=True):
        for reason in reasons:
            console().print(f"{what} : {i18n.text(names.named(reason))}", highlight=False)


def _untold(period: Span, selection: Selection, uow: UnitOfWork, actor: StaffActor, on: dt.date) -> int:
    """How many anomalies of the period no family was told of, among what the run takes and nobody has billed yet."""
    found = [
        one
        for one in find_anomalies(period, uow, actor=actor, on=on)
        if one.kind.is_for_family
        and (selection.households is None or one.household in selection.households)
        and (selection.products is None or one.key.product in selection.products)
    ]
    billed = {
        (line.child, line.product, day)
        for household in {one.household for one in found}
        for stored in uow.invoices.of(household)
        for line in stored.model.lines
        for day in line.days
    }
    return sum((one.key.child, one.key.product, one.key.day) not in billed for one in found)


def _tell_untold(count: int) -> None:
    if count:
        said = "anomalie n'a été signalée" if count == 1 else "anomalies n'ont été signalées"
        console().print(
            f"attention : {count} {said} à aucune famille (anomalies find, anomalies tell)", highlight=False
        )


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    """Processes that compute, when more than one is wanted; started afresh, as a fork would share the store's file."""
    if workers == 1:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


def _as_json(prepared: PreparedRun, compared: tuple[Comparison, ...], names: Names) -> dict[str, object]:
    value = names.currency.value
    return {
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
        **_unchecked(prepared),
        "comparaison": [
            {"foyer": one.payer, "avant": str(value(one.before)), "maintenant": str(value(one.now))} for one in compared
        ],
    }
