"""French typography: the spaces that no line may break at, before a colon, inside « », before a currency."""

from __future__ import annotations

import re
from typing import Any

import attrs

from periscolaire.documents._model import Document

__all__ = ["typeset"]

_NBSP = "\N{NO-BREAK SPACE}"
#: Before a sign in two parts, and between the pairs of a telephone number.
_BEFORE = re.compile(r" (?=[:;!?»€%])|(?<=\d) (?=\d\d\b)")
_AFTER = re.compile(r"(?<=«) ")


def typeset(document: Document) -> Document:
    """The same document, with spaces that do not break where French forbids it; in English nothing changes."""
    if document.language != "fr":
        return document
    fine: Document = _fine(document)
    return fine


def _fine(value: Any) -> Any:
    match value:
        case str():
            return _AFTER.sub(_NBSP, _BEFORE.sub(_NBSP, value))
        case tuple():
            return tuple(map(_fine, value))
        case _ if attrs.has(type(value)):
            fields = attrs.fields(type(value))
            return attrs.evolve(value, **{field.alias: _fine(getattr(value, field.name)) for field in fields})
        case _:
            return value
