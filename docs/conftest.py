"""Every code block of the documentation runs.

- ``python`` blocks run in order, sharing the names of their page;
- ``toml`` blocks are read: a whole rules file (it begins with ``format``), a fragment of a rules file (a product, the
  inside of one, a table), completed with what every file must say, a scenario file (``[[etapes]]``), or the file of the
  family space (``[courriel]``). A fragment may
  carry ``exemples``: steps of a scenario, or prices for short (``{ faits = { … }, prix = "4,40" }``), all played. A
  scenario is played against the last rules of its page, if there are any;
- a ``toml`` block that begins with ``# fichier : NAME`` is written under that name in the folder of its page: commands
  of the page play it;
- ``console`` blocks run each ``$ periscolaire …`` line and compare what is printed (``...`` stands for anything).

A page runs in a temporary folder of its own, in which ``examples``, ``tests`` and ``docs`` are those of the project.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[1]
HEADER = {"format": 1, "commune": "Exemple", "version": "exemple", "en_vigueur": "2025-09-01"}
PRODUCT = {"code": "cantine", "jours": "jours de classe", "reservation": "sans limite", "annulation": "sans limite"}
#: Keys that belong to the inside of a product when no product is written.
INSIDE = {"reservation", "annulation", "modification", "commande", "prix", "jours", "places", "hors_delai",
          "conditions", "absence", "pointage", "creneaux", "horaires", "paiement", "tarif", "unite", "ajout",
          "inscription", "a_reserver", "exige", "exclut"}  # fmt: skip
NAMED = re.compile(r"# fichier : (\S+)\n")


def completed(raw: dict[str, Any]) -> dict[str, Any]:
    """``raw`` with the keys that every rules file must have, when it is only a part of one."""
    if "format" in raw:
        return raw
    inside = {key: value for key, value in raw.items() if key in INSIDE}
    rest = {key: value for key, value in raw.items() if key not in INSIDE}
    place = {} if {"zone", "academie", "territoire"} & rest.keys() else {"zone": "B"}
    products = rest.pop("produits", [{**PRODUCT, **inside}])
    return {**HEADER, **place, **rest, "produits": products}


def steps(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps of a scenario; ``prix`` for short is the price of the product or tariff ``de``."""
    full = []
    for example in examples:
        if "attendu" not in example and "preparation" not in example:
            rest = {key: value for key, value in example.items() if key not in ("prix", "de")}
            price = example["prix"]
            expected = {"a_decider": True} if price == "à décider" else {"prix": price}
            example = {"prix_de": example.get("de", "cantine"), **rest, "attendu": expected}
        full.append(example)
    return full


def run_toml(example: Example) -> str | None:
    """The block is a file, or a fragment, that the package reads; its examples give what they say."""
    from periscolaire.files import read_portal_settings, read_reglement, read_scenario
    from periscolaire.files.toml._writing import write_toml

    text = str(example.parsed)
    raw = tomllib.loads(text)
    if named := NAMED.match(text):
        Path(named[1]).write_text(text, encoding="utf-8")
    if "courriel" in raw:
        read_portal_settings(text, file=example.path)
        return None
    if "etapes" in raw:
        reglement = example.namespace.get("reglement de la page")
        scenario = read_scenario(text, reglement, file=example.path)
        return None if reglement is None or named else played(scenario, reglement)
    examples = raw.pop("exemples", [])
    raw.pop("methode", None)  # the page of the peers' methods numbers its blocks
    whole = text if "format" in raw and not examples else write_toml(completed(raw))
    reglement = read_reglement(whole, file=example.path)
    example.namespace["reglement de la page"] = reglement
    if not examples:
        return None
    listed = write_toml({"format": 1, "etapes": steps(examples)})
    return played(read_scenario(listed, reglement, file=example.path), reglement)


def played(scenario: Any, reglement: Any) -> str | None:
    from periscolaire.scenarios import report_text, run_scenario

    report = run_scenario(scenario, reglement)
    return None if report.agrees else str(report_text(report, "fr"))


def run_console(example: Example) -> str | None:
    """Each ``$ periscolaire …`` line prints what follows it."""
    from click.testing import CliRunner

    from periscolaire.cli._app import app

    for command, expected in commands(str(example.parsed)):
        result = CliRunner().invoke(app, shlex.split(command)[1:], catch_exceptions=False, prog_name="periscolaire")
        if expected.strip() and not prints(expected, result.output):
            return f"$ {command}\nexpected:\n{expected}\ngot:\n{result.output}"
    return None


def prints(expected: str, output: str) -> bool:
    """White space does not count; ``...`` stands for anything, nothing included."""
    pieces = (re.escape(" ".join(piece.split())) for piece in expected.split("..."))
    return re.fullmatch(" ?.*? ?".join(pieces), " ".join(output.split())) is not None


def commands(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


_HOME = "dossier de la page"


def enter_folder(namespace: dict[str, Any]) -> None:
    """The page moves into its folder."""
    folder = tempfile.TemporaryDirectory(prefix="periscolaire-docs-")
    namespace[_HOME] = (folder, Path.cwd())
    for name in ("examples", "tests", "docs"):
        (Path(folder.name) / name).symlink_to(ROOT / name)
    os.chdir(folder.name)


def leave_folder(namespace: dict[str, Any]) -> None:
    """The folder of a page goes when the page is done."""
    folder, before = namespace.pop(_HOME)
    os.chdir(before)
    folder.cleanup()


pytest_collect_file = Sybil(
    parsers=[
        SkipParser(),
        PythonCodeBlockParser(),
        CodeBlockParser(language="toml", evaluator=run_toml),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
    patterns=["*.md"],
    path=str(ROOT / "docs"),
    setup=enter_folder,
    teardown=leave_folder,
).pytest()
