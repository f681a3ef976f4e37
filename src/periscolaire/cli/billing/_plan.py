"""``periscolaire plan``: payment plans, kept or broken."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.billing import Instalment, PaymentPlan, late_instalments, plan_state
from periscolaire.cli._desk import Counter, at_counter
from periscolaire.cli._finding import find_household
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import amount_of, answer, money_text, series_option, series_or_only
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, at_option
from periscolaire.ids import FactId, InvoiceId, Key
from periscolaire.money import Currency, Money
from periscolaire.operations import PlanWanted, agree_plan, cancel_plan, read_account

__all__ = ["plan"]


@click.group()
def plan() -> None:
    """Les échéanciers : accorder, rompre, voir s'ils sont tenus."""


@plan.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.argument("invoices", metavar="FACTURE...", nargs=-1, required=True)
@click.option(
    "--echeance", "instalments", multiple=True, required=True, metavar="JOUR=MONTANT",
    help="Une échéance, comme 2026-03-01=19,00 ; répétable. Leur somme est ce que demandent les factures.",
)  # fmt: skip
@click.option("--accorde-le", "on", type=JOUR, help="Le jour de l'accord (par défaut, celui de --le).")
@key_option
@series_option
@at_option
@agent_option
@json_option
def agree(
    base: str, household: str, invoices: tuple[str, ...], instalments: tuple[str, ...], on: dt.date | None,
    key: Key | None, series: str | None, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Accorde un échéancier : tant qu'il est tenu, rien n'est relancé ni compté en retard."""
    with at_counter(base, at) as desk:
        home = find_household(household, desk.uow).id
        parts = sorted((_instalment(one, desk.currency) for one in instalments), key=lambda one: one.due_on)
        wanted = PlanWanted(
            home, series_or_only(series, desk.uow), tuple(map(InvoiceId, invoices)), tuple(parts), desk.happened(on)
        )
        made = agree_plan(wanted, desk.uow, actor=actor, now=desk.now, key=key)
        total = money_text(made.total, desk.currency)
        said = f"Échéancier {made.id} de {desk.names.household(home)} : {total} en {len(parts)} fois"
        document = {
            "echeancier": made.id,
            "foyer": home,
            "echeances": [{"le": one.due_on, "montant": Money(one.amount, desk.currency)} for one in parts],
        }
        answer(as_json, document, said)


def _instalment(text: str, currency: Currency) -> Instalment:
    day, equals, amount = text.partition("=")
    if not equals:
        raise click.BadParameter(f"« {text} » ; attendu JOUR=MONTANT, comme 2026-03-01=19,00")
    return Instalment(JOUR.convert(day.strip(), None, None), amount_of(amount, currency))


@plan.command()
@store_argument
@click.argument("number", metavar="ECHEANCIER")
@click.option("--rompu-le", "on", type=JOUR, help="À partir de quel jour (par défaut, celui de --le).")
@at_option
@agent_option
@json_option
def cancel(base: str, number: str, on: dt.date | None, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Rompt un échéancier : ce qui reste est dû comme les factures le disaient."""
    with at_counter(base, at) as desk:
        made = cancel_plan(FactId(number), desk.uow, on=desk.happened(on), actor=actor, now=desk.now)
        answer(as_json, {"echeancier": made.id, "rompu_le": made.cancelled_on}, f"Échéancier {made.id} rompu")


@plan.command("list")
@store_argument
@at_option
@agent_option
@json_option
def list_(base: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste les échéanciers, et dit de chacun s'il est tenu. Code de sortie 1 si l'un est en retard."""
    with at_counter(base, at, write=False) as desk:
        rows = [_row(stored.model, desk, actor) for stored in desk.uow.payment_plans.stream()]
        show_rows(as_json, f"Échéanciers au {desk.today:%d/%m/%Y}", rows, "Aucun échéancier")
    if any(row["état"] == "en retard" for row in rows):
        raise SystemExit(1)


def _row(one: PaymentPlan, desk: Counter, actor: StaffActor) -> dict[str, object]:
    series = desk.uow.invoices.get(one.invoices[0]).model.series
    left = read_account(one.household, series, desk.uow, actor=actor).at(desk.today).remaining()
    following = next((part.due_on for part in one.instalments if part.due_on >= desk.today), None)
    return {
        "échéancier": one.id, "foyer": desk.names.household(one.household), "accordé_le": one.on,
        "total": Money(one.total, desk.currency),
        "reste": Money(sum(max(0, left.get(invoice, 0)) for invoice in one.invoices), desk.currency),
        "en_retard": Money(late_instalments(one, left, desk.today), desk.currency),
        "prochaine": following, "état": plan_state(one, left, desk.today).value,
    }  # fmt: skip
