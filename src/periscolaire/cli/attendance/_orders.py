"""``periscolaire orders``: what the kitchen is to cook, frozen once, with what changed since."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import attrs
import click
from rich.console import Console

from periscolaire.access import StaffActor
from periscolaire.booking import Group, Headcount, KitchenOrder
from periscolaire.calendar import Span
from periscolaire.cli._desk import days_of, titled, zone_of
from periscolaire.cli._finding import find_products
from periscolaire.cli._output import Word, console, emit_json, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOURS, at_option, moment, short_instant
from periscolaire.ids import ProductCode
from periscolaire.operations import DayOrder, day_order, freeze_kitchen_order
from periscolaire.reglement import Reglement

__all__ = ["orders"]

#: How the groups of an order may be told apart, by the word of ``--par``.
_COLUMNS: dict[str, Callable[[Group], str]] = {
    "site": lambda group: group.site,
    "classe": lambda group: group.class_name,
    "régime": lambda group: "panier repas" if group.own_meal else group.diet or "habituel",
    "créneau": lambda group: group.slot,
}


#: Kinds of services that the kitchen cooks nothing for, unless the règlement says when it is ordered (« commande »).
_NO_MEAL = frozenset({"matin", "soir"})


@attrs.frozen
class _Line:
    """One line as it is shown: the groups of ``--par`` together."""

    shown: tuple[str, ...]
    ordered: int | None
    now: int


@click.command()
@store_argument
@click.argument("days", metavar="JOUR...", nargs=-1, required=True, type=JOURS)
@click.option("--service", "codes", multiple=True, help="Seulement ce service (répétable).")
@click.option(
    "--par", "columns", multiple=True, type=Word(list(_COLUMNS)), default=("site", "classe", "régime"),
    show_default=True, help="Ce qui sépare les lignes (répétable).",
)  # fmt: skip
@click.option(
    "--figer", "freeze", is_flag=True, help="Figer la commande : la première figée reste, la suite est un écart."
)
@at_option
@agent_option
@json_option
def orders(
    base: str, days: tuple[Span, ...], codes: tuple[str, ...], columns: tuple[str, ...], freeze: bool, at: str | None,
    actor: StaffActor, as_json: bool,
) -> None:  # fmt: skip
    """Compte les enfants attendus par service, jour, site, classe et régime, pour la cuisine.

    JOUR s'écrit 2026-10-12, ou 2026-10-12..2026-10-16. Sans --service, tous ceux qui se réservent, sauf les services
    du matin et du soir pour lesquels le règlement ne dit aucune « commande ».

    Une fois la commande figée (--figer), ce que les familles changent ensuite se lit comme un écart.

    Code de sortie : 0 ; 1 si une commande figée ne correspond plus à ce qui est attendu.
    """
    with opened(base) as store, store.unit(write=freeze) as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        found: list[tuple[ProductCode, dt.date, DayOrder]] = []
        for day in days_of(days, rules, lambda day, reglement: _any_open(day, reglement, codes)):
            reglement = rules.on(day)
            for product in _asked(codes, reglement):
                if not reglement.calendar.is_open(reglement.product(product).open_days, day):
                    continue
                if freeze:
                    freeze_kitchen_order(product, day, uow, actor=actor, at=now)
                found.append((product, day, day_order(product, day, uow, actor=actor, at=now)))
        if as_json:
            emit_json([_as_json(product, day, order, columns) for product, day, order in found])
        else:
            screen, names = console(), Names.of(uow)
            for product, day, order in found:
                _print(product, day, order, columns, names, screen, tz)
            if not found:
                screen.print("Aucun service ces jours-là.")
    sys.exit(1 if any(order.differences for _, _, order in found) else 0)


def _any_open(day: dt.date, reglement: Reglement, codes: tuple[str, ...]) -> bool:
    return any(reglement.calendar.is_open(reglement.product(code).open_days, day) for code in _asked(codes, reglement))


def _asked(codes: tuple[str, ...], reglement: Reglement) -> tuple[ProductCode, ...]:
    """The services named; all that are booked otherwise, but those before and after class that order no meal."""
    found = find_products(codes, reglement)
    if codes:
        return found
    return tuple(one for one in found if one in reglement.orders or reglement.product(one).kind not in _NO_MEAL)


def _lines(order: DayOrder, columns: Sequence[str]) -> list[_Line]:
    now = _counted(order.now.lines, columns)
    frozen = _counted(order.order.lines, columns) if order.order is not None else None
    shown = sorted(now.keys() | (frozen or {}).keys())
    return [_Line(one, None if frozen is None else frozen[one], now[one]) for one in shown]


def _counted(lines: Sequence[Headcount], columns: Sequence[str]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        counts[tuple(_COLUMNS[column](line.group) for column in columns)] += line.count
    return counts


def _children(order: KitchenOrder) -> int:
    return sum(line.count for line in order.lines)


def _print(
    product: ProductCode, day: dt.date, order: DayOrder, columns: Sequence[str], names: Names,
    screen: Console, tz: ZoneInfo,
) -> None:  # fmt: skip
    frozen = order.order
    said = "non figée" if frozen is None else f"figée le {short_instant(frozen.frozen_at, tz)}"
    title = f"{names.product(product)} – {day:%d/%m/%Y} – commande {said}"
    if frozen is None:
        made = table("", *columns, "attendus", right=("attendus",))
    else:
        made = table("", *columns, "commandés", "attendus", "écart", right=("commandés", "attendus", "écart"))
    for line in _lines(order, columns):
        made.add_row(*line.shown, *_numbers(line.ordered, line.now))
    total = None if frozen is None else _children(frozen)
    made.add_row(
        *["total", *[""] * (len(columns) - 1)][: len(columns)], *_numbers(total, _children(order.now)), style="bold"
    )
    titled(screen, title, made)
    screen.print(f"Repas à préparer : {order.now.meals}" + ("" if frozen is None else f" (commandés : {frozen.meals})"))


def _numbers(ordered: int | None, now: int) -> tuple[str, ...]:
    if ordered is None:
        return (str(now),)
    return str(ordered), str(now), f"{now - ordered:+d}" if now != ordered else ""


def _as_json(product: ProductCode, day: dt.date, order: DayOrder, columns: Sequence[str]) -> dict[str, object]:
    return {
        "service": product,
        "jour": day,
        "figee_le": None if order.order is None else order.order.frozen_at,
        "repas": order.now.meals,
        "repas_commandes": None if order.order is None else order.order.meals,
        "lignes": [
            {
                **dict(zip(columns, line.shown, strict=True)),
                "commandes": line.ordered,
                "attendus": line.now,
                "ecart": None if line.ordered is None else line.now - line.ordered,
            }
            for line in _lines(order, columns)
        ],
    }
