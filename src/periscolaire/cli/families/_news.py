"""``periscolaire news``: publish, list and withdraw what families are to know."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_household, find_products
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, emit_json, existing_file, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, moment, short_instant
from periscolaire.cli.families._shared import CHANNEL, silent_messages
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import SchoolCode
from periscolaire.messages import (
    EVERYONE,
    Audience,
    Everyone,
    News,
    OfClasses,
    OfHouseholds,
    OfProducts,
    OfSchools,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement

__all__ = ["news"]


@click.group()
def news() -> None:
    """Les actualités que les familles lisent : publier, lister, retirer."""


@news.command()
@store_argument
@click.argument("title", metavar="TITRE")
@click.option("--texte", "text", help="Le texte ; **gras**, *italique*, listes et liens sont permis.")
@click.option("--fichier", "file", type=existing_file, help="Ou le fichier qui le contient (UTF-8).")
@click.option("--ecole", "schools", multiple=True, help="Seulement pour cette école (répétable).")
@click.option(
    "--classe", "classes", multiple=True, metavar="ECOLE/CLASSE", help="Seulement pour cette classe (répétable)."
)
@click.option("--service", "products", multiple=True, help="Seulement pour ceux qui y sont inscrits (répétable).")
@click.option("--foyer", "households", multiple=True, help="Seulement pour ce foyer (répétable).")
@click.option("--jusqu-au", "until", type=JOUR, help="Dernier jour où elle est affichée.")
@click.option("--epingle", "pinned", is_flag=True, help="La laisser en tête.")
@click.option("--genre", "kind", default="Information", show_default=True, help="Ce qui est écrit au-dessus du titre.")
@click.option("--code", help="Nom court, unique ; par défaut, tiré du titre.")
@click.option("--remplacer", "replace", is_flag=True, help="Mettre ce texte à la place d'une actualité de ce code.")
@at_option
@agent_option
@json_option
def publish(
    base: str, title: str, text: str | None, file: Path | None, schools: tuple[str, ...], classes: tuple[str, ...],
    products: tuple[str, ...], households: tuple[str, ...], until: dt.date | None, pinned: bool, kind: str,
    code: str | None, replace: bool, at: str | None, actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Publie une actualité, dès maintenant (ou à partir de --le), pour toutes les familles ou pour certaines."""
    if (text is None) == (file is None):
        raise MisuseError("--texte ou --fichier, l'un des deux : ce que dit l'actualité")
    body = text if text is not None else _read(file)
    with opened(base) as store, store.unit() as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        reglement = rules.versions[-1]
        if until is not None and until < reglement.calendar.today(now):
            raise MisuseError(f"--jusqu-au {until:%d/%m/%Y} : ce jour est déjà passé")
        ends = reglement.calendar.instant(until + dt.timedelta(days=1), 0) if until is not None else None
        name = code or _slug(title)
        if uow.news.find(name) is not None and not replace:
            raise ConflictError(
                f"actualité « {name} » : déjà publiée ; --remplacer change son texte, --code la distingue"
            )
        audience = _audience(schools, classes, products, households, uow, reglement)
        made = News(name, title, body, now, ends, audience, kind=kind, pinned=pinned)
        silent_messages(tz).publish(uow, actor, made, at=now, channel=CHANNEL)
        said = f"Actualité « {name} » publiée, {_for(audience)}"
        if until is not None:
            said += f", jusqu'au {until:%d/%m/%Y} inclus"
        answer(as_json, {"code": name, "public": _for(audience), "jusqu_au": until}, said)


@news.command("list")
@store_argument
@click.option("--toutes", "every", is_flag=True, help="Celles qui ne sont plus affichées aussi.")
@at_option
@json_option
def list_(base: str, every: bool, at: str | None, as_json: bool) -> None:
    """Liste les actualités : pour qui, jusqu'à quand, et combien de comptes les ont lues."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        read = Counter(mark.news for mark in uow.read_marks.stream())
        found = [stored.model for stored in uow.news.stream()]
        found = [one for one in found if every or one.published_until is None or now < one.published_until]
        found.sort(key=lambda one: (one.published_from, one.id))
        if as_json:
            emit_json([
                {"code": one.id, "titre": one.title, "genre": one.kind, "depuis": one.published_from,
                 "jusqu_a": one.published_until, "public": _for(one.audience), "epinglee": one.pinned,
                 "lues": read[one.id]}
                for one in found
            ])  # fmt: skip
            return
        if not found:
            console().print("Aucune actualité affichée : periscolaire news publish")
            return
        made = table("Actualités", "code", "titre", "depuis", "jusqu'à", "pour", "lue par", right=("lue par",))
        for one in found:
            until = short_instant(one.published_until, tz) if one.published_until is not None else ""
            title = f"{one.title} (épinglée)" if one.pinned else one.title
            made.add_row(
                one.id, title, short_instant(one.published_from, tz), until, _for(one.audience), str(read[one.id])
            )
        console().print(made)


@news.command()
@store_argument
@click.argument("code", metavar="CODE")
@at_option
@agent_option
@json_option
def withdraw(base: str, code: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Retire une actualité des écrans."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        silent_messages(tz).withdraw(uow, actor, code, at=moment(at, tz), channel=CHANNEL)
        answer(as_json, {"code": code, "retiree": True}, f"Actualité « {code} » retirée")


def _read(file: Path | None) -> str:
    assert file is not None, "one of the two"
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MisuseError(f"{file} : le texte n'est pas en UTF-8") from None


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFD", title.casefold())
    words = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    ).split()
    return "-".join(words) or "actualite"


def _audience(
    schools: tuple[str, ...], classes: tuple[str, ...], products: tuple[str, ...], households: tuple[str, ...],
    uow: UnitOfWork, reglement: Reglement,
) -> Audience:  # fmt: skip
    if sum(map(bool, (schools, classes, products, households))) > 1:
        raise MisuseError("une seule sorte de public : --ecole, --classe, --service ou --foyer")
    if schools or classes:
        known = {(one.school, one.class_name) for stored in uow.children.stream() for one in stored.model.schoolings}
        pairs = [_class(text) for text in classes]
        for school in {*schools, *(school for school, _ in pairs)} - {school for school, _ in known}:
            listed = ", ".join(sorted({school for school, _ in known if school})) or "aucune"
            raise MisuseError(f"école « {school} » : inconnue ; celles de la base : {listed}")
        for pair in pairs:
            if pair not in known:
                listed = ", ".join(sorted(name for school, name in known if school == pair[0] and name)) or "aucune"
                raise MisuseError(f"classe « {pair[1]} » : inconnue ; celles de {pair[0]} : {listed}")
        return OfClasses(frozenset(pairs)) if pairs else OfSchools(frozenset(map(SchoolCode, schools)))
    if products:
        return OfProducts(frozenset(find_products(products, reglement)))
    if households:
        return OfHouseholds(frozenset(find_household(text, uow).id for text in households))
    return EVERYONE


def _class(text: str) -> tuple[SchoolCode, str]:
    school, slash, name = text.partition("/")
    if not slash:
        raise MisuseError(f"classe « {text} » ; attendu ECOLE/CLASSE")
    return SchoolCode(school), name


def _for(audience: Audience) -> str:
    match audience:
        case Everyone():
            return "pour toutes les familles"
        case OfSchools(schools):
            return "pour " + ", ".join(sorted(schools))
        case OfClasses(classes):
            return "pour " + ", ".join(sorted(f"{school} {name}" for school, name in classes))
        case OfProducts(products):
            return "pour les inscrits à " + ", ".join(sorted(products))
        case OfHouseholds(households):
            return "pour le foyer " + ", ".join(sorted(households))
