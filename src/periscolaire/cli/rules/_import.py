"""``periscolaire import``: a règlement and the commune's CSV files into a store."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.booking import LineStatus
from periscolaire.cli._output import console, emit_json, existing_file, json_option, plain
from periscolaire.cli._show import answers, decisions_table, show
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli.documents._people import warn_of_mentions
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.files import CSV_TABLES, load_issuer
from periscolaire.operations import ImportedFiles, import_files, publish_reglement, published_reglements, set_issuer
from periscolaire.ports import RecordedDecision, Store
from periscolaire.storage import create_store

__all__ = ["files_of", "import_", "import_into"]


@click.command("import")
@store_argument
@click.argument("paths", metavar="CHEMIN...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--reglement", "rules", type=existing_file, help="Fichier de règles à publier d'abord.")
@click.option("--emetteur", "issuer", type=existing_file, help="Fichier de l'émetteur : ce que portent les documents.")
@click.option("--creer", "create", is_flag=True, help="Créer la base (elle ne doit pas exister).")
@agent_option
@json_option
def import_(
    base: str,
    paths: tuple[Path, ...],
    rules: Path | None,
    issuer: Path | None,
    create: bool,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Importe dans BASE des fichiers CSV, ou tous ceux d'un dossier, en une seule fois : tout, ou rien.

    Les demandes sont décidées dans l'ordre où elles sont arrivées, et chaque réponse est gardée avec ses raisons. Un
    fichier déjà importé n'est pas importé de nouveau. BASE est un fichier SQLite, ou l'adresse d'une base PostgreSQL.
    """
    if create:
        create_store(base).close()
    with opened(base) as store:
        found = import_into(store, files_of(paths), actor, rules, issuer)
        if issuer is not None:
            with store.unit(write=False) as uow:
                warn_of_mentions(uow)
        if as_json:
            emit_json(_as_json(found))
            return
        screen = console()
        for name, count in found.counts.items():
            screen.print(f"{name}.csv : {count} lignes")
        for name in found.known:
            screen.print(f"{name}.csv : déjà importé")
        if found.doubtful:
            plural = "s" if found.doubtful > 1 else ""
            screen.print(f"attention : {found.doubtful} présence{plural} malgré le règlement (anomalies door)")
        if found.decisions:
            statuses = Counter(one.verdict.status for one in found.decisions)
            told = ", ".join(f"{status.value} : {count}" for status, count in statuses.most_common())
            screen.print(f"Demandes ({told})")
            with store.unit(write=False) as uow:
                calendar = published_reglements(uow).versions[-1].calendar
                refused = [one for one in found.decisions if one.verdict.refused]
                show(screen, decisions_table("Demandes refusées", refused, Names.of(uow), calendar))


def files_of(paths: tuple[Path, ...]) -> dict[str, Path]:
    """The CSV files among ``paths``, and those of the folders among them, by their usual name.

    :raises MisuseError: two files of one name, or a file whose name is not one of the known tables.
    """
    files: dict[str, Path] = {}
    for path in paths:
        for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
            if file.stem not in CSV_TABLES:
                known = ", ".join(f"{name}.csv" for name in CSV_TABLES)
                raise MisuseError(f"{file} : nom de fichier inconnu ; attendu {known}")
            if file.stem in files:
                raise MisuseError(f"{file} et {files[file.stem]} : deux fichiers de même nom")
            files[file.stem] = file
    return files


def import_into(
    store: Store, files: dict[str, Path], actor: StaffActor, rules: Path | None = None, issuer: Path | None = None
) -> ImportedFiles:
    """Publish ``rules``, say who issues, and import ``files`` in one unit of work."""
    now = dt.datetime.now(dt.UTC)
    with store.unit() as uow:
        if issuer is not None:
            set_issuer(load_issuer(issuer), uow, actor=actor, now=now)
        if rules is not None:
            try:
                text = rules.read_text(encoding="utf-8-sig")
            except OSError as error:
                raise NotFoundError(f"{rules} : {error.strerror}") from error
            publish_reglement(text, uow, actor=actor, now=now, file=str(rules))
        found = import_files(dict(files), uow, actor=actor, now=now)
        uow.commit()
    return found


def _as_json(found: ImportedFiles) -> object:
    return {
        "lignes": dict(found.counts),
        "deja_importes": found.known,
        "presences_malgre_le_reglement": found.doubtful,
        "demandes": [_decision(one) for one in found.decisions if one.verdict.status is not LineStatus.FIRM],
    }


def _decision(one: RecordedDecision) -> dict[str, object]:
    return {
        "demande": one.source,
        "instant": one.at,
        "enfant": one.key.child,
        "produit": one.key.product,
        "jour": one.key.day,
        "action": one.verdict.line.action,
        "reponse": one.verdict.status,
        "palier": one.verdict.tier,
        "raisons": plain(one.verdict.reasons),
        "explication": answers(one.verdict),
        "reglement": one.reglement,
    }
