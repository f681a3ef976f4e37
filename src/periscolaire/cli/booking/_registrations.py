"""``periscolaire registrations``: who is registered for what, and on which standing days."""

from __future__ import annotations

import datetime as dt

import click

from periscolaire import i18n
from periscolaire.booking import Registration, describe_pattern
from periscolaire.cli._desk import titled
from periscolaire.cli._finding import find_child
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, opened, store_argument
from periscolaire.cli._when import JOUR
from periscolaire.ports import UnitOfWork

__all__ = ["registrations"]


@click.command()
@store_argument
@click.option("--enfant", "child", help="Seulement cet enfant (code, ou prénom et nom).")
@click.option("--service", "product", help="Seulement ce service.")
@click.option("--annee", "year", help="Seulement cette année scolaire, comme 2026-2027.")
@click.option("--jour", "day", type=JOUR, help="Seulement celles qui valent ce jour.")
@language_option
@json_option
def registrations(
    base: str,
    child: str | None,
    product: str | None,
    year: str | None,
    day: dt.date | None,
    language: str,
    as_json: bool,
) -> None:
    """Liste les inscriptions : enfant, service, année, formule, et les jours prévus chaque semaine."""
    with opened(base) as store, store.unit(write=False) as uow:
        found = [
            one
            for one in _read(uow, child)
            if product in (None, one.product) and year in (None, one.school_year) and (day is None or one.covers(day))
        ]
        found.sort(key=lambda one: (one.child, one.product, one.span.first, one.id))
        names = Names.of(uow)
        if as_json:
            emit_json([_as_json(one, language) for one in found])
            return
        made = table("", "enfant", "foyer", "service", "année", "du", "au", "formule", "jours prévus")
        for one in found:
            made.add_row(
                names.child(one.child),
                names.household(one.household),
                names.product(one.product),
                one.school_year,
                f"{one.span.first:%d/%m/%Y}",
                f"{one.span.last:%d/%m/%Y}",
                one.formula.value,
                _pattern(one, language),
            )
        titled(console(), "Inscriptions", made)


def _read(uow: UnitOfWork, child: str | None) -> list[Registration]:
    stored = uow.registrations.of(find_child(child, uow).id) if child is not None else uow.registrations.stream()
    return [one.model for one in stored]


def _pattern(one: Registration, language: str) -> str:
    words = i18n.text(describe_pattern(one.pattern_on(one.span.last)), language)
    return words + (f" ; {one.slot}" if one.slot else "")


def _as_json(one: Registration, language: str) -> dict[str, object]:
    return {
        "inscription": one.id,
        "enfant": one.child,
        "foyer": one.household,
        "service": one.product,
        "creneau": one.slot,
        "annee": one.school_year,
        "du": one.span.first,
        "au": one.span.last,
        "formule": one.formula,
        "jours": _pattern(one, language),
        "en_plus": sorted(one.plus),
        "en_moins": sorted(one.minus),
    }
