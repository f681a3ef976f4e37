"""The first minutes of a commune: its files are written, checked and imported as they stand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from periscolaire.cli._app import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "commune"


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("name", ["Ma Commune", "L'Île-\"d'Yeu\" \\ été"])
def test_what_is_written_is_right_and_imported_as_it_stands(folder: Path, name: str) -> None:
    told = said("init", "commune", "--commune", name, "--zone", "b", "--annee", "2026")
    assert "periscolaire import base.sqlite --creer" in told
    rules = tomllib.loads((folder / "reglement.toml").read_text("utf-8"))
    assert (rules["commune"], rules["zone"], rules["en_vigueur"]) == (name, "B", "2026-09-01")
    assert "0 erreur(s), 0 avertissement(s)" in said("check", "commune/reglement.toml")
    files = [f"commune/{one}.csv" for one in ("foyers", "enfants")]
    made = ("--creer", "--reglement", "commune/reglement.toml", "--emetteur", "commune/emetteur.toml")
    assert "foyers.csv : 0 lignes" in said("import", "base.sqlite", *files, *made)


def test_nothing_is_replaced(folder: Path) -> None:
    folder.mkdir()
    (folder / "enfants.csv").write_text("à moi", encoding="utf-8")
    assert "enfants.csv : existe déjà" in said("init", "commune", "--commune", "X", "--zone", "A", code=2)
    assert [one.name for one in folder.iterdir()] == ["enfants.csv"]
    assert "--zone" in said("init", "ailleurs", "--commune", "X", code=2)
