"""``periscolaire attend``: a door list checked or corrected, or the log of a tablet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import attrs
import click

from periscolaire.access import StaffActor
from periscolaire.attendance import Presence
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_child, find_products
from periscolaire.cli._output import console, emit_json, existing_file, json_option
from periscolaire.cli._store import Names, agent_option, key_option, opened, store_argument
from periscolaire.cli._when import HEURE, JOUR, at_option, moment
from periscolaire.errors import MisuseError
from periscolaire.files import DOOR_SHEET, TABLET_LOG, read_csv
from periscolaire.i18n import text
from periscolaire.ids import ChildId, Key
from periscolaire.operations import DoorLine, DoorList, check_door_list, check_door_sheet, import_tablet_log
from periscolaire.ports import UnitOfWork

__all__ = ["attend"]


@click.command()
@store_argument
@click.argument("product", metavar="[PRODUIT]", required=False)
@click.argument("day", metavar="[JOUR]", type=JOUR, required=False)
@click.option("--present", "present", multiple=True, metavar="ENFANT", help="Enfant présent (code ou nom) ; répétable.")
@click.option("--absent", "absent", multiple=True, metavar="ENFANT", help="Enfant absent ; répétable.")
@click.option("--annuler", "undone", multiple=True, metavar="ENFANT", help="Reprendre un pointage ; répétable.")
@click.option("--complet", "complete", is_flag=True, help="Tous ont été cherchés : les autres réservés sont absents.")
@click.option("--arrivee", "arrival", type=HEURE, help="L'heure d'arrivée des présents, comme 16:30.")
@click.option("--depart", "departure", type=HEURE, help="L'heure de départ des présents.")
@click.option("--creneau", "slot", default="", help="Le créneau, si le service en a plusieurs le même jour.")
@click.option("--creneau-utilise", "slot_used", help="Le créneau utilisé, s'il n'est pas celui qui était réservé.")
@click.option("--servi", "served", help="Ce qui a été servi : repas, panier, remplacement, aucun.")
@click.option("--parti", "left_early", is_flag=True, help="Parti en cours de service (malade, par exemple).")
@click.option("--tablette", "log", type=existing_file, help="Journal d'une tablette (CSV), à la place d'une liste.")
@click.option("--feuille", "sheet", type=existing_file, help="Feuille de pointage remplie (door-list --csv), de même.")
@key_option
@at_option
@agent_option
@json_option
def attend(
    base: str,
    product: str | None,
    day: dt.date | None,
    present: tuple[str, ...],
    absent: tuple[str, ...],
    undone: tuple[str, ...],
    complete: bool,
    arrival: dt.time | None,
    departure: dt.time | None,
    slot: str,
    slot_used: str | None,
    served: str | None,
    left_early: bool,
    log: Path | None,
    sheet: Path | None,
    key: Key | None,
    at: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Enregistre ou corrige le pointage de PRODUIT un JOUR, ou lit une feuille remplie, le journal d'une tablette.

    Une correction est un nouveau fait : rien n'est effacé. Ce que le règlement oppose à une présence (heures,
    conditions « sur place ») est dit et gardé avec elle ; elle est enregistrée quand même. Code de sortie 2 si un
    enfant, un produit ou un jour ne va pas ; rien n'est alors écrit.
    """
    with opened(base) as store, store.unit() as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        if (log or sheet) and (product is not None or present or absent or undone or (log and sheet)):
            raise MisuseError("--tablette, --feuille ou une liste : une seule à la fois")
        if sheet is not None:
            rows = read_csv(DOOR_SHEET, sheet, name=sheet.name)
            made = check_door_sheet(rows, uow, actor=actor, now=now, complete=complete, key=key, file=sheet.name)
        elif log is not None:
            made = import_tablet_log(read_csv(TABLET_LOG, log, name=log.name), uow, actor=actor, now=now, file=log.name)
        else:
            if product is None or day is None:
                raise click.UsageError("attendu PRODUIT et JOUR, ou --tablette, ou --feuille")
            (code,) = find_products([product], rules.on(day))
            seen = DoorLine(ChildId(""), True, arrival, departure, slot, slot_used, served, left_early)
            gone = DoorLine(ChildId(""), False, slot=slot)
            lines = (
                *_lines(present, seen, uow),
                *_lines(absent, gone, uow),
                *_lines(undone, attrs.evolve(gone, present=None), uow),
            )
            door = DoorList(code, day, lines, complete)
            made = check_door_list(door, uow, actor=actor, now=now, key=key)
        names = Names.of(uow)
        uow.commit()
        if as_json:
            emit_json({"pointages": [_as_json(one) for one in made]})
            return
        for one in made:
            console().print(f"{names.child(one.key.child)} : {_WORDS[one.present]}", highlight=False)
            for reason in one.warnings:
                console().print(f"  attention : {text(reason)}", highlight=False)
        console().print(f"{len(made)} pointage(s) enregistré(s)")


_WORDS = {True: "présent", False: "absent", None: "non pointé"}


def _lines(children: Iterable[str], said: DoorLine, uow: UnitOfWork) -> tuple[DoorLine, ...]:
    return tuple(attrs.evolve(said, child=find_child(child, uow).id) for child in children)


def _as_json(one: Presence) -> object:
    return {
        "enfant": one.key.child,
        "produit": one.key.product,
        "jour": one.key.day,
        "pointage": _WORDS[one.present],
        "arrivee": one.arrival,
        "depart": one.departure,
        "servi": one.served,
        "attention": one.warnings,
    }
