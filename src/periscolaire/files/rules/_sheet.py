"""The parameter sheet of a commune, eight columns, as CSV or XLSX: to a rules file, and from one.

A cell says what the compact notations say. A limit that differs by channel takes one line a channel
(``en ligne : la veille 23:00``); what only the rules file can say is shown as :data:`ELSEWHERE` and not read back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import attrs

from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.files.rules._rules import read_raw, write_raw
from periscolaire.files.toml._forms import nearest
from periscolaire.files.toml._text import read_text
from periscolaire.reglement import Reglement

__all__ = ["ELSEWHERE", "SHEET_HEADINGS", "SheetRow", "load_sheet", "reglement_of_sheet", "save_sheet", "sheet_rows"]

#: What a cell shows when the rules file says more than a cell can.
ELSEWHERE = "(voir le fichier de règles)"

#: The eight headings, in order, and the key of the rules file that each fills.
_COLUMNS = {
    "Produits": "nom",
    "Délai de réservation": "reservation",
    "Délai de dé-réservation": "annulation",
    "Prix à l'unité": "prix",
    "Prix si non prévu": "non_prevu",
    "Prix si absence injustifiée": "absence_injustifiee",
    "Paiement à la réservation (R) ou à la consommation (C)": "paiement",
    "Nombre maximum de places": "places",
}
SHEET_HEADINGS = tuple(_COLUMNS)


@attrs.frozen
class SheetRow:
    """One product of the sheet: the texts of its eight cells, in the order of :data:`SHEET_HEADINGS`."""

    cells: tuple[str, ...]
    line: int = 0

    def __attrs_post_init__(self) -> None:
        if len(self.cells) != len(SHEET_HEADINGS):
            raise MisuseError(f"a row of the sheet has {len(SHEET_HEADINGS)} cells, not {len(self.cells)}")


# From a file to rows, and back


def load_sheet(path: FilePath | str) -> tuple[SheetRow, ...]:
    """The rows of a CSV file (``;`` or ``,``, UTF-8) or of the first sheet of an XLSX file.

    :raises BadFileError: the headings are not the eight of the sheet, or a row has too many cells.
    :raises ModuleNotFoundError: an XLSX file without the ``documents`` extra.
    """
    path = FilePath(path)
    table = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    return _rows(table, str(path))


def save_sheet(rows: Iterable[SheetRow], path: FilePath | str) -> None:
    """Writes the rows as CSV (``;``, UTF-8 with a mark, as spreadsheets expect) or XLSX, by the name of ``path``."""
    path = FilePath(path)
    table = [list(SHEET_HEADINGS), *(list(row.cells) for row in rows)]
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, table)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)


def _read_csv(path: FilePath) -> list[list[str]]:
    text = read_text(path)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _read_xlsx(path: FilePath) -> list[list[str]]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    return [[_cell(value) for value in row] for row in sheet.to_python()]


def _cell(value: object) -> str:
    """A spreadsheet's cell as people see it: whole numbers without decimals, others with a comma."""
    if isinstance(value, float):
        number = Decimal(repr(value))
        whole = number == number.to_integral_value()
        return str(int(number)) if whole else format(number, "f").replace(".", ",")
    return str(value)


def _write_xlsx(path: FilePath, table: Sequence[Sequence[str]]) -> None:
    import xlsxwriter  # type: ignore[import-untyped]  # the package ships no types

    # A fixed date, so that the same règlement gives the same file.
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001  # a file property, no instant
        sheet = book.add_worksheet("Paramètres")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, len(SHEET_HEADINGS) - 1, 28)
        sheet.freeze_panes(1, 1)
        for y, row in enumerate(table):
            for x, text in enumerate(row):
                sheet.write_string(y, x, text, bold if y == 0 else plain)


def _rows(table: list[list[str]], file: str) -> tuple[SheetRow, ...]:
    if not table:
        raise BadFileError([Problem(file, "ligne 1", "un fichier vide", "les huit titres : " + " · ".join(_COLUMNS))])
    headings = [" ".join(heading.replace("’", "'").split()) for heading in table[0]]
    while headings and not headings[-1]:
        headings.pop()
    problems = [
        Problem(file, f"ligne 1, colonne {index + 1}", f"« {heading} »", f"« {expected} »{nearest(heading, _COLUMNS)}")
        for index, (heading, expected) in enumerate(_pairs(headings))
        if heading != expected
    ]
    rows = []
    for line, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(SHEET_HEADINGS) :]):
            problems.append(Problem(file, f"ligne {line}", f"{len(cells)} cellules", f"{len(SHEET_HEADINGS)} cellules"))
            continue
        padded = [*cells, *[""] * len(SHEET_HEADINGS)][: len(SHEET_HEADINGS)]
        rows.append(SheetRow(tuple(cell.strip() for cell in padded), line))
    if problems:
        raise BadFileError(problems)
    return tuple(rows)


def _pairs(headings: list[str]) -> Iterator[tuple[str, str]]:
    for index in range(max(len(headings), len(SHEET_HEADINGS))):
        found = headings[index] if index < len(headings) else ""
        yield found, SHEET_HEADINGS[index] if index < len(SHEET_HEADINGS) else ""


# From rows to a règlement, and back


def reglement_of_sheet(
    rows: Iterable[SheetRow],
    *,
    commune: str,
    version: str,
    en_vigueur: dt.date,
    zone: str | None = None,
    academie: str | None = None,
    territoire: str | None = None,
    jours: str = "jours de classe",
    file: str = "(feuille)",
) -> Reglement:
    """The règlement that the sheet says; what eight columns do not hold is given here.

    ``jours`` are the open days of every product: the sheet has no column for them, so change them in the rules file.

    :raises BadFileError: a cell says what it may not: every fault, with its line and column.
    """
    held = tuple(rows)
    head = {"zone": zone, "academie": academie, "territoire": territoire}
    raw: dict[str, Any] = {
        "format": 1,
        "commune": commune,
        "version": version,
        "en_vigueur": en_vigueur.isoformat(),
        **{key: value for key, value in head.items() if value is not None},
        "produits": [_product(row, jours, file) for row in held],
    }
    try:
        return read_raw(raw, file)
    except BadFileError as error:
        raise BadFileError(_in_cells(error, held)) from None


def _product(row: SheetRow, jours: str, file: str) -> dict[str, Any]:
    said = dict(zip(_COLUMNS.values(), row.cells, strict=True))
    for heading, text in zip(SHEET_HEADINGS, row.cells, strict=True):
        if text == ELSEWHERE:
            expected = "un texte : ce que la cellule remplace n'est que dans le fichier de règles"
            raise BadFileError([Problem(file, f"ligne {row.line}, colonne « {heading} »", f"« {text} »", expected)])
    product: dict[str, Any] = {"code": _code(said["nom"]), "nom": said["nom"], "jours": jours}
    for key in ("reservation", "annulation"):
        if said[key]:
            product[key] = _limit(said[key])
    if said["paiement"]:
        product["paiement"] = said["paiement"].upper() if len(said["paiement"]) == 1 else said["paiement"]
    if said["places"]:
        product["places"] = _places(said["places"])
    if said["prix"]:
        more = {key: said[key] for key in ("non_prevu", "absence_injustifiee") if said[key]}
        product["prix"] = {"prix": said["prix"], **more}
    return product


def _code(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _limit(text: str) -> str | dict[str, str]:
    """One line: the limit; several: one a channel, ``canal : limite``."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    pairs = [line.partition(":") for line in lines]
    return {channel.strip(): limit.strip() for channel, _, limit in pairs}


_PLACES = re.compile(r"([a-z]+)\s+(\d+)")


def _places(text: str) -> Any:
    if text.isdecimal():
        return int(text)
    parts = [part.strip() for part in text.split(",")]
    matches = [_PLACES.fullmatch(part) for part in parts]
    return {match[1]: int(match[2]) for match in matches if match is not None} if all(matches) else text


_KEY_COLUMN = {key: heading for heading, key in _COLUMNS.items()}
_WHERE = re.compile(r"produits\[(\d+)\](?:\.(\w+))?(?:\.(\w+))?")


def _in_cells(error: BadFileError, rows: Sequence[SheetRow]) -> Iterator[Problem]:
    """The same problems, said of cells instead of keys."""
    for problem in error.problems:
        match = _WHERE.match(problem.where)
        if match is None:
            yield problem
            continue
        row = rows[int(match[1]) - 1]
        key = match[3] if match[3] in _KEY_COLUMN else match[2]
        heading = _KEY_COLUMN.get({"code": "nom"}.get(key or "", key or "nom"), "Produits")
        yield attrs.evolve(problem, where=f"ligne {row.line}, colonne « {heading} »")


def sheet_rows(reglement: Reglement) -> tuple[SheetRow, ...]:
    """The sheet of a règlement: one row a product."""
    products = write_raw(reglement)["produits"]
    return tuple(SheetRow(_cells(product), line) for line, product in enumerate(products, start=2))


def _cells(product: Mapping[str, Any]) -> tuple[str, ...]:
    price = product.get("prix", "")
    table = price if isinstance(price, dict) else {}
    unit = table.get("prix", ELSEWHERE) if table else price
    if "tarif" in product:
        unit = f"tarif {product['tarif']}"
    return (
        product.get("nom", product["code"]),
        _said_limit(product.get("reservation", "")),
        _said_limit(product.get("annulation", "")),
        unit if isinstance(unit, str) else ELSEWHERE,
        _said(table.get("non_prevu", "prix de la prestation" if unit else "")),
        _said(table.get("absence_injustifiee", "prix de la prestation" if unit else "")),
        product.get("paiement", "C"),
        _said_places(product.get("places", "")),
    )


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ELSEWHERE


def _said_limit(value: Any) -> str:
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()) and "limite" not in value:
        return "\n".join(f"{channel} : {text}" for channel, text in value.items())
    return _said(value)


def _said_places(value: Any) -> str:
    match value:
        case int():
            return str(value)
        case dict() if "maximum" not in value:
            return ", ".join(f"{day} {places}" for day, places in value.items())
        case _:
            return _said(value)
