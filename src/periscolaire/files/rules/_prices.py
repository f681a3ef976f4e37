"""Price nodes between rules files and :mod:`periscolaire.pricing`: the plain values that TOML gives, in French.

A price is a short form (``"4,40"``), a list of rows, or a table told by its head key::

    montant | fait | lignes | selon | taux | par | somme | prix_de | a_decider

each with its own keys, plus ``puis`` (modifiers in order) on any of them. Reading notes every fault with its path and
goes on; writing gives what reading reads as the same node.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import (
    ALWAYS,
    UNKNOWN,
    VOCABULARY,
    Condition,
    FactKind,
    FactValue,
    Op,
    Unknown,
    Vocabulary,
)
from periscolaire.files.rules._price_grids import GRID_KEYS, read_grid
from periscolaire.files.rules._price_modifiers import read_modifier
from periscolaire.files.rules._price_values import PERCENT, Fault, Path, PriceReader, near
from periscolaire.files.rules._price_writing import write_condition, write_node, write_rounding
from periscolaire.frozen import FrozenMap
from periscolaire.money import Rounding, parse_decimal
from periscolaire.pricing import (
    Component,
    Counting,
    FactAmount,
    Flat,
    Formula,
    Modified,
    Modifier,
    Node,
    PerUnit,
    Reference,
    Row,
    Rows,
    Sum,
    Undecided,
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


class _Reader(PriceReader):
    def node(self, raw: object, path: Path) -> Node | None:
        match raw:
            case str():
                if self.reads_rates and (percent := PERCENT.fullmatch(raw.strip())):
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
                self.fault((*path, key), key, f"une clé de « {head} » : {', '.join(sorted(known))}{near(key, known)}")
        node = read(self, raw, path)
        if "puis" not in raw:
            return node if len(self.problems) == before else None
        modifiers = self.items(raw["puis"], (*path, "puis"), self._modifier, "une liste de modificateurs")
        if node is None or modifiers is None or len(self.problems) != before:
            return None
        return Modified(node, modifiers)

    def _modifier(self, raw: object, path: Path) -> Modifier | None:
        return read_modifier(self, raw, path)

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

    def _formula(self, raw: Mapping[str, object], path: Path) -> Node | None:
        if "de" not in raw:
            self.fault(path, raw, "la clé de : le fait que le taux multiplie")
            return None
        rate = self.rate(raw["taux"], (*path, "taux"))
        spec = self.fact(raw["de"], (*path, "de"), {FactKind.DECIMAL, FactKind.MONEY, FactKind.INTEGER})
        plus = self.optional(raw, "plus", path, self.signed)
        keys = ("mini", "maxi", "base_mini", "base_maxi", "sans")
        low, high, base_low, base_high, missing = (self.optional(raw, key, path, self.node) for key in keys)
        if rate is None or spec is None:
            return None
        return Formula(rate, spec.name, plus, low, high, base_low, base_high, missing)

    def _per_unit(self, raw: Mapping[str, object], path: Path) -> Node | None:
        if "a" not in raw:
            self.fault(path, raw, "la clé a : le prix d'une unité")
            return None
        price = self.node(raw["a"], (*path, "a"))
        unit = self.quantity(raw["par"], (*path, "par"))
        if unit is None:
            return None
        size, word = unit
        if size <= 0:
            self.fault((*path, "par"), raw["par"], "une unité au-dessus de zéro")
            return None
        default = {"min": "durée", "jour": "nombre de jours", "jours": "nombre de jours"}.get(word, "quantité")
        spec = self.fact(raw.get("de", default), (*path, "de"), _QUANTITIES)
        step = self.optional(raw, "pas", path, self.quantity)
        default_counting = Counting.STARTED if step is None else Counting.PRORATA
        counting = self._counting(raw.get("compte", default_counting.value), (*path, "compte"))
        sizes = [self.optional(raw, key, path, self.quantity) for key in ("mini", "maxi", "franchise")]
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
                quantity = self.quantity(after[1], path)
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
        if isinstance(raw, str) and (percent := PERCENT.fullmatch(raw.strip())):
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


_QUANTITIES = (FactKind.MINUTES, FactKind.INTEGER, FactKind.DECIMAL)
_AFTER = re.compile(r"entamée après\s+(.+)")
