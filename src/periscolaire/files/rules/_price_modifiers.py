"""``puis``: what changes a price once it is found, in the order that it is written."""

from __future__ import annotations

from typing import Final

from periscolaire.errors import NotationError
from periscolaire.facts import ALWAYS, Condition
from periscolaire.files.rules._price_values import PERCENT, Path, PriceReader
from periscolaire.money import parse_decimal
from periscolaire.pricing import Clamp, Flat, Modifier, Plus, Replace, RoundTo, Times, parse_modifier

__all__ = ["MODIFIERS", "read_modifier"]

MODIFIERS: Final = ("fois", "plus", "mini", "maxi", "remplace", "arrondi")


def read_modifier(reader: PriceReader, raw: object, path: Path) -> Modifier | None:
    if isinstance(raw, str):
        try:
            return parse_modifier(raw)
        except NotationError:
            reader.fault(path, raw, "« +2,00 », « -10 % », « ×2 » ou une table")
            return None
    table = reader.keys(raw, path, {*MODIFIERS, "si", "sur", "nom"}, set())
    if table is None:
        return None
    heads = [key for key in MODIFIERS if key in table]
    if heads not in (["mini", "maxi"], *([key] for key in MODIFIERS)):
        reader.fault(path, " et ".join(heads) or raw, "un modificateur : " + ", ".join(MODIFIERS))
        return None
    condition = reader.condition(table["si"], (*path, "si")) if "si" in table else ALWAYS
    on = reader.optional(table, "sur", path, reader.text)
    label = reader.optional(table, "nom", path, reader.text)
    if condition is None:
        return None
    held = (condition, on, label)
    match heads[0]:
        case "fois":
            factor = reader.rate(table["fois"], (*path, "fois"))
            return None if factor is None else Times(factor, *held)
        case "plus":
            return _plus(reader, table["plus"], (*path, "plus"), held)
        case "remplace":
            price = reader.node(table["remplace"], (*path, "remplace"))
            return None if price is None else Replace(price, *held)
        case "arrondi":
            rounding = reader.rounding(table["arrondi"], (*path, "arrondi"))
            return None if rounding is None else RoundTo(rounding, *held)
        case _:
            low = reader.optional(table, "mini", path, reader.node)
            high = reader.optional(table, "maxi", path, reader.node)
            return Clamp(low, high, *held) if low is not None or high is not None else None


def _plus(
    reader: PriceReader, raw: object, path: Path, held: tuple[Condition, str | None, str | None]
) -> Modifier | None:
    """An amount that may be negative, a percentage (which is a factor), or a node."""
    if isinstance(raw, str) and (percent := PERCENT.fullmatch(raw.strip().replace("−", "-"))):
        return Times(Flat(1 + parse_decimal(percent[1]) / 100), *held)
    amount = reader.signed(raw, path)
    return None if amount is None else Plus(amount, *held)
