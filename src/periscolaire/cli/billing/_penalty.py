"""``periscolaire penalty``: penalties that the règlement proposes, and incidents that it punishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import latest
from periscolaire.calendar import Span
from periscolaire.cli._desk import at_counter
from periscolaire.cli._finding import find_child, find_household
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOUR, JOURS, at_option
from periscolaire.facts import Facts
from periscolaire.ids import FactId, Key
from periscolaire.operations import (
    IncidentSeen,
    PenaltyDecided,
    decide_penalty,
    prepare_run,
    report_incident,
    withdraw_incident,
)

__all__ = ["penalty"]

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def penalty() -> None:
    """Les pénalités : confirmer celles qui sont proposées, signaler ce qui en entraîne une."""


@penalty.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@at_option
@agent_option
@json_option
def proposed(base: str, days: Span, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste les pénalités que le règlement propose et que personne n'a encore confirmées.

    Code de sortie 1 s'il y en a.
    """
    with at_counter(base, at, write=False) as desk:
        pending = prepare_run(days, desk.uow, actor=actor, issued_on=desk.today).pending
        rows = [
            {
                "foyer": one.household, "nom": desk.names.household(one.household), "enfant": one.child,
                "pénalité": one.product, "jour": one.day,
            }
            for one in pending
            if one.reason.code == "billing.pending.unconfirmed" and days.first <= one.day <= days.last
        ]  # fmt: skip
        show_rows(as_json, "Pénalités proposées", rows, "Aucune pénalité à confirmer")
    if rows:
        raise SystemExit(1)


def _decided(
    base: str, household: str, code: str, day: dt.date, child: str | None, confirmed: bool, motive: str,
    at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    with at_counter(base, at) as desk:
        home = find_household(household, desk.uow).id
        who = find_child(child, desk.uow).id if child is not None else None
        wanted = PenaltyDecided(code, home, who, day, confirmed, motive)
        made = decide_penalty(wanted, desk.uow, actor=actor, now=desk.now)
        word = "confirmée : la prochaine facturation la porte" if confirmed else "levée"
        document = {"penalite": code, "foyer": home, "jour": day, "confirmee": confirmed, "decision": made.id}
        answer(as_json, document, f"Pénalité {code} du {day:%d/%m/%Y}, {desk.names.household(home)} : {word}")


def _penalty(command: F) -> F:
    """Which penalty is meant: of which household, which one, of which day, for which child."""
    for said in (
        click.option("--enfant", "child", help="L'enfant, si la pénalité est celle d'un enfant."),
        click.argument("day", metavar="JOUR", type=JOUR),
        click.argument("code", metavar="PENALITE"),
        click.argument("household", metavar="FOYER"),
        store_argument,
    ):
        command = said(command)
    return command


@penalty.command()
@_penalty
@at_option
@agent_option
@json_option
def confirm(
    base: str, household: str, code: str, day: dt.date, child: str | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Confirme une pénalité proposée."""
    _decided(base, household, code, day, child, True, "", at, actor, as_json)


@penalty.command()
@_penalty
@click.option("--motif", "motive", default="", help="Pourquoi elle est levée.")
@at_option
@agent_option
@json_option
def drop(
    base: str, household: str, code: str, day: dt.date, child: str | None, motive: str, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Lève une pénalité proposée ; confirmée et facturée, la prochaine facturation la rend."""
    _decided(base, household, code, day, child, False, motive, at, actor, as_json)


@penalty.command()
@_penalty
@click.option("--minutes", type=click.IntRange(1), help="De combien de minutes, si le prix en dépend.")
@key_option
@at_option
@agent_option
@json_option
def report(
    base: str, household: str, code: str, day: dt.date, child: str | None, minutes: int | None, key: Key | None,
    at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Signale ce qu'aucun pointage ne dit (carte perdue, dossier en retard) : la prochaine facturation le punit."""
    with at_counter(base, at) as desk:
        home = find_household(household, desk.uow).id
        who = find_child(child, desk.uow).id if child is not None else None
        facts = Facts() if minutes is None else Facts(late_minutes=minutes)
        seen = IncidentSeen(code, home, day, who, facts)
        made = report_incident(seen, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"Incident {made} : {code}, {desk.names.household(home)}, {day:%d/%m/%Y}"
        answer(as_json, {"incident": made, "penalite": code, "foyer": home, "jour": day}, said)


@penalty.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.argument("number", metavar="INCIDENT")
@at_option
@agent_option
@json_option
def withdraw(base: str, household: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Reprend un incident : ce qui a été facturé pour lui est rendu par la prochaine facturation."""
    with at_counter(base, at) as desk:
        home = find_household(household, desk.uow).id
        withdraw_incident(home, FactId(number), desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"incident": number, "repris": True}, f"Incident {number} repris")


@penalty.command()
@store_argument
@json_option
def incidents(base: str, as_json: bool) -> None:
    """Liste les incidents signalés."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "incident": one.id, "foyer": desk.names.household(one.household), "enfant": one.child,
                "pénalité": one.penalty, "jour": one.day,
            }
            for one in latest(desk.uow.incidents.stream())
            if not one.withdrawn
        ]  # fmt: skip
        show_rows(as_json, "Incidents", rows, "Aucun incident")
