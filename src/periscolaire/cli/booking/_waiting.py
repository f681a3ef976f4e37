"""``periscolaire waiting``: who has asked for a place, or waits for one, and what becomes of them."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.booking import Attribution, ChangeKind, Order, Reservation, SlotKey, State
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.cli._desk import Counter, at_counter
from periscolaire.cli._finding import find_child, find_products
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option
from periscolaire.cli._store import agent_option, store_argument
from periscolaire.cli._when import JOUR, JOURS, at_option
from periscolaire.cli.booking._at_once import AtOnce, invoice_given
from periscolaire.operations import allocate_places, answer_request, expire_holds
from periscolaire.reasons import Description
from periscolaire.reglement import Reglement

__all__ = ["waiting"]

_LISTED = frozenset({State.REQUESTED, State.WAITING})


@click.group()
def waiting() -> None:
    """Les demandes et la liste d'attente : voir, servir, accorder, refuser, laisser tomber ce qui n'est pas payé."""


@waiting.command("list")
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--service", "product", help="Ce service seulement.")
@json_option
def list_(base: str, days: Span, product: str | None, as_json: bool) -> None:
    """Liste qui a demandé une place ces JOURS-là, qui attend, et jusqu'à quand une place est tenue."""
    with at_counter(base, write=False) as desk:
        asked = desk.products([product] if product else [], days.first)
        found = [
            one
            for one in desk.uow.reservations.stream(days.first, days.last)
            if one.state in _LISTED and (asked is None or one.key.product in asked)
        ]
        found.sort(key=lambda one: (one.key.day, one.key.product, one.booked_at, one.key))
        rows = [_row(one, desk) for one in found]
        show_rows(as_json, "Demandes et liste d'attente", rows, "Personne n'attend")


def _row(one: Reservation, desk: Counter) -> dict[str, object]:
    local = desk.calendar.local
    return {
        "jour": one.key.day,
        "service": one.key.product,
        "creneau": one.key.slot,
        "code": one.key.child,
        "enfant": desk.names.child(one.key.child),
        "état": _word(one),
        "depuis": local(one.booked_at),
        "tenue_jusqu_au": None if one.hold_until is None else local(one.hold_until),
    }


def _word(one: Reservation) -> str:
    return i18n.text(Description.of(f"booking.state.{one.state.name.lower()}"))


@waiting.command()
@store_argument
@click.argument("product", metavar="SERVICE")
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--places", type=click.IntRange(0), help="Combien par jour, si le règlement ne le dit pas.")
@click.option("--tirage", "seed", help="Tirer au sort avec ce texte, publié d'avance (par défaut, l'ordre d'arrivée).")
@click.option("--heures", "hours", type=click.IntRange(1), default=48, show_default=True,
              help="Le temps laissé pour payer, quand c'est le paiement qui confirme.")  # fmt: skip
@click.option("--essai", "dry_run", is_flag=True, help="Dire ce qui se passerait, sans rien enregistrer.")
@at_option
@agent_option
@json_option
def serve(
    base: str, product: str, days: Span, places: int | None, seed: str | None, hours: int, dry_run: bool,
    at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Donne les places libres à qui en a demandé ou attend, jour par jour : les priorités du règlement, puis l'arrivée.

    Les autres restent en attente, ou y entrent. Ce qui se paie à la réservation est facturé aussitôt ; quand c'est le
    paiement qui confirme, la place est tenue le temps de payer. Relancée, elle sert ceux qui sont venus depuis.
    """
    attribution = Attribution() if seed is None else Attribution(Order.DRAW, seed)
    with at_counter(base, at, write=not dry_run) as desk:
        reglement = _one_version(days, desk)
        (code,) = find_products([product], reglement)
        made = allocate_places(
            code, days, desk.uow, actor=actor, at=desk.now, reglement=reglement, attribution=attribution,
            places=places, hold=dt.timedelta(hours=hours), dry_run=dry_run,
        )  # fmt: skip
        served = [wish.key for one in made for wish in one.result.served]
        at_once = AtOnce() if dry_run else invoice_given(served, desk.uow, actor=actor, now=desk.now)
        given = "à payer" if reglement.product(code).payment is PaymentMode.TO_CONFIRM else "servie"
        rows = [
            {
                "jour": one.day, "rang": rank, "code": wish.key.child, "enfant": desk.names.child(wish.key.child),
                "réponse": word,
            }
            for one in made
            for word, wishes in ((given, one.result.served), ("en attente", one.result.waiting))
            for rank, wish in enumerate(wishes, 1)
        ]  # fmt: skip
    if as_json:
        answer(True, {"essai": dry_run, "reponses": rows, **at_once.plain("fr")}, "")
        return
    show_rows(False, "Places données (essai)" if dry_run else "Places données", rows, "Personne n'attend")
    _tell(at_once)


@waiting.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("product", metavar="SERVICE")
@click.argument("day", metavar="JOUR", type=JOUR)
@click.option("--creneau", "slot", default="", help="Le créneau, pour un service qui en a plusieurs.")
@at_option
@agent_option
@json_option
def grant(
    base: str, child: str, product: str, day: dt.date, slot: str, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    """Accorde à ENFANT la place qu'il a demandée ou qu'il attend, s'il en reste, et facture ce qui se paie aussitôt.

    Code de sortie 2 s'il n'en reste pas, ou plus rien à accorder.
    """
    with at_counter(base, at) as desk:
        key, reglement = _slot(child, product, day, slot, desk)
        taken = answer_request(
            key, desk.uow, actor=actor, at=desk.now, reglement=reglement, kind=ChangeKind.CONFIRM
        )  # fmt: skip
        if taken is None:
            raise click.UsageError(f"{desk.names.product(key.product)} le {day:%d/%m/%Y} : aucune place libre")
        at_once = invoice_given([key], desk.uow, actor=actor, now=desk.now)
        said = f"{desk.names.child(key.child)} : {desk.names.product(key.product)} le {day:%d/%m/%Y}, {_word(taken)}"
    answer(as_json, {"code": key.child, "jour": day, "état": _word(taken), **at_once.plain("fr")}, said)
    if not as_json:
        _tell(at_once)


@waiting.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("product", metavar="SERVICE")
@click.argument("day", metavar="JOUR", type=JOUR)
@click.option("--motif", "motive", required=True, help="Pourquoi : il est gardé.")
@click.option("--creneau", "slot", default="", help="Le créneau, pour un service qui en a plusieurs.")
@at_option
@agent_option
@json_option
def refuse(
    base: str, child: str, product: str, day: dt.date, motive: str, slot: str, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Refuse à ENFANT la place qu'il a demandée ou qu'il attend."""
    with at_counter(base, at) as desk:
        key, reglement = _slot(child, product, day, slot, desk)
        left = answer_request(
            key, desk.uow, actor=actor, at=desk.now, reglement=reglement, kind=ChangeKind.REFUSE, note=motive
        )
        assert left is not None  # a refusal needs no place
        said = f"{desk.names.child(key.child)} : {desk.names.product(key.product)} le {day:%d/%m/%Y}, {_word(left)}"
        answer(as_json, {"code": key.child, "jour": day, "état": _word(left)}, said)


@waiting.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@at_option
@agent_option
@json_option
def expire(base: str, days: Span, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Laisse tomber les places de ces JOURS-là tenues et non payées à temps : elles sont libres pour d'autres.

    À lancer régulièrement, puis « serve ». La facturation suivante reprend ce qui était facturé.
    """
    with at_counter(base, at) as desk:
        reglement = _one_version(days, desk)
        over = expire_holds(desk.uow, span=days, actor=actor, at=desk.now, reglement=reglement)
        show_rows(as_json, "Places qui ne sont plus tenues", [_row(one, desk) for one in over], "Rien à laisser tomber")


def _slot(child: str, product: str, day: dt.date, slot: str, desk: Counter) -> tuple[SlotKey, Reglement]:
    reglement = desk.rules.on(day)
    (code,) = find_products([product], reglement)
    return SlotKey(find_child(child, desk.uow).id, code, day, slot), reglement


def _one_version(days: Span, desk: Counter) -> Reglement:
    """The version in force on these days, which decides as one."""
    first, last = desk.rules.on(days.first), desk.rules.on(days.last)
    if first is not last:
        raise click.UsageError(f"deux versions du règlement ({first.version}, {last.version}) : un appel pour chacune")
    return last


def _tell(at_once: AtOnce) -> None:
    for words in at_once.words("fr"):
        click.echo(words)
