"""The short forms of a price, as a parameter sheet writes them.

====================  =====================================================================
``"4,40"``            the price
``"+2,00"``           the price of the service, plus 2,00 (``"-0,50"`` takes off)
``"+50 %"``           the price of the service, plus half of it
``"×2"``, ``"x2"``    twice the price of the service
``"tarif adulte"``    the price of the tariff whose code is ``adulte``
``"prix de la prestation"``  the price that the day would have had as booked
``"gratuit"``         nothing
``"50 % du prix"``, ``"la moitié du prix"``  that share of the price of the service
``"1,15 par 30 min"``, ``"2,00 l'heure"``    for each half hour begun, each hour begun
``"3,00 par jour"``, ``"2,00 par séance"``   for each day, each service of what is paid once (a month)
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

_NUMBER = r"(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?"
_CURRENCY = r"(?:€|EUR|euros?|XPF|F\s?CFP|FCFP|francs?|Frs?|F)?"
_AMOUNT = re.compile(rf"({_NUMBER})\s*{_CURRENCY}")
_PLUS = re.compile(rf"([+\-−])\s*({_NUMBER})\s*{_CURRENCY}")
_PERCENT = re.compile(rf"([+\-−]?)\s*({_NUMBER})\s*%")
_TIMES = re.compile(rf"[×xX*]\s*({_NUMBER})")
_TARIFF = re.compile(r"tarif\s+(?:«\s*|\"|')?(.+?)(?:\s*»|\"|')?")
_SHARE = re.compile(rf"({_NUMBER})\s*% (?:du prix|du tarif|de la prestation|du prix de la prestation)")
_HALF = ("la moitié du prix", "moitié du prix", "moitié prix", "demi-tarif", "la moitié", "la moitié du tarif")
_PER = re.compile(
    rf"({_NUMBER})\s*{_CURRENCY}\s*(?:par |/ ?|les? |la |l')(?:tranche de )?(?:(\d+) ?(?![\d/]))?(.+?)"
    r"(?: (?:commencée?|entamée?)s?)?"
)
_TIMES_OF_DAY = {
    "min": 1, "mn": 1, "minute": 1, "minutes": 1, "h": 60, "heure": 60, "heures": 60, "demi-heure": 30,
    "demi heure": 30, "1/2 heure": 30, "1/2 h": 30, "quart d'heure": 15, "1/4 d'heure": 15, "1/4 h": 15,
}  # fmt: skip
#: What is counted one by one, and the fact that counts it in the scope of the tariff.
_COUNTED = {
    "jour": "days", "journée": "days",
    **dict.fromkeys(("séance", "présence", "repas", "fréquentation", "fois", "passage", "matin", "soir"), "quantity"),
}  # fmt: skip
#: What is paid once for longer than a day is not a price but its scope.
_LONGER = {
    "semaine": "semaine", "mois": "mois", "an": "année scolaire", "année": "année scolaire",
    "année scolaire": "année scolaire", "séjour": "séjour", "trimestre": "période", "semestre": "période",
    "période": "période",
}  # fmt: skip
_WORDS: dict[str, Node] = {
    "prix de la prestation": OWN_PRICE,
    "gratuit": Flat(Decimal(0)),
    "à décider": Undecided(),
}
_QUOTES = ("«", "»", '"', "'")
FORMS = (
    "4,40", "+2,00", "×2", "+50 %", "50 % du prix", "2,00 par 30 min", "tarif adulte", "prix de la prestation",
    "gratuit", "à décider",
)  # fmt: skip


def parse_price(text: str) -> Node:
    """The node that a short form says.

    :raises NotationError: it is none of them (an exponent, a third separator, a currency of elsewhere).
    """
    stripped = " ".join(text.split())
    known = _WORDS.get(stripped.casefold())
    if known is not None:
        return known
    if amount := _AMOUNT.fullmatch(stripped):
        return Flat(_decimal(amount[1]))
    if share := _SHARE.fullmatch(stripped):
        return Reference(OWN_PRICE.tariff, times=_decimal(share[1]) / 100)
    if stripped.casefold() in _HALF:
        return Reference(OWN_PRICE.tariff, times=Decimal("0.5"))
    if (per := _PER.fullmatch(stripped)) and (found := _per_unit(text, per)) is not None:
        return found
    if tariff := _TARIFF.fullmatch(stripped):
        return Reference(tariff[1])
    modifier = _modifier(stripped)
    if modifier is None or stripped[0].isdigit():  # a bare « 50 % » does not say of what
        raise NotationError(text, stripped, 0, FORMS)
    if isinstance(modifier, Plus) or not isinstance(modifier.factor, Flat):
        return Modified(OWN_PRICE, (modifier,))
    return Reference(OWN_PRICE.tariff, times=modifier.factor.amount)


def _per_unit(text: str, per: re.Match[str]) -> PerUnit | None:
    """« 2,00 par 30 min », « 3,00 par jour »; ``None``: something else is meant.

    :raises NotationError: what is paid for longer than a day is said by a scope.
    """
    price, size, unit = Flat(_decimal(per[1])), int(per[2] or 1), per[3].strip().casefold().replace("’", "'")
    if not size:
        return None
    if minutes := _TIMES_OF_DAY.get(unit):
        return PerUnit(Decimal(minutes * size), price)
    if fact := _COUNTED.get(unit):
        return PerUnit(Decimal(size), price, fact, word=unit)
    if (when := _LONGER.get(unit)) is not None:
        periods = ", periodes = [ … ]" if when == "période" else ""
        hint = f'assiette = {{ quand = "{when}"{periods} }}, à côté du prix'
        raise NotationError(text, per[3], per.start(3), (per[1], hint))
    return None


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
        return Times(Flat(_decimal(times[1])))
    if percent := _PERCENT.fullmatch(text):
        part = _decimal(percent[2]) / 100
        sign = percent[1]
        return Times(Flat(part if not sign else (1 + part if sign == "+" else 1 - part)))
    if plus := _PLUS.fullmatch(text):
        amount = _decimal(plus[2])
        return _plus(amount if plus[1] == "+" else -amount)
    return None


def _decimal(text: str) -> Decimal:
    return parse_decimal(text.replace(" ", ""))


def _plus(amount: Decimal) -> Plus:
    return Plus(Flat(amount))


def _plain(code: str) -> bool:
    return (
        code == " ".join(code.split()) and not code.startswith(("«", '"', "'")) and not code.endswith(("»", '"', "'"))
    )
