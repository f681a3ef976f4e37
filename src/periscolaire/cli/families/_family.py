"""``periscolaire family``: a household's file: shown, completed, handed over, erased."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_household
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment
from periscolaire.cli.families._papers import consent, document, paper_as_json
from periscolaire.cli.families._shared import CHANNEL, apply_option, blobs_of, portal_option
from periscolaire.errors import NotFoundError
from periscolaire.files import PortalSettings
from periscolaire.households import (
    Child,
    DocumentStatus,
)
from periscolaire.operations import (
    HouseholdFile,
    erase_family,
    export_family,
    household_file,
    published_reglements,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["family"]


@click.group()
def family() -> None:
    """Le dossier d'un foyer : le voir, y ranger des pièces, le remettre à la famille, l'effacer."""


@family.command()
@store_argument
@click.argument("household", metavar="FOYER")
@at_option
@agent_option
@json_option
def show(base: str, household: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Montre le dossier de FOYER (code ou nom) : adultes, enfants, pièces, et ce qui y manque."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        home = find_household(household, uow)
        today = moment(at, tz).astimezone(tz).date()
        file = household_file(home.id, uow, actor=actor, day=today)
        required = _required(uow, today)
        if as_json:
            emit_json(_as_json(file, today))
            return
    screen = console()
    screen.print(Text(f"Foyer {home.id} — {home.name}", style="bold"))
    if home.address is not None:
        screen.print(
            Text("  " + ", ".join((*home.address.lines, f"{home.address.postcode} {home.address.city}".strip())))
        )
    for number, adult in enumerate(home.adults, start=1):
        title = f"{adult.civility.value} " if adult.civility is not None else ""
        reach = ", ".join([*(phone.number for phone in adult.phones), *filter(None, [adult.email])])
        screen.print(Text(f"Responsable {number} : {title}{adult.full_name}{' — ' + reach if reach else ''}"))
    for child in file.children:
        screen.print(Text(f"Enfant {child.id} : {child.full_name}{_school(child, today)}"))
        for one in child.pick_ups:
            if one.holds_on(today):
                screen.print(
                    Text(f"  {'ne peut venir chercher' if one.forbidden else 'peut venir chercher'} : {one.name}")
                )
    if file.documents:
        names: dict[str, str] = {home.id: "le foyer", **{child.id: child.full_name for child in file.children}}
        made = table("\nPièces", "code", "de", "pièce", "du", "au", "état")
        for paper in file.documents:
            ends = f"{paper.last_day:%d/%m/%Y}" if paper.last_day is not None else ""
            state = paper.status.value
            if paper.status is DocumentStatus.ACCEPTED and not paper.valid_on(today):
                state = "expirée" if paper.first_day <= today else "à venir"
            made.add_row(
                paper.id[-6:],
                names.get(paper.subject, paper.subject),
                paper.kind,
                f"{paper.first_day:%d/%m/%Y}",
                ends,
                state,
            )
        screen.print(made)
    if not required:
        screen.print(Text("\nLe règlement n'exige aucune pièce ([[pieces]])."))
    elif file.complete.allowed:
        screen.print(Text("\nDossier complet.", style="green"))
    else:
        screen.print(Text("\nDossier incomplet :", style="bold"))
        for reason in file.complete.reasons:
            screen.print(Text(f"· {i18n.text(reason)}"))


@family.command()
@store_argument
@click.argument("household", metavar="FOYER")
@click.option("--sortie", "-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Le .json.")
@at_option
@agent_option
def export(base: str, household: str, out: Path, at: str | None, actor: StaffActor) -> None:
    """Écrit tout ce que la commune garde d'une famille (RGPD, articles 15 et 20) ; ni mot de passe ni code."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        home = find_household(household, uow)
        data = export_family(home.id, uow, actor=actor, at=moment(at, tz))
    out.write_text(data.to_json() + "\n", encoding="utf-8")
    kept = {name: len(records) for name, records in data.sections.items() if records}
    click.echo(f"Écrit : {out} ({sum(kept.values())} éléments de {len(kept)} sortes)")


@family.command()
@store_argument
@click.argument("household", metavar="FOYER")
@apply_option
@portal_option
@at_option
@agent_option
@json_option
def erase(
    base: str, household: str, apply: bool, portal: PortalSettings, at: str | None, actor: StaffActor, as_json: bool
) -> None:
    """Efface ou anonymise ce qui dit qui est FOYER ; les comptes de la commune restent entiers.

    Sans --appliquer, montre seulement. Refusé (code de sortie 1) tant que le foyer doit, est à rembourser ou inscrit.
    """
    with opened(base) as store, store.unit(write=apply) as uow:
        _, tz = zone_of(uow)
        home = find_household(household, uow)
        found = erase_family(
            home.id, uow, actor=actor, at=moment(at, tz), channel=CHANNEL, blobs=blobs_of(portal), dry_run=not apply
        )
    if as_json:
        lines = [{"genre": line.record, "nombre": line.count, "sort": line.fate} for line in found.lines]
        emit_json({"foyer": home.id, "fait": found.done, "refus": found.verdict.reasons, "lignes": lines})
    else:
        screen = console()
        made = table(f"Foyer {home.id} — {home.name}", "quoi", "combien", "sort", right=("combien",))
        for line in found.lines:
            made.add_row(_record(line.record), str(line.count), line.fate.value)
        screen.print(made)
        for reason in found.verdict.reasons:
            screen.print(Text(f"Refusé : {i18n.text(reason)}", style="red"))
        if found.verdict.allowed:
            screen.print(Text("Fait." if found.done else "Rien n'est écrit : --appliquer pour le faire.", style="bold"))
    if not found.verdict.allowed:
        raise SystemExit(1)


#: What is counted besides the kinds of the store that have a name of their own.
_OTHERS = {"sensitive_facts": "faits sensibles (santé, aides)", "consumptions": "consommations"}


def _record(name: str) -> str:
    """A kind of record as people call it."""
    return _OTHERS.get(name) or i18n.text(Description.of(f"store.kind.{name}"))


def _required(uow: UnitOfWork, day: dt.date) -> bool:
    """Whether the règlement of the day asks for any document."""
    try:
        return bool(published_reglements(uow).on(day).requirements)
    except NotFoundError:
        return False


def _school(child: Child, day: dt.date) -> str:
    born = f", né(e) le {child.birth_date:%d/%m/%Y}" if child.birth_date is not None else ""
    schooling = child.schooling(day)
    if schooling is None:
        return born
    grade = schooling.grade.value if schooling.grade is not None else ""
    return f"{born}, " + " ".join(filter(None, [schooling.school, schooling.class_name or grade]))


def _as_json(file: HouseholdFile, day: dt.date) -> dict[str, Any]:
    home = file.household
    return {
        "foyer": home.id,
        "nom": home.name,
        "adultes": [
            {"adulte": one.id, "nom": one.family_name, "prenom": one.first_name, "civilite": one.civility,
             "courriel": one.email, "telephones": [phone.number for phone in one.phones]}
            for one in home.adults
        ],
        "enfants": [
            {"enfant": one.id, "nom": one.family_name, "prenom": one.first_name, "naissance": one.birth_date,
             "ecole": schooling.school if (schooling := one.schooling(day)) else None,
             "classe": schooling.class_name if schooling else None}
            for one in file.children
        ],
        "pieces": [paper_as_json(paper) for paper in file.documents],
        "complet": file.complete.allowed,
        "manque": file.complete.reasons,
    }  # fmt: skip


family.add_command(document)
family.add_command(consent)
