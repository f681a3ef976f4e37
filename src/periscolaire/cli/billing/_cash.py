"""``periscolaire desk``: what the desk holds, its float, its deposit slips, its differences."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import CashKind, deposit_table
from periscolaire.cli._desk import at_counter
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import amount_of, answer, money_text, series_option, series_or_only, show_report
from periscolaire.cli._output import Word, emit_json, json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, at_option
from periscolaire.ids import Key
from periscolaire.money import Money
from periscolaire.operations import CashMoved, desk_holds, make_deposit_slip, move_cash, undeposited

__all__ = ["desk"]


@click.group()
def desk() -> None:
    """La caisse : ce qu'elle tient, son fonds, ses versements, ses écarts (l'arrêter : close-desk)."""


@desk.command()
@store_argument
@series_option
@at_option
@agent_option
@json_option
def status(base: str, series: str | None, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Dit ce que la caisse doit tenir, moyen par moyen, fonds de caisse compris."""
    with at_counter(base, at, write=False) as counter:
        held = desk_holds(series_or_only(series, counter.uow), counter.uow, actor=actor, on=counter.today)
        rows = [{"moyen": means.value, "montant": Money(amount, counter.currency)} for means, amount in held.items()]
        show_rows(as_json, f"Caisse au {counter.today:%d/%m/%Y}", rows, "La caisse est vide")


@desk.command()
@store_argument
@click.option("--jour", "on", type=JOUR, help="Ce que la caisse tient à la fin de ce jour (par défaut, celui de --le).")
@click.option("--essai", "dry_run", is_flag=True, help="Montrer le bordereau, sans rien enregistrer.")
@key_option
@series_option
@at_option
@agent_option
@json_option
def deposit(
    base: str, on: dt.date | None, dry_run: bool, key: Key | None, series: str | None, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Verse au comptable public tout ce que la caisse tient, sauf son fonds : un bordereau numéroté.

    Code de sortie 1 s'il n'y a rien à verser.
    """
    with at_counter(base, at, keep=not dry_run) as counter:
        code, day = series_or_only(series, counter.uow), counter.happened(on)
        if not undeposited(code, counter.uow, actor=actor, on=day):
            answer(as_json, {"bordereau": None}, "Rien à verser")
            raise SystemExit(1)
        slip = make_deposit_slip(code, counter.uow, on=day, actor=actor, now=counter.now, key=key)
        if as_json:
            emit_json({
                "bordereau": slip.number, "enregistre": not dry_run, "paiements": slip.payments,
                "totaux": {means.value: Money(amount, counter.currency) for means, amount in slip.totals},
                "total": Money(slip.total, counter.currency),
            })  # fmt: skip
            return
        payments = {payment: counter.uow.payments.get(payment).model for payment in slip.payments}
        show_report(deposit_table(slip, payments, household_name=counter.names.household))
        if dry_run:
            answer(False, None, "Essai : rien n'est enregistré")


_KINDS = {
    "fonds-recu": CashKind.FLOAT_IN,
    "fonds-rendu": CashKind.FLOAT_OUT,
    "deficit": CashKind.SHORTAGE,
    "excedent": CashKind.SURPLUS,
}


@desk.command()
@store_argument
@click.argument("kind", metavar="|".join(_KINDS), type=Word(list(_KINDS)))
@click.argument("amount", metavar="MONTANT")
@click.option("--jour", "on", type=JOUR, help="Le jour de l'opération (par défaut, celui de --le).")
@click.option("--motif", "motive", default="", help="Pourquoi : exigé d'un déficit ou d'un excédent.")
@key_option
@series_option
@at_option
@agent_option
@json_option
def move(
    base: str, kind: str, amount: str, on: dt.date | None, motive: str, key: Key | None, series: str | None,
    at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Enregistre le fonds de caisse reçu ou rendu, un déficit ou un excédent constaté et réglé."""
    with at_counter(base, at) as counter:
        code = series_or_only(series, counter.uow)
        moved = CashMoved(code, _KINDS[kind], amount_of(amount, counter.currency), counter.happened(on), motive)
        made = move_cash(moved, counter.uow, actor=actor, now=counter.now, key=key)
        said = f"{made.kind.value.capitalize()} : {money_text(made.amount, counter.currency)}"
        document = {"mouvement": made.id, "nature": made.kind, "montant": Money(made.amount, counter.currency)}
        answer(as_json, document, said)
