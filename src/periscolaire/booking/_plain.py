"""Any value of this room as plain values: ``dict``, ``list``, ``str``, ``int``, ``bool``, ``None``; ready for JSON.

Views, verdicts and receipts only go out; a basket also comes back, since a portal keeps it between two pages.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping, Set
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from periscolaire.booking._basket import Basket, Line
from periscolaire.booking._reservations import SlotKey, State
from periscolaire.catalogue import Action
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.reasons import Description, Reason

__all__ = ["basket_from_plain", "to_plain"]

T = TypeVar("T")


def to_plain(value: object, text: Callable[[Reason | Description], str] | None = None) -> Any:
    """``value`` for a template or ``json.dumps``.

    Classes become dictionaries by field name, enumerations their value, dates ``"2026-10-12"``, instants ISO 8601 in
    the time zone they are expressed in, durations whole seconds, decimals text. With ``text`` (see
    :mod:`periscolaire.i18n`) a reason also carries its words under ``text``.

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
        case dt.timedelta():
            return int(value.total_seconds())
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


def basket_from_plain(plain: Mapping[str, Any]) -> Basket:
    """The basket that :func:`to_plain` wrote; nothing in it is believed before it is checked again.

    :raises MisuseError: it is not the plain form of a basket.
    """
    try:
        return Basket(
            HouseholdId(_text(plain["household"])),
            tuple(_line(line) for line in plain["lines"]),
            _or_none(plain["opened_at"], dt.datetime.fromisoformat),
            _or_none(plain["lifetime"], lambda seconds: dt.timedelta(seconds=_whole(seconds))),
            _or_none(plain["reglement"], _text),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MisuseError(f"not the plain form of a basket: {error!r}") from error


def _line(plain: Mapping[str, Any]) -> Line:
    return Line(
        Action(plain["action"]),
        _slot_key(plain["key"]),
        _or_none(plain["to"], _slot_key),
        _or_none(plain["motive"], _text),
        _or_none(plain["mode"], _text),
        _or_none(plain["seen"], State),
        plain["tracked"] is True,
    )


def _slot_key(plain: Mapping[str, Any]) -> SlotKey:
    day = dt.date.fromisoformat(plain["day"])
    return SlotKey(ChildId(_text(plain["child"])), ProductCode(_text(plain["product"])), day, _text(plain["slot"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number of seconds")
    return value


def _or_none(value: Any, read: Callable[[Any], T]) -> T | None:
    return None if value is None else read(value)
