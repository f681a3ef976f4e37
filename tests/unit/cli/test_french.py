"""What click itself says is French too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

import periscolaire.cli.textes
from periscolaire.cli._app import COMMANDS, app

SOURCE = Path(periscolaire.cli.textes.__file__).parent / "fr" / "LC_MESSAGES" / "messages.po"


def _texts(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """Singular → all its forms."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in catalogue
        if message.id
    }


def test_the_compiled_texts_are_those_written() -> None:
    with SOURCE.open("rb") as file:
        written = _texts(read_po(file))
    with SOURCE.with_suffix(".mo").open("rb") as file:
        compiled = _texts(read_mo(file))
    assert compiled == written, "python -m periscolaire.cli.textes"


def test_every_refusal_that_click_may_give_has_its_french() -> None:
    with SOURCE.open("rb") as file:
        known = _texts(read_po(file)).keys()
    said = {
        str(ast.literal_eval(node.args[0]))
        for name in ("exceptions.py", "types.py", "formatting.py")
        for node in ast.walk(ast.parse((Path(click.__file__).parent / name).read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "ngettext")
        and isinstance(node.args[0], ast.Constant)
    }
    # Types that no command uses.
    unused = {text for text in said if any(word in text for word in ("UUID", "values are required", "executable"))}
    assert said - known - unused - {"Choice({choices})"} == set()


@pytest.mark.parametrize(
    "arguments", [["tabl"], ["table"], ["bill", "--moi"], ["report", "--help"], [*list(COMMANDS)[:1], "-x"]]
)
def test_no_english_reaches_a_clerk(arguments: list[str]) -> None:
    said = CliRunner().invoke(app, arguments).output
    assert said.startswith("Usage :")
    for english in ("Show this", "Try ", "Error", "No such", "Missing", "Did you"):
        assert english not in said


def _helps(command: click.Command, *names: str) -> Iterator[str]:
    yield CliRunner().invoke(app, [*names, "--help"]).output
    for name, one in getattr(command, "commands", {}).items():
        yield from _helps(one, *names, name)


def test_every_help_is_french_and_tells_its_subcommands_in_whole_sentences() -> None:
    root = click.Context(app)
    for name in COMMANDS:
        command = app.get_command(root, name)
        assert command is not None
        for said in _helps(command, name):
            assert said.startswith("Usage :"), said
            assert not re.search(r"\b(COMMAND|ARGS|TEXT|INTEGER|RANGE|FLOAT|FILE|LE FICHIER)\b", said), said
            assert not re.search(r"\.\.\.$", said.partition("Commandes")[2], re.MULTILINE), said
