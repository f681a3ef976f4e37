"""``periscolaire school-year turn``: the turn of the school year, shown first, done when asked."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter

import click

from periscolaire.access import StaffActor
from periscolaire.calendar import SchoolYear
from periscolaire.cli._desk import titled, zone_of
from periscolaire.cli._finding import find_child, find_products
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, moment
from periscolaire.ids import SchoolCode
from periscolaire.operations import YearTurn, turn_school_year

__all__ = ["school_year"]


@click.group()
def school_year() -> None:
    """L'année scolaire : la faire tourner (turn)."""


@school_year.command()
@store_argument
@click.option("--apres", "day", type=JOUR, help="Un jour de l'année qui finit ; par défaut, celui de --le.")
@click.option("--appliquer", "apply", is_flag=True, help="Faire, et non seulement montrer.")
@click.option(
    "--ecole", "schools", multiple=True, metavar="MATERNELLE=ELEMENTAIRE", help="L'école qui suit (répétable)."
)
@click.option("--redouble", "repeating", multiple=True, metavar="ENFANT", help="Reste dans son niveau (répétable).")
@click.option(
    "--renouveler", "renew", multiple=True, metavar="SERVICE", help="Ne renouveler que ce service (répétable)."
)
@at_option
@agent_option
@json_option
def turn(
    base: str, day: dt.date | None, apply: bool, schools: tuple[str, ...], repeating: tuple[str, ...],
    renew: tuple[str, ...], at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Passe à l'année scolaire suivante : niveaux, inscriptions renouvelées. Sans --appliquer, montre seulement.

    Les classes (« CE2/CM1 ») ne se devinent pas : l'école les donne à la rentrée. Relancée, la commande ne refait rien.

    Code de sortie : 0 ; 1 si des enfants ou des inscriptions attendent une décision ; 2 rien n'a été fait.
    """
    with opened(base) as store, store.unit(write=apply) as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        calendar = rules.versions[-1].calendar
        old = calendar.school_year(day or now.astimezone(tz).date())
        new = calendar.school_year(old.last_day + dt.timedelta(days=1))
        reglement = rules.on(new.first_day)
        done = turn_school_year(
            uow,
            actor=actor,
            at=now,
            old=old,
            new=new,
            reglement=reglement,
            schools=dict(_follows(text) for text in schools),
            repeating=frozenset(find_child(text, uow).id for text in repeating),
            renew=frozenset(find_products(renew, reglement)) if renew else None,
            dry_run=not apply,
        )
        if as_json:
            emit_json({"applique": apply, "de": old.label, "vers": new.label, **_as_json(done)})
        else:
            _show(done, old, new, apply, Names.of(uow))
    sys.exit(1 if done.unknown_grade or done.unknown_school or done.unbookable else 0)


def _follows(text: str) -> tuple[SchoolCode, SchoolCode]:
    before, sign, after = text.partition("=")
    if not sign or not before or not after:
        raise click.BadParameter(f"« {text} » ; attendu MATERNELLE=ELEMENTAIRE", param_hint="--ecole")
    return SchoolCode(before.strip()), SchoolCode(after.strip())


def _as_json(done: YearTurn) -> dict[str, object]:
    return {
        "passages": [
            {"enfant": one.child, "de": one.before, "vers": one.after, "ecole": one.school} for one in done.promotions
        ],
        "partants": done.leaving,
        "inscriptions_renouvelees": [
            {"enfant": one.child, "service": one.product, "foyer": one.household} for one in done.renewed
        ],
        "deja_fait": done.already,
        "niveau_inconnu": done.unknown_grade,
        "ecole_a_dire": done.unknown_school,
        "service_disparu": [{"enfant": one.child, "service": one.product} for one in done.unbookable],
    }


def _show(done: YearTurn, old: SchoolYear, new: SchoolYear, applied: bool, names: Names) -> None:
    screen = console()
    said = "fait" if applied else "essai : rien n'est enregistré, ajoutez --appliquer pour le faire"
    made = table("", "niveau", "devient", "enfants", right=("enfants",))
    counts = Counter((one.before, one.after) for one in done.promotions)
    grades = {grade: rank for rank, grade in enumerate(type(next(iter(counts))[0]))} if counts else {}
    for (before, after), count in sorted(counts.items(), key=lambda item: grades[item[0][0]]):
        made.add_row(before.value, "quitte l'école" if after is None else after.value, str(count))
    titled(screen, f"De {old.label} à {new.label} – {said}", made)
    screen.print(f"{len(done.renewed)} inscription(s) renouvelée(s), {done.already} déjà faite(s)")
    for title, listed in (
        ("Niveau inconnu, à compléter", [names.child(child) for child in done.unknown_grade]),
        (
            "Quitte une maternelle : dites l'école qui suit avec --ecole",
            [names.child(one) for one in done.unknown_school],
        ),
        (
            "Inscription à un service que le nouveau règlement n'a plus",
            [f"{names.child(one.child)} ({one.product})" for one in done.unbookable],
        ),
    ):
        if listed:
            screen.print(f"{title} : {', '.join(listed)}", style="yellow")
