"""The scan of positions finds every key of a TOML text, and never fails."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from periscolaire.files.toml._locate import Path, line_of, locate, print_path

TEXT = '''\
format = 1
titre = "a # b [x]"  # commentaire
[calendrier]
semaine = [
  "lundi", # un
  "mardi",
]
[calendrier.genres]
"jour de marché" = ["jeudi"]
[[produits]]
code = "cantine"
prix = { selon = "quotient", tranches = [{ jusqu_a = 1, prix = "1" }, { prix = "2" }] }
[[produits]]
code = "garderie"
a.b = 1
[[produits.conditions]]
texte = """
plusieurs
lignes"""
autre = 'x'
[produits.prix]
montant = "1"
'''


def every_path(value: Any, path: Path = ()) -> list[Path]:
    match value:
        case dict():
            return [(*path, key) for key in value] + [
                p for key, item in value.items() for p in every_path(item, (*path, key))
            ]
        case list():
            return [p for index, item in enumerate(value) for p in every_path(item, (*path, index))]
        case _:
            return []


def test_every_key_has_its_line() -> None:
    lines = locate(TEXT)
    data = tomllib.loads(TEXT)
    assert [path for path in every_path(data) if path not in lines] == []
    assert lines[("calendrier", "semaine", 1)] == 6
    assert lines[("calendrier", "genres", "jour de marché")] == 9
    assert lines[("produits", 0, "prix", "tranches", 1, "prix")] == 12
    assert lines[("produits", 1, "code")] == 14
    assert lines[("produits", 1, "conditions", 0, "autre")] == 20
    assert lines[("produits", 1, "prix", "montant")] == 22


@pytest.mark.parametrize("text", ["[[", "a = ", "a = [1 2", "= 3", 'a = "', "a = {b = }", "[a]\n]", "\x00"])
def test_a_broken_text_is_scanned_without_failing(text: str) -> None:
    assert all(line >= 1 for line in locate(text).values())


def test_a_missing_key_is_reported_where_its_table_begins() -> None:
    lines = locate(TEXT)
    assert line_of(("produits", 1, "jours"), lines) == 13
    assert line_of(("inconnu",), lines) is None


def test_paths_count_from_one() -> None:
    assert print_path(("produits", 1, "reservation")) == "produits[2].reservation"
    assert print_path(()) == "(fichier)"
