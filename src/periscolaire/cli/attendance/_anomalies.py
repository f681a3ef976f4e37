"""``periscolaire anomalies``: what is out of the ordinary, told before the bill; what families contest."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import Anomaly, AppealState
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.cli._desk import Counter, at_counter, zone_of
from periscolaire.cli._finding import find_child, find_products
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, json_option
from periscolaire.cli._store import agent_option, key_option, opened, store_argument
from periscolaire.cli._when import JOUR, JOURS, at_option, moment
from periscolaire.cli.documents._before import LettersBefore
from periscolaire.cli.documents._post import Post, post_options, why_not
from periscolaire.i18n import text
from periscolaire.ids import FactId, Key
from periscolaire.operations import (
    appeal,
    decide_appeal,
    deliver_anomalies,
    door_warnings,
    find_anomalies,
    issuer_of,
    tell_anomalies,
)

__all__ = ["anomalies"]

_WINDOW = click.option(
    "--recours", "appeal_days", type=click.IntRange(0),
    help="Combien de jours les familles ont pour contester (par défaut, ce que dit le règlement).",
)  # fmt: skip


@click.group()
def anomalies() -> None:
    """Ce qui sort de l'ordinaire, avant la facture : chercher, signaler aux familles, décider des contestations."""


def _rows(found: tuple[Anomaly, ...], desk: Counter) -> list[dict[str, object]]:
    return [
        {
            "foyer": desk.names.household(one.household), "code": one.key.child,
            "enfant": desk.names.child(one.key.child), "service": desk.names.product(one.key.product),
            "jour": one.key.day, "anomalie": one.kind.value,
            "à_contester_jusqu_au": one.appeal_until if one.kind.is_for_family else None,
        }
        for one in found
    ]  # fmt: skip


@anomalies.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@_WINDOW
@at_option
@agent_option
@json_option
def find(base: str, days: Span, appeal_days: int | None, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Cherche, sans rien enregistrer : présents sans réservation, réservés et absents, jours non pointés.

    Code de sortie 1 s'il y en a.
    """
    with at_counter(base, at, write=False) as desk:
        found = find_anomalies(days, desk.uow, actor=actor, on=desk.today, appeal_days=appeal_days)
        show_rows(as_json, "Anomalies à signaler", _rows(found, desk), "Aucune anomalie à signaler")
    if found:
        raise SystemExit(1)


@anomalies.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@_WINDOW
@click.option("--essai", "dry_run", is_flag=True, help="Montrer ce qui serait signalé, sans rien enregistrer.")
@post_options
@key_option
@at_option
@agent_option
@json_option
def tell(
    base: str, days: Span, appeal_days: int | None, dry_run: bool, post: Post, key: Key | None, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Prévient les familles, et enregistre jusqu'à quand elles peuvent contester ; chacune, une fois.

    Une lettre par foyer, dans sa langue, avec --courrier, --courriel ou --smtp : rien n'est enregistré d'une lettre qui
    n'est pas partie (code de sortie 1). Sans eux, c'est seulement enregistré, à vous de prévenir. Les jours que
    personne n'a pointés sont l'affaire de la mairie : ils ne sont signalés à aucune famille.
    """
    if post.active:
        if dry_run or key is not None:
            raise click.UsageError("avec --courrier, --courriel ou --smtp : ni --essai, ni --cle")
        _write(base, days, appeal_days, post, at, actor, as_json)
        return
    with at_counter(base, at, keep=not dry_run) as desk:
        told = tell_anomalies(days, desk.uow, actor=actor, now=desk.now, appeal_days=appeal_days, key=key)
        title = "Anomalies qui seraient signalées (essai)" if dry_run else "Anomalies signalées"
        show_rows(as_json, title, _rows(told, desk), "Rien de nouveau à signaler")
    if told and not dry_run and not as_json:
        console().print("Aucune lettre n'est partie d'ici : --courrier, --courriel ou --smtp les écrivent.")


def _write(
    base: str, days: Span, appeal_days: int | None, post: Post, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    with opened(base) as store:
        with store.unit(write=False) as uow:
            _, tz = zone_of(uow)
            now = moment(at, tz)
            writer = LettersBefore(issuer_of(uow), post, now.astimezone(tz).date())
        done = deliver_anomalies(days, store, actor=actor, now=now, send=writer.send, appeal_days=appeal_days)
    with at_counter(base, at, write=False) as desk:
        told = tuple(one for letter in done.sent for one in letter)
        show_rows(as_json, "Anomalies signalées", _rows(told, desk), "Rien de nouveau à signaler")
        for household, why in done.failed:
            name = desk.names.household(household)
            click.echo(f"lettre non partie : {name} : {why_not(why)}", err=True)
    if done.failed:
        raise SystemExit(1)


@anomalies.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("product", metavar="SERVICE")
@click.argument("day", metavar="JOUR", type=JOUR)
@click.option("--motif", "motive", required=True, help="Ce que la famille dit.")
@click.option("--creneau", "slot", default="", help="Le créneau, si le service en a plusieurs le même jour.")
@at_option
@agent_option
@json_option
def contest(
    base: str, child: str, product: str, day: dt.date, motive: str, slot: str, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Enregistre qu'une famille conteste : ce jour n'est pas facturé tant que rien n'est décidé."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        (code,) = find_products([product], desk.rules.on(day))
        made = appeal(SlotKey(person.id, code, day, slot), motive, desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"contestation": made}, f"Contestation {made} : ce jour attend une décision")


@anomalies.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("number", metavar="CONTESTATION")
@click.option(
    "--accepter/--refuser", "accepted", required=True, default=None, help="Le pointage est inversé, ou tient."
)
@at_option
@agent_option
@json_option
def decide(
    base: str, child: str, number: str, accepted: bool, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    """Accepte ou refuse CONTESTATION."""
    with at_counter(base, at) as desk:
        person = find_child(child, desk.uow)
        made = decide_appeal(person.id, FactId(number), desk.uow, accepted=accepted, actor=actor, now=desk.now)
        answer(as_json, {"contestation": number, "etat": made.state}, f"Contestation {number} : {made.state.value}")


@anomalies.command()
@store_argument
@click.option("--toutes", "every", is_flag=True, help="Les contestations décidées aussi.")
@json_option
def contested(base: str, every: bool, as_json: bool) -> None:
    """Liste les contestations qui attendent une décision."""
    with at_counter(base, write=False) as desk:
        newest = {one.id: one for one in sorted(desk.uow.appeals.stream(), key=lambda one: one.at)}
        rows = [
            {
                "contestation": one.id, "code": one.key.child, "enfant": desk.names.child(one.key.child),
                "service": desk.names.product(one.key.product), "jour": one.key.day, "motif": one.motive,
                "état": one.state.value,
            }
            for one in newest.values()
            if every or one.state is AppealState.OPEN
        ]  # fmt: skip
        show_rows(as_json, "Contestations", rows, "Aucune contestation")


@anomalies.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@agent_option
@json_option
def door(base: str, days: Span, actor: StaffActor, as_json: bool) -> None:
    """Liste les présences auxquelles le règlement s'opposait (heures, conditions « sur place »)."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "code": one.key.child, "enfant": desk.names.child(one.key.child),
                "service": desk.names.product(one.key.product), "jour": one.key.day,
                "raisons": [text(reason) for reason in one.warnings],
            }
            for one in door_warnings(days, desk.uow, actor=actor)
        ]  # fmt: skip
        show_rows(as_json, "Présences malgré le règlement", rows, "Aucune")
