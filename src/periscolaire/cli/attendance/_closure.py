"""``periscolaire closure``: services closed (strike, outing) for everybody, a site, a school, a class, a child."""

from __future__ import annotations

import click

from periscolaire.access import StaffActor
from periscolaire.attendance import CancelledBy, Closure, latest
from periscolaire.calendar import Span
from periscolaire.cli._desk import Counter, at_counter, services_option
from periscolaire.cli._finding import find_child
from periscolaire.cli._listing import show_rows
from periscolaire.cli._money import answer
from periscolaire.cli._output import Word, json_option
from periscolaire.cli._store import agent_option, store_argument
from periscolaire.cli._when import JOURS, at_option, days_text
from periscolaire.clock import utc
from periscolaire.errors import MisuseError
from periscolaire.ids import FactId
from periscolaire.operations import close_service, lift_closure
from periscolaire.ports import new_id

__all__ = ["closure"]


@click.group()
def closure() -> None:
    """Les fermetures : grève, neige, sortie, pour toute la commune ou pour certains enfants."""


@closure.command()
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@click.option("--cause", required=True, help="Grève, neige, sortie…")
@services_option
@click.option("--site", "sites", multiple=True, help="Seulement ce site (répétable).")
@click.option("--ecole", "schools", multiple=True, help="Seulement cette école (répétable).")
@click.option("--classe", "classes", multiple=True, help="Seulement cette classe (répétable).")
@click.option("--enfant", "children", multiple=True, help="Seulement cet enfant (répétable).")
@click.option(
    "--annule-par", "by", type=Word([one.value for one in CancelledBy]), default=CancelledBy.COMMUNE.value,
    show_default=True, help="Qui annule les réservations : la commune d'office, ou la famille (elles restent dues).",
)  # fmt: skip
@click.option(
    "--essai", "dry_run", is_flag=True, help="Dire quelles réservations sont touchées, sans rien enregistrer."
)
@at_option
@agent_option
@json_option
def add(
    base: str, days: Span, cause: str, products: tuple[str, ...], sites: tuple[str, ...], schools: tuple[str, ...],
    classes: tuple[str, ...], children: tuple[str, ...], by: str, dry_run: bool, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Ferme JOURS, et dit combien de réservations et de familles sont touchées.

    Une fermeture n'efface jamais une présence : l'enfant venu malgré elle (service minimum) est facturé comme réservé.
    """
    with at_counter(base, at, write=not dry_run) as desk:
        chosen = desk.products(products, days.first)
        _require_known(sites, schools, classes, days, desk)
        fact = Closure(
            FactId(new_id()), days.first, days.last, cause, utc(desk.now), actor.label, CancelledBy(by),
            frozenset(chosen) if chosen is not None else None, frozenset(sites) or None, frozenset(schools) or None,
            frozenset(classes) or None, frozenset(find_child(one, desk.uow).id for one in children) or None,
        )  # fmt: skip
        made = close_service(
            fact, desk.uow, actor=actor, at=desk.now, reglement=desk.rules.on(days.first), dry_run=dry_run
        )
        said = f"Fermeture {days_text(days.first, days.last)} ({cause}) : {len(made.touched)} réservation(s), "
        said += f"{len(made.households)} foyer(s) à prévenir"
        said += " ; essai, rien n'est enregistré" if dry_run else f" ; enregistrée ({fact.id})"
        document = {
            "fermeture": None if dry_run else fact.id,
            "reservations": [
                {"enfant": one.key.child, "service": one.key.product, "jour": one.key.day} for one in made.touched
            ],
            "foyers": made.households,
        }
        answer(as_json, document, said)


def _require_known(
    sites: tuple[str, ...], schools: tuple[str, ...], classes: tuple[str, ...], days: Span, desk: Counter
) -> None:
    """A school without a child is a slip: it would close nothing, and nobody would know.

    :raises MisuseError: a site, a school or a class of no child on these days.
    """
    if not (sites or schools or classes):
        return
    held = [
        one
        for stored in desk.uow.children.stream()
        for one in stored.model.schoolings
        if one.first_day <= days.last and (one.last_day is None or days.first <= one.last_day)
    ]
    facts = desk.uow.dated_facts.stream(days.first, days.last) if sites else ()
    for what, asked, known in (
        ("site", sites, {str(fact.value) for fact in facts if fact.name == "site"}),
        ("école", schools, {str(one.school) for one in held}),
        ("classe", classes, {one.class_name for one in held if one.class_name}),
    ):
        if wrong := sorted({*asked} - known):
            found = ", ".join(sorted(known)) or "aucun enfant n'en a"
            raise MisuseError(f"{what} « {wrong[0]} » : inconnu ces jours-là ; connus : {found}")


@closure.command()
@store_argument
@click.argument("number", metavar="FERMETURE")
@at_option
@agent_option
@json_option
def lift(base: str, number: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Lève FERMETURE. Les réservations retirées le restent : les familles sont à solliciter de nouveau."""
    with at_counter(base, at) as desk:
        count = lift_closure(FactId(number), desk.uow, actor=actor, now=desk.now)
        answer(as_json, {"fermeture": number, "cases": count}, f"Fermeture {number} levée ({count} cases revues)")


@closure.command("list")
@store_argument
@click.argument("days", metavar="JOURS", type=JOURS)
@json_option
def list_(base: str, days: Span, as_json: bool) -> None:
    """Liste les fermetures qui touchent JOURS."""
    with at_counter(base, write=False) as desk:
        rows = [
            {
                "fermeture": one.id, "du": one.first, "au": one.last, "cause": one.cause,
                "services": sorted(one.products or ()), "sites": sorted(one.sites or ()),
                "écoles": sorted(one.schools or ()), "classes": sorted(one.classes or ()),
                "enfants": sorted(map(desk.names.child, one.children or ())), "annulé_par": one.by.value,
            }
            for one in latest(desk.uow.closures.of("", days.first, days.last))
            if not one.lifted
        ]  # fmt: skip
        show_rows(as_json, "Fermetures", rows, "Aucune fermeture")
