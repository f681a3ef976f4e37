"""Price nodes between rules files and :mod:`periscolaire.pricing`: the plain values that TOML gives, in French.

A price is a short form (``"4,40"``), a list of rows, or a table told by its head key::

    montant | fait | lignes | selon | taux | par | somme | prix_de | a_decider

each with its own keys, plus ``puis`` (modifiers in order) on any of them. Reading notes every fault with its path and
goes on; writing gives what reading reads as the same node.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import (
    ALWAYS,
    UNKNOWN,
    VOCABULARY,
    Condition,
    FactKind,
    FactSpec,
    FactValue,
    Op,
    Test,
    Unknown,
    Vocabulary,
    parse_test,
)
from periscolaire.files.rules._price_grids import GRID_KEYS, read_grid
from periscolaire.files.rules._price_writing import write_condition, write_node, write_rounding
from periscolaire.frozen import FrozenMap
from periscolaire.money import Rounding, RoundingMode, parse_decimal
from periscolaire.pricing import (
    Bound,
    Clamp,
    Component,
    Counting,
    FactAmount,
    Flat,
    Formula,
    Modified,
    Modifier,
    Node,
    Outermost,
    PerUnit,
    Plus,
    Reference,
    Replace,
    RoundTo,
    Row,
    Rows,
    Sum,
    Times,
    Undecided,
    parse_modifier,
    parse_price,
)

__all__ = [
    "Fault",
    "node_keys",
    "read_condition",
    "read_node",
    "read_rounding",
    "write_condition",
    "write_node",
    "write_rounding",
]

Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Fault:
    """One fault: the path of the value (keys, positions from 0), what was found, what was expected (in French)."""

    path: Path
    found: str
    expected: str


def read_node(raw: object, path: Path, problems: list[Fault], vocabulary: Vocabulary = VOCABULARY) -> Node | None:
    """The price that ``raw`` says; ``None`` once its faults are added to ``problems``."""
    return _Reader(problems, vocabulary).node(raw, path)


def read_condition(
    raw: object, path: Path, problems: list[Fault], vocabulary: Vocabulary = VOCABULARY
) -> Condition | None:
    """The condition of a ``si`` table (French keys of facts); ``None`` once its faults are noted."""
    return _Reader(problems, vocabulary).condition(raw, path)


def read_rounding(raw: object, path: Path, problems: list[Fault]) -> Rounding | None:
    """``"supérieur"``, ``"0,05"`` or ``{ mode = "supérieur", pas = "0,05" }``; ``None`` once its faults are noted."""
    return _Reader(problems, VOCABULARY).rounding(raw, path)


class _Reader:
    def __init__(self, problems: list[Fault], vocabulary: Vocabulary) -> None:
        self.problems = problems
        self.vocabulary = vocabulary
        self._rates = False

    def fault(self, path: Path, raw: object, expected: str) -> None:
        """Notes a fault; the value is then ``None``."""
        self.problems.append(Fault(path, _found(raw), expected))

    # -- nodes ---------------------------------------------------------------------------------------------------

    def node(self, raw: object, path: Path) -> Node | None:
        match raw:
            case str():
                if self._rates and (percent := _PERCENT.fullmatch(raw.strip())):
                    return Flat(parse_decimal(percent[1]) / 100)
                try:
                    return parse_price(raw)
                except NotationError as error:
                    forms = ", ".join(f"« {form} »" for form in error.suggestions)
                    self.fault(path, raw, f"un prix : {forms}, ou une table")
                    return None
            case list():
                return self._rows(raw, path)
            case bool() | int() | float():
                self.fault(path, raw, "un prix entre guillemets, comme « 4,40 »")
                return None
            case Mapping():
                return self._table(raw, path)
            case _:
                self.fault(path, raw, "un prix : « 4,40 », une liste de lignes ou une table")
                return None

    def _table(self, raw: Mapping[str, object], path: Path) -> Node | None:
        heads = [head for head in _HEADS if head in raw]
        if len(heads) != 1:
            expected = "une seule de ces clés : " + ", ".join(_HEADS)
            self.fault(path, " et ".join(heads) if heads else raw, expected)
            return None
        head = heads[0]
        read, keys = _HEADS[head]
        known = {head, *keys, "puis"}
        before = len(self.problems)
        for key in raw:
            if key not in known:
                self.fault((*path, key), key, f"une clé de « {head} » : {', '.join(sorted(known))}{_near(key, known)}")
        node = read(self, raw, path)
        if "puis" not in raw:
            return node if len(self.problems) == before else None
        modifiers = self.items(raw["puis"], (*path, "puis"), self._modifier, "une liste de modificateurs")
        if node is None or modifiers is None or len(self.problems) != before:
            return None
        return Modified(node, modifiers)

    def _flat(self, raw: Mapping[str, object], path: Path) -> Node | None:
        amount = self.decimal(raw["montant"], (*path, "montant"))
        return None if amount is None else Flat(amount)

    def _fact_amount(self, raw: Mapping[str, object], path: Path) -> Node | None:
        spec = self.fact(raw["fait"], (*path, "fait"), {FactKind.MONEY, FactKind.DECIMAL})
        missing = self.optional(raw, "sans", path, self.node)
        return None if spec is None else FactAmount(spec.name, missing)

    def _lines(self, raw: Mapping[str, object], path: Path) -> Node | None:
        return self._rows(raw["lignes"], (*path, "lignes"))

    def _rows(self, raw: object, path: Path) -> Node | None:
        rows = self.items(raw, path, self._row, "une liste de lignes { si = { … }, prix = … }")
        return None if rows is None else Rows(rows)

    def _row(self, raw: object, path: Path) -> Row | None:
        table = self.keys(raw, path, {"si", "prix", "nom"}, {"prix"})
        if table is None:
            return None
        condition = self.condition(table["si"], (*path, "si")) if "si" in table else ALWAYS
        price = self.node(table["prix"], (*path, "prix"))
        label = self.optional(table, "nom", path, self.text)
        return None if condition is None or price is None else Row(condition, price, label)

    def _bands(self, raw: Mapping[str, object], path: Path) -> Node | None:
        return read_grid(self, raw, path)

    def missing(self, raw: object, path: Path) -> Node | Outermost | None:
        """``sans``: the band that it names, or a price."""
        for outermost in Outermost:
            if raw == outermost.value:
                return outermost
        return self.node(raw, path)

    def _formula(self, raw: Mapping[str, object], path: Path) -> Node | None:
        if "de" not in raw:
            self.fault(path, raw, "la clé de : le fait que le taux multiplie")
            return None
        rate = self._rate(raw["taux"], (*path, "taux"))
        spec = self.fact(raw["de"], (*path, "de"), {FactKind.DECIMAL, FactKind.MONEY, FactKind.INTEGER})
        plus = self.optional(raw, "plus", path, self._signed)
        keys = ("mini", "maxi", "base_mini", "base_maxi", "sans")
        low, high, base_low, base_high, missing = (self.optional(raw, key, path, self.node) for key in keys)
        if rate is None or spec is None:
            return None
        return Formula(rate, spec.name, plus, low, high, base_low, base_high, missing)

    def _rate(self, raw: object, path: Path) -> Node | None:
        """A rate or a factor: « 0,36 % » may be written, in the node's bands and rows too."""
        before, self._rates = self._rates, True
        try:
            return self._signed(raw, path)
        finally:
            self._rates = before

    def _signed(self, raw: object, path: Path) -> Node | None:
        """A node, or a plain number that may be negative (where ``-0,50`` is not « the price less 0,50 »)."""
        if isinstance(raw, str) and _SIGNED.fullmatch(raw.strip()):
            return Flat(parse_decimal(raw.strip().replace("−", "-")))
        return self.node(raw, path)

    def _per_unit(self, raw: Mapping[str, object], path: Path) -> Node | None:
        if "a" not in raw:
            self.fault(path, raw, "la clé a : le prix d'une unité")
            return None
        price = self.node(raw["a"], (*path, "a"))
        unit = self._quantity(raw["par"], (*path, "par"))
        if unit is None:
            return None
        size, word = unit
        if size <= 0:
            self.fault((*path, "par"), raw["par"], "une unité au-dessus de zéro")
            return None
        default = {"min": "durée", "jour": "nombre de jours", "jours": "nombre de jours"}.get(word, "quantité")
        spec = self.fact(raw.get("de", default), (*path, "de"), _QUANTITIES)
        step = self.optional(raw, "pas", path, self._quantity)
        default_counting = Counting.STARTED if step is None else Counting.PRORATA
        counting = self._counting(raw.get("compte", default_counting.value), (*path, "compte"))
        sizes = [self.optional(raw, key, path, self._quantity) for key in ("mini", "maxi", "franchise")]
        low, high, grace = (held[0] if held is not None else None for held in sizes)
        anchor = self.optional(raw, "ancre", path, self._anchor)
        window = self.optional(raw, "fenetre", path, self._window)
        if price is None or spec is None or counting is None:
            return None
        kind, after = counting
        if step is not None and (kind is not Counting.PRORATA or step[0] <= 0):
            self.fault((*path, "pas"), raw["pas"], "un pas au-dessus de zéro, avec compte = « prorata » (le défaut)")
            return None
        anchor_hour = anchor if isinstance(anchor, dt.time) else None
        sized = (low, high, grace or Decimal(0), anchor_hour, window, word, None if step is None else step[0])
        return PerUnit(size, price, spec.name, kind, after, *sized)

    def _counting(self, raw: object, path: Path) -> tuple[Counting, Decimal] | None:
        if isinstance(raw, str):
            for counting in Counting:
                if counting is not Counting.AFTER and raw == counting.value:
                    return counting, Decimal(0)
            if after := _AFTER.fullmatch(raw.strip()):
                quantity = self._quantity(after[1], path)
                return None if quantity is None else (Counting.AFTER, quantity[0])
        self.fault(path, raw, "« commencée », « entamée après 10 min », « prorata » ou « pleine »")
        return None

    def _anchor(self, raw: object, path: Path) -> dt.time | str | None:
        return "arrivée" if raw == "arrivée" else self.hour(raw, path)

    def _window(self, raw: object, path: Path) -> tuple[dt.time, dt.time] | None:
        if isinstance(raw, str) and raw.count("-") == 1:
            first, last = (self.hour(part, path) for part in raw.split("-"))
            if first is None or last is None:
                return None
            if first < last:
                return first, last
        self.fault(path, raw, "deux heures, comme « 07:30-08:30 »")
        return None

    def _sum(self, raw: Mapping[str, object], path: Path) -> Node | None:
        path = (*path, "somme")
        expected = "une liste de composantes { nom = …, prix = … }"
        components = self.items(raw["somme"], path, self._component, expected)
        if components is None:
            return None
        try:
            return Sum(components)
        except MisuseError:
            self.fault(path, "deux composantes du même nom", "un nom différent pour chacune")
            return None

    def _component(self, raw: object, path: Path) -> Component | None:
        table = self.keys(raw, path, {"nom", "nature", "prix", "si"}, {"nom", "prix"})
        if table is None:
            return None
        name = self.text(table["nom"], (*path, "nom"))
        price = self.node(table["prix"], (*path, "prix"))
        nature = self.optional(table, "nature", path, self.text)
        condition = self.condition(table["si"], (*path, "si")) if "si" in table else ALWAYS
        if name is None or price is None or condition is None:
            return None
        if condition.tests:  # a component that only some take costs the others nothing
            price = Rows((Row(condition, price), Row(ALWAYS, Flat(Decimal(0)))))
        return Component(name, price, nature)

    def _reference(self, raw: Mapping[str, object], path: Path) -> Node | None:
        code = self.text(raw["prix_de"], (*path, "prix_de"))
        facts = self.optional(raw, "avec", path, self._substituted)
        times = self.optional(raw, "fois", path, self._factor)
        if code is None or ("avec" in raw and facts is None):
            return None
        return Reference(code, facts if facts is not None else FrozenMap(), times)

    def _factor(self, raw: object, path: Path) -> Decimal | None:
        if isinstance(raw, str) and (percent := _PERCENT.fullmatch(raw.strip())):
            return parse_decimal(percent[1]) / 100
        return self.decimal(raw, path)

    def _substituted(self, raw: object, path: Path) -> FrozenMap[str, FactValue | Unknown] | None:
        if not isinstance(raw, Mapping):
            self.fault(path, raw, "une table de faits { rang = 1 }")
            return None
        found: dict[str, FactValue | Unknown] = {}
        for key, value in raw.items():
            test = self.test(key, value, path)
            if test is None:
                continue
            if test.op is Op.UNKNOWN:
                found[test.fact] = UNKNOWN
            elif test.op is Op.EQ:
                found[test.fact] = test.values[0]
            else:
                self.fault((*path, key), value, "une valeur, ou « inconnu »")
        return FrozenMap(found) if len(found) == len(raw) else None

    def _undecided(self, raw: Mapping[str, object], path: Path) -> Node | None:
        if raw["a_decider"] is True:
            return Undecided()
        why = self.text(raw["a_decider"], (*path, "a_decider"))
        return None if why is None else Undecided(why)

    # -- modifiers -----------------------------------------------------------------------------------------------

    def _modifier(self, raw: object, path: Path) -> Modifier | None:
        if isinstance(raw, str):
            try:
                return parse_modifier(raw)
            except NotationError:
                self.fault(path, raw, "« +2,00 », « -10 % », « ×2 » ou une table")
                return None
        table = self.keys(raw, path, {*_MODIFIERS, "si", "sur", "nom"}, set())
        if table is None:
            return None
        heads = [key for key in _MODIFIERS if key in table]
        if heads not in (["mini", "maxi"], *([key] for key in _MODIFIERS)):
            self.fault(path, " et ".join(heads) or raw, "un modificateur : " + ", ".join(_MODIFIERS))
            return None
        condition = self.condition(table["si"], (*path, "si")) if "si" in table else ALWAYS
        on = self.optional(table, "sur", path, self.text)
        label = self.optional(table, "nom", path, self.text)
        if condition is None:
            return None
        held = (condition, on, label)
        match heads[0]:
            case "fois":
                factor = self._rate(table["fois"], (*path, "fois"))
                return None if factor is None else Times(factor, *held)
            case "plus":
                return self._plus(table["plus"], (*path, "plus"), held)
            case "remplace":
                price = self.node(table["remplace"], (*path, "remplace"))
                return None if price is None else Replace(price, *held)
            case "arrondi":
                rounding = self.rounding(table["arrondi"], (*path, "arrondi"))
                return None if rounding is None else RoundTo(rounding, *held)
            case _:
                low = self.optional(table, "mini", path, self.node)
                high = self.optional(table, "maxi", path, self.node)
                return Clamp(low, high, *held) if low is not None or high is not None else None

    def _plus(self, raw: object, path: Path, held: tuple[Condition, str | None, str | None]) -> Modifier | None:
        """An amount that may be negative, a percentage (which is a factor), or a node."""
        if isinstance(raw, str) and (percent := _PERCENT.fullmatch(raw.strip().replace("−", "-"))):
            return Times(Flat(1 + parse_decimal(percent[1]) / 100), *held)
        amount = self._signed(raw, path)
        return None if amount is None else Plus(amount, *held)

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
            self.fault((*path, key), key, f"un fait du règlement{_near(key, known)}")
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
        self.fault(path, raw, f"un fait qui est un {words}{_near(str(raw), known)}")
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
            quantity = self._quantity(raw, path)
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

    def _quantity(self, raw: object, path: Path) -> tuple[Decimal, str] | None:
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
                self.fault((*path, key), key, f"une de ces clés : {', '.join(sorted(known))}{_near(key, known)}")
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


_Read: TypeAlias = Callable[[_Reader, Mapping[str, object], Path], Node | None]
_HEADS: dict[str, tuple[_Read, frozenset[str]]] = {
    "montant": (_Reader._flat, frozenset()),
    "fait": (_Reader._fact_amount, frozenset({"sans"})),
    "lignes": (_Reader._lines, frozenset()),
    "selon": (_Reader._bands, GRID_KEYS),
    "taux": (
        _Reader._formula,
        frozenset({"de", "plus", "mini", "maxi", "base_mini", "base_maxi", "sans"}),
    ),
    "par": (
        _Reader._per_unit,
        frozenset({"de", "compte", "pas", "mini", "maxi", "franchise", "ancre", "fenetre", "a"}),
    ),
    "somme": (_Reader._sum, frozenset()),
    "prix_de": (_Reader._reference, frozenset({"avec", "fois"})),
    "a_decider": (_Reader._undecided, frozenset()),
}


def node_keys() -> frozenset[str]:
    """Every key that a table of price may hold, whatever its head."""
    return frozenset({"puis", *_HEADS, *(key for _, keys in _HEADS.values() for key in keys)})


_MODIFIERS = ("fois", "plus", "mini", "maxi", "remplace", "arrondi")
_ORDERED = (FactKind.DECIMAL, FactKind.MONEY, FactKind.INTEGER, FactKind.MINUTES, FactKind.TIME, FactKind.DATE)
_QUANTITIES = (FactKind.MINUTES, FactKind.INTEGER, FactKind.DECIMAL)
_SIGNED = re.compile(r"[+\-−]?\d+(?:[.,]\d+)?")
_PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
_AFTER = re.compile(r"entamée après\s+(.+)")
_QUANTITY = re.compile(r"(\d+(?:[.,]\d+)?)?\s*([^\W\d_][\w' -]*)?")
_MINUTES = {"min", "mn", "minute", "minutes"}
_HOURS = {"h", "heure", "heures"}
_PARTS_OF_HOUR = {"demi-heure": 30, "demi-heures": 30, "quart d'heure": 15, "quarts d'heure": 15}
_QUOTIENT = next(spec for spec in VOCABULARY if spec.name == "quotient")
_HOUR = next(spec for spec in VOCABULARY if spec.kind is FactKind.TIME)


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


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f" ; vouliez-vous « {close[0]} » ?" if close else ""
