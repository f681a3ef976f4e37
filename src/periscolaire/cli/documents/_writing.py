"""How commands write what they made: the form follows from the name of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from periscolaire.billing import ReportTable
from periscolaire.documents import Document, as_html, as_pdf, as_text
from periscolaire.errors import MisuseError
from periscolaire.files import report_csv, report_json, write_report_xlsx

__all__ = ["out_option", "write_document", "write_report"]

_OUT = click.Path(dir_okay=False, path_type=Path)


def out_option(*, required: bool, forms: str) -> Callable[[Any], Any]:
    """``--sortie`` / ``-o``: the files to write; may be given several times."""
    return click.option(
        "--sortie", "-o", "out", type=_OUT, multiple=True, required=required, metavar="FICHIER",
        help=f"Le fichier à écrire, répétable ; sa forme suit de son nom : {forms}.",
    )  # fmt: skip


def _html(document: Document, path: Path) -> None:
    path.write_text(as_html(document), encoding="utf-8")


def _pdf(document: Document, path: Path) -> None:
    path.write_bytes(as_pdf(document))


def _text(document: Document, path: Path) -> None:
    path.write_text(as_text(document), encoding="utf-8")


def _csv(table: ReportTable, path: Path) -> None:
    path.write_text(report_csv(table), encoding="utf-8-sig", newline="")  # spreadsheets know UTF-8 by this mark


def _json(table: ReportTable, path: Path) -> None:
    path.write_text(report_json(table), encoding="utf-8")


_DOCUMENTS: Mapping[str, Callable[[Document, Path], None]] = {".html": _html, ".pdf": _pdf, ".txt": _text}
_TABLES: Mapping[str, Callable[[ReportTable, Path], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": write_report_xlsx,
}


def write_document(document: Document, paths: tuple[Path, ...]) -> None:
    """The document under each of ``paths``; nothing is written if one of them has no known form.

    :raises MisuseError: a name that tells no form.
    """
    _known(paths, _DOCUMENTS)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        _DOCUMENTS[path.suffix](document, path)


def write_report(table: ReportTable, document: Document, paths: tuple[Path, ...]) -> None:
    """The report under each of ``paths``: the table for tools, the document for people.

    :raises MisuseError: a name that tells no form; nothing is written.
    """
    pages = {form: write for form, write in _DOCUMENTS.items() if form != ".txt"}
    _known(paths, {**_TABLES, **pages})
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in _TABLES:
            _TABLES[path.suffix](table, path)
        else:
            pages[path.suffix](document, path)


def _known(paths: tuple[Path, ...], forms: Mapping[str, object]) -> None:
    for path in paths:
        if path.suffix not in forms:
            raise MisuseError(f"« {path.name} » : attendu {', '.join(forms)}, trouvé « {path.suffix} »")
