"""``periscolaire people``: the extractions of ONDE, or a CSV of the school; a report before anything is written."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._output import console, emit_json, existing_file, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, moment
from periscolaire.cli.families._shared import CHANNEL, apply_option
from periscolaire.errors import MisuseError
from periscolaire.files import read_onde_guardians, read_onde_pupils
from periscolaire.households import Child, ChildMatch, GuardianMatch, ImportPlan, MatchKind
from periscolaire.ids import ChildId, SchoolCode
from periscolaire.operations import Imported, import_people, plan_import
from periscolaire.ports import UnitOfWork

__all__ = ["people"]


@click.command()
@store_argument
@click.argument("pupils", metavar="ELEVES", type=existing_file)
@click.argument("guardians", metavar="[RESPONSABLES]", type=existing_file, required=False)
@click.option("--ecole", "school", required=True, help="L'école dont ce sont les élèves.")
@click.option("--a-partir-du", "first_day", type=JOUR, help="Premier jour dans la classe (par défaut, celui de --le).")
@click.option(
    "--tranche",
    "settled",
    multiple=True,
    metavar="LIGNE=ENFANT",
    help="Lever un doute : la ligne est cet enfant (son code), ou « nouveau » (répétable).",
)
@apply_option
@at_option
@agent_option
@json_option
def people(
    base: str, pupils: Path, guardians: Path | None, school: str, first_day: dt.date | None, settled: tuple[str, ...],
    apply: bool, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Importe les extractions d'ONDE (ou un CSV aux mêmes titres) : ELEVES, puis leurs RESPONSABLES.

    Sans --appliquer, montre seulement : qui serait créé, qui est reconnu, ce qui est douteux, ce qui est refusé et
    pourquoi. Une personne connue n'est jamais écrasée, seulement complétée. Code de sortie 1 s'il reste des doutes ou
    des lignes refusées.
    """
    with opened(base) as store, store.unit(write=apply) as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        today = now.astimezone(tz).date()
        records = read_onde_pupils(pupils.read_bytes(), today, str(pupils))
        adults = read_onde_guardians(guardians.read_bytes(), str(guardians)) if guardians is not None else ()
        plan = plan_import(records, adults, uow, actor=actor)
        for text in settled:
            plan = _settle(plan, text, uow)
        done = None
        if apply:
            done = import_people(
                plan, uow, actor=actor, school=SchoolCode(school), first_day=first_day or today, at=now, channel=CHANNEL
            )
        if as_json:
            emit_json(_as_json(plan, done))
        else:
            _show(plan, done, uow)
    kinds = {match.kind for match in plan.children} | {match.kind for match in plan.guardians}
    sys.exit(1 if kinds & _LEFT else 0)


_LEFT = frozenset({MatchKind.DOUBTFUL, MatchKind.REFUSED})
_NEW = "nouveau"


def _settle(plan: ImportPlan, text: str, uow: UnitOfWork) -> ImportPlan:
    line, equals, child = text.partition("=")
    if not equals or not line.isdigit():
        raise MisuseError(f"--tranche « {text} » ; attendu LIGNE=ENFANT, comme 14=E012, ou 14=nouveau")
    doubtful = sorted(match.record.line for match in plan.children if match.kind is MatchKind.DOUBTFUL)
    if int(line) not in doubtful:
        raise MisuseError(f"--tranche « {text} » : la ligne {line} n'est pas douteuse ; le sont {_listed(doubtful)}")
    if child == _NEW:
        return plan.settled(int(line), None)
    return plan.settled(int(line), uow.children.get(ChildId(child)).model.id)


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines)) or "aucune"


def _show(plan: ImportPlan, done: Imported | None, uow: UnitOfWork) -> None:
    screen = console()
    counted = ", ".join(f"{plan.count(kind)} {_PLURALS[kind]}" for kind in MatchKind if plan.count(kind))
    screen.print(Text(f"Élèves : {counted or 'aucun'}", style="bold"))
    if plan.guardians:
        counts = {kind: sum(match.kind is kind for match in plan.guardians) for kind in MatchKind}
        said = ", ".join(f"{count} {_PLURALS[kind]}" for kind, count in counts.items() if count)
        screen.print(Text(f"Responsables : {said}", style="bold"))
    left = [match for match in plan.children if match.kind in _LEFT]
    if left:
        made = table("\nÉlèves à regarder", "ligne", "élève", "né(e) le", "quoi", "pourquoi")
        for match in left:
            record = match.record
            born = f"{record.birth_date:%d/%m/%Y}" if record.birth_date is not None else ""
            made.add_row(
                str(record.line), f"{record.first_name} {record.family_name}", born, match.kind.value, _why(match, uow)
            )
        screen.print(made)
        if any(match.kind is MatchKind.DOUBTFUL for match in left):
            screen.print("Pour lever un doute : --tranche LIGNE=ENFANT, ou --tranche LIGNE=nouveau")
    strangers = [match for match in plan.guardians if match.kind in _LEFT]
    if strangers:
        made = table("\nResponsables à regarder", "ligne", "responsable", "quoi", "pourquoi")
        for guardian in strangers:
            adult = guardian.record
            words = " ".join(i18n.text(reason) for reason in guardian.reasons)
            made.add_row(str(adult.line), f"{adult.first_name} {adult.family_name}", guardian.kind.value, words)
        screen.print(made)
    if done is None:
        screen.print(Text("\nRien n'est écrit : --appliquer pour le faire.", style="bold"))
        return
    screen.print(Text(
        f"\nÉcrit : {len(done.created_children)} enfants créés, {len(done.updated_children)} complétés, "
        f"{len(done.created_households)} foyers créés ; {len(done.left_out)} lignes laissées de côté.", style="bold",
    ))  # fmt: skip
    if done.without_household:
        names = ", ".join(uow.children.get(child).model.full_name for child in done.without_household)
        screen.print(Text(f"Sans foyer, faute de responsable : {names}"))


_PLURALS = {
    MatchKind.NEW: "à créer",
    MatchKind.SAME: "reconnus",
    MatchKind.DOUBTFUL: "douteux",
    MatchKind.REFUSED: "refusés",
}


def _why(match: ChildMatch, uow: UnitOfWork) -> str:
    said = [i18n.text(reason) for reason in (*match.record.faults, *match.reasons)]
    said += [_named(uow.children.get(child).model) for child in match.candidates]
    return " ".join(dict.fromkeys(said))


def _named(child: Child) -> str:
    born = f", né(e) le {child.birth_date:%d/%m/%Y}" if child.birth_date is not None else ""
    return f"[{child.id} : {child.full_name}{born}]"


def _as_json(plan: ImportPlan, done: Imported | None) -> dict[str, Any]:
    return {
        "eleves": [_line(match) | {"enfant": match.child, "candidats": match.candidates} for match in plan.children],
        "responsables": [_line(match) | {"foyer": match.household} for match in plan.guardians],
        "ecrit": None if done is None else {
            "enfants_crees": done.created_children,
            "enfants_completes": done.updated_children,
            "foyers_crees": done.created_households,
            "lignes_laissees": done.left_out,
            "sans_foyer": done.without_household,
        },
    }  # fmt: skip


def _line(match: ChildMatch | GuardianMatch) -> dict[str, Any]:
    record = match.record
    return {
        "ligne": record.line,
        "nom": record.family_name,
        "prenom": record.first_name,
        "sort": match.kind,
        "raisons": match.reasons,
    }
