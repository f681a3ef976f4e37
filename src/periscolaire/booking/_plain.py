"""Any value of this room as plain values: ``dict``, ``list``, ``str``, ``int``, ``bool``, ``None``; ready for JSON."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping, Set
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.reasons import Description, Reason

__all__ = ["to_plain"]


def to_plain(value: object, text: Callable[[Reason | Description], str] | None = None) -> Any:
    """``value`` for a template or ``json.dumps``.

    Classes become dictionaries by field name, enumerations their value, dates ``"2026-10-12"``, instants ISO 8601 in
    the time zone they are expressed in, decimals text. With ``text`` (see :mod:`periscolaire.i18n`) a reason also
    carries its words under ``text``.

    :raises MisuseError: a value that has no plain form (a function, a ``float``).
    """
    match value:
        case None | bool() | int() | str() if not isinstance(value, enum.Enum):
            return value
        case enum.Enum():
            return to_plain(value.value, text)
        case dt.datetime():
            return require_aware(value).isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case Reason() | Description():
            plain: dict[str, Any] = {"code": value.code, "parameters": to_plain(value.parameters, text)}
            if isinstance(value, Reason):
                plain["reference"] = value.reference
            if text is not None:
                plain["text"] = text(value)
            return plain
        case Mapping():
            return {_key(key): to_plain(item, text) for key, item in value.items()}
        case tuple() | list():
            return [to_plain(item, text) for item in value]
        case Set():
            return sorted((to_plain(item, text) for item in value), key=str)
        case _:
            kind: type[Any] = type(value)
            if not attrs.has(kind):
                raise MisuseError(f"{kind.__name__} has no plain form")
            return {field.name: to_plain(getattr(value, field.name), text) for field in attrs.fields(kind)}


def _key(key: object) -> str:
    plain = to_plain(key)
    if not isinstance(plain, str):
        raise MisuseError(f"{key!r} cannot name a plain value")
    return plain
