"""``periscolaire contacts``: the contact page, as families see it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import click
from rich.text import Text

from periscolaire.access import StaffActor
from periscolaire.calendar import Weekday
from periscolaire.cli._desk import zone_of
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment
from periscolaire.cli.families._shared import CHANNEL, portal_option
from periscolaire.files import PortalSettings
from periscolaire.messages import Contact, OpeningHours
from periscolaire.operations import contact_page, publish_contacts

__all__ = ["contacts"]


@click.group()
def contacts() -> None:
    """La page des contacts : la montrer, la publier."""


@contacts.command()
@store_argument
@json_option
def show(base: str, as_json: bool) -> None:
    """Montre la page telle que les familles la lisent."""
    with opened(base) as store, store.unit(write=False) as uow:
        page = contact_page(uow)
    if as_json:
        emit_json([_plain(one) for one in page.contacts])
        return
    screen = console()
    for one in page.contacts:
        screen.print(Text(f"{one.name}, {one.commune}", style="bold"))
        for line in (*one.address, _hours(one.hours), one.telephone, one.email):
            if line:
                screen.print(Text(f"  {line}"))
        if one.products:
            screen.print(Text(f"  pour : {', '.join(sorted(one.products))}"))
    if not page.contacts:
        screen.print("Aucun contact publié : periscolaire contacts publish")


@contacts.command()
@store_argument
@portal_option
@at_option
@agent_option
@json_option
def publish(base: str, portal: PortalSettings, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Publie les [[contacts]] du fichier de l'espace famille, à la place de ceux d'avant."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        publish_contacts(portal.contacts, uow, actor=actor, at=moment(at, tz), channel=CHANNEL)
        uow.commit()
    count = len(portal.contacts.contacts)
    answer(as_json, {"contacts": count}, f"{count} contact(s) publié(s)")


def _hours(hours: tuple[OpeningHours, ...]) -> str:
    """« lundi 9 h – 12 h et 14 h – 17 h, mardi … »."""
    said = []
    for weekday, spans in groupby(sorted(hours, key=lambda one: (one.weekday, one.opens)), key=lambda one: one.weekday):
        told = " et ".join(f"{_clock(one.opens)} – {_clock(one.closes)}" for one in spans)
        said.append(f"{Weekday(weekday).french} {told}")
    return ", ".join(said)


def _clock(minutes: int) -> str:
    return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")


def _plain(one: Contact) -> dict[str, Any]:
    return {
        "nom": one.name,
        "commune": one.commune,
        "adresse": one.address,
        "horaires": [
            {"jour": Weekday(span.weekday).french, "de": _clock(span.opens), "a": _clock(span.closes)}
            for span in one.hours
        ],
        "telephone": one.telephone,
        "courriel": one.email,
        "produits": sorted(one.products),
    }
