"""Reading the text of a file that a clerk wrote: what its bytes are not, and where, in French."""

from __future__ import annotations

import pathlib
import tomllib
from typing import Any

from periscolaire.errors import BadFileError, Problem

__all__ = ["read_text", "read_toml"]

_EXPECTED_TOML = "un fichier TOML (une clé qui porte un accent ou un blanc va entre guillemets)"
#: What the reader of TOML says, by its first words, and in French.
_TOML_FAULTS = (
    ("Illegal character '\\n'", "un guillemet n'est pas refermé à la fin de la ligne"),
    ("Illegal character", "un caractère interdit"),
    ("Unterminated string", "un guillemet n'est pas refermé"),
    ("Expected '=' after a key", "il manque « = » après la clé"),
    ("Expected newline or end of document", "il y a quelque chose de trop à la fin de la ligne"),
    ("Expected ']' at the end of a table", "il manque « ] »"),
    ("Expected ']]' at the end of an array", "il manque « ]] »"),
    ("Unclosed array", "une liste « [ » n'est pas refermée"),
    ("Unclosed inline table", "une table « { » n'est pas refermée"),
    ("Duplicate inline table key", "une clé est écrite deux fois"),
    ("Cannot overwrite a value", "une clé est écrite deux fois"),
    ("Cannot declare", "une partie est ouverte deux fois"),
    ("Cannot mutate immutable", "une partie est ouverte deux fois"),
    ("Cannot redefine", "une partie est ouverte deux fois"),
    ("Invalid initial character for a key", "une clé commence par un caractère interdit"),
    ("Invalid statement", "ni une clé, ni une partie, ni un commentaire"),
    ("Invalid value", "une valeur qui n'en est pas une : un texte va entre guillemets"),
    ("Invalid date or datetime", "une date qui n'existe pas"),
    ("Unescaped '\\'", "une barre « \\ » dans un texte"),
)


def read_text(path: pathlib.Path) -> str:
    """The text of a UTF-8 file, its byte order mark aside.

    :raises BadFileError: it is not UTF-8; the problem names the line, and the encoding that it seems to be.
    """
    held = path.read_bytes()
    try:
        return held.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        seems = "UTF-16" if held[:2] in (b"\xff\xfe", b"\xfe\xff") else "Windows-1252"
        line = held.count(b"\n", 0, error.start) + 1
        problem = Problem(
            str(path),
            f"ligne {line}, octet {error.start}",
            f"un octet 0x{held[error.start]:02X}, illisible (le fichier semble en {seems})",
            "un texte en UTF-8 : l'enregistrer sous cet encodage",
        )
        raise BadFileError([problem]) from None


def read_toml(text: str, file: str) -> dict[str, Any]:
    """The plain values of a TOML text.

    :raises BadFileError: it is not TOML; the problem names line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).rpartition(" (at ")
        where = place.removesuffix(")") if message else "end of document"
        where = where.replace("line", "ligne").replace("column", "colonne").replace("end of document", "fin du fichier")
        message = message or str(error)
        said = next((french for start, french in _TOML_FAULTS if message.startswith(start)), message)
        raise BadFileError([Problem(file, where, f"du TOML mal formé ({said})", _EXPECTED_TOML)]) from None
