"""Strict CSV files with French headings: all faults of a file are found together, and nothing is read halfway.

A file is UTF-8 (a byte order mark is accepted), separated by ``;`` or ``,``. Its first line holds the headings, in any
order; the columns of each file are the tables of :mod:`periscolaire.files.tables._layouts`, which the documentation
is checked against. Cells are trimmed; an empty cell is no value.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from periscolaire.errors import BadFileError, MisuseError, Problem

__all__ = ["Cell", "Column", "CsvTable", "read_csv", "write_csv"]

RowT = TypeVar("RowT")


@attrs.frozen
class Cell:
    """How a cell is read and written: ``expected`` is said in French when it cannot be read."""

    expected: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


@attrs.frozen
class Column:
    """One column: its heading, the field of the row it fills, and what a cell holds.

    ``required``: every line has a value (the heading must then be there); otherwise the column may be left out.
    ``refers``: the values must be among those known under that name (``enfant``, ``foyer``, ``produit``).
    """

    heading: str
    field: str
    cell: Cell
    meaning: str
    required: bool = True
    refers: str | None = None


@attrs.frozen
class CsvTable(Generic[RowT]):
    """One sort of file: its usual name, what a line is, its columns, and the headings that tell two lines apart.

    ``unique`` is empty where two equal keys are no fault. ``beside``: headings of columns that are there for people,
    and are not read.
    """

    name: str
    meaning: str
    row: type[RowT]
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def read_csv(
    table: CsvTable[RowT],
    source: Path | bytes | str,
    *,
    name: str | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[RowT, ...]:
    """The rows of a file, in its order; ``source`` is its path, its bytes or its text.

    ``name`` is how the file is called in errors; ``known`` holds, for each reference, the values that exist.

    :raises BadFileError: with every fault: encoding, headings, number of cells, cells, references, duplicates.
    """
    label = name or (source.name if isinstance(source, Path) else f"{table.name}.csv")
    return _Reader(table, label, known or {}).read(source)


def write_csv(table: CsvTable[RowT], rows: Iterable[RowT]) -> str:
    """The text of a file that :func:`read_csv` reads back to ``rows``."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.heading for column in table.columns)
    for row in rows:
        values = ((column, getattr(row, column.field)) for column in table.columns)
        writer.writerow("" if value is None else column.cell.write(value) for column, value in values)
    return out.getvalue()


class _Reader(Generic[RowT]):
    def __init__(self, table: CsvTable[RowT], file: str, known: Mapping[str, Collection[str]]) -> None:
        self._table = table
        self._file = file
        self._known = known
        self._problems: list[Problem] = []

    def read(self, source: Path | bytes | str) -> tuple[RowT, ...]:
        text = self._text(source)
        rows = tuple(self._rows(text)) if text is not None else ()
        if self._problems:
            raise BadFileError(self._problems)
        return rows

    def _fault(self, where: str, found: str, expected: str) -> None:
        self._problems.append(Problem(self._file, where, found, expected))

    def _text(self, source: Path | bytes | str) -> str | None:
        if isinstance(source, str):
            return source.removeprefix("\ufeff")
        try:
            content = source if isinstance(source, bytes) else source.read_bytes()
        except OSError as error:
            self._fault("fichier", f"illisible ({error.strerror})", "un fichier CSV")
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._fault(f"ligne {line}", _other_encoding(content), "de l'UTF-8 (« CSV UTF-8 » dans un tableur)")
            return None
        if "\x00" in text:
            self._fault(
                "fichier", "des octets nuls (de l'UTF-16, ou un classeur de tableur)", "un fichier CSV en UTF-8"
            )
            return None
        return text

    def _rows(self, text: str) -> Iterator[RowT]:
        lines = self._lines(text)
        first = next(lines, None)
        if first is None:
            self._fault("ligne 1", "un fichier vide", f"les intitulés {self._headings()}")
            return
        columns = self._columns([heading.strip() for heading in first[1]])
        if columns is None:
            return
        seen: dict[tuple[Any, ...], int] = {}
        for number, cells in lines:
            values = self._values(number, cells, columns)
            if values is None or self._is_repeated(number, values, seen):
                continue
            try:
                yield self._table.row(line=number, **values)  # type: ignore[call-arg]  # every row class has `line`
            except MisuseError as error:
                self._fault(f"ligne {number}", str(error), "une ligne cohérente")

    def _lines(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Each line with its number (that of its first line, where a quoted cell goes over several)."""
        heading = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in heading else ",", strict=True)
        number = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._fault(f"ligne {number}", f"des guillemets mal placés ({error})", "des guillemets par paires")
                return
            if any(cell.strip() for cell in cells):
                yield number, cells
            number = reader.line_num + 1

    def _headings(self) -> str:
        return ", ".join(column.heading for column in self._table.columns if column.required)

    def _columns(self, headings: Sequence[str]) -> list[Column | None] | None:
        by_heading = dict.fromkeys(self._table.beside) | {column.heading: column for column in self._table.columns}
        before = len(self._problems)
        for index, heading in enumerate(headings):
            where = f"ligne 1, colonne {index + 1}"
            if heading not in by_heading:
                near = difflib.get_close_matches(heading, by_heading, n=1)
                expected = f"« {near[0]} »" if near else f"un intitulé parmi {', '.join(by_heading)}"
                self._fault(where, f"l'intitulé « {heading} »", expected)
            elif heading in headings[:index]:
                self._fault(where, f"l'intitulé « {heading} » une seconde fois", "chaque intitulé une fois")
        for column in self._table.columns:
            if column.required and column.heading not in headings:
                self._fault("ligne 1", "les intitulés " + ", ".join(headings), f"aussi « {column.heading} »")
        return [by_heading[heading] for heading in headings] if len(self._problems) == before else None

    def _values(self, number: int, cells: Sequence[str], columns: Sequence[Column | None]) -> dict[str, Any] | None:
        if len(cells) != len(columns):
            self._fault(f"ligne {number}", f"{len(cells)} cellules", f"{len(columns)} cellules, comme d'intitulés")
            return None
        before = len(self._problems)
        values = {}
        for column, cell in zip(columns, cells, strict=True):
            if column is None:
                continue
            value = self._value(f"ligne {number}, colonne {column.heading}", column, cell.strip())
            if value is not None:
                values[column.field] = value
        return values if len(self._problems) == before else None

    def _value(self, where: str, column: Column, cell: str) -> Any:
        if not cell:
            if column.required:
                self._fault(where, "rien", column.cell.expected)
            return None
        try:
            value = column.cell.read(cell)
        except (ValueError, KeyError, ArithmeticError):
            self._fault(where, f"« {cell} »", column.cell.expected)
            return None
        if column.refers is not None:
            known = self._known.get(column.refers)
            if known is not None and value not in known:
                near = difflib.get_close_matches(str(value), map(str, known), n=1)
                hint = f" (« {near[0]} » ?)" if near else ""
                self._fault(where, f"« {cell} »", f"un code connu : {column.refers}{hint}")
                return None
        return value

    def _is_repeated(self, number: int, values: Mapping[str, Any], seen: dict[tuple[Any, ...], int]) -> bool:
        unique = [column for column in self._table.columns if column.heading in self._table.unique]
        if not unique:
            return False
        key = tuple(values.get(column.field) for column in unique)
        earlier = seen.setdefault(key, number)
        if earlier == number:
            return False
        names = ", ".join(column.heading for column in unique)
        self._fault(f"ligne {number}", f"la même chose qu'à la ligne {earlier} ({names})", "une seule ligne")
        return True


def _other_encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "de l'UTF-16"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "des octets qui ne sont pas de l'UTF-8"
    return "du Windows-1252 (encodage ancien des tableurs)"
