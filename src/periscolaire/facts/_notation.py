"""The French notation of one test, as the value of a ``si`` key: ``"< 600"``, ``["maladie", "grève"]``, ``false``.

=====================================  ==============================================
``true``, ``false``, ``12``            equal to that value
``"maladie"``                          equal to that text
``["maladie", "grève"]``               one of these
``"< 600"`` ``"<="`` ``">"`` ``">="``  compared (``"avant 08:15"`` and ``"après 08:15"`` for hours)
``"de 3 à 5"``                         between, both ends included
``"inconnu"``, ``"connu"``, ``"expiré"``  the state of the fact
=====================================  ==============================================
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from periscolaire.errors import MisuseError
from periscolaire.facts._conditions import Op, Test
from periscolaire.facts._values import FactValue
from periscolaire.facts._vocabulary import FactKind, FactSpec
from periscolaire.money import parse_decimal

__all__ = ["parse_test", "print_test"]

_STATES = {op.value: op for op in (Op.UNKNOWN, Op.KNOWN, Op.EXPIRED)}
_SIGNS = {
    "<=": Op.LE,
    ">=": Op.GE,
    "≤": Op.LE,
    "≥": Op.GE,
    "<": Op.LT,
    ">": Op.GT,
    "avant": Op.LT,
    "après": Op.GT,
}
_SIGN = re.compile(r"(<=|>=|≤|≥|<|>|avant\b|après\b)\s*(.+)")
_BETWEEN = re.compile(r"de\s+(.+?)\s+à\s+(.+)")
_CLOCK = re.compile(r"(\d{1,2})\s*(?::|h)\s*(\d{2})?")
_ORDERED = {
    FactKind.INTEGER,
    FactKind.DECIMAL,
    FactKind.MONEY,
    FactKind.MINUTES,
    FactKind.DATE,
    FactKind.TIME,
}
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def parse_test(spec: FactSpec, raw: object) -> Test:
    """The test that the value ``raw`` of a rules file states about the fact ``spec``.

    :raises MisuseError: the value does not suit the kind of the fact; the message (French) says what does.
    """
    if isinstance(raw, str) and raw in _STATES:
        return Test(spec.name, _STATES[raw])
    if isinstance(raw, list | tuple):
        if not raw:
            raise MisuseError("liste vide ; attendu au moins une valeur")
        return Test(spec.name, Op.IN, tuple(_value(spec, item) for item in raw))
    if isinstance(raw, str) and spec.kind in _ORDERED:
        if sign := _SIGN.fullmatch(raw.strip()):
            return Test(spec.name, _SIGNS[sign[1]], (_value(spec, sign[2]),))
        if between := _BETWEEN.fullmatch(raw.strip()):
            return Test(spec.name, Op.BETWEEN, (_value(spec, between[1]), _value(spec, between[2])))
    return Test(spec.name, Op.EQ, (_value(spec, raw),))


def print_test(test: Test) -> object:
    """The value that :func:`parse_test` reads as ``test``."""
    match test.op:
        case Op.UNKNOWN | Op.KNOWN | Op.EXPIRED:
            return test.op.value
        case Op.IN:
            return [_plain(value) for value in test.values]
        case Op.EQ:
            return _plain(test.values[0])
        case Op.BETWEEN:
            return f"de {_text(test.values[0])} à {_text(test.values[1])}"
        case _:
            return f"{test.op.value} {_text(test.values[0])}"


def _value(spec: FactSpec, raw: object) -> FactValue:
    match spec.kind:
        case FactKind.BOOL:
            if isinstance(raw, bool):
                return raw
            expected = "true ou false"
        case FactKind.TEXT | FactKind.TEXTS:
            if isinstance(raw, str) and raw:
                return raw
            expected = "un texte"
        case FactKind.WEEKDAY:
            if isinstance(raw, str) and raw in WEEKDAYS:
                return raw
            expected = "un jour : " + ", ".join(WEEKDAYS)
        case FactKind.INTEGER | FactKind.MINUTES:
            if isinstance(raw, int) and not isinstance(raw, bool):
                return raw
            if isinstance(raw, str) and (minutes := re.fullmatch(r"(\d+)(\s*min)?", raw.strip())):
                return int(minutes[1])
            expected = "un nombre entier"
        case FactKind.DECIMAL | FactKind.MONEY:
            if isinstance(raw, int) and not isinstance(raw, bool):
                return Decimal(raw)
            if isinstance(raw, str):
                try:
                    return parse_decimal(raw)
                except MisuseError:
                    pass
            expected = "un nombre entre guillemets, comme « 4,40 »"
        case FactKind.DATE:
            if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
                return raw
            if isinstance(raw, str):
                try:
                    return dt.date.fromisoformat(raw.strip())
                except ValueError:
                    pass
            expected = "une date, comme 2026-10-12"
        case FactKind.TIME:
            if isinstance(raw, dt.time):
                return raw
            if isinstance(raw, str) and (clock := _CLOCK.fullmatch(raw.strip())):
                hour, minute = int(clock[1]), int(clock[2] or 0)
                if hour < 24 and minute < 60:
                    return dt.time(hour, minute)
            expected = "une heure, comme 08:15"
    raise MisuseError(f"{raw!r} pour « {spec.key} » ; attendu {expected}")


def _plain(value: FactValue) -> object:
    return value if isinstance(value, bool | int | str) else _text(value)


def _text(value: FactValue) -> str:
    if isinstance(value, Decimal):
        return format(value, "f").replace(".", ",")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
