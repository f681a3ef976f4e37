"""``periscolaire invitations``: invite adults to create their account, follow, send again, withdraw."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from periscolaire.access import Invitation, InvitationState, StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import code_of, find_adult, find_household, short
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment, short_instant
from periscolaire.cli.families._shared import CHANNEL, accounts_of, portal_option
from periscolaire.errors import MisuseError
from periscolaire.files import PortalSettings
from periscolaire.households import Adult, Household
from periscolaire.ports import UnitOfWork

__all__ = ["invitations"]

_STATES = {
    InvitationState.OPEN: "ouverte",
    InvitationState.USED: "utilisée",
    InvitationState.WITHDRAWN: "retirée",
    InvitationState.EXHAUSTED: "bloquée : trop d'essais",
}
_EXPIRED = "expirée"


@click.group()
def invitations() -> None:
    """Invite les familles à créer leur compte, et suit leurs invitations."""


@invitations.command()
@store_argument
@click.argument("household", metavar="[FOYER]", required=False)
@click.option("--adulte", "adult", help="Seulement cet adulte (prénom, ou prénom et nom).")
@click.option("--courriel", "email", help="À cette adresse, et non à celle du dossier (avec --adulte).")
@click.option(
    "--tous", "everyone", is_flag=True, help="Tous les adultes qui ont une adresse, et ni compte ni invitation."
)
@portal_option
@at_option
@agent_option
@language_option
@json_option
def send(
    base: str, household: str | None, adult: str | None, email: str | None, everyone: bool, portal: PortalSettings,
    at: str | None, actor: StaffActor, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Envoie une invitation aux adultes de FOYER qui ont une adresse (ou, avec --tous, à ceux de la commune).

    Le courriel porte un lien avec un code, qui ne sert qu'une fois et expire ; la base n'en garde qu'une empreinte.
    """
    if (household is None) != everyone:
        raise MisuseError("un FOYER, ou --tous : à qui écrire")
    if email is not None and adult is None:
        raise MisuseError("--courriel demande --adulte : à qui est cette adresse")
    with opened(base) as store:
        with store.unit(write=False) as uow:
            _, tz = zone_of(uow)
            chosen = _everyone(uow) if everyone else _of(find_household(household or "", uow), adult, email)
        accounts, now = accounts_of(portal, tz), moment(at, tz)
        sent: list[Invitation] = []
        for home, one in chosen:
            with store.unit() as uow:
                sent.append(
                    accounts.invite(
                        uow, actor, home.id, one.id, at=now, channel=CHANNEL, email=email, language=language
                    )
                )
    if as_json:
        emit_json([_plain(one, now) for one in sent])
        return
    for made in sent:
        until = short_instant(made.expires_at, tz)
        click.echo(
            f"Invitation {short(made.id)} : courriel à {made.email} (foyer {made.household}), valable jusqu'au {until}"
        )
    if not sent:
        click.echo("Personne à inviter.")


@invitations.command("list")
@store_argument
@click.option("--foyer", "household", help="Seulement ce foyer.")
@click.option("--en-attente", "waiting", is_flag=True, help="Seulement celles qui peuvent encore servir.")
@at_option
@json_option
def list_(base: str, household: str | None, waiting: bool, at: str | None, as_json: bool) -> None:
    """Liste les invitations : à qui, quand, et ce qu'elles sont devenues."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        now, names = moment(at, tz), Names.of(uow)
        home = find_household(household, uow).id if household is not None else None
        found = [stored.model for stored in uow.invitations.stream() if home in (None, stored.model.household)]
        found = [one for one in found if one.open_at(now) or not waiting]
        found.sort(key=lambda one: (one.sent_at, one.id))
        if as_json:
            emit_json([_plain(one, now) for one in found])
            return
        if not found:
            console().print("Aucune invitation : periscolaire invitations send")
            return
        made = table("Invitations", "code", "foyer", "adresse", "envoyée le", "expire le", "état", "essais restants")
        for one in found:
            made.add_row(
                short(one.id), names.household(one.household), one.email, short_instant(one.sent_at, tz),
                short_instant(one.expires_at, tz), _state(one, now), str(one.tries_left),
            )  # fmt: skip
        console().print(made)


@invitations.command()
@store_argument
@click.argument("invitation", metavar="INVITATION")
@portal_option
@at_option
@agent_option
@language_option
@json_option
def again(
    base: str, invitation: str, portal: PortalSettings, at: str | None, actor: StaffActor, language: str, as_json: bool
) -> None:
    """Envoie un autre code pour INVITATION ; l'ancien ne sert plus."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        sent = accounts_of(portal, tz).invite_again(
            uow, actor, _code(invitation, uow), at=now, channel=CHANNEL, language=language
        )
        said = f"Un autre code part pour {sent.email}, valable jusqu'au {short_instant(sent.expires_at, tz)}"
        answer(as_json, _plain(sent, now), said)


@invitations.command()
@store_argument
@click.argument("invitation", metavar="INVITATION")
@portal_option
@at_option
@agent_option
@json_option
def withdraw(
    base: str, invitation: str, portal: PortalSettings, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    """Retire INVITATION : son code ne sert plus."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        accounts = accounts_of(portal, tz)
        gone = accounts.withdraw_invitation(uow, actor, _code(invitation, uow), at=now, channel=CHANNEL)
        answer(as_json, _plain(gone, now), f"Invitation de {gone.email} retirée")


def _of(home: Household, adult: str | None, email: str | None) -> list[tuple[Household, Adult]]:
    if adult is not None:
        one = find_adult(adult, home)
        if not (email or one.email):
            raise MisuseError(f"{one.full_name} n'a pas d'adresse au dossier : donnez-la par --courriel")
        return [(home, one)]
    found = [(home, one) for one in home.adults if one.email]
    if not found:
        raise MisuseError(f"foyer {home.id} : aucun adulte n'a d'adresse ; donnez --adulte et --courriel")
    return found


def _everyone(uow: UnitOfWork) -> list[tuple[Household, Adult]]:
    known = {(one.model.adult, home) for one in uow.accounts.stream() for home in one.model.households}
    known |= {(one.model.adult, one.model.household) for one in uow.invitations.stream()}
    homes = (stored.model for stored in uow.households.stream())
    return [(home, one) for home in homes for one in home.adults if one.email and (one.id, home.id) not in known]


def _code(text: str, uow: UnitOfWork) -> str:
    return code_of(text, (stored.model.id for stored in uow.invitations.stream()), "invitation")


def _state(one: Invitation, now: dt.datetime) -> str:
    return _EXPIRED if one.state is InvitationState.OPEN and not one.open_at(now) else _STATES[one.state]


def _plain(one: Invitation, now: dt.datetime) -> dict[str, Any]:
    """What may be shown of an invitation: never a digest."""
    return {
        "invitation": one.id,
        "foyer": one.household,
        "adulte": one.adult,
        "courriel": one.email,
        "envoyee_le": one.sent_at,
        "expire_le": one.expires_at,
        "etat": _state(one, now),
        "essais_restants": one.tries_left,
    }
