"""``periscolaire week``: the period view of a child in a terminal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.booking import (
    Attribution,
    Cell,
    CellState,
    PeriodView,
    WeekView,
    period_view,
    to_plain,
)
from periscolaire.calendar import Span, monday_of
from periscolaire.cli._desk import money_or_dash, titled, zone_of
from periscolaire.cli._finding import find_child, find_household, find_products
from periscolaire.cli._output import console, json_option, language_option
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, before, moment, short_instant
from periscolaire.errors import NotFoundError
from periscolaire.operations import Homes, booking_context, waiting_position
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement, Reglements

__all__ = ["week"]

_LOOKS = {
    CellState.FREE: ("☐", ""),
    CellState.IN_BASKET: ("◪", "cyan"),
    CellState.REQUESTED: ("◔", "yellow"),
    CellState.CONFIRMED: ("☑", "green"),
    CellState.WAITING: ("…", "yellow"),
    CellState.CANCELLED: ("☒", "dim"),
    CellState.LAPSED: ("☒", "dim"),
    CellState.CLOSED: ("–", "dim"),
    CellState.FULL: ("■", "red"),
}


@click.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.option("--semaine", "day", type=JOUR, help="Un jour de la première semaine ; par défaut, celle de --le.")
@click.option(
    "--semaines", "count", type=click.IntRange(1, 60), default=1, show_default=True, help="Combien de semaines."
)
@click.option("--service", "codes", multiple=True, help="Seulement ce service (répétable).")
@click.option("--foyer", "household", help="Vu par ce foyer, si l'enfant en a plusieurs.")
@click.option("--canal", "channel", help="Par où la famille demanderait, si les limites en dépendent.")
@click.option("--en-famille", "as_family", is_flag=True, help="Ce que voit la famille, et non ce que peut la mairie.")
@at_option
@agent_option
@language_option
@json_option
def week(
    base: str, child: str, day: dt.date | None, count: int, codes: tuple[str, ...], household: str | None,
    channel: str | None, as_family: bool, at: str | None, actor: StaffActor, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Montre les semaines d'un enfant : ce qui est réservé, ce qui peut l'être, jusqu'à quand, à quel prix.

    C'est la « vue période » de l'espace famille. ENFANT est un code, ou un prénom et un nom.
    """
    with opened(base) as store, store.unit(write=False) as uow:
        rules, tz = zone_of(uow)
        now = moment(at, tz)
        person = find_child(child, uow)
        first = monday_of(day or now.astimezone(tz).date())
        author = "famille" if as_family else actor.author
        views = []
        for reglement, span in _by_version(rules, first, count):
            home = find_household(household, uow).id if household else Homes(uow).of(person.id, span.first)
            shown = find_products(codes, reglement)
            context = booking_context(
                uow, home, reglement=reglement, span=span, children=[person.id], channel=channel, author=author
            )
            views.append(
                (reglement, period_view(reglement, person.id, span.first, span.last, context, now, products=shown))
            )
        if as_json:
            plain = [to_plain(view, lambda code: i18n.text(code, language)) for _, view in views]
            click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
            return
        screen = console()
        name = f"{person.first_name} {person.usual_name or person.family_name}"
        schooling = person.schooling(first)
        class_name = f" – {schooling.class_name}" if schooling is not None and schooling.class_name else ""
        screen.print(Text(f"{name}{class_name} – vu le {short_instant(now, tz)}", style="bold"))
        for reglement, view in views:
            for shown_week in view.weeks:
                _print_week(shown_week, view, reglement, uow, actor, screen, language, tz)


def _by_version(rules: Reglements, first: dt.date, count: int) -> Iterable[tuple[Reglement, Span]]:
    """The weeks, cut where the version of the règlement changes: each under the one in force when it begins.

    :raises NotFoundError: no version is in force in any of them.
    """
    found: list[tuple[Reglement, Span]] = []
    for number in range(count):
        monday = first + dt.timedelta(weeks=number)
        whole = Span(monday, monday + dt.timedelta(days=6))
        reglement = next((one for one in rules.versions if any(one.holds_on(d) for d in _days(whole))), None)
        if reglement is None:
            continue
        if found and found[-1][0] is reglement:
            found[-1] = (reglement, Span(found[-1][1].first, whole.last))
        else:
            found.append((reglement, whole))
    if not found:
        raise NotFoundError(f"aucune version du règlement n'est en vigueur la semaine du {first:%d/%m/%Y}")
    return found


def _days(span: Span) -> list[dt.date]:
    return [span.first + dt.timedelta(days=n) for n in range((span.last - span.first).days + 1)]


def _print_week(
    shown: WeekView,
    view: PeriodView,
    reglement: Reglement,
    uow: UnitOfWork,
    actor: StaffActor,
    screen: Console,
    language: str,
    tz: ZoneInfo,
) -> None:
    if not shown.days:
        screen.print(Text(f"\n{shown.label} : aucun service", style="dim"))
        return
    columns = list(dict.fromkeys((cell.key.product, cell.key.slot) for day in shown.days for cell in day.cells))
    order = {product.code: rank for rank, product in enumerate(reglement.products)}
    columns.sort(key=lambda column: (order[column[0]], column[1]))
    named = {(cell.key.product, cell.key.slot): cell for day in shown.days for cell in day.cells}
    notes: dict[str, int] = {}
    made = Table(header_style="bold", show_lines=True)
    made.add_column("", no_wrap=True)
    for column in columns:
        cell = named[column]
        made.add_column(f"{cell.product_name}\n{cell.slot_name}".strip(), min_width=14)
    for day in shown.days:
        cells = {(cell.key.product, cell.key.slot): cell for cell in day.cells}
        label = Text(f"{day.weekday} {day.day:%d/%m}", style="bold reverse" if day.is_today else "")
        if day.public_holiday:
            label.append(f"\n{day.public_holiday}", style="dim")
        texts = [
            _cell(cells[column], reglement, uow, actor, notes, language, tz) if column in cells else Text("")
            for column in columns
        ]
        made.add_row(label, *texts)
    titled(screen, f"\n{shown.label}", made)
    for words, number in notes.items():
        screen.print(Text(f"({number}) {words}"))


def _cell(
    cell: Cell,
    reglement: Reglement,
    uow: UnitOfWork,
    actor: StaffActor,
    notes: dict[str, int],
    language: str,
    tz: ZoneInfo,
) -> Text:
    mark, style = _LOOKS[cell.state]
    text = Text(f"{mark} {cell.state.value}", style=style)
    if cell.state is CellState.WAITING and (
        rank := waiting_position(cell.key, uow, actor=actor, attribution=Attribution())
    ):
        text.append(f" ({rank})")
    if cell.places_left is not None and cell.state is CellState.FREE:
        text.append(f" · {cell.places_left} pl.", style="dim")
    if cell.may_book or cell.may_cancel:
        verb = "réserver" if cell.may_book else "annuler"
        until = f" {before(cell.until, tz)}" if cell.until is not None else ""
        text.append(f"\n{verb}{until}", style="cyan")
    if cell.may_book and cell.price is not None:
        text.append(f"\n{money_or_dash(cell.price, reglement.currency, language)} ({cell.payment.value})")
    for reason in cell.reasons:
        words = i18n.text(reason, language)
        number = notes.setdefault(words, len(notes) + 1)
        text.append(f" ({number})", style="dim")
    return text
