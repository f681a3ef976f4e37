"""``periscolaire init``: the files that a commune begins with, to be filled in."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from pathlib import Path

import click

from periscolaire.cli._output import Word, console
from periscolaire.errors import ConflictError
from periscolaire.files import CSV_TABLES, write_csv

__all__ = ["init"]

#: What a commune has on the first day; the other files come with the first month.
_TABLES = ("foyers", "enfants")
_FIRST_MONTH = 9  # a school year begins in September


@click.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--commune", required=True, help="Le nom de la commune, comme il s'imprime.")
@click.option("--zone", type=Word(["A", "B", "C"]), required=True, help="La zone de vacances.")
@click.option(
    "--annee", "year", type=click.IntRange(2015, 2100), help="L'année de la rentrée (par défaut, la dernière)."
)
def init(folder: Path, commune: str, zone: str, year: int | None) -> None:
    """Prépare DOSSIER pour une commune : un règlement et un émetteur à compléter, les tableaux des familles.

    Rien n'est remplacé : code de sortie 2 si l'un des fichiers existe déjà.
    """
    today = dt.datetime.now(dt.UTC).date()
    begins = year or today.year - (today.month < _FIRST_MONTH)
    written = {folder / name: _filled(name, commune, zone, begins) for name in ("reglement.toml", "emetteur.toml")} | {
        folder / f"{name}.csv": "\ufeff" + write_csv(CSV_TABLES[name], ()) for name in _TABLES
    }
    if there := [str(path) for path in written if path.exists()]:
        raise ConflictError(f"{', '.join(there)} : existe déjà ; rien n'est écrit")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8", newline="")
    screen = console()
    screen.print(f"Écrit dans {folder} : {', '.join(path.name for path in written)}", markup=False)
    screen.print(_NEXT, markup=False)


_NEXT = """Remplacez chaque phrase du règlement par celle du vôtre, remplissez les tableaux, puis, dans ce dossier :
  periscolaire check reglement.toml
  periscolaire import base.sqlite --creer --reglement reglement.toml --emetteur emetteur.toml foyers.csv enfants.csv"""


def _filled(name: str, commune: str, zone: str, begins: int) -> str:
    text = (resources.files("periscolaire.cli.rules") / "modeles" / name).read_text("utf-8")
    said = {
        "@COMMUNE@": json.dumps(commune, ensure_ascii=False),  # a text of JSON is one of TOML
        "@VERSION@": f"{begins}-{begins + 1}",
        "@JOUR@": f"{begins}-{_FIRST_MONTH:02d}-01",
        "@ZONE@": zone,
    }
    for word, value in said.items():
        text = text.replace(word, value)
    return text
