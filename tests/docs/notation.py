"""What the tables of the notation page say, computed by the engine: the columns of a row from its first ones."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from periscolaire.catalogue import (
    Action,
    Frame,
    State,
    Unit,
    Window,
    parse_limit,
    parse_unit,
    print_effect,
    print_limit,
)
from periscolaire.catalogue import window as window_of
from periscolaire.files import read_reglement
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, ProductCode
from periscolaire.reglement import Context, Decision, Reglement, Request, decide

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "notation-des-limites.md"
#: The commune of the page, as its first block says it.
COMMUNE = """
format = 1
commune = "Exemple"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[calendrier]
guichet = ["lundi", "mardi", "mercredi", "vendredi"]
genres = { livraison = ["mardi", "vendredi"] }

[[produits]]
code = "cantine"
jours = "jours de classe"
horaires = "12:00-13:30"
"""
KINDS = ("livraison",)
EVENTS: FrozenMap[str, dt.date] = FrozenMap(
    {
        "l'inscription": dt.date(2026, 9, 1),
        "la première réservation": dt.date(2026, 9, 14),
        "la réservation": dt.date(2026, 10, 1),
        "l'absence": dt.date(2026, 10, 12),
        "le retour": dt.date(2026, 10, 15),
        "la facture": dt.date(2026, 11, 5),
        "la demande": dt.date(2026, 10, 5),
    }
)
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


def reglement(limits: str = 'reservation = "sans limite"') -> Reglement:
    """The commune of the page, with these limits of its product."""
    return read_reglement(COMMUNE + limits + "\n")


CALENDAR = reglement().calendar.for_product("cantine")
PRODUCT = reglement().product("cantine")


def day_text(day: dt.date) -> str:
    return f"{DAYS[day.weekday()]} {day:%d/%m/%Y}"


def day_of(text: str) -> dt.date:
    """``lun. 12/10/2026``; a month alone is its first day."""
    found = re.search(r"(\d{2})/(\d{2})/(\d{4})", text)
    assert found is not None, text
    day = dt.date(int(found[3]), int(found[2]), int(found[1]))
    assert text.startswith(DAYS[day.weekday()]), f"{text}: {day_text(day)}"
    return day


def clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def closing(window: Window) -> str:
    match window.state:
        case State.NEVER:
            return "jamais possible"
        case State.SILENT:
            return "non dit"
        case State.ANCHOR_UNKNOWN:
            return "date inconnue"
    written = window.written
    if written is None:
        return "pas de fin"
    day = day_text(written.day)
    if written.minutes is None:
        return f"{'fin' if written.inclusive else 'début'} du {day}"
    return f"{day} {clock(written.minutes)}{' inclus' if written.inclusive else ''}"


def opening(window: Window) -> str:
    if window.state is not State.WINDOW:
        return "–"
    if window.opens is None:
        return "toujours"
    local = window.opens.astimezone(CALENDAR.tz)
    return f"{day_text(local.date())} {local.hour}:{local.minute:02d}"


def windows(text: str, day: dt.date, unit: str | None = None) -> tuple[Window, ...]:
    frame = Frame(
        CALENDAR, day, parse_unit(unit) if unit else parse_unit("jour"), PRODUCT.open_days, PRODUCT.start, EVENTS
    )
    return tuple(window_of(tier.limit, frame) for tier in parse_limit(text, kinds=KINDS))


def canonical(text: str) -> str:
    printed = print_limit(parse_limit(text, kinds=KINDS))
    return "id." if printed == text else f"`{printed}`"


def unit_text(text: str) -> Unit:
    return parse_unit(text)


def decided(limit: str, at: str, day: dt.date, *, action: Action = Action.BOOK, used: int = 0) -> Decision:
    """The answer to a request made at ``at`` (``jeu. 08/10/2026 11:59``) for ``day``."""
    key = "reservation" if action is Action.BOOK else "annulation"
    others = 'reservation = "sans limite"\n' if action is not Action.BOOK else ""
    quoted = limit.replace('"', '\\"')
    rules = reglement(f'{others}{key} = "{quoted}"\n[[tarifs]]\ncode = "tardif"\nprix = "6,00"')
    hour = re.search(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", at)
    assert hour is not None, at
    local = dt.datetime.combine(day_of(at), dt.time(int(hour[1]), int(hour[2]), int(hour[3] or 0)), CALENDAR.tz)
    names = [tier.counter.name for tier in parse_limit(limit, kinds=KINDS) if tier.counter is not None]
    context = Context(rules, counters=FrozenMap(dict.fromkeys(names, used)), events=EVENTS)
    return decide(Request(action, ChildId("enfant"), ProductCode("cantine"), day, local), context)


def answer(decision: Decision) -> str:
    """Effect, tier, and what is open instead."""
    text = print_effect(decision.effect)
    if decision.tier is not None:
        text += f", palier {decision.tier + 1}"
    if decision.rank is not None:
        text += f", rang {decision.rank}"
    return text


def limit_of(decision: Decision) -> str:
    return "–" if decision.limit_written is None else closing(Window(State.WINDOW, written=decision.limit_written))


def next_of(decision: Decision) -> str:
    if decision.next is None:
        return "–"
    effect = print_effect(decision.next.effect)
    return day_text(decision.next.day) + ("" if effect == "accepté" else f" ({effect})")
