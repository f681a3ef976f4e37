"""What commands share to show things: a console, JSON for scripts, plain values of domain objects."""

from __future__ import annotations

import datetime as dt
import enum
import json
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click
from rich.console import Console

from periscolaire import i18n
from periscolaire.money import Money
from periscolaire.reasons import Description, Reason

__all__ = ["Word", "console", "emit_json", "existing_file", "json_option", "language_option", "plain"]

F = TypeVar("F", bound=Callable[..., Any])

existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class Word(click.Choice):  # type: ignore[type-arg]  # generic in the newest click only
    """One of some words, however its accents and capitals are typed: « cheque » is « chèque »."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        meant = {_bare(word): word for word in self.choices}
        return super().convert(meant.get(_bare(str(value)), value), param, ctx)


def _bare(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def console() -> Console:
    """The terminal; wide enough for a table when the output is not a terminal."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=120)


def json_option(command: F) -> F:
    """``--json``: the same answer as one JSON document, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Répondre en JSON, pour un script.")(command)


def language_option(command: F) -> F:
    """``--langue``: the language of sentences."""
    return click.option("--langue", "language", type=Word(i18n.LANGUAGES), default="fr", help="Langue des textes.")(
        command
    )


def emit_json(value: object) -> None:
    """Write one JSON document to the standard output."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """``value`` as JSON knows it: dates ISO, amounts in units as text, enums by value, reasons with their text."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return str(value)
        case Money():
            return str(value.currency.value(value.amount))
        case Reason() | Description():
            words = {"code": value.code, "texte": i18n.text(value)}
            return words | {"parametres": plain(value.parameters)}
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case enum.Enum():
            return plain(value.value)
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [plain(item) for item in items]
        case Path():
            return str(value)
        case _ if attrs.has(type(value)):
            return {name: plain(getattr(value, name)) for name in _fields(type(value))}
        case _:
            raise TypeError(f"{value!r} cannot be written as JSON")


def _fields(kind: Any) -> list[str]:
    return [field.name for field in attrs.fields(kind) if not field.name.startswith("_")]
