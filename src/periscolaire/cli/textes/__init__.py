"""The words of click itself, in French, by the way that click offers: gettext's default domain."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import click

__all__ = ["in_french", "speak_french"]

#: What an option takes, by click's name of its type (a path has it in the language of when click was read).
_TAKES = {
    "text": "TEXTE", "integer": "NOMBRE", "integer range": "NOMBRE",
    "file": "FICHIER", "le fichier": "FICHIER", "directory": "DOSSIER", "le dossier": "DOSSIER",
    "path": "CHEMIN", "le chemin": "CHEMIN",
}  # fmt: skip


def speak_french() -> None:
    """Have click say its own messages in French, unless the variable ``LANGUAGE`` asks for something else."""
    os.environ.setdefault("LANGUAGE", "fr")
    gettext.bindtextdomain("messages", str(Path(__file__).parent))


def in_french(command: click.Command) -> click.Command:
    """``command``, its help in French where click has no words to translate; its subcommands with a whole sentence."""
    for option in command.params:
        if isinstance(option, click.Option) and option.metavar is None and not option.is_flag:
            option.metavar = _TAKES.get(option.type.name)
    if isinstance(command, click.Group):
        command.subcommand_metavar = "COMMANDE [...]"
        for one in command.commands.values():
            paragraph = (in_french(one).help or "").partition("\n\n")[0]
            one.short_help = " ".join(paragraph.split()).removesuffix(".")
    return command
