"""Every code block of the documentation runs.

- ``python`` blocks run in order, sharing the names of their page;
- ``toml`` blocks are read: a whole rules file (it begins with ``format``), a scenario file (it holds ``[[etapes]]`` and
  no product), or a fragment of a rules file, completed with what every file must say;
- ``console`` blocks run each ``$ periscolaire …`` line and compare what is printed (``...`` stands for anything).

Relative paths of a page are those of the root of the project; what a page writes goes to a temporary folder.
"""

from __future__ import annotations

import doctest
import shlex
import tomllib
from pathlib import Path

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[1]
HEADER = 'format = 1\ncommune = "Exemple"\nversion = "exemple"\nen_vigueur = "2025-09-01"\nzone = "B"\n'
PRODUCT = """[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "sans limite"
annulation = "sans limite"
"""


def read_toml(example: Example) -> str | None:
    """The block is a file, or a fragment, that the package reads without a fault."""
    from periscolaire.files import read_reglement

    text = str(example.parsed)
    keys = set(tomllib.loads(text))
    if "etapes" in keys:
        from periscolaire.files import read_scenario

        read_scenario(text, file=example.path)
    else:
        read_reglement(completed(text, keys), file=example.path)
    return None


def completed(text: str, keys: set[str]) -> str:
    """``text`` with the keys that every rules file must have, when it is only a part of one."""
    if "format" in keys:
        return text
    if keys & {"reservation", "annulation", "modification", "prix", "jours", "places"} and "produits" not in keys:
        text = PRODUCT.split("\n", 1)[0] + "\n" + defaults(keys) + text  # the inside of one product
        keys = {"produits"}
    head = "\n".join(line for line in HEADER.splitlines() if line.split(" = ")[0] not in keys) + "\n"
    top, bracket, tables = text.partition("[") if text.lstrip().startswith("[") else (text, "", "")
    body = f"{top}{bracket}{tables}"
    return head + body if "produits" in keys else f"{head}{body}\n{PRODUCT}"


def defaults(keys: set[str]) -> str:
    lines = (line for line in PRODUCT.splitlines()[1:])
    return "".join(f"{line}\n" for line in lines if line.split(" = ")[0] not in keys)


def run_console(example: Example) -> str | None:
    """Each ``$ periscolaire …`` line prints what follows it."""
    from click.testing import CliRunner

    from periscolaire.cli._app import app

    checker = doctest.OutputChecker()
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for command, expected in commands(str(example.parsed)):
        result = CliRunner().invoke(app, shlex.split(command)[1:], catch_exceptions=False, prog_name="periscolaire")
        if expected.strip() and not checker.check_output(expected, result.output, options):
            return f"$ {command}\nexpected:\n{expected}\ngot:\n{result.output}"
    return None


def commands(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


pytest_collect_file = Sybil(
    parsers=[
        SkipParser(),
        PythonCodeBlockParser(),
        CodeBlockParser(language="toml", evaluator=read_toml),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
    patterns=["*.md"],
    path=str(ROOT / "docs"),
).pytest()
