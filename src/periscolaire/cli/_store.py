"""What commands on a store share: opening it, who acts, how people and products are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from periscolaire.access import Role, StaffActor
from periscolaire.errors import NotFoundError
from periscolaire.ids import Key
from periscolaire.operations import Names
from periscolaire.ports import Store
from periscolaire.storage import open_store

__all__ = ["Names", "agent_option", "key_option", "opened", "store_argument"]

F = TypeVar("F", bound=Callable[..., Any])

store_argument = click.argument("base", metavar="BASE")


def agent_option(command: F) -> F:
    """``--agent``: who acts, as facts and the audit trail name them; the command line is an administrator's."""

    def actor(_: click.Context, __: click.Parameter, name: str) -> StaffActor:
        return StaffActor(name, frozenset({Role.ADMINISTRATOR}))

    return click.option("--agent", "actor", default="mairie", show_default=True, callback=actor, help="Qui agit.")(
        command
    )


def key_option(command: F) -> F:
    """``--cle``: the key under which a command counts once, however often it is sent."""

    def read(_: click.Context, __: click.Parameter, text: str | None) -> Key | None:
        return Key(text) if text else None

    return click.option(
        "--cle", "key", callback=read, help="Clé : la même commande sous la même clé ne compte qu'une fois."
    )(command)


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
