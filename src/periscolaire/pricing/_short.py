"""The short forms of a price, as a parameter sheet writes them.

====================  =====================================================================
``"4,40"``            the price
``"+2,00"``           the price of the service, plus 2,00 (``"-0,50"`` takes off)
``"+50 %"``           the price of the service, plus half of it
``"×2"``, ``"x2"``    twice the price of the service
``"tarif adulte"``    the price of the tariff whose code is ``adulte``
``"prix de la prestation"``  the price that the day would have had as booked
``"gratuit"``         nothing
``"1,15 par 30 min"``, ``"2,00 par heure"``  for each half hour begun, each hour begun
``"à décider"``       the règlement does not say
====================  =====================================================================
"""

from __future__ import annotations

import re
from decimal import Decimal

from periscolaire.errors import NotationError
from periscolaire.money import parse_decimal
from periscolaire.pricing._modifiers import Modifier, Plus, Times
from periscolaire.pricing._nodes import Flat, Modified, Node, PerUnit, Reference, Undecided
from periscolaire.pricing._tariff import OWN_PRICE

_NUMBER = r"\d+(?:[.,]\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})\s*(?:€|EUR|F|XPF)?")
_PLUS = re.compile(rf"([+\-−])\s*({_NUMBER})\s*(?:€|EUR|F|XPF)?")
_PERCENT = re.compile(rf"([+\-−]?)\s*({_NUMBER})\s*%")
_TIMES = re.compile(rf"[×xX*]\s*({_NUMBER})")
_TARIFF = re.compile(r"tarif\s+(?:«\s*|\"|')?(.+?)(?:\s*»|\"|')?")
_PER_TIME = re.compile(rf"({_NUMBER})\s*(?:€|EUR|F|XPF)?\s*par\s*(?:(\d+)\s*)?([\w' -]+)")
_TIMES_OF_DAY = {
    "min": 1, "mn": 1, "minute": 1, "minutes": 1, "h": 60, "heure": 60, "heures": 60,
    "demi-heure": 30, "quart d'heure": 15,
}  # fmt: skip
_WORDS: dict[str, Node] = {
    "prix de la prestation": OWN_PRICE,
    "gratuit": Flat(Decimal(0)),
    "à décider": Undecided(),
}
_QUOTES = ("«", "»", '"', "'")
FORMS = ("4,40", "+2,00", "×2", "+50 %", "tarif adulte", "prix de la prestation", "gratuit", "à décider")


def parse_price(text: str) -> Node:
    """The node that a short form says.

    :raises NotationError: it is none of them (an exponent, a third separator, a currency of elsewhere).
    """
    stripped = " ".join(text.split())
    known = _WORDS.get(stripped.casefold())
    if known is not None:
        return known
    if amount := _AMOUNT.fullmatch(stripped):
        return Flat(parse_decimal(amount[1]))
    if (timed := _PER_TIME.fullmatch(stripped)) and (minutes := _TIMES_OF_DAY.get(timed[3].strip().casefold())):
        return PerUnit(Decimal(minutes * int(timed[2] or 1)), Flat(parse_decimal(timed[1])))
    if tariff := _TARIFF.fullmatch(stripped):
        return Reference(tariff[1])
    modifier = _modifier(stripped)
    if modifier is None or stripped[0].isdigit():  # a bare « 50 % » does not say of what
        raise NotationError(text, stripped, 0, FORMS)
    if isinstance(modifier, Plus) or not isinstance(modifier.factor, Flat):
        return Modified(OWN_PRICE, (modifier,))
    return Reference(OWN_PRICE.tariff, times=modifier.factor.amount)


def parse_modifier(text: str) -> Modifier:
    """The modifier that ``"+2,00"``, ``"-10 %"`` or ``"×2"`` says.

    :raises NotationError: it is none of them.
    """
    stripped = " ".join(text.split())
    modifier = _modifier(stripped)
    if modifier is None:
        raise NotationError(text, stripped, 0, ("+2,00", "-0,50", "+50 %", "×2"))
    return modifier


def print_price(node: Node) -> str | None:
    """The short form of ``node``, ``None`` when it has none."""
    match node:
        case Flat(amount) if amount >= 0:
            return number(amount, digits=2)
        case Undecided(why=None):
            return "à décider"
        case Reference(tariff, facts, times) if not facts:
            if tariff != OWN_PRICE.tariff:
                return f"tarif {tariff}" if times is None and _plain(tariff) else None
            return "prix de la prestation" if times is None else (f"×{number(times)}" if times >= 0 else None)
        case Modified(Reference() as base, (Plus(Flat(amount)) as plus,)) if base == OWN_PRICE and plus == _plus(
            amount
        ):
            return print_plus(amount)
        case _:
            return None


def print_plus(amount: Decimal) -> str:
    """``+2,00`` or ``-0,50``."""
    return f"{'-' if amount < 0 else '+'}{number(abs(amount), digits=2)}"


def number(value: Decimal, digits: int = 0) -> str:
    """A number as rules files write it: a comma, and at least ``digits`` decimals when it has any."""
    text = format(value, "f")
    if "." in text and digits:
        whole, _, decimals = text.partition(".")
        text = f"{whole}.{decimals.ljust(digits, '0')}"
    return text.replace(".", ",")


def _modifier(text: str) -> Plus | Times | None:
    if times := _TIMES.fullmatch(text):
        return Times(Flat(parse_decimal(times[1])))
    if percent := _PERCENT.fullmatch(text):
        part = parse_decimal(percent[2]) / 100
        sign = percent[1]
        return Times(Flat(part if not sign else (1 + part if sign == "+" else 1 - part)))
    if plus := _PLUS.fullmatch(text):
        amount = parse_decimal(plus[2])
        return _plus(amount if plus[1] == "+" else -amount)
    return None


def _plus(amount: Decimal) -> Plus:
    return Plus(Flat(amount))


def _plain(code: str) -> bool:
    return (
        code == " ".join(code.split()) and not code.startswith(("«", '"', "'")) and not code.endswith(("»", '"', "'"))
    )
