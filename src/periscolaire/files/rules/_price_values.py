"""What every table of price is made of: numbers, hours, facts, conditions and lists, each fault told with its path.

:class:`PriceReader` is what the grids and the modifiers read with; the nodes themselves are the work of the one who
builds on it (``_prices``).
"""

from __future__ import annotations

import abc
import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import VOCABULARY, Condition, FactKind, FactSpec, Op, Test, Vocabulary, parse_test
from periscolaire.money import Rounding, RoundingMode, parse_decimal
from periscolaire.pricing import Bound, Flat, Node

__all__ = ["PERCENT", "Fault", "Path", "PriceReader", "near"]

Path: TypeAlias = tuple[str | int, ...]

PERCENT: Final = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
_SIGNED = re.compile(r"[+\-−]?\d+(?:[.,]\d+)?")
_QUANTITY = re.compile(r"(\d+(?:[.,]\d+)?)?\s*([^\W\d_][\w' -]*)?")
_MINUTES = {"min", "mn", "minute", "minutes"}
_HOURS = {"h", "heure", "heures"}
_PARTS_OF_HOUR = {"demi-heure": 30, "demi-heures": 30, "quart d'heure": 15, "quarts d'heure": 15}
_HOUR = next(spec for spec in VOCABULARY if spec.kind is FactKind.TIME)


@attrs.frozen
class Fault:
    """One fault: the path of the value (keys, positions from 0), what was found, what was expected (in French)."""

    path: Path
    found: str
    expected: str


class PriceReader(abc.ABC):
    """Reads values of a price, noting every fault and going on."""

    def __init__(self, problems: list[Fault], vocabulary: Vocabulary) -> None:
        self.problems = problems
        self.vocabulary = vocabulary
        self._rates = False

    def fault(self, path: Path, raw: object, expected: str) -> None:
        """Notes a fault; the value is then ``None``."""
        self.problems.append(Fault(path, _found(raw), expected))

    # -- prices --------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def node(self, raw: object, path: Path) -> Node | None:
        """The price that ``raw`` says."""

    @property
    def reads_rates(self) -> bool:
        """Whether « 0,36 % » may be written here as a price."""
        return self._rates

    def rate(self, raw: object, path: Path) -> Node | None:
        """A rate or a factor: « 0,36 % » may be written, in the node's bands and rows too."""
        before, self._rates = self._rates, True
        try:
            return self.signed(raw, path)
        finally:
            self._rates = before

    def signed(self, raw: object, path: Path) -> Node | None:
        """A node, or a plain number that may be negative (where ``-0,50`` is not « the price less 0,50 »)."""
        if isinstance(raw, str) and _SIGNED.fullmatch(raw.strip()):
            return Flat(parse_decimal(raw.strip().replace("−", "-")))
        return self.node(raw, path)

    # -- values --------------------------------------------------------------------------------------------------

    def condition(self, raw: object, path: Path) -> Condition | None:
        if not isinstance(raw, Mapping):
            self.fault(path, raw, "une table de conditions { resident = false }")
            return None
        tests = [self.test(key, value, path) for key, value in raw.items()]
        held = tuple(test for test in tests if test is not None)
        return Condition(held) if len(held) == len(tests) else None

    def test(self, key: str, raw: object, path: Path) -> Test | None:
        spec = self._spec(key)
        if spec is None:
            known = [known.key for known in self.vocabulary]
            self.fault((*path, key), key, f"un fait du règlement, ou déclaré dans [[faits]]{near(key, known)}")
            return None
        try:
            return parse_test(spec, raw)
        except MisuseError as error:
            self.problems.append(Fault((*path, key), _found(raw), str(error).rpartition("attendu ")[2]))
            return None

    def _spec(self, key: str) -> FactSpec | None:
        """The fact of that key; accents may be left out, as a bare TOML key has none."""
        spec = self.vocabulary.by_key(key)
        if spec is None:
            bare = _bare(key)
            spec = next((known for known in self.vocabulary if _bare(known.key) == bare), None)
        return spec

    def fact(self, raw: object, path: Path, kinds: Iterable[FactKind]) -> FactSpec | None:
        kinds = tuple(kinds)
        spec = self._spec(raw) if isinstance(raw, str) else None
        if spec is not None and spec.kind in kinds:
            return spec
        known = [known.key for known in self.vocabulary if known.kind in kinds]
        words = " ou ".join(dict.fromkeys(kind.value for kind in kinds))
        self.fault(path, raw, f"un fait qui est un {words}{near(str(raw), known)}")
        return None

    def decimal(self, raw: object, path: Path) -> Decimal | None:
        if isinstance(raw, str):
            try:
                return parse_decimal(raw)
            except MisuseError:
                pass
        if isinstance(raw, int) and not isinstance(raw, bool):
            return Decimal(raw)
        self.fault(path, raw, "un nombre entre guillemets, comme « 4,40 »")
        return None

    def text(self, raw: object, path: Path) -> str | None:
        if isinstance(raw, str) and raw.strip():
            return raw
        self.fault(path, raw, "un texte entre guillemets")
        return None

    def hour(self, raw: object, path: Path) -> dt.time | None:
        bound = self.bound(raw.strip() if isinstance(raw, str) else raw, path, _HOUR)
        return bound if isinstance(bound, dt.time) else None

    def bound(self, raw: object, path: Path, spec: FactSpec) -> Bound | None:
        if isinstance(raw, str) and spec.kind is FactKind.MINUTES:
            quantity = self.quantity(raw, path)
            return None if quantity is None else quantity[0]
        try:
            test = parse_test(spec, raw)
        except MisuseError:
            value: object = None
        else:
            value = test.values[0] if test.op is Op.EQ else None
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, Decimal | dt.time | dt.date) and not isinstance(value, dt.datetime):
            return value
        self.fault(path, raw, f"une borne de « {spec.key} » ({spec.kind.value})")
        return None

    def quantity(self, raw: object, path: Path) -> tuple[Decimal, str] | None:
        """A size and its word; hours are given in minutes."""
        if isinstance(raw, int) and not isinstance(raw, bool):
            return Decimal(raw), "min"
        if isinstance(raw, str) and (match := _QUANTITY.fullmatch(raw.strip())):
            size, word = parse_decimal(match[1] or "1"), (match[2] or "min").strip()
            if word in _PARTS_OF_HOUR:
                return size * _PARTS_OF_HOUR[word], "min"
            if word in _HOURS:
                return size * 60, "min"
            return size, "min" if word in _MINUTES else word
        self.fault(path, raw, "une quantité, comme « 30 min », « 1 h », « 10 repas »")
        return None

    # -- tables and lists ----------------------------------------------------------------------------------------

    def keys(self, raw: object, path: Path, known: set[str], needed: set[str]) -> Mapping[str, object] | None:
        if not isinstance(raw, Mapping):
            self.fault(path, raw, f"une table {{ {', '.join(sorted(known))} }}")
            return None
        wrong = False
        for key in raw:
            if key not in known:
                self.fault((*path, key), key, f"une de ces clés : {', '.join(sorted(known))}{near(key, known)}")
                wrong = True
        for key in sorted(needed):
            if key not in raw:
                self.fault(path, raw, f"la clé {key}")
                wrong = True
        return None if wrong else raw

    def optional(self, raw: Mapping[str, object], key: str, path: Path, read: Callable[[object, Path], Any]) -> Any:
        return read(raw[key], (*path, key)) if key in raw else None

    def items(
        self, raw: object, path: Path, read: Callable[[object, Path], Any], expected: str
    ) -> tuple[Any, ...] | None:
        if not isinstance(raw, list | tuple) or not raw:
            self.fault(path, raw, expected)
            return None
        items = [read(item, (*path, position)) for position, item in enumerate(raw)]
        return None if any(item is None for item in items) else tuple(items)

    def rounding(self, raw: object, path: Path) -> Rounding | None:
        if isinstance(raw, Mapping):
            table = self.keys(raw, path, {"mode", "pas"}, set())
            if table is None:
                return None
            mode = self._mode(table.get("mode", RoundingMode.HALF_UP.value), (*path, "mode"))
            step = self.optional(table, "pas", path, self._step)
            return None if mode is None or ("pas" in table and step is None) else Rounding(mode, step)
        if isinstance(raw, str) and _SIGNED.fullmatch(raw.strip()):
            step = self._step(raw, path)
            return None if step is None else Rounding(RoundingMode.HALF_UP, step)
        mode = self._mode(raw, path)
        return None if mode is None else Rounding(mode)

    def _mode(self, raw: object, path: Path) -> RoundingMode | None:
        for mode in RoundingMode:
            if raw == mode.value:
                return mode
        modes = ", ".join(f"« {mode.value} »" for mode in RoundingMode)
        self.fault(path, raw, f"un arrondi : {modes}, ou un pas comme « 0,05 »")
        return None

    def _step(self, raw: object, path: Path) -> Decimal | None:
        step = self.decimal(raw, path)
        if step is not None and step <= 0:
            self.fault(path, raw, "un pas au-dessus de zéro")
            return None
        return step


def _bare(key: str) -> str:
    decomposed = unicodedata.normalize("NFD", key.replace("_", " ").casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _found(raw: object) -> str:
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return f"« {raw} »"
        case int() | float():
            return f"le nombre {raw}"
        case Mapping():
            return "une table { " + ", ".join(str(key) for key in raw) + " }"
        case list() | tuple():
            return "une liste" if raw else "une liste vide"
        case _:
            return str(raw)


def near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f" ; vouliez-vous « {close[0]} » ?" if close else ""
