"""``periscolaire accounts``: the families' accounts as the commune sees them; never a secret."""

from __future__ import annotations

from typing import Any

import click

from periscolaire.access import AccountState, StaffActor
from periscolaire.cli._desk import at_counter
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, store_argument
from periscolaire.cli._when import at_option, short_instant
from periscolaire.cli.families._shared import CHANNEL, accounts_of, portal_option
from periscolaire.files import PortalSettings
from periscolaire.operations import (
    AccountStanding,
    account_standings,
    close_family_account,
    send_reset_link,
    unblock_account,
)

__all__ = ["accounts"]


@click.group()
def accounts() -> None:
    """Les comptes des familles : les voir, envoyer un lien, débloquer, fermer."""


@accounts.command("list")
@store_argument
@click.option("--bloques", "blocked", is_flag=True, help="Seulement ceux que trop d'essais ont bloqués.")
@at_option
@agent_option
@json_option
def list_(base: str, blocked: bool, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste les comptes : foyers, dernière connexion, blocage, liens en cours."""
    with at_counter(base, at, write=False) as desk:
        tz = desk.calendar.tz
        found = [one for one in account_standings(desk.uow, actor=actor, at=desk.now)
                 if not blocked or one.blocked_until is not None]  # fmt: skip
        if as_json:
            emit_json([_plain(one) for one in found])
            return
        if not found:
            console().print("Aucun compte." if not blocked else "Aucun compte bloqué.")
            return
        made = table("Comptes", "adresse", "foyers", "état", "créé le", "dernière connexion", "liens en cours")
        for one in found:
            account, until = one.account, one.blocked_until
            blocked_words = f"bloqué jusqu'au {short_instant(until, tz)}" if until is not None else ""
            made.add_row(
                account.email,
                ", ".join(desk.names.household(home) for home in sorted(account.households)),
                blocked_words or _STATES[account.state],
                f"{account.created_at.astimezone(tz):%d/%m/%Y}",
                f"{account.last_used_on:%d/%m/%Y}" if account.last_used_on is not None else "jamais",
                str(one.links),
            )
        console().print(made)


@accounts.command()
@store_argument
@click.argument("email", metavar="ADRESSE")
@portal_option
@at_option
@agent_option
@json_option
def reset(base: str, email: str, portal: PortalSettings, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Envoie à ADRESSE un lien pour choisir un autre mot de passe. La mairie ne voit ni l'ancien ni le nouveau."""
    with at_counter(base, at) as desk:
        service = accounts_of(portal, desk.calendar.tz)
        send_reset_link(email, service, desk.uow, actor=actor, at=desk.now, channel=CHANNEL)
        said = f"Un lien part pour {email}, valable {service.reset_minutes} minutes (trois au plus en une heure)"
        answer(as_json, {"courriel": email, "minutes": service.reset_minutes}, said)


@accounts.command()
@store_argument
@click.argument("email", metavar="ADRESSE")
@at_option
@agent_option
@json_option
def unblock(base: str, email: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Oublie les essais manqués d'ADRESSE : on peut de nouveau s'y connecter."""
    with at_counter(base, at) as desk:
        done = unblock_account(email, desk.uow, actor=actor, at=desk.now, channel=CHANNEL)
        said = f"{email} : essais manqués oubliés" if done else f"{email} : aucun essai manqué"
        answer(as_json, {"courriel": email, "debloque": done}, said)


@accounts.command()
@store_argument
@click.argument("email", metavar="ADRESSE")
@at_option
@agent_option
@json_option
def close(base: str, email: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Ferme le compte d'ADRESSE : plus rien n'y ouvre. Le dossier du foyer reste ; une invitation en recrée un."""
    with at_counter(base, at) as desk:
        close_family_account(email, desk.uow, actor=actor, at=desk.now, channel=CHANNEL)
        answer(as_json, {"courriel": email, "ferme": True}, f"Compte de {email} fermé")


_STATES = {AccountState.ACTIVE: "ouvert", AccountState.CLOSED: "fermé"}


def _plain(one: AccountStanding) -> dict[str, Any]:
    """What may be shown of an account: never a hash nor a subject."""
    account = one.account
    return {
        "courriel": account.email,
        "adulte": account.adult,
        "foyers": sorted(account.households),
        "etat": _STATES[account.state],
        "cree_le": account.created_at,
        "derniere_connexion": account.last_used_on,
        "bloque_jusqu_au": one.blocked_until,
        "liens_en_cours": one.links,
    }
