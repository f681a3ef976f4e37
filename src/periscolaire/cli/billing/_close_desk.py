"""``periscolaire close-desk``: count the desk, number the receipts, hand over what it holds."""

from __future__ import annotations

import datetime as dt
import sys

import click

from periscolaire.access import StaffActor
from periscolaire.billing import Means, closing_table, deposit_table
from periscolaire.cli._desk import zone_of
from periscolaire.cli._money import amount_of, series_option, series_or_only, show_report
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, moment
from periscolaire.money import Amount, Currency
from periscolaire.operations import DeskCount, close_cash_desk, make_deposit_slip, number_quittances, undeposited

__all__ = ["close_desk"]


@click.command("close-desk")
@store_argument
@click.option(
    "--compte", "counted", multiple=True, metavar="MOYEN=MONTANT",
    help="Ce qui a été compté, comme espèces=120,00 ; répétable. Un moyen non dit compte pour 0.",
)  # fmt: skip
@click.option("--jour", "on", type=JOUR, help="Le jour arrêté (par défaut, celui de --le).")
@click.option("--explication", "explanation", default="", help="Ce que le régisseur dit des écarts.")
@click.option("--verser", "deposit", is_flag=True, help="Faire aussi le bordereau de ce que tient la caisse.")
@series_option
@at_option
@agent_option
@json_option
def close_desk(
    base: str,
    counted: tuple[str, ...],
    on: dt.date | None,
    explanation: str,
    deposit: bool,
    series: str | None,
    at: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Arrête la caisse : numérote les quittances, compare ce qui est compté à ce que disent les livres.

    Code de sortie 1 s'il y a un écart : l'arrêté est enregistré avec lui, et rien n'est versé.
    """
    with opened(base) as store, store.unit() as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        names = Names.of(uow)
        code = series_or_only(series, uow)
        day = on or rules.versions[-1].calendar.today(now)
        receipts = number_quittances(code, uow, actor=actor, now=now)
        count = DeskCount(code, day, tuple(_counted(one, names.currency) for one in counted), explanation)
        closing = close_cash_desk(count, uow, actor=actor, now=now)
        slip = None
        if deposit and not closing.reasons and undeposited(code, uow, actor=actor, on=day):
            slip = make_deposit_slip(code, uow, on=day, actor=actor, now=now)
        uow.commit()
        value = names.currency.value
        if as_json:
            emit_json({
                "quittances": [one.number for one in receipts],
                "ecart": str(value(closing.difference)),
                "ecarts": closing.reasons,
                "explication": closing.explanation,
                "bordereau": slip.number if slip is not None else None,
                "verse": str(value(slip.total)) if slip is not None else None,
            })  # fmt: skip
        else:
            console().print(f"{len(receipts)} quittance(s) numérotée(s)")
            show_report(closing_table(closing, currency=names.currency))
            if slip is not None:
                payments = {payment: uow.payments.get(payment).model for payment in slip.payments}
                show_report(deposit_table(slip, payments, household_name=names.household))
    sys.exit(1 if closing.reasons else 0)


def _counted(text: str, currency: Currency) -> tuple[Means, Amount]:
    word, equals, amount = text.partition("=")
    try:
        means = Means(word.strip())
    except ValueError:
        means = None
    if means is None or not equals:
        known = ", ".join(one.value for one in Means)
        raise click.BadParameter(f"« {text} » ; attendu MOYEN=MONTANT, avec un moyen parmi {known}")
    return means, amount_of(amount, currency)
