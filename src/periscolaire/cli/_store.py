"""What commands on a store share: opening it, who acts, how people and products are called."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from periscolaire.access import Role, StaffActor
from periscolaire.calendar import Span
from periscolaire.errors import NotFoundError
from periscolaire.operations import Names
from periscolaire.ports import Store
from periscolaire.storage import open_store

__all__ = ["Names", "agent_option", "month", "opened", "store_argument"]

F = TypeVar("F", bound=Callable[..., Any])

store_argument = click.argument("base", metavar="BASE")


def agent_option(command: F) -> F:
    """``--agent``: who acts, as facts and the audit trail name them; the command line is an administrator's."""

    def actor(_: click.Context, __: click.Parameter, name: str) -> StaffActor:
        return StaffActor(name, frozenset({Role.ADMINISTRATOR}))

    return click.option("--agent", "actor", default="mairie", show_default=True, callback=actor, help="Qui agit.")(
        command
    )


@contextmanager
def opened(base: str) -> Iterator[Store]:
    """The store at ``base`` (a file of SQLite, or the address of a database), closed at the end."""
    try:
        store = open_store(base)
    except NotFoundError:
        raise NotFoundError(
            f"{base} : base introuvable ; pour la créer : periscolaire import {base} --creer --reglement …"
        ) from None
    try:
        yield store
    finally:
        store.close()


def month(_: click.Context, __: click.Parameter, text: str | None) -> Span | None:
    """A month written ``2025-11`` as its closed span of days."""
    if text is None:
        return None
    if not (found := re.fullmatch(r"(\d{4})-(\d{2})", text)) or not 1 <= int(found[2]) <= 12:
        raise click.BadParameter(f"« {text} » ; attendu un mois, comme 2025-11")
    year, number = int(found[1]), int(found[2])
    return Span(dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1]))
