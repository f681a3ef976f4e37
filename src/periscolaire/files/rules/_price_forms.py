"""The price nodes of :mod:`._prices` as forms of a file."""

from __future__ import annotations

from typing import Any

import attrs

from periscolaire.facts import Vocabulary
from periscolaire.files.rules._prices import Fault, node_keys, read_node, read_rounding, write_node, write_rounding
from periscolaire.files.toml._forms import INVALID, Reading, Schema
from periscolaire.files.toml._locate import Path

__all__ = ["NODE", "NODE_KEYS", "ROUNDING", "NodeForm", "RoundingForm"]

#: Every key that a table of price may hold.
NODE_KEYS = node_keys()


def _noted(value: Any, faults: list[Fault], reading: Reading) -> Any:
    for fault in faults:
        reading.problem(fault.path, fault.found, fault.expected)
    return INVALID if faults else value


@attrs.frozen
class NodeForm:
    """A price: a short form, a list of rows or a table."""

    words: str = "un prix : « 4,40 », une liste de lignes ou une table { selon = …, tranches = … }"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        faults: list[Fault] = []
        return _noted(read_node(raw, path, faults, reading.vocabulary), faults, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return write_node(value, vocabulary)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/node"}


@attrs.frozen
class RoundingForm:
    """An arrondi: a mode, a step, or both in a table."""

    words: str = "un arrondi : « demi supérieur », « supérieur », « 0,05 » ou { mode = …, pas = … }"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        faults: list[Fault] = []
        return _noted(read_rounding(raw, path, faults), faults, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return write_rounding(value)

    def schema(self) -> Schema:
        return {"type": ["string", "object"]}


NODE = NodeForm()
ROUNDING = RoundingForm()
