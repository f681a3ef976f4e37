"""``periscolaire proof``: documents that justify absences, handed in and decided."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import Proof, ProofState, latest
from periscolaire.calendar import Span
from periscolaire.cli._desk import Counter, at_counter, services_option
from periscolaire.cli._finding import code_of, find_child, find_household
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, key_option, store_argument
from periscolaire.cli._when import JOURS, at_option, days_text, moment
from periscolaire.errors import MisuseError
from periscolaire.ids import FactId, Key
from periscolaire.operations import ProofHandedIn, decide_proof, hand_in_proof

__all__ = ["proof"]


@click.group()
def proof() -> None:
    """Les justificatifs d'absence : déposer, accepter, refuser, lister."""


@proof.command("hand-in")
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--nature", "kind", required=True, help="Ce qu'est le document : certificat médical…")
@click.option("--motif", "motive", help="Le motif qu'il justifie, dans les mots du règlement.")
@services_option
@click.option("--foyer", "household", help="Le foyer qui le dépose : l'enfant doit en être.")
@click.option("--recu-le", "received", metavar="INSTANT", help="Quand il est arrivé (par défaut, celui de --le).")
@key_option
@at_option
@agent_option
@json_option
def hand_in(
    base: str, child: str, days: Span, kind: str, motive: str | None, products: tuple[str, ...], household: str | None,
    received: str | None, key: Key | None, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Enregistre un justificatif pour ENFANT et JOURS, en attente de décision, et dit s'il arrive à temps.

    Code de sortie 1 s'il arrive hors délai pour tous les jours connus : il est enregistré quand même.
    """
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        home = find_household(household, desk.uow).id if household is not None else None
        arrived = moment(received, desk.calendar.tz) if received is not None else None
        services = desk.products(products, days.first)
        desk.doubt_motive(motive, services, days.first)
        wanted = ProofHandedIn(person.id, days.first, days.last, kind, home, motive, services, arrived)
        made = hand_in_proof(wanted, desk.uow, actor=actor, now=desk.now, key=key)
        said = f"Justificatif {made.id} de {desk.names.child(person.id)}, {kind}, {days_text(days.first, days.last)}"
        answer(as_json, _as_json(made, desk), f"{said} : en attente ; {_in_time(made, desk)}")
    if made.limits and made.late_for == made.limits:
        raise SystemExit(1)


def _in_time(made: Proof, desk: Counter) -> str:
    if not made.limits:
        return "aucun délai de dépôt ne le concerne"
    if not made.late_for:
        return "reçu dans les délais"
    local = desk.calendar.local
    days = ", ".join(
        f"{desk.names.product(one.product)} du {one.day:%d/%m/%Y} (avant le {local(one.closes):%d/%m/%Y %H:%M})"
        for one in made.late_for
    )
    return f"hors délai pour {days}"


def _as_json(made: Proof, desk: Counter) -> object:
    local = desk.calendar.local
    return {
        "justificatif": made.id,
        "etat": made.state,
        "delais": [{"service": one.product, "jour": one.day, "avant": local(one.closes)} for one in made.limits],
        "hors_delai": [{"service": one.product, "jour": one.day} for one in made.late_for],
    }


def _decided(
    base: str, child: str, number: str, accepted: bool, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        known = [one for one in latest(desk.uow.proofs.of(person.id)) if number or one.state is ProofState.PENDING]
        if not number and len(known) != 1:
            raise MisuseError(f"{len(known)} justificatif(s) en attente pour {child} ; donnez le code de celui-ci")
        chosen = FactId(code_of(number, (one.id for one in known), "pièce")) if number else known[0].id
        made = decide_proof(person.id, chosen, desk.uow, accepted=accepted, actor=actor, now=desk.now)
        said = f"Justificatif {made.id} : {made.state.value} ; {_in_time(made, desk)}"
        answer(as_json, _as_json(made, desk), said)


@proof.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("number", metavar="[JUSTIFICATIF]", default="")
@at_option
@agent_option
@json_option
def accept(base: str, child: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Accepte JUSTIFICATIF : la prochaine facturation en tient compte, et corrige ce qui était facturé.

    JUSTIFICATIF est un code, ou sa fin ; par défaut, le seul d'ENFANT qui attend.
    """
    _decided(base, child, number, True, at, actor, as_json)


@proof.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("number", metavar="[JUSTIFICATIF]", default="")
@at_option
@agent_option
@json_option
def refuse(base: str, child: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Refuse JUSTIFICATIF ; une décision plus récente le remplace.

    JUSTIFICATIF est un code, ou sa fin ; par défaut, le seul d'ENFANT qui attend.
    """
    _decided(base, child, number, False, at, actor, as_json)


@proof.command("list")
@store_argument
@click.option("--en-attente", "waiting", is_flag=True, help="Seulement ceux qui attendent une décision.")
@json_option
def list_(base: str, waiting: bool, as_json: bool) -> None:
    """Liste les justificatifs, les plus anciens d'abord."""
    with at_counter(base, write=False) as desk:
        local = desk.calendar.local
        rows = [
            {
                "justificatif": one.id, "code": one.child, "enfant": desk.names.child(one.child), "nature": one.kind,
                "du": one.first, "au": one.last, "reçu": local(one.received_at), "état": one.state.value,
                "hors_délai": bool(one.late_for),
            }
            for one in latest(desk.uow.proofs.stream())
            if not waiting or one.state is ProofState.PENDING
        ]  # fmt: skip
        show_rows(as_json, "Justificatifs", rows, "Aucun justificatif")
