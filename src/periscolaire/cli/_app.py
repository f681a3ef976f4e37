"""The root of the command line: subcommands are imported only when they are called."""

from __future__ import annotations

import importlib
import keyword
import sys
from typing import Any, Final

import click

from periscolaire import __version__
from periscolaire.errors import PeriscolaireError

__all__ = ["COMMANDS", "app"]

#: Command → the module of :mod:`periscolaire.cli` that holds it, under the same name
#: (``-`` read as ``_``, and a ``_`` after a word of Python).
COMMANDS: Final[dict[str, str]] = {
    "demo": "_demo",
    "import": "_import",
    "bill": "_bill",
    "invoices": "_invoices",
    "report": "_report",
    "explain": "_explain",
    "attend": "_attend",
    "pay": "_pay",
    "remind": "_remind",
    "ledger": "_ledger",
    "close-desk": "_close_desk",
    "document": "_document",
    "cancel": "_reserve",
    "check": "_check",
    "door-list": "_door_list",
    "orders": "_orders",
    "registrations": "_registrations",
    "reserve": "_reserve",
    "school-year": "_school_year",
    "week": "_week",
    "schema": "_rules_files",
    "sheet": "_rules_files",
    "table": "_rules_files",
}


class _Lazy(click.Group):
    """Imports a subcommand when it is asked for; turns the package's errors into a message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"periscolaire.cli.{COMMANDS[cmd_name]}")
        name = cmd_name.replace("-", "_")
        command = getattr(module, f"{name}_" if keyword.iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PeriscolaireError as error:
            i18n = importlib.import_module("periscolaire.i18n")  # Babel: only when there is something to say
            click.echo(f"{click.style('erreur', fg='red', bold=True)} : {i18n.text(error)}", err=True)
            sys.exit(2)


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Chaque commande explique ses options : periscolaire COMMANDE --help",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    """Réserver, contrôler et facturer la cantine, la garderie et les centres de loisirs d'une commune."""
