"""The extractions of ONDE (the schools' register): pupils and guardians, whatever the encoding and separator.

Layouts: ``CSVExtraction`` of ONDE, pupils (« Nom élève; Nom d'usage élève; Prénom élève; Date naissance; … ») and
guardians (« Civilité Responsable; … », then four columns for each child, as many times as needed). Older extractions
say « Nom de famille élève » or « Né(e) le »; spreadsheets that touched a file change the encoding (UTF-8 with or
without BOM, Windows-1252), the separator, blanks and quotes: all are read. A CSV of the commune's own with the same
headings, or the plain ones (« Nom », « Prénom », « Date de naissance »), is read as well.

Nothing is guessed about a person: a birth date that cannot be is a fault of that line, and the line is refused by
:func:`~periscolaire.households.match_people`; only a file that is no extraction at all raises.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping

from periscolaire.access import identifier
from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.households import (
    Civility,
    Grade,
    GuardianRecord,
    Phone,
    PhoneKind,
    PostalAddress,
    PupilName,
    PupilRecord,
    Sex,
)
from periscolaire.reasons import Reason

__all__ = ["read_onde_guardians", "read_onde_pupils"]

#: Canonical column -> headings that name it, without accents, case and signs.
_PUPIL_COLUMNS: dict[str, tuple[str, ...]] = {
    "family_name": ("nom eleve", "nom de famille eleve", "nom de famille", "nom"),
    "usual_name": ("nom d usage eleve", "nom d usage", "nom usage eleve"),
    "first_name": ("prenom eleve", "prenom"),
    "birth_date": ("date naissance", "date de naissance", "ne e le", "date naissance eleve"),
    "sex": ("sexe",),
    "ine": ("ine", "identifiant national eleve"),
    "address": ("adresse1", "adresse 1", "adresse"),
    "postcode": ("cp1", "cp 1", "code postal", "cp"),
    "city": ("commune1", "commune 1", "commune", "ville"),
    "country": ("pays1", "pays 1", "pays"),
    "address2": ("adresse2", "adresse 2"),
    "postcode2": ("cp2", "cp 2"),
    "city2": ("commune2", "commune 2"),
    "country2": ("pays2", "pays 2"),
    "grade": ("niveau",),
    "class_name": ("libelle classe", "classe"),
}
_GUARDIAN_COLUMNS: dict[str, tuple[str, ...]] = {
    "civility": ("civilite responsable", "civilite"),
    "usual_name": ("nom usage responsable", "nom d usage responsable"),
    "family_name": ("nom responsable", "nom de famille responsable"),
    "first_name": ("prenom responsable",),
    "address": ("adresse responsable",),
    "postcode": ("cp responsable", "code postal responsable"),
    "city": ("commune responsable",),
    "country": ("pays", "pays responsable"),
    "email": ("courriel", "courriel responsable", "mail", "e mail"),
    "home": ("telephone domicile",),
    "work": ("telephone travail", "telephone professionnel"),
    "mobile": ("telephone portable",),
}
#: Columns that come again for each child of a guardian; a group begins with its first.
_CHILD_COLUMNS: dict[str, str] = {
    "nom d usage enfant": "usual_name",
    "nom de famille enfant": "family_name",
    "nom enfant": "family_name",
    "prenom enfant": "first_name",
    "classes enfants": "class_name",
    "classe enfant": "class_name",
}
_CIVILITIES = {"mme": Civility.MADAME, "madame": Civility.MADAME, "m": Civility.MONSIEUR, "monsieur": Civility.MONSIEUR}
_PHONES = (("mobile", PhoneKind.MOBILE), ("home", PhoneKind.HOME), ("work", PhoneKind.WORK))
_DATE = re.compile(r"(?:(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})|(\d{4})-(\d{2})-(\d{2}))")
#: A pupil of the first degree is neither a baby nor an adult: a year outside is a slip of the keyboard.
_YOUNGEST, _OLDEST = 1, 20


def read_onde_pupils(content: bytes, today: dt.date, file: str = "élèves") -> tuple[PupilRecord, ...]:
    """The pupils of an extraction, one record a line, with its faults.

    Faults: ``import.name_missing``, ``import.birth_date_missing``, ``import.birth_date_impossible`` (no such day),
    ``import.birth_date_unlikely`` (in the future, or an age that no pupil has on ``today``), ``import.columns``,
    ``import.unreadable`` (bytes that are no letter).

    :raises BadFileError: not a text, or a heading that is needed is missing.
    """
    headings, rows = _table(content, file)
    columns = _columns(headings, _PUPIL_COLUMNS, ("family_name", "first_name", "birth_date"), file)
    return tuple(_pupil(line, cells, columns, len(headings), today) for line, cells in rows)


def read_onde_guardians(content: bytes, file: str = "responsables") -> tuple[GuardianRecord, ...]:
    """The guardians of an extraction, each with the pupils it names.

    :raises BadFileError: not a text, or a heading that is needed is missing.
    """
    headings, rows = _table(content, file)
    columns = _columns(headings, _GUARDIAN_COLUMNS, ("family_name", "first_name"), file)
    groups = _groups(headings)
    return tuple(_guardian(line, cells, columns, groups) for line, cells in rows)


def _table(content: bytes, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    text = _decoded(content, file)
    first = text.split("\n", 1)[0]
    separator = max(";\t,|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        headings = [_heading(cell) for cell in next(reader, [])]
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise BadFileError([Problem(file, f"ligne {reader.line_num}", str(error), "une ligne de CSV")]) from None
    while headings and not headings[-1]:
        headings.pop()
    return headings, rows


def _decoded(content: bytes, file: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")  # what a spreadsheet calls « texte Unicode »
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Windows-1252 rather than ISO-8859-1: they differ where Windows writes « œ » and « ’ ».
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise BadFileError([Problem(file, "fichier", "des octets qui ne sont pas du texte", "un fichier CSV d'ONDE")])
    return text


def _heading(cell: str) -> str:
    decomposed = unicodedata.normalize("NFKD", cell)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _columns(
    headings: list[str], names: Mapping[str, tuple[str, ...]], needed: tuple[str, ...], file: str
) -> dict[str, int]:
    columns = {
        name: headings.index(spelling)
        for name, spellings in names.items()
        for spelling in reversed(spellings)
        if spelling in headings
    }
    missing = [name for name in needed if name not in columns]
    if missing:
        found = ", ".join(heading for heading in headings if heading)[:200] or "rien"
        raise BadFileError(
            Problem(file, "ligne 1", f"les colonnes {found}", f"une colonne « {names[name][0]} »") for name in missing
        )
    return columns


def _groups(headings: list[str]) -> tuple[dict[str, int], ...]:
    groups: list[dict[str, int]] = []
    for index, heading in enumerate(headings):
        name = _CHILD_COLUMNS.get(heading)
        if name is None:
            continue
        if not groups or name in groups[-1]:
            groups.append({})
        groups[-1][name] = index
    return tuple(groups)


class _Row:
    """The cells of a line by the canonical name of their column."""

    def __init__(self, cells: list[str], columns: Mapping[str, int]) -> None:
        self._cells, self._columns = cells, columns

    def __getitem__(self, name: str) -> str:
        index = self._columns.get(name)
        return self._cells[index] if index is not None and index < len(self._cells) else ""

    def address(self, suffix: str = "") -> PostalAddress | None:
        city, lines = self[f"city{suffix}"], self[f"address{suffix}"]
        if not city and not lines:
            return None
        country = self[f"country{suffix}"] or "France"
        return PostalAddress(tuple(lines.splitlines()), self[f"postcode{suffix}"], city, country)


def _pupil(line: int, cells: list[str], columns: Mapping[str, int], width: int, today: dt.date) -> PupilRecord:
    row = _Row(cells, columns)
    born, fault = _birth_date(row["birth_date"], today)
    faults = [fault] if fault else []
    if not row["family_name"] or not row["first_name"]:
        faults.append(Reason.of("import.name_missing"))
    if "\ufffd" in row["family_name"] + row["first_name"] + row["usual_name"]:
        faults.append(Reason.of("import.unreadable"))
    if len(cells) < width or any(cells[width:]):
        faults.append(Reason.of("import.columns", found=len(cells), expected=width))
    sex, grade = row["sex"].upper(), row["grade"].upper()
    return PupilRecord(
        line=line,
        family_name=row["family_name"],
        first_name=row["first_name"],
        birth_date=born,
        usual_name=row["usual_name"],
        sex=Sex(sex) if sex in ("F", "M") else None,
        ine=row["ine"].upper(),
        address=row.address(),
        second_address=row.address("2"),
        grade=Grade(grade) if grade in Grade.__members__ else None,
        class_name=row["class_name"],
        faults=tuple(faults),
    )


def _birth_date(text: str, today: dt.date) -> tuple[dt.date | None, Reason | None]:
    if not text:
        return None, Reason.of("import.birth_date_missing")
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        day, month, year, *iso = match.groups()
        born = dt.date(int(year), int(month), int(day)) if year else dt.date(*map(int, iso))
    except ValueError:
        return None, Reason.of("import.birth_date_impossible", found=text)
    if not _YOUNGEST <= today.year - born.year <= _OLDEST:
        return None, Reason.of("import.birth_date_unlikely", found=born)
    return born, None


def _guardian(
    line: int, cells: list[str], columns: Mapping[str, int], groups: tuple[dict[str, int], ...]
) -> GuardianRecord:
    row = _Row(cells, columns)
    return GuardianRecord(
        line=line,
        family_name=row["family_name"],
        first_name=row["first_name"],
        civility=_CIVILITIES.get(row["civility"].casefold().rstrip(".")),
        usual_name=row["usual_name"],
        email=_email(row["email"]),
        phones=tuple(Phone(kind, row[name]) for name, kind in _PHONES if row[name]),
        address=row.address(),
        children=tuple(_named(cells, groups)),
    )


def _email(text: str) -> str | None:
    try:
        return identifier(text) if text else None
    except MisuseError:
        return None  # a slip of the keyboard is no reason to lose the guardian: nobody is invited at this address


def _named(cells: list[str], groups: tuple[dict[str, int], ...]) -> Iterator[PupilName]:
    for group in groups:
        row = _Row(cells, group)
        if row["first_name"] and (row["family_name"] or row["usual_name"]):
            yield PupilName(row["family_name"], row["first_name"], row["usual_name"], row["class_name"])
