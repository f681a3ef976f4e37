"""``selon``: the grids of a rules file, in the ways that councils print them.

===================  ===========================================================================================
``tranches``         bands of one number: ``jusqu_a``, ``moins_de``, and where a band begins when the text says it
                     (``de`` included, ``plus_de`` excluded); ``trou`` prices what no band holds
``colonnes``         a second fact across: each band then holds one price per column
``cas``, ``sinon``   a price for each value of a fact (a package, a mode, a rank)
``decale``           where a condition holds, the band before or after
===================  ===========================================================================================

All of it becomes the same few nodes: bands, rows, and prices to be decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.facts import ALWAYS, VOCABULARY, Condition, FactKind, FactSpec
from periscolaire.files.rules._price_values import Path, PriceReader
from periscolaire.pricing import Band, Bands, Bound, Node, Outermost, Row, Rows, Shift

__all__ = ["GRID_KEYS", "read_grid"]

GRID_KEYS = frozenset({"tranches", "sans", "trou", "decale", "colonnes", "cas", "sinon"})
_ORDERED = (FactKind.DECIMAL, FactKind.MONEY, FactKind.INTEGER, FactKind.MINUTES, FactKind.TIME, FactKind.DATE)
_QUOTIENT = next(spec for spec in VOCABULARY if spec.name == "quotient")
_OTHERWISE = "sinon"
_FALSE_OR_TRUE = {"oui": True, "non": False, "true": True, "false": False}


@attrs.frozen
class _Begun:
    """A band, and where the text says that it begins (``None``: where the one before ends)."""

    band: Band
    low: Bound | None = None
    included: bool = True


def read_grid(reader: PriceReader, raw: Mapping[str, object], path: Path) -> Node | None:
    """The node of a table ``selon``; ``None`` once its faults are noted."""
    if "cas" in raw:
        return _cases(reader, raw, path)
    spec = reader.fact(raw["selon"], (*path, "selon"), _ORDERED)
    if "tranches" not in raw:
        reader.fault(path, raw, "la clé tranches ou cas, avec selon")
        return None
    if "sinon" in raw:
        reader.fault((*path, "sinon"), "sinon", "la clé cas, avec sinon")
    columns = _columns(reader, raw["colonnes"], (*path, "colonnes")) if "colonnes" in raw else None
    begun = reader.items(
        raw["tranches"],
        (*path, "tranches"),
        lambda item, at: _band(reader, item, at, spec or _QUOTIENT, columns),  # the other faults are told all the same
        "une liste de tranches { jusqu_a = 600, prix = … }",
    )
    missing = reader.optional(raw, "sans", path, lambda told, at: _missing(reader, told, at))
    hole = reader.optional(raw, "trou", path, reader.node)
    shifts: tuple[Shift, ...] | None = ()
    if "decale" in raw:
        shifts = reader.items(raw["decale"], (*path, "decale"), lambda item, at: _shift(reader, item, at), _SHIFTS)
    if begun is None or spec is None or shifts is None:
        return None
    bands = _joined(reader, begun, hole, (*path, "tranches"))
    if hole is not None and shifts:
        reader.fault(
            (*path, "decale"), "decale et trou", "l'un ou l'autre : une tranche décalée ne tombe pas dans un trou"
        )
    return Bands(spec.name, bands, missing, shifts)


def _missing(reader: PriceReader, raw: object, path: Path) -> Node | Outermost | None:
    """``sans``: the band that it names, or a price."""
    for outermost in Outermost:
        if raw == outermost.value:
            return outermost
    return reader.node(raw, path)


_SHIFTS = "une liste { de = -1, si = { … } } : une tranche plus bas, ou plus haut"


def _band(
    reader: PriceReader, raw: object, path: Path, spec: FactSpec, columns: tuple[Condition, ...] | None
) -> _Begun | None:
    table = reader.keys(raw, path, {"de", "plus_de", "jusqu_a", "moins_de", "prix", "nom"}, {"prix"})
    if table is None:
        return None
    bounds: list[tuple[str | None, Any]] = []
    for included, excluded in (("de", "plus_de"), ("jusqu_a", "moins_de")):
        held = [key for key in (included, excluded) if key in table]
        if len(held) == 2:
            expected = f"une seule borne : {included} (comprise) ou {excluded} (exclue)"
            reader.fault(path, f"{included} et {excluded}", expected)
            return None
        bounds.append((held[0], reader.bound(table[held[0]], (*path, held[0]), spec)) if held else (None, None))
    (low_key, low), (high_key, high) = bounds
    price = _price(reader, table["prix"], (*path, "prix"), columns)
    label = reader.optional(table, "nom", path, reader.text)
    if price is None or (low_key and low is None) or (high_key and high is None):
        return None
    return _Begun(Band(high, price, high_key != "moins_de", label), low, low_key != "plus_de")


def _joined(reader: PriceReader, begun: tuple[_Begun, ...], hole: Node | None, path: Path) -> tuple[Band, ...]:
    """The bands end to end: what is printed in none of them is priced by ``trou``, or is a fault."""
    bands: list[Band] = []
    for position, held in enumerate(begun):
        at = (*path, position)
        before = bands[-1] if bands else None
        if before is not None and before.bound is None:
            reader.fault((*path, position - 1), "une tranche sans borne", "la tranche sans borne en dernier")
            break
        if held.low is not None and _apart(before, held):
            # The hole ends just before the low bound when this one is included.
            gap = Band(held.low, hole, not held.included) if hole is not None else None
            if before is not None and before.bound is not None and not _below(before, held):
                reader.fault(at, str(held.low), f"un début à partir de {before.bound}, où finit la tranche d'avant")
            elif gap is None:
                end = "rien" if before is None else str(before.bound)
                found = f"personne entre {end} et {held.low}"
                reader.fault(at, found, 'une tranche qui commence où finit celle d\'avant, ou trou = "à décider"')
            else:
                bands.append(gap)
        last = bands[-1] if bands else None
        # « moins de 2000 » then « jusqu'à 2000 » is one value: a bound printed in neither band.
        if last is not None and held.band.bound is not None:
            here, there = (held.band.bound, held.band.inclusive), (last.bound, last.inclusive)
            if here <= there:
                reader.fault(at, str(held.band.bound), f"une borne au-dessus de {last.bound}")
        bands.append(held.band)
    if hole is not None and bands and bands[-1].bound is not None:
        bands.append(Band(None, hole))
    return tuple(bands)


def _apart(before: Band | None, held: _Begun) -> bool:
    """Whether the low bound leaves values between the bands (« 470 » then « 471 » of whole numbers leaves none)."""
    if before is None:
        return held.low != 0
    if isinstance(before.bound, Decimal) and isinstance(held.low, Decimal) and before.inclusive and held.included:
        return not 0 < held.low - before.bound <= 1
    return before.bound != held.low or before.inclusive == held.included


def _below(before: Band, held: _Begun) -> bool:
    if before.bound == held.low:
        return not before.inclusive and not held.included
    return before.bound < held.low  # type: ignore[operator]  # bounds of one fact are of one kind


def _columns(reader: PriceReader, raw: object, path: Path) -> tuple[Condition, ...] | None:
    if not isinstance(raw, Mapping) or len(raw) != 1:
        reader.fault(path, raw, 'un fait et ses valeurs, comme { formule = ["journée", "demi-journée"] }')
        return None
    ((key, values),) = raw.items()
    return reader.items(values, (*path, key), lambda value, at: _column(reader, key, value, at), "une liste de valeurs")


def _column(reader: PriceReader, key: str, value: object, path: Path) -> Condition | None:
    if value == _OTHERWISE:
        return ALWAYS
    test = reader.test(key, value, path[:-2])
    return None if test is None else Condition((test,))


def _price(reader: PriceReader, raw: object, path: Path, columns: tuple[Condition, ...] | None) -> Node | None:
    """A price, or one per column."""
    if columns is None or not isinstance(raw, list):
        return reader.node(raw, path)
    if len(raw) != len(columns):
        reader.fault(path, f"{len(raw)} prix", f"un prix par colonne, soit {len(columns)}")
        return None
    prices = [reader.node(price, (*path, position)) for position, price in enumerate(raw)]
    rows = [Row(condition, price) for condition, price in zip(columns, prices, strict=True) if price is not None]
    return Rows(tuple(rows)) if len(rows) == len(columns) else None


def _shift(reader: PriceReader, raw: object, path: Path) -> Shift | None:
    table = reader.keys(raw, path, {"de", "si", "nom"}, {"de"})
    if table is None:
        return None
    by = table["de"]
    condition = reader.condition(table["si"], (*path, "si")) if "si" in table else ALWAYS
    label = reader.optional(table, "nom", path, reader.text)
    if not isinstance(by, int) or isinstance(by, bool) or not by:
        reader.fault((*path, "de"), by, "un nombre de tranches, comme -1 ou 1")
        return None
    return None if condition is None else Shift(by, condition, label)


def _cases(reader: PriceReader, raw: Mapping[str, object], path: Path) -> Node | None:
    for key in ("tranches", "trou", "decale", "colonnes"):
        if key in raw:
            reader.fault((*path, key), key, "cas et sinon, ou tranches")
    spec = reader.fact(raw["selon"], (*path, "selon"), FactKind)
    cases = raw["cas"]
    if not isinstance(cases, Mapping) or not cases:
        reader.fault((*path, "cas"), cases, 'une table valeur = prix, comme { "journée" = "9,00" }')
        return None
    rows: list[Row | None] = []
    if "sans" in raw and spec is not None:
        price = reader.node(raw["sans"], (*path, "sans"))
        unsaid = reader.test(spec.key, "inconnu", path)
        rows.append(None if price is None or unsaid is None else Row(Condition((unsaid,)), price))
    for word, told in cases.items():
        at = (*path, "cas", word)
        price = reader.node(told, at)
        test = None if spec is None else reader.test(spec.key, _value(word, spec), at)
        rows.append(None if price is None or test is None else Row(Condition((test,)), price))
    if "sinon" in raw:
        price = reader.node(raw["sinon"], (*path, "sinon"))
        rows.append(None if price is None else Row(ALWAYS, price))
    held = tuple(row for row in rows if row is not None)
    return Rows(held) if len(held) == len(rows) else None


def _value(word: str, spec: FactSpec) -> object:
    """The value that a key says: keys are texts, whatever the fact is."""
    if spec.kind is FactKind.BOOL:
        return _FALSE_OR_TRUE.get(word, word)
    if spec.kind in (FactKind.INTEGER, FactKind.MINUTES) and word.isdecimal():
        return int(word)
    return word
